from argparse import ArgumentTypeError
from datetime import datetime

from django.core.management.base import BaseCommand
from django.utils import timezone

from issuance.services import stall


class Command(BaseCommand):
    help = "Flag the cases that rest too long and owe their residents a message. The last line is how many are new."

    def add_arguments(self, parser):
        parser.add_argument("--as-of", type=moment, help="ISO 8601; without offset it is local time (default: now)")

    def handle(self, *args, as_of, **options):
        self.stdout.write(str(stall.flag_stalled(as_of=as_of or timezone.now())))


def moment(text: str) -> datetime:
    """An aware datetime from ISO 8601 text."""
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"not ISO 8601: {text}") from error
    return parsed if timezone.is_aware(parsed) else timezone.make_aware(parsed)
