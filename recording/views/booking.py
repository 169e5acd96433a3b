"""Booking an appointment: a few short questions, a time, a look at the answers, the confirmation.

Answers stay in the encrypted session (`views.draft`) until the booking is made, then they are removed.
"""

from django.contrib import messages
from django.http import HttpRequest
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from recording import guidance
from recording.dates import moment_in_words, plain_date
from recording.enums import AccessKind, AppointmentStatus, HelperRelation, Sex
from recording.exceptions import (
    BookingNotPossible,
    DomainError,
    GuardianMissing,
    IdempotencyConflict,
    SlotFull,
    SlotNotBookable,
    TooBusy,
    TooManyForPhone,
    TooYoung,
)
from recording.forms.booking import AllAnswersForm, ConfirmForm, SlotForm
from recording.models import Appointment, Slot
from recording.policy.code import display
from recording.services import access_attempt, timetable
from recording.services.appointment import book
from recording.views import chooser
from recording.views.draft import PARTS, Draft
from recording.views.public import PersonalPage, address_of, managed_appointment_id, remember_appointment

BOOKED_KEY = "booked"
STEPS = 5


class AnswerView(PersonalPage):
    """One page of questions; `part` names it in the draft."""

    part = "data"
    url_name = "booking_data"
    step = 1

    @property
    def template(self) -> str:
        return f"recording/booking/{self.part}.html"

    def form_options(self) -> dict:
        """Further arguments of the part's form."""
        return {}

    def get(self, request: HttpRequest):
        draft = Draft(request)
        behind = _earlier_than(self.part, draft)
        if behind:
            return redirect(behind)
        form = PARTS[self.part](initial=draft.part(self.part), **self.form_options())
        return self.show(request, draft, form)

    def post(self, request: HttpRequest):
        draft = Draft(request)
        behind = _earlier_than(self.part, draft)
        if behind:
            return redirect(behind)
        form = PARTS[self.part](request.POST, initial=draft.part(self.part), **self.form_options())
        if not form.is_valid() or getattr(form, "unconfirmed", None):
            return self.show(request, draft, form)
        draft.answer(self.part, form.cleaned_data)
        return redirect(_next_page(draft))

    def show(self, request: HttpRequest, draft: Draft, form):
        return render(request, self.template, self.context(draft, form))

    def context(self, draft: Draft, form) -> dict:
        return {
            "form": form,
            "step": self.step,
            "steps": STEPS,
            "back_url": _back_from(self.part, draft),
            "chosen": _chosen(draft),
        }


class IdentityView(AnswerView):
    """`/janji/data/`: who is to be recorded. A client may also send the answers of every page here at once."""

    def form_options(self) -> dict:
        return {"last_day": timetable.last_day(now=timezone.now())}

    def post(self, request: HttpRequest):
        later = [field for name, form in PARTS.items() if name != self.part for field in form.base_fields]
        if not any(field in request.POST for field in later):
            return super().post(request)
        draft = Draft(request)
        form = AllAnswersForm(request.POST, today=timezone.localdate(), **self.form_options())
        if not form.is_valid() or form.unconfirmed:
            return self.show(request, draft, form)
        for name, part in PARTS.items():
            draft.answer(name, {field: form.cleaned_data[field] for field in part.base_fields} | _warnings(name, form))
        return redirect(_next_page(draft))


def _warnings(part: str, form) -> dict:
    return {"warnings": form.cleaned_data.get("warnings", [])} if part == "data" else {}


class ResidenceView(AnswerView):
    """`/janji/data/tinggal/`: where the person lives, and special needs."""

    part, url_name, step = "tinggal", "booking_residence", 2


class ContactView(AnswerView):
    """`/janji/data/kontak/`: where messages go, and who is helping."""

    part, url_name, step = "kontak", "booking_contact", 3


class GuardianView(AnswerView):
    """`/janji/data/wali/`: consent for those under 18."""

    part, url_name, step = "wali", "booking_guardian", 3

    def get(self, request: HttpRequest):
        draft = Draft(request)
        if not draft.is_empty and not draft.needs_guardian(timezone.localdate()):
            return redirect(_next_page(draft))
        return super().get(request)


ADDRESSES = {view.part: view.url_name for view in (IdentityView, ResidenceView, ContactView, GuardianView)}


class TimeView(PersonalPage):
    """`/janji/waktu/`: the office, then the day and time."""

    def get(self, request: HttpRequest):
        draft = Draft(request)
        missing = draft.missing_part(timezone.localdate())
        if missing:
            return _to_start(request, missing)
        return self.show(request, draft)

    def post(self, request: HttpRequest):
        draft = Draft(request)
        missing = draft.missing_part(timezone.localdate())
        if missing:
            return _to_start(request, missing)
        form = _slot_form(draft, request.POST)
        if form.is_valid():
            draft.choose(form.cleaned_data["slot"])
            return redirect("booking_review")
        return self.show(request, draft, form)

    def show(self, request: HttpRequest, draft: Draft, form=None):
        visit = chooser.visit(places=draft.places, not_before=draft.not_before)
        code = request.GET.get("kantor") or request.POST.get("office")
        context = {"form": form, "step": 4, "steps": STEPS, "form_url": reverse("booking_time")}
        if not code:
            offices = chooser.offices_context(visit, address=_time_address)
            context |= offices | {"back_url": _back_from("waktu", draft)}
            return render(request, "recording/booking/offices.html", context)
        office = chooser.office_from(code)
        day = chooser.day_from(request)
        if form is not None and day is None:
            day = _day_of(form.data.get("slot"), office)
        context |= chooser.day_context(office, day, visit, address=_time_address)
        context |= {"back_url": reverse("booking_time"), "form_url": _time_address(office.code, day)}
        return render(request, "recording/booking/times.html", context)


def _day_of(slot_id, office):
    """The day of a slot that could not be taken, so that the visitor sees the other times of that day."""
    number = f"{slot_id or ''}"
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        return None
    return Slot.objects.filter(pk=int(number), office=office).values_list("day", flat=True).first()


def _time_address(office_code: str, day) -> str:
    return reverse("booking_time") + chooser.query(kantor=office_code, tanggal=day)


def _slot_form(draft: Draft, data) -> SlotForm:
    return SlotForm(data, visit=chooser.visit(places=draft.places, not_before=draft.not_before))


class ReviewView(PersonalPage):
    """`/janji/periksa/`: the answers once more; sending makes the booking."""

    def get(self, request: HttpRequest):
        draft = Draft(request)
        missing = draft.missing_part(timezone.localdate())
        if missing:
            return _to_start(request, missing)
        slot, problem = self._slot(draft)
        if slot is None:
            return _choose_again(request, draft, problem)
        return self.show(request, draft, slot)

    def post(self, request: HttpRequest):
        booked = request.session.get(BOOKED_KEY) or {}
        if booked and request.POST.get("idempotency_key") == booked.get("key"):
            return redirect("booking_done")
        draft = Draft(request)
        missing = draft.missing_part(timezone.localdate())
        if missing:
            return _to_start(request, missing)
        if draft.slot_id is None:
            return _choose_again(request, draft, "")
        form = ConfirmForm(request.POST, fingerprint=draft.fingerprint)
        if not form.is_valid():
            slot, problem = self._slot(draft)
            return self.show(request, draft, slot, form) if slot else _choose_again(request, draft, problem)
        return self._book(request, draft, form)

    def _book(self, request: HttpRequest, draft: Draft, form: ConfirmForm):
        now = timezone.now()
        access_attempt.admit_booking(address=address_of(request), now=now)
        answers = draft.answers
        try:
            booking = book(
                declared=draft.declared(),
                slot_id=draft.slot_id,
                idempotency_key=form.key,
                now=now,
                special_needs=bool(answers.get("special_needs")),
                special_needs_note=answers.get("special_needs_note", ""),
                helper_name=answers.get("helper_name", ""),
                helper_relation=answers.get("helper_relation", ""),
                guardian_name=answers.get("guardian_name", ""),
                guardian_relation=answers.get("guardian_relation", ""),
                language=(get_language() or "id")[:2],
            )
        except DomainError as error:
            access_attempt.note(kind=AccessKind.BOOKING, resident=None)
            return self._refused(request, draft, error)
        access_attempt.note(kind=AccessKind.BOOKING, resident=booking.appointment.resident)
        draft.forget()
        keep_booked(request, booking=booking, key=str(form.key))
        return redirect("booking_done")

    def _refused(self, request: HttpRequest, draft: Draft, error: DomainError):
        """Where to go on after a refusal; what was typed is kept in every case."""
        if isinstance(error, SlotFull | SlotNotBookable | TooYoung):
            return _choose_again(request, draft, str(error))
        if isinstance(error, GuardianMissing | TooManyForPhone):
            messages.error(request, str(error))
            return redirect("booking_guardian" if isinstance(error, GuardianMissing) else "booking_contact")
        if isinstance(error, IdempotencyConflict):
            draft.new_key()
            messages.error(
                request, _("Formulir itu sudah pernah dikirim. Periksa lagi jawabannya, lalu pesan sekali lagi.")
            )
            return redirect("booking_review")
        slot, problem = self._slot(draft)
        if slot is None and not isinstance(error, BookingNotPossible | TooBusy):
            return _choose_again(request, draft, problem)
        status = 503 if isinstance(error, TooBusy) else 409
        refusal = {"refusal": str(error), "not_possible": isinstance(error, BookingNotPossible)}
        shown = slot or Slot.objects.select_related("office").get(pk=draft.slot_id)
        response = self.show(request, draft, shown, extra=refusal, status=status)
        if status == 503:
            response["Retry-After"] = "5"
        return response

    def _slot(self, draft: Draft) -> tuple[Slot | None, str]:
        """The chosen time if it can still be booked, else why not."""
        if draft.slot_id is None:
            return None, ""
        form = _slot_form(draft, {"slot": str(draft.slot_id)})
        if form.is_valid():
            return form.cleaned_data["slot"], ""
        return None, form.errors["slot"][0]

    def show(self, request: HttpRequest, draft: Draft, slot: Slot, form=None, *, extra=None, status=200):
        context = {
            "form": form,
            "key": draft.key,
            "shown": draft.fingerprint,
            "rows": _rows(draft, slot),
            "office": slot.office,
            "step": 5,
            "steps": STEPS,
            "back_url": _time_address(slot.office.code, slot.day),
            "promise": guidance.card_promise(
                slot.office,
                slot.day,
                draft.birth_date,
                married=bool(draft.answers.get("married")),
                name_stock=True,
            ),
        }
        return render(request, "recording/booking/review.html", context | (extra or {}), status=status)


class DoneView(PersonalPage):
    """`/janji/selesai/`: code, time, place and what comes next; only for the visitor who booked."""

    def get(self, request: HttpRequest):
        booked = request.session.get(BOOKED_KEY) or {}
        if not booked or managed_appointment_id(request) != booked.get("appointment"):
            return redirect("manage" if booked else "booking_data")
        appointment = (
            Appointment.objects.select_related("slot", "office", "resident", "declaration")
            .filter(pk=booked["appointment"], status=AppointmentStatus.BOOKED)
            .first()
        )
        if appointment is None:
            return redirect("manage")
        return render(
            request,
            "recording/booking/done.html",
            {
                "appointment": appointment,
                "code": display(booked["code"]),
                "bring": guidance.what_to_bring(appointment),
                "next": guidance.what_happens_next(appointment),
                "told": _has_contact(appointment),
            },
        )


class ForgetView(PersonalPage):
    """`/janji/hapus/`: remove what was typed so far, for shared phones and counters."""

    def post(self, request: HttpRequest):
        Draft(request).forget()
        messages.success(request, _("Semua yang Anda isi sudah dihapus dari perangkat ini."))
        return redirect("home")

    def get(self, request: HttpRequest):
        return redirect("booking_data")


def keep_booked(request: HttpRequest, *, booking, key: str) -> None:
    """Let this visitor see the confirmation, move and cancel for a quarter of an hour."""
    remember_appointment(request, appointment_id=booking.appointment.pk)
    request.session[BOOKED_KEY] = {"appointment": booking.appointment.pk, "code": booking.code, "key": key}


def _has_contact(appointment: Appointment) -> bool:
    declaration = getattr(appointment, "declaration", None)
    return declaration is not None and (declaration.phone_ct is not None or declaration.email_ct is not None)


def _earlier_than(part: str, draft: Draft) -> str | None:
    """The address of a page before `part` that is not answered yet."""
    missing = draft.missing_part(timezone.localdate())
    order = list(PARTS)
    if missing and order.index(missing) < order.index(part):
        return reverse(ADDRESSES[missing])
    return None


def _next_page(draft: Draft) -> str:
    """The first page that still needs an answer; the review when there is none."""
    missing = draft.missing_part(timezone.localdate())
    if missing:
        return reverse(ADDRESSES[missing])
    return reverse("booking_time" if draft.slot_id is None else "booking_review")


def _back_from(part: str, draft: Draft) -> str:
    """The page before `part` ("waktu": the choice of time)."""
    asked = [name for name in PARTS if name != "wali" or draft.needs_guardian(timezone.localdate())] + ["waktu"]
    position = asked.index(part) if part in asked else 0
    return reverse(ADDRESSES[asked[position - 1]]) if position else reverse("schedule")


def _to_start(request: HttpRequest, missing: str):
    """Somebody who skipped a page, or came back after booking."""
    if missing == "data" and request.session.get(BOOKED_KEY) and managed_appointment_id(request):
        return redirect("booking_done")
    return redirect(ADDRESSES[missing])


def _choose_again(request: HttpRequest, draft: Draft, problem: str):
    """Back to the choice of time, at the same office and day; the answers stay."""
    lost = Slot.objects.select_related("office").filter(pk=draft.slot_id or 0).first()
    if problem:
        messages.error(request, problem)
    draft.choose(None)
    return redirect(_time_address(lost.office.code, lost.day) if lost else "booking_time")


def _chosen(draft: Draft) -> Slot | None:
    """The time that was chosen before the questions."""
    if draft.slot_id is None:
        return None
    return Slot.objects.select_related("office").filter(pk=draft.slot_id).first()


def _rows(draft: Draft, slot: Slot) -> list[dict]:
    """The answers as the review lists them."""
    answers, declared = draft.answers, draft.declared()
    place = declared.village and _("%(village)s, Kecamatan %(district)s") % {
        "village": declared.village.name,
        "district": declared.village.district.name,
    }
    changes = {name: reverse(address) for name, address in ADDRESSES.items()}
    time_url = reverse("booking_time")
    rows = [
        (_("Waktu"), moment_in_words(slot.starts_at), _time_address(slot.office.code, slot.day)),
        (_("Kantor"), slot.office.name, time_url),
        (_("NIK"), _grouped(declared.nik), changes["data"]),
        (_("Nama lengkap"), declared.name, changes["data"]),
        (_("Tanggal lahir"), plain_date(declared.birth_date), changes["data"]),
        (_("Jenis kelamin"), Sex(declared.sex).label, changes["data"]),
    ]
    if declared.married:
        rows.append((_("Status"), _("Sudah atau pernah menikah"), changes["data"]))
    rows.append((_("Tempat tinggal"), place or _("Di luar Kabupaten Kudus"), changes["tinggal"]))
    if answers.get("special_needs"):
        note = answers.get("special_needs_note") or _("Ya")
        rows.append((_("Perlu bantuan"), note, changes["tinggal"]))
    contact = "\n".join(text for text in (_phone(declared.phone), declared.email) if text)
    rows.append((_("Kontak"), contact or _("Tidak diisi"), changes["kontak"]))
    if answers.get("helper_name"):
        rows.append(
            (_("Dipesankan oleh"), _person(answers["helper_name"], answers["helper_relation"]), changes["kontak"])
        )
    if answers.get("guardian_name"):
        guardian = _person(answers["guardian_name"], answers["guardian_relation"])
        rows.append((_("Orang tua atau wali"), guardian + "\n" + _("Menyetujui perekaman"), changes["wali"]))
    return [{"label": label, "value": value, "change_url": url} for label, value, url in rows]


def _person(name: str, relation: str) -> str:
    return f"{name} ({HelperRelation(relation).label.lower()})"


def _grouped(nik: str) -> str:
    return " ".join(nik[start : start + 4] for start in range(0, 16, 4))


def _phone(number: str) -> str:
    """+6281234567890 as people write it here: 0812-3456-7890."""
    if not number.startswith("+62"):
        return number
    local = "0" + number[3:]
    return "-".join([local[:4], *(local[start : start + 4] for start in range(4, len(local), 4))])
