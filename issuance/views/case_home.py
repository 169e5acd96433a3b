"""What cases put on the staff home and beside a person at the desk (registered in `issuance.apps`)."""

from datetime import datetime

from django.urls import reverse
from django.utils import timezone

from issuance.enums import ENDED_STATUSES, CaseStatus
from issuance.models import Case
from issuance.policy.case_words import STANDS
from issuance.policy.stall import word_for
from issuance.services import approval as approvals
from issuance.services import case_file, earlier_recording
from issuance.views.case_facts import STATUS_KIND
from recording.dates import plain_date
from recording.models import Resident, User
from recording.staff_home import Alarm, Card, Panel


def case_cards(*, user: User, now: datetime) -> list[Card]:
    """What rests too long, and where our record and the centre's differ."""
    found = case_file.counts(by=user)
    here = reverse("cases")
    cards = [
        Card(
            label="Berkas mengendap atau terlambat",
            value=found["stalled"],
            url=f"{here}?tanda=mengendap",
            kind="danger" if found["stalled"] else "success",
        )
    ]
    if found["conflict"]:
        label = "Berkas berbeda dari data pusat"
        cards.append(Card(label=label, value=found["conflict"], url=f"{here}?tanda=beda", kind="warning"))
    return cards


def unsent_case_cards(*, user: User, now: datetime) -> list[Card]:
    """For those who do not work at the desk: recorded and not sent."""
    count = Case.objects.for_staff(user).filter(status=CaseStatus.CAPTURED).count()
    url = f"{reverse('cases')}?status={CaseStatus.CAPTURED.value}"
    return [Card(label="Sudah direkam, belum terkirim", value=count, url=url, kind="warning" if count else "")]


def approval_alarms(*, user: User, now: datetime) -> list[Alarm]:
    """What waits for a second person."""
    count = len(approvals.waiting(by=user))
    if not count:
        return []
    return [
        Alarm(
            title=f"{count} permintaan rekam ulang menunggu persetujuan Anda",
            text="Verifikator sudah memeriksa ke pusat. Tanpa persetujuan orang kedua, warga tidak dapat direkam ulang.",
            url=reverse("approvals"),
            link_text="Buka permintaannya",
        )
    ]


def granted_alarms(*, user: User, now: datetime) -> list[Alarm]:
    """What a verifier was granted and has not completed."""
    granted = approvals.granted_to(by=user, now=now)
    if not granted:
        return []
    first = granted[0][1]
    return [
        Alarm(
            title=f"{len(granted)} rekam ulang sudah disetujui pengawas",
            text="Selesaikan dari berkasnya, supaya warga diberi tahu.",
            url=reverse("case_step", args=[first.pk, CaseStatus.RERECORD.value]),
            link_text="Selesaikan yang pertama",
        )
    ]


def case_panels(*, user: User, resident_id: int) -> list[Panel]:
    """Where the card stands, for the clerk who has its person at the desk."""
    case = case_file.latest_of(resident_id)
    if case is None:
        return _without_case(resident_id)
    since = plain_date(timezone.localdate(case.status_since))
    status = CaseStatus(case.status)
    stalled = f" Sudah {word_for(status)}." if case.stalled_since else ""
    own = user.office_id in (None, case.office_id, case.pickup_office_id)
    where = "" if own else f" Dikerjakan {case.office.name}."
    pickup = f" Diambil di {case.pickup_office.name}." if status not in ENDED_STATUSES else ""
    return [
        Panel(
            title="Kartu",
            text=f"{STANDS[status]}{stalled} Sejak {since}.{where}{pickup}",
            badge=case.get_status_display(),
            badge_kind="danger" if case.stalled_since else STATUS_KIND.get(status, ""),
            url=reverse("case", args=[case.pk]) if own else "",
            link_text="Buka berkas",
        )
    ]


def _without_case(resident_id: int) -> list[Panel]:
    """Recorded before the portal: the way to a case and a code."""
    resident = Resident.objects.filter(pk=resident_id).first()
    if resident is None or earlier_recording.obstacle(resident) is not None:
        return []
    return [
        Panel(
            title="Direkam sebelum ada portal",
            text="Belum punya berkas. Cocokkan dengan KK, buka berkasnya, dan beri kode. Jangan rekam lagi.",
            badge="Belum ada berkas",
            badge_kind="warning",
            url=reverse("earlier_case", args=[resident_id]),
            link_text="Buka berkas dan cetak kode",
        )
    ]
