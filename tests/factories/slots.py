import uuid
from datetime import datetime, time, timedelta

import factory
from django.db.models import F
from django.utils import timezone
from factory.django import DjangoModelFactory

from recording.models import Appointment, AppointmentChange, Declaration, Slot
from tests.factories.areas import OfficeFactory
from tests.factories.people import ResidentFactory


def _half_hour(n: int) -> datetime:
    """Half hours from tomorrow 08:00 WIB on, 26 a day for 14 days, then again."""
    day = timezone.localdate() + timedelta(days=1 + n // 26 % 14)
    return timezone.make_aware(datetime.combine(day, time(8))) + timedelta(minutes=30 * (n % 26))


class SlotFactory(DjangoModelFactory):
    """A future half hour of six places, five of them public. Slots made one after the other never overlap."""

    class Meta:
        model = Slot

    office = factory.SubFactory(OfficeFactory)
    starts_at = factory.Sequence(_half_hour)
    ends_at = factory.LazyAttribute(lambda slot: slot.starts_at + timedelta(minutes=30))
    day = factory.LazyAttribute(lambda slot: timezone.localdate(slot.starts_at))
    capacity = 6
    public_capacity = factory.LazyAttribute(lambda slot: max(slot.capacity - 1, 1))


class AppointmentFactory(DjangoModelFactory):
    """A booked place; the slot's counters are raised with it. A walk-in: `slot=None, channel="walk_in"`."""

    class Meta:
        model = Appointment

    resident = factory.SubFactory(ResidentFactory)
    slot = factory.SubFactory(SlotFactory)
    office = factory.LazyAttribute(lambda a: a.slot.office if a.slot else OfficeFactory())
    day = factory.LazyAttribute(lambda a: a.slot.day if a.slot else timezone.localdate())
    places_held = factory.LazyAttribute(lambda a: 1 if a.slot and a.status != "cancelled" else 0)
    status = "booked"
    pool = "public"
    idempotency_key = factory.LazyFunction(uuid.uuid4)
    body_hash = bytes(32)
    booked_at = factory.LazyFunction(timezone.now)
    status_at = factory.SelfAttribute("booked_at")

    @classmethod
    def _create(cls, model_class, *args, **values):
        appointment = super()._create(model_class, *args, **values)
        if appointment.slot_id and appointment.places_held:
            places = appointment.places_held
            public = places if appointment.pool == "public" else 0
            Slot.objects.filter(pk=appointment.slot_id).update(
                booked=F("booked") + places, booked_public=F("booked_public") + public
            )
            appointment.slot.refresh_from_db(fields=["booked", "booked_public"])
        return appointment


class AppointmentChangeFactory(DjangoModelFactory):
    class Meta:
        model = AppointmentChange

    appointment = factory.SubFactory(AppointmentFactory)
    from_slot = factory.SubFactory(SlotFactory)
    to_slot = factory.SelfAttribute("appointment.slot")
    moved_at = factory.LazyFunction(timezone.now)


class DeclarationFactory(DjangoModelFactory):
    """What a visitor typed; by default what the resident's register row says. `birth_date` is a date or ISO text."""

    class Meta:
        model = Declaration

    appointment = factory.SubFactory(AppointmentFactory)
    birth_date = factory.LazyAttribute(lambda d: d.appointment.resident.identity.birth_date)
    nik = factory.LazyAttribute(lambda d: d.appointment.resident.identity.nik)
    name = factory.SelfAttribute("appointment.resident.name")
    sex = factory.SelfAttribute("appointment.resident.sex")
    village = factory.SelfAttribute("appointment.resident.village")
    phone = ""
    email = ""

    @classmethod
    def _create(cls, model_class, *args, nik, name, birth_date, phone, email, **values):
        row = model_class(**values)
        row.nik, row.name, row.birth_date, row.phone, row.email = nik, name, str(birth_date), phone, email
        row.save()
        return row
