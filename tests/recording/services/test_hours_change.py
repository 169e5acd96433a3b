"""Hours change: what the preview shows is what comes, nobody booked is lost, and it can be taken back."""

from datetime import datetime, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from recording.enums import ClosureStatus
from recording.exceptions import ChangeNotPossible, PreviewOutdated
from recording.models import (
    Appointment,
    AppointmentChange,
    AuditEvent,
    Closure,
    HoursChange,
    Notification,
    Office,
    ServiceHours,
    Slot,
)
from recording.services import appointment as appointments
from recording.services import closure as closures
from recording.services import hours, hours_change
from recording.services import slot as slots
from tests.factories import (
    AppointmentFactory,
    ClosureFactory,
    OfficeFactory,
    ServiceHoursFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
NOW = timezone.make_aware(datetime.combine(TODAY, time(6)))
DAY = TODAY + timedelta(days=3)
NEXT = DAY + timedelta(days=1)


@pytest.fixture
def admin():
    return UserFactory(role="administrator")


@pytest.fixture
def office():
    """Two hours a day, every day, six places of which four are public in each half hour."""
    office = OfficeFactory()
    ServiceHoursFactory(opens=time(8), closes=time(10))
    slots.top_up(today=TODAY)
    return office


def slot_at(office, day, hour, minute=0):
    moment = timezone.make_aware(datetime.combine(day, time(hour, minute)))
    return Slot.objects.get(office=office, starts_at=moment)


def book(slot, count=1, **values):
    values |= {"resident__identity__phone": "+6281234567890"}
    return AppointmentFactory.create_batch(count, slot=slot, **values)


def closing(admin, day=DAY, last=None, **values):
    return closures.propose_closures(first=day, last=last or day, reason="Listrik padam", by=admin, now=NOW, **values)


def apply(change, admin, now=NOW):
    seen = hours_change.preview(change=change, now=now)
    return hours_change.apply(change_id=change.pk, seen=seen.fingerprint, by=admin, now=now), seen


def assert_counters_are_true():
    for slot in Slot.objects.all():
        held = list(slot.appointments.filter(places_held__gt=0).values_list("places_held", "pool"))
        assert slot.booked == sum(places for places, _pool in held) <= slot.capacity
        assert slot.booked_public == sum(places for places, pool in held if pool == "public")


def assert_nobody_is_lost():
    """Whoever was booked has an open time, or is cancelled and owed a message."""
    for appointment in Appointment.objects.select_related("slot"):
        if appointment.status == "booked":
            assert appointment.slot.open and appointment.slot.day == appointment.day
        else:
            assert appointment.status == "cancelled" and appointment.places_held == 0
            assert Notification.objects.filter(appointment=appointment, kind="appointment_cancelled_by_office").exists()


def test_a_proposed_change_changes_nothing_yet(office, admin):
    before = list(Slot.objects.order_by("pk").values_list("pk", "open"))

    change = closing(admin)
    hours_change.preview(change=change, now=NOW)

    assert list(Slot.objects.order_by("pk").values_list("pk", "open")) == before
    assert not Closure.objects.exists()


def test_a_closed_day_moves_its_people_to_the_same_hour_of_the_next_and_tells_them(office, admin):
    booked = book(slot_at(office, DAY, 8, 30))[0]

    change, seen = apply(closing(admin), admin)

    booked.refresh_from_db()
    assert booked.slot == slot_at(office, NEXT, 8, 30)
    assert (booked.day, booked.status, booked.moves) == (NEXT, "booked", 0)
    assert AppointmentChange.objects.get().to_slot == booked.slot
    message = Notification.objects.get()
    assert (message.kind, message.appointment) == ("appointment_moved_by_office", booked)
    assert message.context["reason"] == "Listrik padam"
    assert set(AuditEvent.objects.values_list("action", flat=True)) == {"appointment.move_by_office", "closure.change"}
    assert [hit.new_starts_at for hit in seen.hits] == [booked.slot.starts_at]
    assert change.applied_by == admin
    assert_counters_are_true()


def test_the_preview_names_exactly_what_applying_does(office, admin):
    book(slot_at(office, DAY, 8), 4)
    book(slot_at(office, DAY, 9), 2, pool="reserved")
    book(slot_at(office, NEXT, 8), 3)
    places = {"places_held": 2, "special_needs": True}
    book(slot_at(office, DAY, 9, 30), 2, **places)

    change, seen = apply(closing(admin), admin)

    expected = {hit.appointment_id: hit.new_starts_at for hit in seen.hits}
    now_at = dict(Appointment.objects.filter(pk__in=expected).values_list("pk", "slot__starts_at"))
    assert len(expected) == 8
    assert now_at == expected
    assert set(change.result["days"]) == {day.isoformat() for _office, day in seen.changed}
    assert_counters_are_true()
    assert_nobody_is_lost()


def test_who_gets_no_other_time_is_cancelled_freed_and_told(office, admin):
    last = slots.horizon(today=TODAY)[-1]
    booked = book(slot_at(office, last, 9))[0]

    _change, seen = apply(closing(admin, day=last), admin)

    booked.refresh_from_db()
    assert (booked.status, booked.places_held, booked.status_reason) == ("cancelled", 0, "Listrik padam")
    assert [hit.new_starts_at for hit in seen.hits] == [None]
    assert Notification.objects.get().kind == "appointment_cancelled_by_office"
    assert_counters_are_true()
    assert_nobody_is_lost()


def test_who_left_no_contact_is_put_on_the_call_list(office, admin):
    AppointmentFactory(slot=slot_at(office, DAY, 8))

    apply(closing(admin), admin)

    assert Notification.objects.get().channel == "call"


def test_a_public_person_gets_a_reserved_place_before_being_sent_away(office, admin):
    last = slots.horizon(today=TODAY)[-1]
    for half_hour in ((8, 0), (8, 30), (9, 0)):
        book(slot_at(office, last, *half_hour), 4)
    booked = book(slot_at(office, last, 9, 30))[0]
    change = closing(admin, day=last, stretch=closures.Stretch(closed_from=time(9, 30), closed_until=time(10)))

    apply(change, admin)

    booked.refresh_from_db()
    assert (booked.slot, booked.pool) == (slot_at(office, last, 9), "reserved")
    assert_counters_are_true()


def test_people_already_here_or_served_are_left_alone(office, admin):
    arrived = book(slot_at(office, DAY, 8), status="arrived")[0]

    _change, seen = apply(closing(admin), admin)

    arrived.refresh_from_db()
    assert (arrived.status, arrived.day, seen.hits) == ("arrived", DAY, [])


def test_only_the_changed_days_are_touched(office, admin):
    untouched = Slot.objects.exclude(day=DAY)
    before = list(untouched.order_by("pk").values_list("pk", "open", "capacity"))
    other = OfficeFactory()
    slots.top_up(today=TODAY)

    change, _seen = apply(closing(admin, office_id=office.pk), admin)

    assert change.result["days"] == [DAY.isoformat()]
    assert change.result["offices"] == [office.pk]
    assert list(untouched.filter(office=office).order_by("pk").values_list("pk", "open", "capacity")) == before
    assert Slot.objects.filter(office=other, day=DAY, open=True).count() == 4


def test_applying_twice_is_applying_once(office, admin):
    book(slot_at(office, DAY, 8))
    change = closing(admin)
    seen = hours_change.preview(change=change, now=NOW)

    first = hours_change.apply(change_id=change.pk, seen=seen.fingerprint, by=admin, now=NOW)
    second = hours_change.apply(change_id=change.pk, seen=seen.fingerprint, by=admin, now=NOW)

    assert first.result == second.result
    assert Closure.objects.count() == 1
    assert Notification.objects.count() == 1


def test_the_second_of_two_administrators_is_asked_to_look_again(office, admin):
    mine, yours = closing(admin), closing(UserFactory(role="administrator"), day=NEXT)
    seen = hours_change.preview(change=yours, now=NOW)
    apply(mine, admin)

    with pytest.raises(PreviewOutdated):
        hours_change.apply(change_id=yours.pk, seen=seen.fingerprint, by=yours.created_by, now=NOW)

    assert Closure.objects.get().day == DAY


def test_two_changes_of_one_rule_do_not_overwrite_each_other(office, admin):
    rule = ServiceHours.objects.get()
    values = hours_change.values_of("rule", rule)
    one = hours.propose_rule(values=values | {"closes": time(11)}, rule_id=rule.pk, by=admin, now=NOW)
    other = hours.propose_rule(values=values | {"closes": time(12)}, rule_id=rule.pk, by=admin, now=NOW)
    apply(one, admin)

    with pytest.raises(ChangeNotPossible):
        apply(other, admin)

    rule.refresh_from_db()
    assert rule.closes == time(11)


def test_other_roles_find_no_such_change(office, admin):
    change = closing(admin)
    seen = hours_change.preview(change=change, now=NOW).fingerprint

    for role in ("operator", "verifier", "supervisor"):
        with pytest.raises(HoursChange.DoesNotExist):
            hours_change.apply(change_id=change.pk, seen=seen, by=UserFactory(role=role), now=NOW)


def test_a_change_that_changes_nothing_is_refused(office, admin):
    rule = ServiceHours.objects.get()

    with pytest.raises(ChangeNotPossible):
        hours.propose_rule(values=hours_change.values_of("rule", rule), rule_id=rule.pk, by=admin, now=NOW)


# --- rules and stations ---


def test_an_offices_own_rule_wins_there_and_nowhere_else(office, admin):
    other = OfficeFactory()
    slots.top_up(today=TODAY)
    values = hours_change.values_of("rule", ServiceHours.objects.get())
    own = values | {"office_id": office.pk, "name": "Sore", "opens": time(13), "closes": time(14)}
    booked = book(slot_at(office, DAY, 8))[0]

    apply(hours.propose_rule(values=own, by=admin, now=NOW), admin)

    booked.refresh_from_db()
    assert Slot.objects.filter(office=office, day=DAY, open=True).count() == 2
    assert Slot.objects.filter(office=other, day=DAY, open=True).count() == 4
    assert timezone.localtime(booked.slot.starts_at).time() == time(13)
    assert_counters_are_true()


def test_of_two_rules_from_the_same_day_the_later_made_one_holds(office, admin):
    values = hours_change.values_of("rule", ServiceHours.objects.get())

    apply(hours.propose_rule(values=values | {"name": "Baru", "closes": time(9)}, by=admin, now=NOW), admin)

    assert Slot.objects.filter(office=office, day=DAY, open=True).count() == 2
    assert slots.top_up(today=TODAY) == 0


def test_a_rule_that_ends_gives_way_to_the_next_and_one_that_never_began_is_removed(office, admin):
    rule = ServiceHours.objects.get()
    future = ServiceHoursFactory(valid_from=DAY, opens=time(8), closes=time(9))

    apply(hours.propose_end(rule_id=rule.pk, last_day=TODAY, by=admin, now=NOW), admin)
    apply(hours.propose_end(rule_id=future.pk, last_day=TODAY, by=admin, now=NOW), admin)

    assert ServiceHours.objects.get().valid_until == TODAY
    assert not Slot.objects.filter(day__gt=TODAY, open=True).exists()


def test_fewer_stations_move_nobody_and_say_who_is_too_many(office, admin):
    booked = book(slot_at(office, DAY, 8), 4)

    change, seen = apply(hours.propose_stations(stations={office.pk: 1}, by=admin, now=NOW), admin)

    slot = slot_at(office, DAY, 8)
    assert (slot.capacity, slot.booked, slot.open) == (4, 4, True)
    assert (seen.crowded, seen.hits, change.result["moved"]) == (1, [], [])
    assert Appointment.objects.filter(pk__in=[one.pk for one in booked], slot=slot).count() == 4
    assert Office.objects.get(pk=office.pk).stations == 1


def test_a_supervisor_changes_the_station_count_of_the_own_office_only(office, admin):
    supervisor = UserFactory(role="supervisor", office=office)
    other = OfficeFactory()

    change = hours.propose_stations(stations={office.pk: 3}, by=supervisor, now=NOW)
    apply(change, supervisor)
    with pytest.raises(ChangeNotPossible):
        hours.propose_stations(stations={other.pk: 3}, by=supervisor, now=NOW)
    with pytest.raises(HoursChange.DoesNotExist):
        foreign = hours.propose_stations(stations={other.pk: 3}, by=admin, now=NOW)
        hours_change.apply(change_id=foreign.pk, seen="", by=supervisor, now=NOW)

    assert slot_at(office, DAY, 8).capacity == 9


# --- holidays ---


def holiday():
    return ClosureFactory(day=DAY, kind="holiday", status="proposed", reason="Hari raya")


def test_a_holiday_closes_when_confirmed_and_opens_again_when_dismissed(office, admin):
    proposal = holiday()

    apply(closures.propose_decision(closure_ids=[proposal.pk], closes=True, by=admin, now=NOW), admin)
    closed = Slot.objects.filter(day=DAY, open=True).count()
    apply(closures.propose_removal(closure_id=proposal.pk, by=admin, now=NOW), admin)

    proposal.refresh_from_db()
    assert (closed, Slot.objects.filter(day=DAY, open=True).count()) == (0, 4)
    assert proposal.status == ClosureStatus.DISMISSED


def test_a_holiday_may_close_half_a_day_or_leave_some_offices_open(office, admin):
    other = OfficeFactory()
    slots.top_up(today=TODAY)
    change = closures.propose_decision(
        closure_ids=[holiday().pk],
        closes=True,
        stretch=closures.Stretch(closed_from=time(9), closed_until=time(10)),
        open_offices=[other.pk],
        by=admin,
        now=NOW,
    )

    apply(change, admin)

    assert Slot.objects.filter(office=office, day=DAY, open=True).count() == 2
    assert Slot.objects.filter(office=other, day=DAY, open=True).count() == 4


def test_closing_a_day_that_is_a_proposed_holiday_uses_the_same_row(office, admin):
    proposal = holiday()

    apply(closing(admin), admin)

    assert Closure.objects.get().pk == proposal.pk
    assert Closure.objects.get().status == "confirmed"


# --- taking back ---


def test_undoing_brings_rule_slots_and_people_back_and_an_unsent_message_is_withdrawn(office, admin):
    old = slot_at(office, DAY, 8)
    booked = book(old)[0]
    change, _seen = apply(closing(admin), admin)

    undone = hours_change.undo(change_id=change.pk, by=admin, now=NOW)
    again = hours_change.undo(change_id=change.pk, by=admin, now=NOW)

    booked.refresh_from_db()
    assert (booked.slot, booked.day) == (old, DAY)
    assert not Closure.objects.exists()
    assert Slot.objects.filter(day=DAY, open=True).count() == 4
    assert undone.result["undo"]["back"] == [booked.pk] == again.result["undo"]["back"]
    assert Notification.objects.get().state == "withdrawn"
    assert_counters_are_true()


def test_who_was_told_already_is_told_that_the_old_time_holds(office, admin):
    book(slot_at(office, DAY, 8))
    change, _seen = apply(closing(admin), admin)
    Notification.objects.update(state="sent")

    hours_change.undo(change_id=change.pk, by=admin, now=NOW)

    assert Notification.objects.latest("pk").kind == "appointment_restored_by_office"


def test_a_cancelled_appointment_comes_back_unless_the_person_booked_again(office, admin):
    last = slots.horizon(today=TODAY)[-1]
    alone, again = book(slot_at(office, last, 9), 2)
    change, _seen = apply(closing(admin, day=last), admin)
    AppointmentFactory(resident=again.resident, slot=slot_at(office, NEXT, 8))

    undone = hours_change.undo(change_id=change.pk, by=admin, now=NOW)

    alone.refresh_from_db(), again.refresh_from_db()
    assert (alone.status, alone.places_held, again.status) == ("booked", 1, "cancelled")
    assert (undone.result["undo"]["back"], undone.result["undo"]["kept"]) == ([alone.pk], [again.pk])
    assert_counters_are_true()


def test_who_moved_meanwhile_or_whose_place_is_taken_stays_and_is_listed(office, admin):
    change = closing(admin, stretch=closures.Stretch(closed_from=time(8), closed_until=time(9)))
    mover, stayer = book(slot_at(office, DAY, 8), 2)
    apply(change, admin)
    appointments.move(appointment_id=mover.pk, slot_id=slot_at(office, NEXT, 9).pk, now=NOW)
    moved_to = Appointment.objects.get(pk=stayer.pk).slot_id
    Slot.objects.filter(day=DAY, starts_at=slot_at(office, DAY, 8).starts_at).update(public_capacity=0)
    ServiceHours.objects.update(public_share=0)

    undone = hours_change.undo(change_id=change.pk, by=admin, now=NOW)

    assert undone.result["undo"]["kept"] == [mover.pk, stayer.pk]
    assert Appointment.objects.get(pk=stayer.pk).slot_id == moved_to
    assert Appointment.objects.get(pk=mover.pk).slot == slot_at(office, NEXT, 9)
    assert_counters_are_true()


def test_who_booked_an_hour_that_the_undo_takes_away_is_moved_too(office, admin):
    rule = ServiceHours.objects.get()
    longer = hours_change.values_of("rule", rule) | {"closes": time(11)}
    change, _seen = apply(hours.propose_rule(values=longer, rule_id=rule.pk, by=admin, now=NOW), admin)
    booked = book(slot_at(office, DAY, 10, 30))[0]

    undone = hours_change.undo(change_id=change.pk, by=admin, now=NOW)

    booked.refresh_from_db()
    assert timezone.localtime(booked.slot.starts_at).time() == time(9, 30)
    assert [row[0] for row in undone.result["undo"]["moved"]] == [booked.pk]
    assert ServiceHours.objects.get().closes == time(10)
    assert_counters_are_true()
    assert_nobody_is_lost()


def test_a_change_that_a_later_one_rests_on_is_not_taken_back(office, admin):
    rule = ServiceHours.objects.get()
    for closes in (time(11), time(12)):
        values = hours_change.values_of("rule", ServiceHours.objects.get()) | {"closes": closes}
        apply(hours.propose_rule(values=values, rule_id=rule.pk, by=admin, now=NOW), admin)

    with pytest.raises(ChangeNotPossible):
        hours_change.undo(change_id=HoursChange.objects.earliest("pk").pk, by=admin, now=NOW)

    assert ServiceHours.objects.get().closes == time(12)


def test_a_change_not_applied_is_not_taken_back_but_forgotten(office, admin):
    change = closing(admin)

    with pytest.raises(ChangeNotPossible):
        hours_change.undo(change_id=change.pk, by=admin, now=NOW)
    hours_change.discard(change_id=change.pk, by=admin)

    assert not HoursChange.objects.exists()


# --- the slots that appointments once had ---


def test_a_slot_that_people_were_moved_out_of_is_closed_not_deleted(office, admin):
    old = slot_at(office, DAY, 8)
    booked = book(old)[0]
    appointments.move(appointment_id=booked.pk, slot_id=slot_at(office, NEXT, 8).pk, now=NOW)

    apply(closing(admin), admin)

    old.refresh_from_db()
    assert (old.open, old.booked) == (False, 0)


def test_shorter_slots_keep_everybody_at_the_same_hour_without_a_message(office, admin):
    rule = ServiceHours.objects.get()
    book(slot_at(office, DAY, 8), 4)
    values = hours_change.values_of("rule", rule) | {"slot_minutes": 60}

    apply(hours.propose_rule(values=values, rule_id=rule.pk, by=admin, now=NOW), admin)

    assert {timezone.localtime(a.slot.starts_at).time() for a in Appointment.objects.select_related("slot")} == {
        time(8)
    }
    assert not Notification.objects.exists()
    assert_counters_are_true()


def test_the_number_of_queries_does_not_depend_on_how_many_are_hit(office, admin):
    Office.objects.update(stations=20)
    slots.generate(days=slots.horizon(today=TODAY))
    counts = []
    for offset, people in enumerate((1, 3, 40)):
        day = TODAY + timedelta(days=2 + 2 * offset)
        AppointmentFactory.create_batch(people, slot=slot_at(office, day, 8))
        change = closing(admin, day=day)
        seen = hours_change.preview(change=change, now=NOW)
        assert len(seen.hits) == people
        with CaptureQueriesContext(connection) as queries:
            hours_change.apply(change_id=change.pk, seen=seen.fingerprint, by=admin, now=NOW)
        with CaptureQueriesContext(connection) as back:
            hours_change.undo(change_id=change.pk, by=admin, now=NOW)
        counts.append((len(queries), len(back)))

    assert len(set(counts)) == 1
