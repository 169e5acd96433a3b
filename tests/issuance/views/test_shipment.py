import pytest

from issuance.models import Shipment
from tests.factories import CardPrintFactory, CaseFactory, OfficeFactory, UserFactory
from tests.recording.views.conftest import signed_in

pytestmark = pytest.mark.django_db
PAGE, SEND = "/petugas/pengiriman/", "/petugas/pengiriman/kirim/"


@pytest.fixture
def central():
    return OfficeFactory(kind="disdukcapil", name="Pusat")


@pytest.fixture
def there():
    return OfficeFactory(name="Undaan")


def printed(at, pickup, name):
    case = CaseFactory(recording__operator=UserFactory(office=pickup), recording__resident__name=name, status="printed")
    CardPrintFactory(case=case, office=at)
    return case


def test_a_parcel_is_sent_counted_and_what_is_missing_found_later(central, there):
    cases = [printed(central, there, name) for name in ("Budi", "Sri")]
    sender, receiver = signed_in(UserFactory(office=central)), signed_in(UserFactory(office=there))

    assert "Ke Undaan" in sender.get(PAGE).content.decode()
    sender.post(SEND, {"ke": there.code, "pilih": [case.pk for case in cases], "courier": "Pak Kurir"})
    parcel = Shipment.objects.get()
    page = f"{PAGE}{parcel.pk}/"
    assert "Dalam perjalanan" in receiver.get(PAGE).content.decode()
    assert sender.get(f"{page}daftar.pdf").content.startswith(b"%PDF")
    assert "Hitung kartunya" not in sender.get(page).content.decode()

    first, second = parcel.cards.order_by("number")
    short = receiver.post(page, {"pilih": [first.pk], "shelf": "A-1"}, follow=True).content.decode()
    assert "1 kartu tidak ada dalam kiriman" in short
    assert "1 kartu hilang" in receiver.get(PAGE).content.decode()
    whole = receiver.post(page, {"pilih": [second.pk], "shelf": "A-1"}, follow=True).content.decode()
    assert "Semua kartu tiba" in whole
    assert {case.status for case in type(cases[0]).objects.all()} == {"ready"}


def test_a_card_comes_back(central, there):
    case = printed(central, there, "Budi")
    sender = signed_in(UserFactory(office=central))
    sender.post(SEND, {"ke": there.code, "pilih": [case.pk]})
    card = Shipment.objects.get().cards.get()

    assert "Kembali ke sini" in sender.get(f"{PAGE}{card.shipment_id}/").content.decode()
    sender.post(f"/petugas/pengiriman/kartu/{card.pk}/kembali/")

    case.refresh_from_db()
    assert case.status == "printed"


def test_wrong_values_send_nothing(central, there):
    sender = signed_in(UserFactory(office=central))
    case = printed(central, there, "Budi")

    assert "Pilih kantor tujuannya" in sender.post(SEND, {"ke": "\0"}, follow=True).content.decode()
    assert "Belum ada yang dipilih" in sender.post(SEND, {"ke": there.code}, follow=True).content.decode()
    sender.post(SEND, {"ke": central.code, "pilih": [case.pk]})
    assert not Shipment.objects.exists()
