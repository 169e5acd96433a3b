from datetime import datetime, timedelta

from celery import shared_task
from django.utils import timezone

from issuance.services import (
    central_import_undo,
    hand_over,
    issue_time,
    letter,
    list_reading,
    outlook,
    print_run,
    progress,
    stall,
    waiting,
)

# Less than the longest a task may take; what is left is done by the next.
LIST_TURN = timedelta(seconds=200)


@shared_task(name="issuance.apply_lists")
def apply_lists_task() -> int:
    """Every few seconds, from beat. Returns how many lines of national lists were applied or taken back."""
    return central_import_undo.go_on_with_all(now=timezone.now(), within=LIST_TURN)


@shared_task(name="issuance.flag_stalled")
def flag_stalled_task(as_of: str | None = None) -> int:
    """Hourly, from beat. `as_of`: ISO 8601 with offset, default now. Returns how many are newly flagged."""
    return stall.flag_stalled(as_of=datetime.fromisoformat(as_of) if as_of else timezone.now())


@shared_task(name="issuance.expire_letters")
def expire_letters_task() -> int:
    """Daily, from beat. Returns how many letters ran out."""
    return letter.expire_due(now=timezone.now())


@shared_task(name="issuance.settle_waiting")
def settle_waiting_task() -> int:
    """Every two minutes, from beat, so soon after a receipt. Returns how many cases began or ended to wait for a blank."""
    return waiting.settle_blanks(now=timezone.now())


@shared_task(name="issuance.lapse_picks")
def lapse_picks_task() -> int:
    """Daily, from beat. Returns how many blanks are held for nobody any more."""
    return print_run.lapse(now=timezone.now())


@shared_task(name="issuance.resume_adults")
def resume_adults_task() -> int:
    """Daily, from beat. Returns how many cases no longer wait for an age."""
    return waiting.resume_adults(now=timezone.now())


@shared_task(name="issuance.remind_to_collect")
def remind_to_collect_task() -> int:
    """Daily at 09:00, from beat. Returns how many reminders are new."""
    return hand_over.remind(now=timezone.now())


@shared_task(name="issuance.end_codes")
def end_codes_task() -> int:
    """Daily, from beat. Returns how many tracking codes ended."""
    return hand_over.end_codes(now=timezone.now())


@shared_task(name="issuance.measure_issue_times")
def measure_issue_times_task() -> int:
    """Hourly, from beat. Returns how many offices were measured."""
    return issue_time.measure_all(now=timezone.now())


@shared_task(name="issuance.refresh_progress")
def refresh_progress_task() -> int:
    """Every minute, from beat. Returns how many days were counted anew."""
    return progress.refresh_due(now=timezone.now())


@shared_task(name="issuance.refresh_outlook")
def refresh_outlook_task() -> int:
    """Hourly, from beat. Returns for how many offices residents may expect something else than before."""
    return outlook.refresh_outlook(now=timezone.now())


@shared_task(name="issuance.read_list")
def read_list_task() -> int:
    """Every few seconds, from beat. Returns how many national lists were read."""
    return list_reading.read_waiting(now=timezone.now())
