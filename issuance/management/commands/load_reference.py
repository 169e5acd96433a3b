from django.core.management.base import BaseCommand
from django.utils import timezone

from issuance.services import reference as rules
from recording.services import reference, slot


class Command(BaseCommand):
    help = (
        "Load areas, offices, hours, campaigns, holidays, the register of 2016 and the rules of stalls, letters and "
        "printing, and make the slots of the booking window. Safe to run again: what was changed since stays."
    )

    def handle(self, *args, **options):
        today = timezone.localdate()
        counts = reference.load(today=today)
        counts["stall rules"] = rules.load_stall_rules()
        counts["letter rules"] = rules.load_letter_rules()
        counts["priority rules"] = rules.load_priority_rules()
        made = slot.top_up(today=today)
        for name, count in counts.items():
            self.stdout.write(f"{count:>6} {name}")
        self.stdout.write(f"{made:>6} slots made")
