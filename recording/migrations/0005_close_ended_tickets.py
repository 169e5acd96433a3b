from django.db import migrations
from django.db.models import Q

LIVE = ("booked", "arrived", "serving")


def close_ended(apps, schema_editor):
    """Numbers given before tickets had a status: those that have ended are closed, the others still wait."""
    tickets = apps.get_model("recording", "QueueTicket").objects.filter(status="waiting")
    tickets.filter(Q(ended_at__isnull=False) | ~Q(appointment__status__in=LIVE)).update(status="closed")


class Migration(migrations.Migration):
    dependencies = [("recording", "0004_queue_calling")]

    operations = [migrations.RunPython(close_ended, migrations.RunPython.noop)]
