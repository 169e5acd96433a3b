"""People who sign in."""

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import CheckConstraint, F, Q

from recording.enums import Role


class UserManager(BaseUserManager):
    def get_by_natural_key(self, username):
        return self.get(username=username)


class User(AbstractBaseUser):
    """A member of staff. `role` says which pages, `office` which rows (empty: every office)."""

    username = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    email = models.EmailField(blank=True)
    role = models.CharField(max_length=13, choices=Role)
    office = models.ForeignKey("recording.Office", models.PROTECT, null=True, blank=True, related_name="staff")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = UserManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name", "role"]

    class Meta:
        constraints = [
            CheckConstraint(condition=Q(role__in=Role.values), name="user_role_known"),
            CheckConstraint(
                condition=~Q(role=Role.OPERATOR) | Q(office__isnull=False), name="user_operator_has_an_office"
            ),
            CheckConstraint(
                condition=~Q(role__in=[Role.VERIFIER, Role.ADMINISTRATOR]) | Q(office__isnull=True),
                name="user_verifier_and_administrator_have_none",
            ),
        ]

    def __str__(self):
        return self.name or self.username

    def get_full_name(self):
        return self.name


class Approval(models.Model):
    """A step that needs a second person: who asked, who decided."""

    subject = models.CharField(max_length=60, help_text='Kind and id, such as "case:12".')
    action = models.CharField(max_length=60)
    reason = models.CharField(max_length=300)
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="approvals_asked")
    asked_at = models.DateTimeField(auto_now_add=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="approvals_decided")
    decided_at = models.DateTimeField(null=True, blank=True)
    granted = models.BooleanField(null=True, blank=True)

    class Meta:
        constraints = [
            CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("asked_by")), name="approval_needs_two_people"
            ),
            CheckConstraint(
                condition=Q(decided_by__isnull=True, decided_at__isnull=True, granted__isnull=True)
                | Q(decided_by__isnull=False, decided_at__isnull=False, granted__isnull=False),
                name="approval_decided_wholly",
            ),
        ]

    def __str__(self):
        return f"{self.subject} {self.action}"
