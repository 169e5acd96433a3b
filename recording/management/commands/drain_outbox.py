from django.core.management.base import BaseCommand
from django.utils import timezone

from recording.services import notification


class Command(BaseCommand):
    help = "Send the messages that are due. The last line is how many were sent."

    def add_arguments(self, parser):
        parser.add_argument("--limit", type=int, default=1000, help="most messages in one run")

    def handle(self, *args, limit, **options):
        self.stdout.write(str(notification.drain(now=timezone.now(), limit=limit)))
