import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from issuance.models import CardPrint, PrintRun
from issuance.services import print_run
from recording.models import AuditEvent, Notification
from tests.factories import UserFactory
from tests.factories.cards import PrintPickFactory, printable, printing_office
from tests.recording.views.conftest import signed_in

pytestmark = pytest.mark.django_db
QUEUE, PROPOSE, FILE = "/petugas/cetak/", "/petugas/cetak/usulan/", "/petugas/cetak/unduh.csv"


@pytest.fixture
def office():
    return printing_office(prints=2)


@pytest.fixture
def clerk(office):
    return UserFactory(office=office)


@pytest.fixture
def desk(clerk):
    return signed_in(clerk)


def page(run, step=""):
    return f"/petugas/cetak/daftar/{run.pk}/{step}"


def proposed(office, clerk, **values):
    return print_run.propose(office=office, by=clerk, now=timezone.now(), **values)


def names(response):
    return [row["cells"][0]["text"] for row in response.context["rows"]]


def test_the_queue_shows_who_waits_and_what_there_is(desk, office):
    first = printable(office, days=4, recording={"resident__name": "Sri"})
    printable(office, waiting_for="age", recording={"resident__name": "Budi"})
    printable(printing_office(), recording={"resident__name": "Yang Lain"})

    response = desk.get(QUEUE)

    assert names(response) == ["Sri", "Budi"]
    assert [fact["value"] for fact in response.context["facts"]] == [1, 2, 0, "100%"]
    assert names(desk.get(QUEUE, {"keadaan": "umur"})) == ["Budi"]
    assert names(desk.get(QUEUE, {"keadaan": "antre"})) == ["Sri"]
    assert names(desk.get(QUEUE, {"keadaan": "blanko"})) == []
    PrintPickFactory(case=first)
    assert names(desk.get(QUEUE, {"keadaan": "diundang"})) == ["Sri"]
    assert AuditEvent.objects.filter(action="print_run.read_list", resident_id=first.resident_id).exists()


def test_the_queue_asks_as_many_queries_for_many_rows(desk, office, clerk):
    counts = []
    for more in (1, 2, 30):
        for _person in range(more):
            printable(office, operator=clerk)
        with CaptureQueriesContext(connection) as queries:
            desk.get(QUEUE)
        counts.append(len(queries))

    assert len(set(counts)) == 1, counts


def test_a_proposal_is_made_judged_and_started(desk, office, clerk):
    printable(office, days=3), printable(office, days=2), printable(office, days=1)

    made = desk.post(PROPOSE, {"mode": "invite"})
    run = PrintRun.objects.get()

    assert made["Location"] == page(run)
    text = desk.get(page(run)).content.decode()
    assert "Belum ada yang diundang" in text
    assert "blanko tidak cukup" in text
    assert not Notification.objects.exists()
    assert "Periksa usulan" in desk.get(QUEUE).content.decode()
    text = desk.post(page(run, "mulai/"), follow=True).content.decode()
    assert "Undangan dikirim" in text
    assert Notification.objects.count() == 2


def test_without_supplies_or_people_the_page_says_what_to_do(clerk):
    empty = printing_office()
    desk = signed_in(UserFactory(office=empty))

    assert "Tidak ada yang menunggu di urutan" in desk.get(QUEUE).content.decode()
    printable(empty)
    assert "Catat penerimaan blanko" in desk.get(QUEUE).content.decode()
    assert "Tidak ada blanko yang bebas" in desk.post(PROPOSE, {"mode": "invite"}, follow=True).content.decode()


def test_one_person_is_taken_off_and_a_proposal_thrown_away(desk, office, clerk):
    printable(office), printable(office)
    run = proposed(office, clerk)
    pick = run.picks.first()

    desk.post(f"/petugas/cetak/orang/{pick.pk}/keluar/")
    pick.refresh_from_db()
    assert pick.state == "dropped"
    desk.post(page(run, "akhiri/"))
    run.refresh_from_db()
    assert run.state == "dropped"


def test_ticked_cards_are_printed_one_blank_each_and_the_rest_stays(desk, office, clerk):
    cases = [printable(office) for _person in range(2)]
    run = proposed(office, clerk, mode="print")
    print_run.start(run_id=run.pk, by=clerk, now=timezone.now())

    nothing = desk.post(page(run, "tercetak/"), {"pilih": ["x", ""]}, follow=True).content.decode()
    text = desk.post(page(run, "tercetak/"), {"pilih": [cases[0].pk, "99999999999999999999"]}, follow=True)

    assert "Centang kartunya dulu" in nothing
    assert "1 kartu dicatat tercetak; 1 blanko terpakai" in text.content.decode()
    assert CardPrint.objects.get().case == cases[0]


def test_the_list_is_printed_and_taken_away_by_name_never_by_nik(desk, office, clerk):
    case = printable(office, recording={"resident__name": "=Sri"})
    run = proposed(office, clerk)

    pdf = desk.get(page(run, "daftar.pdf"))
    text = b"".join(desk.get(page(run, "unduh.csv"))).decode()
    queue = b"".join(desk.get(FILE)).decode()

    assert pdf.content.startswith(b"%PDF")
    for exported in (text, queue):
        assert "'=Sri" in exported
        assert case.resident.identity.nik not in exported
    assert {"print_run.print", "print_run.export"} <= set(AuditEvent.objects.values_list("action", flat=True))


def test_all_office_accounts_choose_the_office(office):
    printable(office)
    verifier = signed_in(UserFactory(role="verifier"))

    assert verifier.get(QUEUE, {"kantor": office.code}).context["office"] == office
    verifier.post(f"{PROPOSE}?kantor={office.code}", {"mode": "invite"})
    assert PrintRun.objects.get().office == office


def test_an_export_wants_a_recent_password(office, clerk):
    desk = signed_in(clerk)
    session = desk.session
    session["staff"] = session["staff"] | {"password_at": 0}
    session.save()

    assert desk.get(FILE).status_code == 302
