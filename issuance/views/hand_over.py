"""`/petugas/penyerahan/`: who stands at the counter, the card printed and given in one go, and what nobody collects."""

from datetime import timedelta

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpRequest
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.generic import View

from issuance.enums import CaseStatus, PickState, ProofOfIdentity, WaitingFor
from issuance.forms.hand_over import HandOverForm, ReadyFilterForm, ShelfForm, UndoForm
from issuance.forms.print_run import ChosenForm
from issuance.models import Case, HandOver, PrintPick
from issuance.services import card_print, hand_over, shipment
from recording.csv_export import csv_response
from recording.dates import clock, plain_date, short_day
from recording.exceptions import DomainError, TooManyTries
from recording.forms.desk import DeskSearchForm
from recording.models import Office, User
from recording.policy.access import Permission, allows
from recording.services import audit, rate_limit
from recording.services.directory import Sought
from recording.views.desk import NOTHING_FOUND, SEARCHES_PER_HOUR, chosen_office
from recording.views.mixins import StaffRequired
from recording.views.public import too_many_tries
from recording.views.reauthentication import RecentPasswordRequired
from recording.views.staff_account import query_of

PER_PAGE = 50
PROOF_LASTS = timedelta(minutes=10)
MOST_PROOFS = 20
SECOND_TRIES = {"capacity": 20, "per_seconds": 15 * 60}
STAGES = (7, 30, 90)  # days uncollected; the first two are reminded (services.hand_over)
PROOF_OF = {Sought.NIK: ProofOfIdentity.NIK, Sought.CODE: ProofOfIdentity.CODE}
STATUS_KIND = {CaseStatus.READY: "success", CaseStatus.PRINT_READY: "info", CaseStatus.PRINTED: "info"}


class CounterPage(StaffRequired):
    """Base: cases whose card the clerk's office prints or hands over; any other answers like a missing one."""

    permission = Permission.CARDS

    def case(self, pk: int) -> Case:
        rows = hand_over.at_counter(self.request.user).select_related(
            "resident__village", "resident__identity", "pickup_office", "office"
        )
        found = rows.filter(pk=pk).first()
        if found is None:
            raise Http404
        return found


class ReadyPage(StaffRequired):
    def filtered(self):
        form = ReadyFilterForm(self.request.GET)
        given = form.cleaned_data if form.is_valid() else {}
        days = int(given.get("lama") or 0)
        rows = hand_over.uncollected(by=self.request.user, now=timezone.now(), days=days)
        if given.get("rak"):
            rows = rows.filter(shelf__istartswith=given["rak"])
        return form, rows


class HandOverView(ReadyPage, View):
    """The scan box, and the cards that wait on their shelves."""

    def dispatch(self, request, *args, **kwargs):
        user = request.user
        if user.is_authenticated and not (allows(user, Permission.CARDS) or allows(user, Permission.SECOND_PERSON)):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get(self, request):
        form, rows = self.filtered()
        page = Paginator(rows, PER_PAGE).get_page(request.GET.get("halaman"))
        may_work = allows(request.user, Permission.CARDS)
        about = [(case.resident_id, f"case:{case.pk}", case.pickup_office_id) for case in page]
        audit.record_many(action="hand_over.read_list", about=about, actor=request.user)
        context = {
            "may_work": may_work,
            "filters": form,
            "page": page,
            "query": query_of(request),
            "facts": _facts(request.user),
            "columns": [{"label": label} for label in ("Warga", "Rak", "Siap sejak", "Diambil di")],
            "rows": [{"cells": _ready_cells(case, may_work=may_work)} for case in page],
        }
        return render(request, "issuance/hand_over/home.html", context)


def _facts(user: User) -> list[dict]:
    today = timezone.localdate()
    before = {days: timezone.now() - timedelta(days=days) for days in STAGES}
    ready = hand_over.at_pickup(user).filter(status=CaseStatus.READY)
    counts = ready.aggregate(
        all=Count("pk"), **{f"d{days}": Count("pk", filter=Q(status_since__lte=before[days])) for days in STAGES}
    )
    given = HandOver.objects.filter(handed_at__date=today, undone_at__isnull=True)
    if user.office_id is not None:
        given = given.filter(office_id=user.office_id)
    return [
        {"value": counts["all"], "label": "kartu siap diambil", "kind": "info"},
        {
            "value": counts["d7"],
            "label": "lebih dari 7 hari",
            "note": f"{counts['d30']} di antaranya lebih dari 30 hari",
        },
        {
            "value": counts["d90"],
            "label": "lebih dari 90 hari",
            "note": "hubungi desanya",
            "kind": "warning" if counts["d90"] else "",
        },
        {"value": given.count(), "label": "diserahkan hari ini", "kind": "success"},
    ]


def _ready_cells(case: Case, *, may_work: bool) -> list:
    village = case.resident.village
    days = (timezone.localdate() - timezone.localdate(case.status_since)).days
    name = {"text": case.resident.name or "(data dihapus)", "small": village.name if village else "luar Kudus"}
    if may_work:
        name["url"] = reverse("counter", args=[case.pk])
    return [
        name,
        case.shelf or "–",
        {"text": plain_date(timezone.localdate(case.status_since)), "small": f"{days} hari" if days else "hari ini"},
        case.pickup_office.name,
    ]


class ReadyCsvView(ReadyPage, RecentPasswordRequired, View):
    """`/petugas/penyerahan/unduh.csv`: the filtered shelves; people by name, never by NIK."""

    permission = Permission.CARDS

    def get(self, request):
        _form, found = self.filtered()
        audit.record(action="hand_over.export", actor=request.user, subject="ready", office_id=request.user.office_id)
        rows = (
            (
                case.pk,
                case.resident.name,
                case.resident.village.name if case.resident.village else "",
                case.shelf,
                timezone.localdate(case.status_since).isoformat(),
                case.pickup_office.name,
            )
            for case in found.iterator(chunk_size=1000)
        )
        columns = ("berkas", "nama", "desa", "rak", "siap_sejak", "kantor")
        return csv_response(name="siap-diambil", columns=columns, rows=rows)


class CounterSearchView(StaffRequired, View):
    """`/petugas/penyerahan/cari/`, by POST: a code or NIK opens the card's page and proves who stands there."""

    permission = Permission.CARDS

    def get(self, request):
        return redirect("hand_over")

    def post(self, request):
        form, now = DeskSearchForm(request.POST), timezone.now()
        text = (form.cleaned_data["q"] if form.is_valid() else "").replace("\0", "").strip()
        try:
            rate_limit.take(
                scope="desk.search", key=f"{request.user.pk}", capacity=SEARCHES_PER_HOUR, per_seconds=3600, now=now
            )
        except TooManyTries as error:
            return too_many_tries(request, error)
        sought, person = hand_over.sought(text=text, by=request.user, now=now)
        if person is not None:
            case = hand_over.case_of(resident_id=person.pk, by=request.user)
            if case:
                _remember(request, person.pk, PROOF_OF[sought])
                return redirect("counter", case.pk)
            return self._page(text, [], ("Tidak ada kartu untuk warga ini di kantor ini", _advice(person.pk)))
        cases = hand_over.find_by_name(text=text, by=request.user) if sought == Sought.NAME else []
        nothing = (
            NOTHING_FOUND[sought]
            if sought != Sought.NAME
            else (
                "Tidak ada kartu atas nama itu di kantor ini",
                "Coba awal kata lain, atau pindai kode pada bukti.",
            )
        )
        return self._page(text, cases, nothing)

    def _page(self, text: str, cases: list[Case], nothing: tuple[str, str]):
        context = {
            "q": text,
            "title": nothing[0],
            "advice": nothing[1],
            "columns": [{"label": label} for label in ("Warga", "Keadaan", "Rak")],
            "rows": [{"cells": _found_cells(case)} for case in cases],
            "limit_reached": len(cases) == hand_over.NAME_LIMIT,
        }
        return render(self.request, "issuance/hand_over/results.html", context)


def _advice(resident_id: int) -> str:
    case = Case.objects.filter(resident=resident_id).select_related("pickup_office").order_by("-pk").first()
    if case is None:
        return "Warga ini belum punya berkas kartu. Bila pernah rekam sebelum ada portal, buka lewat Loket."
    return f"Berkasnya {case.get_status_display().lower()}, diambil di {case.pickup_office.name}."


def _found_cells(case: Case) -> list:
    village = case.resident.village
    return [
        {
            "text": case.resident.name,
            "url": reverse("counter", args=[case.pk]),
            "small": f"{case.resident.birth_year}, {village.name if village else 'luar Kudus'}",
        },
        {"text": case.get_status_display(), "badge": STATUS_KIND.get(CaseStatus(case.status), "neutral")},
        case.shelf or "–",
    ]


class CounterView(CounterPage, View):
    """`/petugas/penyerahan/<id>/`: the one step that is due: print, put away, hand over."""

    def get(self, request, pk: int):
        case = self.case(pk)
        audit.record(
            action="hand_over.read",
            actor=request.user,
            resident_id=case.resident_id,
            subject=f"case:{pk}",
            office_id=case.pickup_office_id,
        )
        return self._page(case, self._form(case))

    def post(self, request, pk: int):
        case = self.case(pk)
        form = self._form(case, request.POST)
        if form.by_proxy:
            try:
                rate_limit.take(scope="staff.second", key=f"{request.user.pk}", now=timezone.now(), **SECOND_TRIES)
            except TooManyTries as error:
                return too_many_tries(request, error)
        if not form.is_valid():
            return self._page(case, form)
        _remember(request, case.resident_id, form.proven)
        try:
            hand_over.hand_over(case_id=pk, by=request.user, now=timezone.now(), **form.values())
        except DomainError as error:
            messages.error(request, f"{error}")
            return redirect("counter", pk)
        messages.success(request, f"Kartu {case.resident.name} sudah diserahkan.")
        return redirect("hand_over")

    def _form(self, case: Case, data=None) -> HandOverForm:
        proven = _proven(self.request, case.resident_id)
        return HandOverForm(data, request=self.request, resident_id=case.resident_id, proven=proven)

    def _page(self, case: Case, form: HandOverForm):
        return render(self.request, "issuance/hand_over/counter.html", counter_context(self.request, case, form))


def counter_context(request: HttpRequest, case: Case, form: HandOverForm) -> dict:
    """What the counter's page shows of `case`, by the step that is due."""
    status = CaseStatus(case.status)
    pick = PrintPick.objects.filter(case=case, state__in=card_print.LIVE).select_related("run__office").first()
    good = card_print.good_print(case.pk)
    at = request.user.office or (case.pickup_office if case.pickup_office.prints_here else None)
    enough, item = card_print.can_print(case=case, office=at) if at else (True, None)
    here = good is None or good.office_id == case.pickup_office_id
    parcel = case.shipped.select_related("shipment").order_by("-pk").first() if status == CaseStatus.SHIPPED else None
    collects_here = request.user.office_id in (None, case.pickup_office_id)
    return {
        "case": case,
        "form": form,
        "proven": form.proven,
        "status": case.get_status_display(),
        "status_kind": STATUS_KIND.get(status, ""),
        "particulars": _particulars(case, pick),
        "to_print": status == CaseStatus.PRINT_READY,
        "too_young": status == CaseStatus.PRINT_READY and case.waiting_for == WaitingFor.AGE,
        "invited": pick is not None and pick.state == PickState.INVITED,
        "no_supplies": not enough,
        "missing_item": {"blank": "Blanko", "ribbon": "Ribbon", "film": "Film"}[item.value] if item else "Blanko",
        "to_hand": collects_here and (status == CaseStatus.READY or (status == CaseStatus.PRINTED and here)),
        "fresh": status == CaseStatus.PRINTED,
        "elsewhere": status == CaseStatus.PRINTED and not here,
        "good_print": good,
        "may_spoil": good is not None and status in (CaseStatus.PRINTED, CaseStatus.READY),
        "parcel": parcel.shipment if parcel else None,
        "collects_here": collects_here,
    }


def _particulars(case: Case, pick: PrintPick | None) -> list[dict]:
    resident, village = case.resident, case.resident.village
    rows = [
        ("Nama", resident.name),
        ("Lahir", f"{resident.birth_year}"),
        ("Desa/kelurahan", village.name if village else "luar Kudus"),
        ("Kantor pengambilan", case.pickup_office.name),
        ("Sejak", plain_date(timezone.localdate(case.status_since))),
    ]
    if pick is not None and pick.until:
        rows.append(("Blanko disimpan sampai", short_day(pick.until)))
    return [{"label": label, "value": value} for label, value in rows]


def _remember(request: HttpRequest, resident_id: int, proof: ProofOfIdentity) -> None:
    """This clerk has just seen code or NIK of `resident_id`; it need not be shown again at the next step."""
    noted = {**request.session.get("proofs", {}), f"{resident_id}": [proof, int(timezone.now().timestamp())]}
    latest = sorted(noted.items(), key=lambda item: item[1][1])[-MOST_PROOFS:]
    request.session["proofs"] = dict(latest)


def _proven(request: HttpRequest, resident_id: int) -> ProofOfIdentity | None:
    proof, at = request.session.get("proofs", {}).get(f"{resident_id}", ("", 0))
    fresh = 0 <= timezone.now().timestamp() - at <= PROOF_LASTS.total_seconds()
    return ProofOfIdentity(proof) if proof and fresh else None


class ShelfView(StaffRequired, View):
    """`/petugas/penyerahan/rak/`: cards that lie here without a place."""

    permission = Permission.CARDS

    def office(self) -> Office:
        office = chosen_office(self.request)
        if office is None:
            raise Http404
        return office

    def get(self, request):
        return self._page(self.office(), ShelfForm())

    def post(self, request):
        office, form, chosen = self.office(), ShelfForm(request.POST), ChosenForm(request.POST)
        if not form.is_valid():
            return self._page(office, form)
        try:
            count = shipment.shelve(
                office=office,
                case_ids=chosen.ids,
                shelf=form.cleaned_data["shelf"],
                by=request.user,
                now=timezone.now(),
            )
        except DomainError as error:
            messages.error(request, f"{error}")
            return redirect(request.get_full_path())
        messages.success(request, f"{count} kartu siap diambil; warganya diberi tahu.")
        return redirect(request.get_full_path())

    def _page(self, office: Office, form: ShelfForm):
        cards = shipment.to_shelve(office=office).select_related("resident__village").order_by("resident__name", "pk")
        page = Paginator(cards, shipment.MOST_AT_ONCE).get_page(self.request.GET.get("halaman"))
        audit.record_many(
            action="hand_over.read_list",
            about=[(case.resident_id, f"case:{case.pk}", office.pk) for case in page],
            actor=self.request.user,
        )
        context = {
            "office": office,
            "offices": Office.objects.active() if self.request.user.office_id is None else [],
            "form": form,
            "page": page,
            "query": query_of(self.request),
            "rows": [_card_row(case) for case in page],
        }
        return render(self.request, "issuance/hand_over/shelf.html", context)


def _card_row(case: Case) -> dict:
    village = case.resident.village
    return {
        "pk": case.pk,
        "name": case.resident.name or "(data dihapus)",
        "about": f"{village.name if village else 'luar Kudus'}, dicetak {short_day(timezone.localdate(case.status_since))}",
    }


class TodayView(StaffRequired, View):
    """`/petugas/penyerahan/hari-ini/`: what was handed over today; a supervisor can undo it until midnight."""

    permission = Permission.CASES

    def get(self, request):
        now = timezone.now()
        given = hand_over.today_of(by=request.user, now=now)
        about = [(row.case.resident_id, f"case:{row.case_id}", row.office_id) for row in given]
        audit.record_many(action="hand_over.read_list", about=about, actor=request.user)
        context = {
            "columns": [{"label": label} for label in ("Warga", "Pukul", "Diterima oleh", "Petugas", "Kantor", "")],
            "rows": [{"cells": _given_cells(row, request.user, now)} for row in given],
        }
        return render(request, "issuance/hand_over/today.html", context)


def _given_cells(row: HandOver, user: User, now) -> list:
    undo = {"text": "Urungkan", "url": reverse("hand_over_undo", args=[row.case_id])}
    last = "Sudah diurungkan" if row.undone_at else ""
    return [
        row.case.resident.name or "(data dihapus)",
        clock(row.handed_at),
        {"text": row.get_collector_display(), "small": f"dicocokkan dengan {row.get_proof_display().lower()}"},
        row.handed_by.name if row.handed_by else "",
        row.office.name,
        undo if hand_over.may_undo(row, by=user, now=now) else last,
    ]


class UndoView(StaffRequired, View):
    """`/petugas/penyerahan/<id>/urungkan/`: by a supervisor, the same day, with a reason."""

    permission = Permission.SECOND_PERSON

    def row(self, pk: int) -> HandOver:
        rows = HandOver.objects.filter(case=pk, case__in=hand_over.at_pickup(self.request.user), undone_at__isnull=True)
        found = rows.select_related("case__resident", "office", "handed_by").first()
        if found is None or not hand_over.may_undo(found, by=self.request.user, now=timezone.now()):
            raise Http404
        return found

    def get(self, request, pk: int):
        return self._page(self.row(pk), UndoForm())

    def post(self, request, pk: int):
        row, form = self.row(pk), UndoForm(request.POST)
        if not form.is_valid():
            return self._page(row, form)
        try:
            hand_over.undo(case_id=pk, by=request.user, reason=form.cleaned_data["reason"], now=timezone.now())
        except DomainError as error:
            messages.error(request, f"{error}")
        else:
            messages.success(request, "Penyerahan diurungkan. Kartunya siap diambil lagi.")
        return redirect("hand_over_today")

    def _page(self, row: HandOver, form: UndoForm):
        rows = [
            {"label": "Warga", "value": row.case.resident.name},
            {"label": "Diserahkan", "value": f"pukul {clock(row.handed_at)} oleh {row.handed_by}"},
            {"label": "Kantor", "value": row.office.name},
        ]
        return render(self.request, "issuance/hand_over/undo.html", {"form": form, "rows": rows, "case": row.case})
