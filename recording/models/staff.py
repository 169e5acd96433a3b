"""People who sign in."""

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint

from recording.enums import Role


class UserQuerySet(models.QuerySet):
    def active_administrators(self):
        """Those who can sign in and administer today: an invitation that nobody has taken up does not count."""
        return self.filter(role=Role.ADMINISTRATOR, is_active=True).exclude(
            password__startswith=UNUSABLE_PASSWORD_PREFIX
        )

    def in_office_of(self, user):
        """The people whose work `user` answers for: the own office's, or everybody's where the account has none."""
        return self if user.office_id is None else self.filter(office_id=user.office_id)


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):
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
    session_epoch = models.PositiveIntegerField(default=0, help_text="Raising it ends every session of this person.")
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

    def get_session_auth_hash(self):
        """Sessions end with the password they were opened with, and with the epoch."""
        return f"{super().get_session_auth_hash()}.{self.session_epoch}"

    def get_session_auth_fallback_hash(self):
        for fallback in super().get_session_auth_fallback_hash():
            yield f"{fallback}.{self.session_epoch}"

    @property
    def is_invited_only(self) -> bool:
        """Invited, and no password set yet."""
        return not self.has_usable_password()


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
            # Also the list of what waits for a decision.
            UniqueConstraint(
                fields=["subject", "action"], condition=Q(decided_by__isnull=True), name="approval_asked_once"
            ),
        ]
        indexes = [models.Index(fields=["subject", "action", "-id"], name="approval_by_subject")]

    def __str__(self):
        return f"{self.subject} {self.action}"
