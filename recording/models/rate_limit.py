from django.db import models


class RateBucket(models.Model):
    """A token bucket: how many tries `key` (a keyed hash) still has. Written by `recording.services.rate_limit`."""

    key = models.BinaryField(max_length=32, unique=True)
    tokens = models.FloatField()
    refilled_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["refilled_at"], name="rate_bucket_by_age")]

    def __str__(self):
        return f"ember {self.pk}"
