import sys

from django.core.management.base import BaseCommand
from django.utils import timezone

from recording.services import delivery


class Command(BaseCommand):
    help = (
        "Read one returned mail from standard input, as a mail server pipes it: somebody whom a message did not reach "
        "is put on the call list. The last line says what it was: hard, soft or unknown."
    )

    def add_arguments(self, parser):
        parser.add_argument("--recipient", default="", help="the address it was delivered to (Postfix: ${recipient})")

    def handle(self, *args, recipient, **options):
        raw = sys.stdin.buffer.read(delivery.LONGEST_BOUNCE + 1)
        self.stdout.write(delivery.take_bounce(raw=raw, recipient=recipient, now=timezone.now()))
