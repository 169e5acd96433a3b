"""What the ground floor puts on the staff home (registered in `recording.apps`)."""

from datetime import datetime, timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from recording.dates import day_in_words, short_day
from recording.models import User
from recording.policy.access import Permission, allows
from recording.services import call_list, closing, desk, home_visit, notification, slot
from recording.staff_home import Alarm, Card

DAYS_NAMED = 5


def desk_cards(*, user: User, now: datetime) -> list[Card]:
    """Today at the desk."""
    counts = desk.counts(user=user, now=now)
    url = reverse("desk")
    return [
        Card(label="Menunggu di loket", value=counts["waiting"], url=url, kind="warning" if counts["waiting"] else ""),
        Card(label="Masih akan datang hari ini", value=counts["booked"], url=url, kind="info"),
        Card(label="Sudah dilayani hari ini", value=counts["done"], url=url, kind="success"),
        Card(label="Tidak hadir hari ini", value=counts["missed"], url=url),
    ]


def days_without_hours(*, user: User, now: datetime) -> list[Alarm]:
    """One alarm for each office that should be open on some day but has no time to book."""
    missing: dict[str, list[str]] = {}
    for office, day in slot.days_without_slots(today=timezone.localdate(now)):
        if user.office_id in (None, office.pk):
            missing.setdefault(office.name, []).append(short_day(day))
    return [
        Alarm(
            kind="danger",
            title=f"{office}: {len(days)} hari tanpa jam layanan",
            text=f"{', '.join(days[:DAYS_NAMED])}{' ...' if len(days) > DAYS_NAMED else ''}. "
            "Warga tidak dapat memesan di hari itu. Administrator perlu membuat jamnya.",
        )
        for office, days in missing.items()
    ]


def unsent_cards(*, user: User, now: datetime) -> list[Card]:
    """Recordings that no station has sent, today's among them."""
    count = closing.unsent(user=user).count()
    return [Card(label="Perekaman belum terkirim", value=count, url=reverse("unsent"), kind="warning" if count else "")]


def visit_cards(*, user: User, now: datetime) -> list[Card]:
    """People who asked to be recorded at home and wait for an answer; nothing when there are none."""
    count = home_visit.waiting(user=user).count()
    url = f"{reverse('home_visits')}?keadaan=new"
    return [Card(label="Permintaan kunjungan baru", value=count, url=url, kind="warning")] if count else []


def message_cards(*, user: User, now: datetime) -> list[Card]:
    """People to call, and messages that failed; nothing where there are none."""
    people, overdue = call_list.counts(by=user)
    failed = notification.failed(user=user).count()
    cards = []
    if people:
        note = f"{overdue} lebih dari sehari" if overdue else ""
        kind = "danger" if overdue else "warning"
        cards.append(Card(label="Warga perlu ditelepon", value=people, note=note, url=reverse("call_list"), kind=kind))
    if failed:
        url = f"{reverse('messages')}?keadaan=failed"
        cards.append(Card(label="Pesan gagal seminggu ini", value=failed, url=url, kind="warning"))
    return cards


def unsent_alarms(*, user: User, now: datetime) -> list[Alarm]:
    """The first thing of the morning: what the stations still owe from the days before."""
    count = closing.unsent(user=user).filter(day__lt=timezone.localdate(now)).count()
    if not count:
        return []
    return [
        Alarm(
            kind="danger",
            title=f"{count} perekaman dari hari sebelumnya belum terkirim",
            text="Kirim dari alatnya dulu, lalu catat terkirim. Selama belum dikirim, kartunya tidak dapat dibuat.",
            url=reverse("unsent"),
            link_text="Buka daftarnya",
        )
    ]


def days_not_closed(*, user: User, now: datetime) -> list[Alarm]:
    """The offices that have not closed yesterday, by name; a clerk's leads to closing it."""
    yesterday = timezone.localdate(now) - timedelta(days=1)
    offices = [office for office in closing.not_closed(day=yesterday) if user.office_id in (None, office.pk)]
    if not offices:
        return []
    leads = {}
    if allows(user, Permission.DESK):
        query = urlencode({"kantor": offices[0].code, "tanggal": yesterday.isoformat()})
        leads = {"url": f"{reverse('closing')}?{query}", "link_text": f"Tutup {offices[0].name}"}
    names = ", ".join(office.name for office in offices)
    return [Alarm(title=f"Belum tutup hari: {day_in_words(yesterday)}", text=f"{names}.", **leads)]
