import pytest
from django.utils import timezone

from issuance.exceptions import NothingChosen, WrongOffice
from issuance.models import Shipment, ShippedCard
from issuance.services import shipment
from recording.exceptions import WrongState
from recording.models import Notification
from tests.factories import CardPrintFactory, CaseFactory, OfficeFactory, UserFactory
from tests.factories.cards import ShippedCardFactory

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture
def central():
    return OfficeFactory(kind="disdukcapil")


@pytest.fixture
def village_office():
    return OfficeFactory()


def printed(at, pickup):
    case = CaseFactory(recording__operator=UserFactory(office=pickup), status="printed", pickup_office=pickup)
    CardPrintFactory(case=case, office=at)
    return case


def state(case):
    case.refresh_from_db()
    return case.status, case.shelf


def sent(central, to, *cases, clerk=None):
    by = clerk or UserFactory(office=central)
    return shipment.send(office=central, to_office=to, case_ids=[case.pk for case in cases], by=by, now=NOW)


def test_cards_printed_elsewhere_are_to_be_sent_and_the_others_to_be_shelved(central, village_office):
    away, here = printed(central, village_office), printed(village_office, village_office)
    by_the_centre = CaseFactory(recording__operator=UserFactory(office=village_office), status="printed")

    assert list(shipment.to_send(office=central)) == [away]
    assert set(shipment.to_shelve(office=village_office)) == {here, by_the_centre}
    assert not shipment.to_send(office=village_office).exists()


def test_send_makes_a_parcel_with_a_numbered_list(central, village_office):
    cases = [printed(central, village_office) for _card in range(3)]

    parcel = sent(central, village_office, *cases)

    assert (parcel.size, parcel.from_office, parcel.to_office) == (3, central, village_office)
    assert sorted(parcel.cards.values_list("number", flat=True)) == [1, 2, 3]
    assert {state(case)[0] for case in cases} == {"shipped"}


def test_send_takes_only_what_lies_here_for_there(central, village_office):
    clerk = UserFactory(office=central)
    with pytest.raises(NothingChosen):
        sent(central, village_office, clerk=clerk)
    with pytest.raises(WrongState):
        sent(central, village_office, printed(village_office, village_office), clerk=clerk)
    with pytest.raises(WrongOffice):
        sent(central, village_office, printed(central, village_office), clerk=UserFactory())
    assert not Shipment.objects.exists()


def test_check_in_shelves_what_arrived_and_lists_what_is_missing(central, village_office):
    first, second = printed(central, village_office), printed(central, village_office)
    parcel, clerk = sent(central, village_office, first, second), UserFactory(office=village_office)
    card, other = parcel.cards.get(case=first), parcel.cards.get(case=second)

    missing = shipment.check_in(shipment_id=parcel.pk, arrived=[card.pk], shelf="A-3", by=clerk, now=NOW)

    assert [each.case for each in missing] == [second]
    assert (state(first), state(second)[0]) == (("ready", "A-3"), "shipped")
    assert Notification.objects.get().kind == "card_ready"
    parcel.refresh_from_db()
    assert (parcel.checked_at, parcel.checked_by) == (NOW, clerk)

    assert shipment.check_in(shipment_id=parcel.pk, arrived=[card.pk, other.pk], by=clerk, now=NOW) == []
    assert state(second)[0] == "ready"
    assert set(ShippedCard.objects.values_list("state", flat=True)) == {"arrived"}
    assert state(first) == ("ready", "A-3")


def test_check_in_is_for_the_office_it_goes_to(central, village_office):
    parcel = sent(central, village_office, printed(central, village_office))

    with pytest.raises(WrongOffice):
        shipment.check_in(shipment_id=parcel.pk, arrived=[], by=UserFactory(office=central), now=NOW)


def test_a_card_that_comes_back_lies_where_it_was_printed(central, village_office):
    case, clerk = printed(central, village_office), UserFactory(office=central)
    parcel = sent(central, village_office, case, clerk=clerk)
    card = parcel.cards.get()

    with pytest.raises(WrongOffice):
        shipment.take_back(shipped_card_id=card.pk, by=UserFactory(office=village_office), now=NOW)
    shipment.take_back(shipped_card_id=card.pk, by=clerk, now=NOW)

    assert state(case)[0] == "printed"
    assert list(shipment.to_send(office=central)) == [case]
    assert sent(central, village_office, case, clerk=clerk)
    with pytest.raises(WrongState):
        shipment.take_back(shipped_card_id=card.pk, by=clerk, now=NOW)


def test_shelve_makes_cards_ready_on_a_shelf(village_office):
    cases, clerk = [printed(village_office, village_office) for _card in range(2)], UserFactory(office=village_office)
    ids = [case.pk for case in cases]

    assert shipment.shelve(office=village_office, case_ids=ids, shelf=" B-1 ", by=clerk, now=NOW) == 2
    assert {state(case) for case in cases} == {("ready", "B-1")}
    with pytest.raises(WrongState):
        shipment.shelve(office=village_office, case_ids=ids, shelf="B-1", by=clerk, now=NOW)
    with pytest.raises(NothingChosen):
        shipment.shelve(office=village_office, case_ids=[], shelf="B-1", by=clerk, now=NOW)
    with pytest.raises(WrongOffice):
        shipment.shelve(office=village_office, case_ids=ids, shelf="B-1", by=UserFactory(), now=NOW)


def test_parcels_count_what_is_missing(central, village_office):
    ShippedCardFactory(state="missing", shipment__from_office=central, shipment__to_office=village_office)

    counted = shipment.with_counts(Shipment.objects.for_staff(UserFactory(office=village_office))).get()

    assert (counted.missing, counted.on_the_way) == (1, 0)
    assert not Shipment.objects.for_staff(UserFactory()).exists()
