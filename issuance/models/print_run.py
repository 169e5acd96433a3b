"""Whom to print or invite when blanks are short, and what became of it."""

from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from issuance.enums import PickMode, PickState, PrintPriority, RunState


class PriorityRule(models.Model):
    """The order in which people get scarce blanks; lower `position` first."""

    priority = models.CharField(max_length=15, choices=PrintPriority, unique=True)
    position = models.PositiveSmallIntegerField(unique=True)
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["position"]

    def __str__(self):
        return self.get_priority_display()


class PrintRun(models.Model):
    """A proposal whom to print or invite with the supplies of one office, and what became of it."""

    office = models.ForeignKey("recording.Office", models.PROTECT, related_name="print_runs")
    state = models.CharField(max_length=8, choices=RunState, default=RunState.PROPOSED)
    mode = models.CharField(max_length=6, choices=PickMode)
    size = models.PositiveIntegerField(help_text="People picked.")
    bounded_by = models.CharField(
        max_length=12, blank=True, help_text="blank, ribbon, film, or empty: nobody else waits."
    )
    supplies = models.JSONField(default=dict, help_text="What was free of each item when it was proposed.")
    show_up_share = models.FloatField(default=1.0, help_text="Measured share of the invited who came.")
    proposed_at = models.DateTimeField()
    proposed_by = models.ForeignKey("recording.User", models.PROTECT, null=True, blank=True, related_name="+")
    started_at = models.DateTimeField(null=True, blank=True)
    started_by = models.ForeignKey("recording.User", models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            CheckConstraint(condition=Q(state__in=RunState.values), name="print_run_state_known"),
            CheckConstraint(condition=Q(mode__in=PickMode.values), name="print_run_mode_known"),
            # Two people who ask at the same moment look at the same proposal.
            UniqueConstraint(
                fields=["office"], condition=Q(state="proposed"), name="print_run_one_proposal_per_office"
            ),
        ]
        indexes = [models.Index(fields=["office", "-id"], name="print_run_by_office")]

    def __str__(self):
        return f"cetak {self.pk}"


class PrintPick(models.Model):
    """One person of a print run."""

    run = models.ForeignKey(PrintRun, models.CASCADE, related_name="picks")
    case = models.ForeignKey("issuance.Case", models.PROTECT, related_name="picks")
    position = models.PositiveIntegerField()
    priority = models.CharField(max_length=15, choices=PrintPriority)
    state = models.CharField(max_length=7, choices=PickState, default=PickState.PICKED)
    invited_at = models.DateTimeField(null=True, blank=True)
    until = models.DateField(null=True, blank=True, help_text="The last day on which the blank is held.")

    class Meta:
        constraints = [
            CheckConstraint(condition=Q(state__in=PickState.values), name="print_pick_state_known"),
            UniqueConstraint(fields=["run", "case"], name="print_pick_once_a_run"),
            UniqueConstraint(
                fields=["case"], condition=Q(state__in=["picked", "invited"]), name="print_pick_one_live_per_case"
            ),
        ]
        indexes = [models.Index(fields=["until"], condition=Q(state="invited"), name="print_pick_lapsing")]

    def __str__(self):
        return f"{self.run_id}: {self.case_id}"
