import csv
import io
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from issuance.enums import SupplyItem
from issuance.models import SupplyBalance, SupplyMovement
from issuance.services import outlook, supply
from issuance.views.supply import alarms
from tests.factories import CardPrintFactory, CaseFactory, OfficeFactory, ServiceHoursFactory, UserFactory
from tests.factories.supplies import quantity, stock
from tests.recording.views.conftest import signed_in

pytestmark = pytest.mark.django_db
LIST, LEDGER, FILE = "/petugas/blanko/", "/petugas/blanko/buku/", "/petugas/blanko/buku.csv"


@pytest.fixture
def office():
    return OfficeFactory()


@pytest.fixture
def operator(office):
    return signed_in(UserFactory(office=office))


@pytest.fixture
def supervisor():
    return signed_in(UserFactory(role="supervisor"))


def address(office, step=""):
    return f"/petugas/blanko/{office.code}/{step}"


def fill_in(client, url, **answers):
    """Type, check, confirm, as a browser does: every hidden box of the page comes along."""
    form = client.get(url).context["form"]
    typed = {field.name: field.value() for field in form.hidden_fields()} | answers
    checked = client.post(url, typed)
    if "checked" not in checked.context:
        return checked
    return client.post(url, typed | {"yakin": "1"}, follow=True)


def burn(office, *, days=14, per_day=1):
    """`per_day` prints on each of the last `days` days."""
    for day in range(1, days + 1):
        for _ in range(per_day):
            card_print = CardPrintFactory(case=CaseFactory(recording__office=office, status="printed"))
            supply.use(card_print=card_print, by=None, now=timezone.now() - timedelta(days=day))


def test_a_clerk_goes_straight_to_the_own_office(operator, office):
    assert operator.get(LIST).url == address(office)


def test_another_office_is_like_none(operator):
    assert operator.get(address(OfficeFactory())).status_code == 404
    assert operator.get(address(OfficeFactory(), "terima/")).status_code == 404


def test_an_empty_office_says_what_to_do(operator, office):
    page = operator.get(address(office)).content.decode()

    assert "Catat penerimaan pertama" in page
    assert "Hitung fisik</a>" not in page  # that is the supervisor's


def test_the_page_names_the_scarcest_and_the_sample(operator, office):
    ServiceHoursFactory()
    stock(office, at=timezone.now() - timedelta(days=14), blank=26, ribbon=100, film=100)
    burn(office)

    page = operator.get(address(office)).content.decode()

    assert "Blanko cukup untuk 12 hari layanan menurut pemakaian 14 hari terakhir (sampel 14 hari layanan)." in page


def test_a_delivery_is_shown_before_it_is_booked(operator, office):
    url = address(office, "terima/")
    form = operator.get(url).context["form"]
    typed = {"key": form["key"].value(), "blank_note": "500", "blank": "500", "document": "SJ-1", "sender": "Ditjen"}

    checked = operator.post(url, typed)

    assert checked.context["rows"][0]["cells"] == ["Blanko (keping)", 0, "+500", {"text": "500"}]
    assert not SupplyMovement.objects.exists()
    operator.post(url, typed | {"yakin": "1"})
    operator.post(url, typed | {"yakin": "1"})  # the button pressed twice
    assert quantity(office) == 500


def test_a_difference_asks_for_its_reason_in_the_form(operator, office):
    answers = {"blank_note": "500", "blank": "498", "document": "SJ-1", "sender": "Ditjen"}

    refused = fill_in(operator, address(office, "terima/"), **answers)

    assert refused.context["form"].errors["reason"] == ["Hitungan berbeda. Tulis sebabnya dengan beberapa kata."]
    fill_in(operator, address(office, "terima/"), **answers, reason="Dua kurang")
    assert SupplyMovement.objects.get().document_quantity == 500


@pytest.mark.parametrize("wrong", [{}, {"blank": "-1"}, {"blank": "banyak"}, {"blank": "99999999"}])
def test_what_is_no_quantity_is_said_at_its_box(operator, office, wrong):
    answers = {"document": "SJ-1", "sender": "Ditjen"} | wrong

    refused = fill_in(operator, address(office, "terima/"), **answers)

    assert "blank" in refused.context["form"].errors
    assert not SupplyMovement.objects.exists()


def test_a_nik_is_refused_in_every_free_text(operator, office):
    answers = {"blank": "1", "blank_note": "1", "document": "3319021708959001", "sender": "Ditjen"}

    assert "document" in fill_in(operator, address(office, "terima/"), **answers).context["form"].errors


def test_a_parcel_goes_from_one_office_to_the_other(supervisor, operator, office):
    sender = OfficeFactory()
    stock(sender, blank=50, film=50)
    fill_in(supervisor, address(sender, "kirim/"), to=office.code, blank="20", film="10", document="BA-1")
    page = operator.get(address(office)).content.decode()
    transfer = SupplyMovement.objects.under_way().first().transfer
    assert "20 keping blanko, 10 cetakan film" in page

    fill_in(operator, f"/petugas/blanko/kiriman/{transfer}/", blank="19", film="10", reason="Satu hilang")

    assert (quantity(sender), quantity(office), quantity(office, "film")) == (30, 19, 10)
    assert operator.get(f"/petugas/blanko/kiriman/{transfer}/").status_code == 404


def test_a_parcel_for_others_is_like_none(operator, supervisor):
    sender = OfficeFactory()
    stock(sender, blank=50)
    fill_in(supervisor, address(sender, "kirim/"), to=OfficeFactory().code, blank="20", document="BA-1")
    transfer = SupplyMovement.objects.under_way().get().transfer

    assert operator.get(f"/petugas/blanko/kiriman/{transfer}/").status_code == 404


def test_sending_more_than_there_is_says_so_and_keeps_what_was_typed(supervisor, office):
    stock(office, blank=5)

    refused = fill_in(supervisor, address(office, "kirim/"), to=OfficeFactory().code, blank="6", document="BA-1")

    assert "tidak cukup" in refused.content.decode()
    assert refused.context["form"]["blank"].value() == "6"
    assert quantity(office) == 5


def test_lending_is_shown_until_it_comes_back(supervisor, office):
    stock(office, blank=50)
    loan = {"other_party": "Kabupaten Jepara", "document": "BA-2", "blank": "20"}

    fill_in(supervisor, address(office, "pinjam/"), kind="lent", **loan)
    lent = supervisor.get(address(office)).content.decode()
    fill_in(supervisor, address(office, "pinjam/"), kind="returned_in", **loan)

    assert "Kabupaten Jepara masih meminjam 20 keping blanko." in lent
    assert "masih meminjam" not in supervisor.get(address(office)).content.decode()
    assert quantity(office) == 50


def test_a_clerk_spoils_and_a_supervisor_destroys(operator, supervisor, office):
    stock(office, blank=50)

    fill_in(operator, address(office, "rusak/"), item="blank", quantity="3", reason="Chip cacat")
    fill_in(supervisor, address(office, "musnah/"), quantity="2", document="BA-3", witnesses="Sekretaris dan Kasi")

    assert SupplyBalance.objects.values_list("quantity", "spoiled").get() == (47, 1)
    assert operator.get(address(office, "musnah/")).status_code == 403
    assert operator.get(address(office, "hitung/")).status_code == 403


def test_a_stock_take_while_somebody_prints_asks_to_count_again(supervisor, office):
    stock(office, blank=5, ribbon=5, film=5)
    url = address(office, "hitung/")
    form = supervisor.get(url).context["form"]
    typed = {field.name: field.value() for field in form.hidden_fields()}
    typed |= {"blank": "5", "ribbon": "5", "film": "5", "custody": "0", "reason": ""}
    case = CaseFactory(recording__office=office, status="printed")
    supply.use(card_print=CardPrintFactory(case=case), by=None, now=timezone.now())

    refused = supervisor.post(url, typed | {"yakin": "1"})

    assert "Persediaan berubah selagi dihitung" in refused.content.decode()
    assert refused.context["form"]["blank_seen"].value() == 4
    assert not SupplyMovement.objects.filter(kind="counted").exists()


def test_a_stock_take_that_agrees_is_said_on_the_page(supervisor, office):
    stock(office, blank=5)

    fill_in(supervisor, address(office, "hitung/"), blank="5", ribbon="0", film="0", custody="0")

    assert "Hitung fisik terakhir" in supervisor.get(address(office)).content.decode()


def test_the_sheet_to_count_by_shows_the_books(operator, office):
    stock(office, blank=41)

    assert operator.get(address(office, "opname/")).context["rows"][0] == ("Blanko (keping)", 41)


def test_all_offices_begin_with_the_one_that_runs_out(supervisor):
    ServiceHoursFactory()
    full, empty, unknown = OfficeFactory(name="Penuh"), OfficeFactory(name="Kosong"), OfficeFactory(name="Baru")
    for each, blanks in ((full, 500), (empty, 6)):
        stock(each, at=timezone.now() - timedelta(days=6), blank=blanks, ribbon=500, film=500)
        burn(each, days=5)

    rows = supervisor.get(LIST).context["rows"]

    names = [row["cells"][0]["text"] for row in rows]
    assert names[:2] == ["Kosong", "Penuh"]
    assert unknown.name in names[2:]
    assert rows[0]["cells"][1] == {"text": "1", "badge": "danger"}


def test_the_ledger_is_filtered_and_exported(operator, office):
    stock(office, blank=5, film=7)
    stock(OfficeFactory(), blank=9)

    rows = operator.get(LEDGER, {"barang": "film"}).context["rows"]
    exported = operator.get(FILE, {"jenis": "received"})

    assert [row["cells"][4]["text"] for row in rows] == ["+7"]
    text = b"".join(exported.streaming_content).decode("utf-8-sig")
    assert [(line["barang"], line["perubahan"]) for line in csv.DictReader(io.StringIO(text))] == [
        ("film", "7"),
        ("blank", "5"),
    ]
    assert len(operator.get(LEDGER, {"barang": "x", "dari": "kapan"}).context["rows"]) == 2


def test_the_pages_ask_as_much_for_a_hundred_lines_as_for_one(supervisor, office):
    def questions(url):
        with CaptureQueriesContext(connection) as queries:
            supervisor.get(url)
        return len(queries)

    stock(office, blank=1)
    urls = (LIST, address(office), LEDGER)
    first = [questions(url) for url in urls]
    for number in range(2, 100):
        stock(office if number % 2 else OfficeFactory(), blank=number)
    for _ in range(3):
        supply.send(
            office=office,
            to=OfficeFactory(),
            lines=[supply.Line(item=SupplyItem.BLANK, quantity=1)],
            document="BA",
            by=UserFactory(role="supervisor"),
            now=timezone.now(),
            key=uuid4(),
        )

    assert [questions(url) for url in urls] == first


def test_staff_are_warned_of_what_runs_out_at_their_office(office):
    clerk = UserFactory(office=office)
    stock(office, blank=0, ribbon=50, film=50)
    SupplyBalance.objects.filter(item="film").update(alarm_below=60)
    stock(OfficeFactory(), blank=0, ribbon=0, film=0)

    (alarm,) = alarms(user=clerk, now=timezone.now())

    assert (alarm.kind, alarm.text) == ("danger", "Blanko habis, film tinggal 50 cetakan.")


def test_nobody_is_warned_where_there_is_enough(office):
    stock(office, blank=50, ribbon=50, film=50)

    assert alarms(user=UserFactory(office=office), now=timezone.now()) == []


def test_a_line_is_drawn_below_which_staff_are_warned(supervisor, office):
    stock(office, blank=50)

    supervisor.post(address(office, "batas/"), {"blank": "60", "ribbon": "0", "film": "0"})

    assert SupplyBalance.objects.get(item="blank").alarm_below == 60


def test_everybody_reads_what_each_office_can_print_on(client, office):
    stock(office, blank=1234, ribbon=5, film=5)
    outlook.refresh_outlook(now=timezone.now())

    assert "1.234" in client.get("/capaian/").content.decode()
    assert f"Blanko tersedia (per {timezone.localdate().day} " in client.get(f"/jadwal/{office.code}/").content.decode()


def test_an_office_that_never_counted_promises_nothing(client, office):
    assert "Belum diketahui" not in client.get(f"/jadwal/{office.code}/").content.decode()
