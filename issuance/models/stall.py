from django.db import models
from django.db.models import CheckConstraint, F, Q

from issuance.enums import CaseStatus, Confirmation, NextStep


class StallRule(models.Model):
    """How long a case may rest in one status before it is late and before it is stalled (service days), and the
    remedy then. Basis: office standard (architecture.md section 4); not law."""

    status = models.CharField(max_length=12, choices=CaseStatus, unique=True)
    late_after = models.PositiveSmallIntegerField(help_text="Service days.")
    stalled_after = models.PositiveSmallIntegerField(help_text="Service days.")
    remedy = models.CharField(max_length=16, choices=NextStep)
    confirm = models.CharField(max_length=9, choices=Confirmation, default=Confirmation.OFFICER)
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            CheckConstraint(condition=Q(status__in=CaseStatus.values), name="stall_rule_status_known"),
            CheckConstraint(condition=Q(remedy__in=NextStep.values), name="stall_rule_remedy_known"),
            CheckConstraint(condition=Q(confirm__in=Confirmation.values), name="stall_rule_confirm_known"),
            CheckConstraint(condition=Q(stalled_after__gt=F("late_after")), name="stall_rule_late_before_stalled"),
        ]

    def __str__(self):
        return self.get_status_display()
