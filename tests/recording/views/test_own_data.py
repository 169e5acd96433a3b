import re
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from recording.models import AccessAttempt, AuditEvent
from recording.policy.code import new_code
from tests.factories import OfficeFactory, ResidentFactory, TrackingCodeFactory, UserFactory, synthetic_nik

pytestmark = pytest.mark.django_db
PAGE = "/data-saya/"


@pytest.fixture
def code():
    return TrackingCodeFactory()


@pytest.fixture
def proven(client, code):
    client.post(PAGE, {"nik": code.resident.identity.nik, "code": code.code})
    return client


def test_a_resident_reads_who_looked_when_and_what_for(proven, code):
    clerk = UserFactory(name="Nama Petugas", office=OfficeFactory(name="Kecamatan Jati"))
    AuditEvent.objects.create(actor=clerk, action="resident.read", resident_id=code.resident_id, reason="catatan dalam")
    AuditEvent.objects.create(action="appointment.book", resident_id=code.resident_id)

    page = proven.get(PAGE).content.decode()

    for shown in ("Operator perekaman", "Kecamatan Jati", "Membuka data Anda", "Anda sendiri"):
        assert shown in page
    assert "Nama Petugas" not in page
    assert "catatan dalam" not in page


def test_nobody_elses_log_is_shown(proven):
    other = ResidentFactory()
    AuditEvent.objects.create(actor=UserFactory(), action="resident.read", resident_id=other.pk)

    assert "Belum ada yang membuka data Anda" in proven.get(PAGE).content.decode()


def test_openings_with_the_own_nik_and_code_are_listed(proven):
    page = proven.get(PAGE).content.decode()

    assert "Dibuka dengan NIK dan kode Anda" in page
    assert "Siapa yang melihat data saya" in page
    assert AccessAttempt.objects.get().kind == "own_data"


def test_an_unknown_nik_and_a_wrong_code_are_the_same_answer(client, code):
    def answer(nik):
        text = client.post(PAGE, {"nik": nik, "code": wrong}).content.decode()
        return re.sub(r'value="[A-Za-z0-9]{64}"', "", text).replace(nik, "NIK")

    wrong = new_code()
    unknown = synthetic_nik(birth_date=date(1990, 8, 17))
    assert answer(code.resident.identity.nik) == answer(unknown)
    assert AccessAttempt.objects.filter(succeeded=False).count() == 2


def test_guessing_is_stopped(client, code):
    nik = code.resident.identity.nik
    statuses = [client.post(PAGE, {"nik": nik, "code": new_code()}).status_code for _try in range(6)]

    assert statuses == [200] * 5 + [429]


def test_the_page_closes_after_a_quarter_of_an_hour(proven):
    session = proven.session
    session["proven_at"] = int((timezone.now() - timedelta(minutes=16)).timestamp())
    session.save()

    assert 'name="code"' in proven.get(PAGE).content.decode()


def test_nothing_personal_is_in_the_address_and_nothing_is_kept_by_the_browser(client, code):
    answer = client.post(PAGE, {"nik": code.resident.identity.nik, "code": code.code})

    assert answer.headers["Location"] == PAGE
    assert "no-store" in client.get(PAGE).headers["Cache-Control"]


def test_long_logs_have_pages_and_the_same_number_of_queries(proven, code):
    proven.get(PAGE)
    counts = []
    for more in (1, 2, 57):
        for _turn in range(more):
            AuditEvent.objects.create(actor=UserFactory(), action="resident.read", resident_id=code.resident_id)
        with CaptureQueriesContext(connection) as queries:
            page = proven.get(PAGE).content.decode()
        counts.append(len(queries))

    assert len(set(counts)) == 1
    assert "Halaman 1 dari 3" in page


def test_it_speaks_english(proven, code, settings):
    AuditEvent.objects.create(actor=UserFactory(), action="search.nik", resident_id=code.resident_id)
    proven.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"

    page = proven.get(PAGE).content.decode()

    assert "Looked for your data" in page
    assert "Who has looked at your data" in page


def test_a_resident_chooses_to_get_only_what_matters_and_takes_that_back(proven, code):
    page = proven.get(PAGE).content.decode()
    assert "Jangan kirimi saya pesan selain yang penting" in page

    answer = proven.post("/data-saya/pesan/", {"only_urgent": "yes", "page": "own_data"}, follow=True)
    code.resident.refresh_from_db()
    assert code.resident.only_urgent_messages
    assert "hanya menerima pesan penting" in answer.content.decode()
    assert "Memilih pesan yang Anda terima" in answer.content.decode()

    answer = proven.post("/data-saya/pesan/", {"only_urgent": "no", "page": "status"})
    code.resident.refresh_from_db()
    assert (answer["Location"], code.resident.only_urgent_messages) == ("/status/", False)
    assert AuditEvent.objects.filter(action__startswith="message.").count() == 2


def test_the_wish_of_a_visitor_who_showed_nothing_changes_nothing(client, code):
    answer = client.post("/data-saya/pesan/", {"only_urgent": "yes", "page": "https://elsewhere.example"})

    code.resident.refresh_from_db()
    assert (answer["Location"], code.resident.only_urgent_messages) == (PAGE, False)


def test_the_status_page_offers_the_choice_too(proven):
    assert 'name="page" value="status"' in proven.get("/status/").content.decode()
