from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from recording.models import Approval, AuditEvent
from tests.factories import ApprovalFactory, CardPrintFactory, CaseFactory, OfficeFactory, UserFactory
from tests.recording.views.conftest import signed_in

pytestmark = pytest.mark.django_db
NOW = timezone.now()
TODAY = timezone.localdate(NOW).isoformat()


@pytest.fixture
def verifier():
    return signed_in(UserFactory(role="verifier", name="Verifikator Uji"))


@pytest.fixture
def supervisor():
    return signed_in(UserFactory(role="supervisor"))


def address(case, to):
    return f"/petugas/berkas/{case.pk}/langkah/{to}/"


def status_of(case):
    case.refresh_from_db()
    return case.status


class TestStep:
    def test_says_what_it_brings_about_and_then_does_it(self, verifier):
        case = CaseFactory()

        page = verifier.get(address(case, "sent"))
        answer = verifier.post(address(case, "sent"), {"note": "dikirim ulang"})

        assert "Jam menunggu jawaban pusat mulai dari sekarang." in page.content.decode()
        assert answer.headers["Location"] == f"/petugas/berkas/{case.pk}/"
        assert status_of(case) == "sent"
        assert list(AuditEvent.objects.values_list("action", flat=True)) == ["case.read", "case.sent"]

    @pytest.mark.parametrize("to", ["issued", "nonsense", "\u0000"])
    def test_no_such_step_is_no_page(self, verifier, to):
        assert verifier.get(address(CaseFactory(), to)).status_code == 404

    def test_printing_is_not_decided_here(self, verifier):
        assert verifier.get(address(CaseFactory(status="print_ready"), "printed")).status_code == 404

    def test_clerks_decide_nothing(self):
        case = CaseFactory()
        clerk = signed_in(UserFactory(office=case.office))

        assert clerk.post(address(case, "sent")).status_code == 403

    def test_closing_asks_why_and_puts_it_together(self, verifier):
        case = CaseFactory(status="sent")

        unsaid = verifier.post(address(case, "closed"), {"note": "x"})
        other = verifier.post(address(case, "closed"), {"reason": "other"})
        verifier.post(address(case, "closed"), {"reason": "moved", "note": "ke Pati"})

        assert unsaid.status_code == other.status_code == 200
        assert status_of(case) == "closed"
        assert case.closed_reason == "Pindah ke luar Kudus. ke Pati"

    @pytest.mark.parametrize("left_out", ["checked", "central_record", "central_deletion_on", "note"])
    def test_recording_again_wants_every_fact(self, verifier, left_out):
        case = CaseFactory(status="failed")
        given = {"checked": "on", "central_record": "deleted", "central_deletion_on": TODAY, "note": "sidik jari buram"}
        del given[left_out]

        assert verifier.post(address(case, "rerecord"), given).status_code == 200
        assert status_of(case) == "failed"

    def test_recording_again_where_the_centre_has_nothing(self, verifier):
        case = CaseFactory(status="failed")
        given = {"checked": "on", "central_record": "none", "note": "data hilang"}

        verifier.post(address(case, "rerecord"), given)

        assert (status_of(case), case.rerecord_reason, case.central_deletion_on) == ("rerecord", "data hilang", None)

    def test_a_deletion_still_to_come_is_none(self, verifier):
        case = CaseFactory(status="failed")
        tomorrow = (timezone.localdate(NOW) + timedelta(days=1)).isoformat()
        given = {"checked": "on", "central_record": "deleted", "central_deletion_on": tomorrow, "note": "buram"}

        assert "Tanggal ini tidak mungkin" in verifier.post(address(case, "rerecord"), given).content.decode()

    def test_somebody_faster_is_said_in_a_sentence(self, verifier):
        case = CaseFactory(status="sent")
        case.history.create(event="moved", to_status="sent", occurred_at=NOW)
        type(case).objects.filter(pk=case.pk).update(status="failed")

        assert verifier.post(address(case, "failed"), {"note": ""}).status_code == 404


class TestSecondPerson:
    ASKED = {"checked": "on", "central_deletion_on": TODAY, "note": "pusat sudah menghapus"}

    def test_verifier_asks_supervisor_grants_verifier_completes(self, verifier, supervisor):
        case = CaseFactory(status="duplicate", status_since=NOW - timedelta(days=3))
        step = address(case, "rerecord")

        assert "Minta persetujuan" in verifier.get(step).content.decode()
        verifier.post(step, self.ASKED)
        approval = Approval.objects.get()
        assert (status_of(case), case.central_deletion_on.isoformat()) == ("duplicate", TODAY)
        assert "sudah diminta" in verifier.get(step).content.decode()
        assert step not in verifier.get(f"/petugas/berkas/{case.pk}/").content.decode()

        assert "1 permintaan rekam ulang" in supervisor.get("/petugas/").content.decode()
        assert case.resident.name in supervisor.get("/petugas/persetujuan/").content.decode()
        page = supervisor.get(f"/petugas/persetujuan/{approval.pk}/").content.decode()
        assert "pusat sudah menghapus" in page and "Verifikator Uji" in page
        supervisor.post(f"/petugas/persetujuan/{approval.pk}/", {"decision": "grant"})

        assert "sudah disetujui pengawas" in verifier.get("/petugas/").content.decode()
        assert "Selesaikan rekam ulang" in verifier.get(f"/petugas/berkas/{case.pk}/").content.decode()
        assert TODAY in verifier.get(step).content.decode()
        verifier.post(step, self.ASKED)
        assert status_of(case) == "rerecord"
        assert "sudah disetujui pengawas" not in verifier.get("/petugas/").content.decode()

    def test_a_refusal_needs_a_reason_that_the_case_shows(self, verifier, supervisor):
        case = CaseFactory(status="duplicate", status_since=NOW - timedelta(days=3))
        approval = ApprovalFactory(subject=f"case:{case.pk}")
        page = f"/petugas/persetujuan/{approval.pk}/"

        assert "Tulis alasan menolak" in supervisor.post(page, {"decision": "refuse"}).content.decode()
        supervisor.post(page, {"decision": "refuse", "note": "belum terhapus"})

        shown = verifier.get(f"/petugas/berkas/{case.pk}/").content.decode()
        assert "Permintaan rekam ulang ditolak" in shown and "belum terhapus" in shown
        assert "Ditolak oleh" in supervisor.get(page).content.decode()

    def test_the_list_takes_as_many_queries_for_100_as_for_one(self, supervisor):
        counted = set()
        for more in (1, 2, 97):
            for _ in range(more):
                case = CaseFactory(status="duplicate", status_since=NOW - timedelta(days=3))
                ApprovalFactory(subject=f"case:{case.pk}")
            with CaptureQueriesContext(connection) as queries:
                assert supervisor.get("/petugas/persetujuan/").status_code == 200
            counted.add(len(queries))

        assert len(counted) == 1

    def test_another_offices_request_is_missing(self):
        approval = ApprovalFactory(subject=f"case:{CaseFactory(status='duplicate').pk}")
        elsewhere = signed_in(UserFactory(role="supervisor", office=OfficeFactory()))

        assert elsewhere.get(f"/petugas/persetujuan/{approval.pk}/").status_code == 404
        assert "Tidak ada yang menunggu" in elsewhere.get("/petugas/persetujuan/").content.decode()

    def test_once_the_case_has_moved_nothing_is_left_to_decide(self, supervisor):
        approval = ApprovalFactory(subject=f"case:{CaseFactory(status='print_ready').pk}")

        assert "sudah bergerak" in supervisor.get(f"/petugas/persetujuan/{approval.pk}/").content.decode()


class TestConflict:
    def page(self, case):
        return f"/petugas/berkas/{case.pk}/beda/"

    def in_conflict(self, **values):
        return CaseFactory(
            conflict_since=NOW,
            observed_raw="DUPLICATE_RECORD",
            observed_status="duplicate",
            observed_as_of=NOW,
            **values,
        )

    def test_shows_both_sides_and_keeps_ours(self, verifier):
        case = self.in_conflict(status="print_ready")

        shown = verifier.get(self.page(case)).content.decode()
        verifier.post(self.page(case), {"right": "ours", "note": "ditanyakan ke pusat"})

        assert "DUPLICATE_RECORD" in shown and "Siap cetak" in shown
        assert (status_of(case), case.conflict_since) == ("print_ready", None)

    def test_follows_the_centre(self, verifier):
        case = self.in_conflict(status="rerecord")

        verifier.post(self.page(case), {"right": "theirs", "note": "ditanyakan ke pusat"})

        assert status_of(case) == "duplicate"

    def test_what_cannot_be_followed_is_not_offered(self, verifier):
        case = self.in_conflict(status="printed")
        CardPrintFactory(case=case)

        shown = verifier.get(self.page(case)).content.decode()
        refused = verifier.post(self.page(case), {"right": "theirs", "note": "ditanyakan"})

        assert "tidak dapat diikuti dari sini" in shown
        assert refused.status_code == 200
        assert status_of(case) == "printed"

    def test_without_a_difference_there_is_no_page(self, verifier):
        case = CaseFactory()

        assert verifier.get(self.page(case)).headers["Location"] == f"/petugas/berkas/{case.pk}/"

    def test_an_ended_case_is_in_the_list_of_differences(self, verifier):
        case = self.in_conflict(status="issued")

        assert case.resident.name in verifier.get("/petugas/berkas/?tanda=beda").content.decode()
