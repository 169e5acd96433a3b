"""What printing and handing over put on the staff home (registered in `issuance.card_pages`)."""

from datetime import datetime

from django.urls import reverse

from issuance.enums import CaseStatus, RunState, ShippedState, WaitingFor
from issuance.models import PrintRun, ShippedCard
from issuance.services import hand_over
from recording.models import User
from recording.staff_home import Alarm, Card


def card_cards(*, user: User, now: datetime) -> list[Card]:
    """Cards to print, to put away and to give."""
    cases = hand_over.at_counter(user)
    to_print = cases.filter(status=CaseStatus.PRINT_READY, waiting_for=WaitingFor.NONE).count()
    ready = hand_over.at_pickup(user).filter(status=CaseStatus.READY).count()
    return [
        Card(label="Kartu dapat dicetak sekarang", value=to_print, url=reverse("print_queue"), kind="info"),
        Card(label="Kartu siap diambil", value=ready, url=reverse("hand_over"), kind="success"),
    ]


def card_alarms(*, user: User, now: datetime) -> list[Alarm]:
    """A proposal that nobody has decided, and cards that were not in their parcel."""
    runs = PrintRun.objects.filter(state=RunState.PROPOSED)
    missing = ShippedCard.objects.filter(state=ShippedState.MISSING)
    if user.office_id is not None:
        runs = runs.filter(office=user.office_id)
        missing = missing.filter(shipment__to_office=user.office_id)
    alarms = []
    for run in runs.select_related("office")[:3]:
        alarms.append(
            Alarm(
                title=f"Usulan daftar cetak untuk {run.size} orang belum diputuskan",
                text=f"{run.office.name}. Blankonya disimpan sampai tengah malam.",
                url=reverse("print_run", args=[run.pk]),
                link_text="Periksa usulan",
            )
        )
    if count := missing.count():
        text = "Hubungi kantor pengirimnya. Kartu yang ditemukan dicentang di kirimannya."
        alarms.append(
            Alarm(
                title=f"{count} kartu tidak ada dalam kiriman",
                text=text,
                url=reverse("shipments"),
                link_text="Buka pengiriman",
                kind="danger",
            )
        )
    return alarms
