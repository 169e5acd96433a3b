"""People of the demo worth trying: one for each thing the portal has to say."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from django.utils import timezone

from issuance.enums import CaseStatus, LetterStatus, WaitingFor
from issuance.models import Case
from recording.enums import AppointmentStatus, Entitlement
from recording.models import Appointment, Resident
from recording.policy.code import display
from recording.services.tracking_code import active_code

FILE_NAME = "demo_people.txt"


@dataclass(frozen=True)
class Story:
    """`code` as shown, "" for somebody who has none."""

    title: str
    nik: str
    code: str
    name: str
    birth_date: date


def collect(*, now: datetime) -> list[Story]:
    """The latest fitting person for each title; a title that fits nobody is left out."""
    return [_story(title, resident) for title, resident in _residents(now) if resident is not None]


def _residents(now: datetime) -> Iterator[tuple[str, Resident | None]]:
    today = timezone.localdate(now)
    cases = Case.objects.select_related("resident__identity").order_by("-status_since", "id")
    fine = cases.filter(stalled_since=None)
    adults = {"resident__birth_year__lt": today.year - 18}

    def of(query) -> Resident | None:
        found = query.first()
        return found.resident if found else None

    yesterday = {"recording__day": today - timedelta(days=1), "status__in": [CaseStatus.CAPTURED, CaseStatus.SENT]}
    yield "direkam kemarin", of(fine.filter(**yesterday, **adults))
    yield "umur 16, sudah direkam", of(fine.filter(waiting_for=WaitingFor.AGE))
    yield "perekaman gagal di loket", of(fine.filter(status=CaseStatus.RERECORD, recording__outcome="failed", **adults))
    yield "mengendap", of(cases.filter(status=CaseStatus.CAPTURED, stalled_since__isnull=False, **adults))
    waiting = fine.filter(waiting_for=WaitingFor.BLANK, **adults)
    yield "menunggu blanko", of(waiting.filter(letters=None))
    yield "menunggu blanko, memegang surat", of(waiting.filter(letters__status=LetterStatus.VALID))
    yield "kartu siap diambil", of(fine.filter(status=CaseStatus.READY))
    booked = Appointment.objects.select_related("resident__identity").filter(status=AppointmentStatus.BOOKED)
    yield "punya janji hari ini", of(booked.filter(day=today, slot__starts_at__gt=now).order_by("slot__starts_at"))
    yield "punya janji besok", of(booked.filter(day=today + timedelta(days=1)).order_by("slot__starts_at"))
    people = Resident.objects.select_related("identity").order_by("id")
    yield "direkam sebelum portal, tanpa kode", people.filter(recorded_before_portal=True, card_held=False).first()
    free = people.filter(entitlement=Entitlement.FIRST, appointments=None, birth_year__lt=today.year - 18)
    yield "belum direkam, belum punya janji", free.first()


def _story(title: str, resident: Resident) -> Story:
    code, identity = active_code(resident), resident.identity
    birth_date = date.fromisoformat(identity.birth_date)
    return Story(title, identity.nik, display(code) if code else "", resident.name, birth_date)


def as_table(stories: list[Story]) -> str:
    """One line a person: title, NIK, code, name, birth date."""
    lines = [
        f"{story.title:<36} {story.nik}  {story.code or '(tanpa kode)':<13}  {story.name}, {story.birth_date:%d-%m-%Y}"
        for story in stories
    ]
    return "\n".join(lines)


def write(stories: list[Story], folder: Path) -> Path:
    """Keep the table in `folder` in a file that only its owner can read."""
    path = folder / FILE_NAME
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(as_table(stories) + "\n")
    return path
