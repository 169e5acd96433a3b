"""Booking at the desk for one person or a family: who, when, a look at it, the slip.

The same rules and the same `book` as online; the clerk's name stands in the trail.
"""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.views.generic import View

from recording.dates import clock, day_in_words, moment_in_words
from recording.enums import AppointmentStatus, Pool
from recording.exceptions import (
    AlreadyRecorded,
    DomainError,
    HasAppointment,
    NoRoomTogether,
    PersonNotBooked,
    SlotFull,
    SlotNotBookable,
    TooManyTries,
)
from recording.forms.assisted import BookForm, PersonForm
from recording.forms.booking import GuardianForm, SlotForm
from recording.household_slip import household_slip_pdf
from recording.models import Appointment, Resident, Slot
from recording.policy import booking as rules
from recording.policy.access import Permission
from recording.policy.code import display
from recording.policy.household import MOST_PEOPLE
from recording.policy.visit import Visit
from recording.services import audit, rate_limit, tracking_code
from recording.services.household import book_household, propose, registered, require_bookable
from recording.services.resident import find_by_nik
from recording.slip import slip_pdf
from recording.views import chooser, opened
from recording.views.assisted_draft import DONE_KEY, AssistedDraft, Person
from recording.views.desk import SEARCHES_PER_HOUR, chosen_office
from recording.views.desk_person import PersonPage
from recording.views.mixins import StaffRequired
from recording.views.public import too_many_tries

RESERVED = "cadangan"


class AssistedPage(StaffRequired, View):
    permission = Permission.DESK

    def draft(self) -> AssistedDraft:
        return AssistedDraft(self.request)


class PersonView(AssistedPage):
    """`/petugas/pesankan/`: whom to book for; one person, then the time."""

    household = False

    def get(self, request):
        return self.page(request, PersonForm())

    def post(self, request):
        form = PersonForm(request.POST)
        if not form.is_valid():
            return self.page(request, form)
        draft = self.draft()
        if not self.household:
            draft.clear()
        if draft.is_full or draft.holds(form.cleaned_data["nik"]):
            full, twice = f"Paling banyak {MOST_PEOPLE} orang sekaligus.", "NIK ini sudah ada di daftar."
            form.add_error("nik", full if draft.is_full else twice)
            return self.page(request, form)
        try:
            return self.add(request, draft, form)
        except TooManyTries as error:
            return too_many_tries(request, error)
        except (HasAppointment, AlreadyRecorded) as error:
            return self.page(request, form, obstacle=_obstacle(request, error, form.cleaned_data["nik"]))

    def add(self, request, draft: AssistedDraft, form: PersonForm):
        nik, now = form.cleaned_data["nik"], timezone.now()
        rate_limit.take(
            scope="desk.search", key=f"{request.user.pk}", capacity=SEARCHES_PER_HOUR, per_seconds=3600, now=now
        )
        resident = find_by_nik(nik)
        audit.record(
            action="search.nik",
            actor=request.user,
            resident_id=resident.pk if resident else None,
            office_id=request.user.office_id,
        )
        if resident:
            opened.remember(request, resident.pk)
            require_bookable(resident, by=request.user, now=now)
            declared = registered(resident, today=timezone.localdate(now))
            if not form.require_consent_if_young(declared.birth_date, married=declared.married):
                note_read(request, resident)
                return self.page(request, form)
            needs = {"special_needs": form.cleaned_data["special_needs"]}
            draft.add({"nik": nik, "resident": resident.pk} | needs | form.consent())
        elif form.require_particulars():
            draft.add(form.typed())
        else:
            return self.page(request, form)
        return redirect("assisted_family" if self.household else "assisted_time")

    def page(self, request, form: PersonForm, **context):
        people = self.draft().people() if self.household else []
        context |= {"form": form, "people": people, "household": self.household, "most": MOST_PEOPLE}
        return render(request, "recording/assisted/person.html", context)


class FamilyView(PersonView):
    """`/petugas/pesankan/keluarga/`: the people of one family, one after the other; then one time for all."""

    household = True


class RemoveView(AssistedPage):
    """POST `/petugas/pesankan/keluarga/hapus/`: take one person off the list, or all."""

    http_method_names = ["post"]

    def post(self, request):
        draft, position = self.draft(), request.POST.get("orang", "")
        if position.isdecimal() and len(position) < 3:
            draft.remove(int(position))
            return redirect("assisted_family")
        draft.clear()
        return redirect("assisted")


class ForPersonView(PersonPage):
    """POST `/petugas/warga/<id>/pesan/`: book for the person who is open; for a child the consent comes first."""

    http_method_names = ["post"]

    def post(self, request, pk: int):
        resident = self.resident(pk)
        try:
            require_bookable(resident, by=request.user, now=timezone.now())
        except DomainError as error:
            messages.error(request, f"{error}")
            return redirect("desk_person", pk)
        declared, consent = registered(resident, today=timezone.localdate()), {}
        if rules.needs_guardian(declared.birth_date, married=declared.married, on=timezone.localdate()):
            form = GuardianForm(request.POST if "guardian_name" in request.POST else None)
            if not form.is_valid():
                note_read(request, resident)
                return render(request, "recording/assisted/guardian.html", {"form": form, "resident": resident})
            consent = {name: form.cleaned_data[name] for name in ("guardian_name", "guardian_relation")}
        draft = AssistedDraft(request)
        draft.clear()
        draft.add({"nik": resident.identity.nik, "special_needs": False, "resident": pk} | consent)
        return redirect("assisted_time")


def note_read(request: HttpRequest, resident: Resident) -> None:
    audit.record(action="resident.read", actor=request.user, resident_id=resident.pk, office_id=request.user.office_id)


def _obstacle(request: HttpRequest, error: DomainError, nik: str) -> dict:
    """Why this person cannot be booked, and where to go on."""
    resident: Resident = find_by_nik(nik)  # type: ignore[assignment]
    note_read(request, resident)
    found = {"title": "Warga ini sudah direkam", "text": f"{error}", "resident_id": resident.pk, "appointment_id": None}
    if isinstance(error, HasAppointment):
        live = Appointment.objects.select_related("slot", "office").get(pk=error.appointment_id)
        when = moment_in_words(live.slot.starts_at) if live.slot else day_in_words(live.day)
        found |= {"title": "Warga ini sudah punya janji", "text": f"{when} di {live.office.name}."}
        if live.status == AppointmentStatus.BOOKED:
            found["appointment_id"] = live.pk
    return found


class ChosenPeoplePage(AssistedPage):
    """Base: `self.people` are on the list; with nobody on it, back to the first page."""

    people: list[Person]

    def prepare(self) -> bool:
        """Load the list; whether anybody is on it."""
        self.people = self.draft().people()
        return bool(self.people)

    def visit(self, pool: Pool) -> Visit:
        alone = len(self.people) == 1
        return chooser.visit(
            places=self.people[0].member.places if alone else 1,
            not_before=max(person.not_before for person in self.people),
            pool=pool,
        )


class TimeView(ChosenPeoplePage):
    """`/petugas/pesankan/waktu/?kantor=&tanggal=&tempat=`: any office, day and time."""

    def get(self, request):
        if not self.prepare():
            return redirect("assisted")
        pool = pool_from(request.GET)
        visit, context = self.visit(pool), {"people": self.people, "reserved": pool == Pool.RESERVED}
        address = _addresses("assisted_time", pool)
        if "semua" in request.GET:
            context |= chooser.offices_context(visit, address=address) | {"back_url": address(None, None)}
            return render(request, "recording/assisted/offices.html", context)
        code = request.GET.get("kantor")
        office = chooser.office_from(code) if code else chosen_office(request) or chooser.office_from("")
        day = chooser.day_from(request)
        context |= chooser.day_context(office, day, visit, address=address, choose=_choose(pool))
        other = Pool.PUBLIC if pool == Pool.RESERVED else Pool.RESERVED
        context |= {
            "offices_url": _with(reverse("assisted_time"), pool, semua=1),
            "other_pool_url": _addresses("assisted_time", other)(office.code, day),
            "alone": len(self.people) == 1,
        }
        return render(request, "recording/assisted/times.html", context)


class ReviewView(ChosenPeoplePage):
    """`/petugas/pesankan/periksa/?pilih=&tempat=`: who comes when; then all are booked, or nobody."""

    def get(self, request):
        if not self.prepare():
            return redirect("assisted")
        pool, chosen = pool_from(request.GET), {"slot": request.GET.get("pilih", "")}
        form = SlotForm(chosen, visit=self.visit(pool))
        if not form.is_valid():
            messages.error(request, next(iter(form.errors.values()))[0])
            return redirect(_with(reverse("assisted_time"), pool))
        return self.show(request, form.cleaned_data["slot"], pool)

    def post(self, request):
        done = request.session.get(DONE_KEY) or {}
        if done and request.POST.get("idempotency_key") == done["key"]:
            return redirect("assisted_done")
        if not self.prepare():
            return redirect("assisted")
        form = BookForm(request.POST)
        if not form.is_valid():
            return redirect("assisted_time")
        draft, pool = self.draft(), form.pool
        if f"{form.cleaned_data['idempotency_key']}" != draft.key:
            messages.error(request, "Daftar orangnya berubah sejak halaman itu dibuka. Pilih waktunya lagi.")
            return redirect("assisted_time")
        try:
            made = book_household(
                members=[person.member for person in self.people],
                slot_id=form.cleaned_data["pilih"],
                idempotency_key=UUID(draft.key),
                by=request.user,
                now=timezone.now(),
                pool=pool,
                language=form.cleaned_data["language"],
            )
        except DomainError as error:
            return self.refused(request, error, form)
        key = draft.key
        draft.clear()
        for booking in made:
            opened.remember(request, booking.appointment.resident_id)
            opened.show_code(request, booking.appointment.resident_id)
        request.session[DONE_KEY] = {"key": key, "appointments": [booking.appointment.pk for booking in made]}
        return redirect("assisted_done")

    def refused(self, request, error: DomainError, form: BookForm):
        """Back to the times, or to the list where one person is in the way; the list is kept."""
        if isinstance(error, PersonNotBooked):
            messages.error(request, f"{self.people[error.position].name}: {error}")
            return redirect("assisted_family")
        messages.error(request, f"{error}")
        slot = Slot.objects.select_related("office").filter(pk=form.cleaned_data["pilih"]).first()
        again = isinstance(error, NoRoomTogether | SlotFull | SlotNotBookable) and slot
        address = _addresses("assisted_time", form.pool)
        return redirect(address(slot.office.code, slot.day) if again else address(None, None))

    def show(self, request, slot: Slot, pool: Pool):
        address = _addresses("assisted_time", pool)(slot.office.code, slot.day)
        try:
            slots = propose(
                members=[person.member for person in self.people], slot_id=slot.pk, pool=pool, now=timezone.now()
            )
        except DomainError as error:
            messages.error(request, f"{error}")
            return redirect(address)
        tempat = RESERVED if pool == Pool.RESERVED else ""
        initial = {"pilih": slot.pk, "tempat": tempat, "idempotency_key": self.draft().key, "language": "id"}
        context = {
            "form": BookForm(initial=initial),
            "day": day_in_words(slot.day),
            "office": slot.office,
            "plan": [
                {"time": clock(each.starts_at), "name": person.name, "person": person}
                for person, each in zip(self.people, slots, strict=True)
            ],
            "moved": _moved(slot, slots),
            "reserved": pool == Pool.RESERVED,
            "back_url": address,
        }
        return render(request, "recording/assisted/review.html", context)


def _moved(chosen: Slot, slots: list[Slot]) -> str:
    """What differs from the chosen time; "" when nothing does."""
    if all(each.pk == chosen.pk for each in slots):
        return ""
    return "Semua bergeser bersama" if len({each.pk for each in slots}) == 1 else "Jamnya dibagi"


class DoneView(AssistedPage):
    """`/petugas/pesankan/selesai/`: the codes, for ten minutes, and the slip to print."""

    def get(self, request):
        made = self.made(request)
        return self.answer(request, made) if made else redirect("assisted")

    def made(self, request) -> list[Appointment]:
        ids = (request.session.get(DONE_KEY) or {}).get("appointments", [])
        rows = Appointment.objects.select_related("slot", "office", "resident__identity").in_bulk(ids)
        made = [rows[pk] for pk in ids if pk in rows]
        return [row for row in made if opened.may_show_code(request, row.resident_id)]

    def answer(self, request, made: list[Appointment]):
        people = [
            {
                "name": row.resident.name,
                "time": clock(row.slot.starts_at),
                "code": display(tracking_code.active_code(row.resident)),
            }
            for row in made
        ]
        context = {"people": people, "day": day_in_words(made[0].day), "office": made[0].office}
        return render(request, "recording/assisted/done.html", context)


class SlipView(DoneView):
    """`/petugas/pesankan/bukti.pdf`: one page for all, in their language."""

    def answer(self, request, made: list[Appointment]):
        pairs = [(row, tracking_code.active_code(row.resident)) for row in made]
        with translation.override(made[0].language):
            content = slip_pdf(appointment=made[0], code=pairs[0][1]) if len(made) == 1 else household_slip_pdf(pairs)
        return pdf(content)


def pdf(content: bytes) -> HttpResponse:
    return HttpResponse(
        content, content_type="application/pdf", headers={"Content-Disposition": 'inline; filename="bukti-janji.pdf"'}
    )


def pool_from(values) -> Pool:
    return Pool.RESERVED if values.get("tempat") == RESERVED else Pool.PUBLIC


def _with(path: str, pool: Pool, **parameters) -> str:
    return path + chooser.query(**parameters, tempat=RESERVED if pool == Pool.RESERVED else "")


def _addresses(name: str, pool: Pool):
    return lambda office_code, day: _with(reverse(name), pool, kantor=office_code, tanggal=day)


def _choose(pool: Pool):
    return lambda slot: _with(reverse("assisted_review"), pool, pilih=slot.pk)
