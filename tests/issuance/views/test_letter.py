import csv
import io
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from issuance.case_actions import actions
from issuance.models import InterimLetter, LetterRule
from recording.models import AuditEvent
from tests.factories import CaseFactory, UserFactory
from tests.factories.letters import BlankFactory, LetterFactory, LetterRuleFactory
from tests.recording.views.conftest import signed_in

pytestmark = pytest.mark.django_db
LIST = "/petugas/suket/"


@pytest.fixture
def verifier():
    return UserFactory(role="verifier")


@pytest.fixture
def desk(verifier):
    return signed_in(verifier)


@pytest.fixture
def case():
    """A card that waits for a blank, on a day on which Biodata WNI may be issued."""
    LetterRuleFactory()
    return CaseFactory(status="print_ready", waiting_for="blank", recording__resident__name="Sri Wahyuni")


def _text(response, status=200):
    assert response.status_code == status
    return response.content.decode()


def test_a_letter_is_noted_and_can_be_printed(desk, case):
    issue = reverse("letter_issue", args=[case.pk])
    assert "Sri Wahyuni" in _text(desk.get(issue))

    page = _text(desk.post(issue, {"kind": "biodata_wni", "number": "471.13/7/33.19/2026"}, follow=True))

    letter = InterimLetter.objects.get()
    assert "Surat dicatat dan berlaku sampai" in page
    assert letter.number in page
    paper = desk.get(reverse("letter_paper", args=[letter.pk]))
    assert paper["Content-Type"] == "application/pdf"
    assert paper.content.startswith(b"%PDF-")
    assert set(AuditEvent.objects.values_list("action", flat=True)) >= {"letter.issue", "letter.read", "letter.print"}


def test_a_taken_number_is_said_at_the_field(desk, case):
    taken = LetterFactory(number="471/1")

    page = _text(
        desk.post(reverse("letter_issue", args=[case.pk]), {"kind": "biodata_wni", "number": taken.number.lower()})
    )

    assert "Nomor ini sudah dipakai surat lain" in page
    assert InterimLetter.objects.count() == 1


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"number": "3319021708950001"}, "Ini seperti NIK"),
        ({"number": "471;1"}, "huruf, angka, titik"),
        ({"kind": "suket"}, "Pilih"),
        ({"number": ""}, "Isi nomor surat"),
    ],
)
def test_wrong_answers_are_said(desk, case, values, says):
    answers = {"kind": "biodata_wni", "number": "471/1", **values}

    assert says in _text(desk.post(reverse("letter_issue", args=[case.pk]), answers))
    assert not InterimLetter.objects.exists()


def test_the_obstacle_is_shown_instead_of_the_form(desk, case):
    BlankFactory.enough(case.pickup_office)
    type(case).objects.filter(pk=case.pk).update(waiting_for="none")

    page = _text(desk.get(reverse("letter_issue", args=[case.pk])))

    assert "Cetak kartunya" in page
    assert 'name="number"' not in page
    answers = {"kind": "biodata_wni", "number": "471/1"}
    assert "Cetak kartunya" in _text(desk.post(reverse("letter_issue", args=[case.pk]), answers, follow=True))
    assert not InterimLetter.objects.exists()


def test_extend_and_revoke_are_confirmed(desk, case):
    ending = timezone.localdate() + timedelta(days=5)
    letter = LetterFactory(case=case, valid_until=ending, issued_on=ending - timedelta(days=180))

    assert "Ya, perpanjang" in _text(desk.get(reverse("letter_extend", args=[letter.pk])))
    desk.post(reverse("letter_extend", args=[letter.pk]))
    letter.refresh_from_db()
    assert letter.valid_until > ending + timedelta(days=170)

    revoke = reverse("letter_revoke", args=[letter.pk])
    assert "Isi alasan" in _text(desk.post(revoke, {"reason": ""}))
    assert "Jangan tulis NIK" in _text(desk.post(revoke, {"reason": "3319021708950001"}))
    assert "Surat dicabut" in _text(desk.post(revoke, {"reason": "hilang"}, follow=True))
    letter.refresh_from_db()
    assert (letter.status, letter.revoked_reason) == ("revoked", "hilang")
    assert desk.get(reverse("letter_paper", args=[letter.pk])).status_code == 404
    assert "tidak berlaku lagi" in _text(desk.post(revoke, {"reason": "dua kali"}, follow=True))


class TestList:
    def test_filters_live_in_the_address(self, desk):
        shown = LetterFactory(number="471/1", valid_until=timezone.localdate() + timedelta(days=3))
        LetterFactory(number="471/2", kind="suket", status="expired")
        far = LetterFactory(number="471/3")

        def numbers(query):
            page = _text(desk.get(f"{LIST}?{query}"))
            return {number for number in ("471/1", "471/2", "471/3") if number in page}

        assert numbers("") == numbers("jenis=salah") == {"471/1", "471/2", "471/3"}
        assert numbers("jenis=suket") == numbers("keadaan=expired") == {"471/2"}
        assert numbers("habis=ya") == {"471/1"}
        assert numbers(f"kantor={far.office.code}") == {"471/3"}
        assert shown.case.resident.name in _text(desk.get(LIST))
        assert AuditEvent.objects.filter(action="letter.read_list").exists()

    def test_an_empty_list_says_where_letters_come_from(self, desk):
        assert "Surat diterbitkan dari berkas" in _text(desk.get(LIST))

    @pytest.mark.parametrize("count", [1, 3, 100])
    def test_queries_do_not_depend_on_the_number(self, desk, count):
        for _n in range(count):
            LetterFactory()

        with CaptureQueriesContext(connection) as queries:
            desk.get(LIST)

        assert len(queries) <= 12

    def test_the_table_can_be_taken_away(self, desk):
        letter = LetterFactory(case__recording__resident__name="=HYPERLINK(1)")

        response = desk.get(reverse("letters_csv"))

        rows = list(csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode("utf-8-sig"))))
        assert rows[0]["nomor"] == letter.number
        assert rows[0]["nama"] == "'=HYPERLINK(1)"
        assert letter.case.resident.identity.nik not in str(rows)
        assert AuditEvent.objects.filter(action="letter.export").exists()


def test_the_case_offers_what_may_be_done(case, verifier):
    def labels(user=verifier):
        return [action.label for action in actions(user=user, case=case, now=timezone.now())]

    assert "Terbitkan surat pengganti" in labels()
    assert "Terbitkan surat pengganti" not in labels(UserFactory(office=case.office))
    LetterFactory(case=case)
    assert "Surat pengganti KTP-el" in labels()
    assert "Terbitkan surat pengganti" not in labels()


def test_the_staff_home_names_letters_that_end_soon(desk):
    LetterFactory(valid_until=timezone.localdate() + timedelta(days=10))

    assert "Surat habis dalam 14 hari" in _text(desk.get("/petugas/"))


class TestRules:
    @pytest.fixture
    def office(self):
        return signed_in(UserFactory(role="administrator"))

    def test_the_effect_is_shown_before_a_rule_is_saved(self, office):
        rule = LetterRuleFactory()
        LetterFactory()
        yesterday = timezone.localdate() - timedelta(days=1)
        answers = {"kind": "biodata_wni", "allowed_from": "2023-07-01", "until": yesterday.isoformat(), "basis": "SE 1"}

        preview = _text(office.post(reverse("letter_rule", args=[rule.pk]), answers))
        assert "Biodata WNI tidak boleh diterbitkan" in preview
        assert "1 surat tetap berlaku" in preview
        assert LetterRule.objects.get().until is None

        page = _text(office.post(reverse("letter_rule", args=[rule.pk]), {**answers, "confirmed": "1"}, follow=True))
        assert "Hari ini tidak ada surat yang boleh terbit" in page
        assert LetterRule.objects.get().until == yesterday
        assert AuditEvent.objects.get(action="letter_rule.change").reason == "SE 1"

    def test_a_new_rule(self, office):
        answers = {"kind": "ikd", "allowed_from": date(2026, 1, 1).isoformat(), "until": "", "basis": "SE 2"}

        assert "Mulai hari ini Identitas Kependudukan" in _text(office.post(reverse("letter_rule_new"), answers))
        assert not LetterRule.objects.exists()
        page = _text(office.post(reverse("letter_rule_new"), {**answers, "confirmed": "1"}, follow=True))

        assert "Hari ini boleh diterbitkan: Identitas Kependudukan Digital" in page

    def test_the_end_comes_after_the_beginning(self, office):
        answers = {"kind": "ikd", "allowed_from": "2026-02-01", "until": "2026-01-01", "basis": "SE 2"}

        assert "Tanggal akhir harus sesudah" in _text(office.post(reverse("letter_rule_new"), answers))
