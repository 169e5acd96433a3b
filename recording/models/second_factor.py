"""What a member of staff shows beside the password. Only `recording.services.second_factor` writes here."""

from django.db import models

from recording.fields import CiphertextField, Sealed


class SecondFactor(models.Model):
    """One person's authenticator app: the shared secret, sealed, and the last time step that was used."""

    user = models.OneToOneField("recording.User", models.CASCADE, primary_key=True, related_name="second_factor")
    secret_ct = CiphertextField()
    confirmed_at = models.DateTimeField(null=True, blank=True, help_text="Empty until a first number was right.")
    last_step = models.BigIntegerField(default=-1)
    created_at = models.DateTimeField(auto_now_add=True)

    secret = Sealed(row="user_id")

    def __str__(self):
        return f"faktor kedua {self.pk}"


class RecoveryCode(models.Model):
    """One way in without the app; good once. Only its keyed hash is kept."""

    user = models.ForeignKey("recording.User", models.CASCADE, related_name="recovery_codes")
    digest = models.BinaryField(max_length=32, unique=True)
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self):
        return f"kode cadangan {self.pk}"
