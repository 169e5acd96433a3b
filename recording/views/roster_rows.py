"""`/petugas/jemput-bola/<id>/isi/`: the results of a session, keyed in person by person."""

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.generic import View

from recording.dates import day_in_words
from recording.enums import Eligibility, ResidentSource
from recording.exceptions import DomainError
from recording.forms.roster_rows import RosterRowForm, SessionForm
from recording.models import Roster, RosterEntry
from recording.services import roster_import
from recording.views.roster import FITNESS_KINDS, RosterPage, result_cell
from recording.views.staff_account import query_of

PER_PAGE = 40  # with six fields each, within what one request may hold (DATA_UPLOAD_MAX_NUMBER_FIELDS)
WAITING = "belum"


class RowsView(RosterPage, View):
    """GET: everybody with what is known; POST: what happened, row by row. What is good stays when a row is not."""

    def get(self, request, pk: int):
        session = self.roster(pk)
        return self._page(session, SessionForm(roster=session), self._forms(self._entries(session)))

    def post(self, request, pk: int):
        session = self.roster(pk)
        about, entries = SessionForm(request.POST, roster=session), self._entries(session)
        forms = self._forms(entries, request.POST)
        told = [form for form in forms if form.is_bound]
        wrong = [form for form in told if not form.is_valid()]
        if not about.is_valid():
            return self._page(session, about, forms)
        good = [form for form in told if form not in wrong and form.says_something]
        try:
            problems = self._enter(session, about, good)
        except DomainError as error:
            about.add_error(None, f"{error}")
            return self._page(session, about, forms)
        kept = len(good) - len(problems)
        if kept:
            messages.success(request, f"{kept} hasil disimpan.")
        if not problems and not wrong:
            if not kept:
                messages.info(request, "Belum ada hasil yang dipilih.")
            return redirect(request.get_full_path())
        messages.error(request, f"{len(problems) + len(wrong)} baris belum disimpan. Lihat yang ditandai.")
        again = {form.entry.pk: form for form in told if form in wrong or form.entry.number in problems}
        forms = [again.get(form.entry.pk, form) for form in self._forms(self._fresh(entries))]
        return self._page(session, about, forms, problems)

    def _enter(self, session: Roster, about: SessionForm, good: list[RosterRowForm]) -> dict[int, str]:
        given = about.cleaned_data
        return roster_import.enter_rows(
            roster_id=session.pk,
            results=[form.answer(given["day"]) for form in good],
            by=self.request.user,
            now=timezone.now(),
            device=given["device"],
            batch=given["batch"],
        )

    def _entries(self, session: Roster) -> Page:
        rows = session.entries.filter(nik_bi__isnull=False).select_related("resident", "recording").order_by("number")
        if self.request.GET.get("tampil") == WAITING:
            rows = rows.filter(outcome="")
        return Paginator(rows, PER_PAGE).get_page(self.request.GET.get("halaman"))

    def _fresh(self, page: Page) -> Page:
        """The same people as they are now, also those who by now have a result."""
        ids = [entry.pk for entry in page.object_list]
        rows = RosterEntry.objects.filter(pk__in=ids).select_related("resident", "recording").order_by("number")
        page.object_list = list(rows)
        return page

    def _forms(self, page: Page, data: QueryDict | None = None) -> list[RosterRowForm]:
        """One form for each row; bound where `data` holds it and nobody has been recorded yet."""
        self.page = page
        return [
            RosterRowForm(
                data if data is not None and f"o{entry.pk}-result" in data and not entry.recording_id else None,
                entry=entry,
            )
            for entry in page.object_list
        ]

    def _page(
        self, session: Roster, about: SessionForm, forms: list[RosterRowForm], problems: dict[int, str] | None = None
    ):
        self.note_read(session, [form.entry for form in forms])
        context = {
            "roster": session,
            "caption": day_in_words(session.held_on),
            "form": about,
            "rows": [_row(form, (problems or {}).get(form.entry.number, "")) for form in forms],
            "only_waiting": self.request.GET.get("tampil") == WAITING,
            "page": self.page,
            "query": query_of(self.request),
        }
        return render(self.request, "recording/roster/rows.html", context)


def _row(form: RosterRowForm, problem: str) -> dict:
    entry = form.entry
    fitness = Eligibility(entry.eligibility)
    known = entry.resident is not None and entry.resident.source != ResidentSource.SELF
    return {
        "form": form,
        "entry": entry,
        "name": entry.name or "Menurut data kependudukan",
        "fitness": entry.get_eligibility_display(),
        "fitness_kind": FITNESS_KINDS.get(fitness, "success"),
        "result": result_cell(entry) if entry.outcome else None,
        "is_open": entry.recording_id is None and fitness not in (Eligibility.YOUNG, Eligibility.RECORDED),
        "asks_papers": not known,
        "problem": problem,
    }
