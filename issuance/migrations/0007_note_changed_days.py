from django.db import migrations

from issuance.models.progress_triggers import NOTE, NOTE_REVERSE, TABLES, create, drop


class Migration(migrations.Migration):
    dependencies = [
        ("issuance", "0006_counts_of_each_day"),
        ("recording", "0013_recording_before_obliged"),
    ]

    operations = [
        migrations.RunSQL(NOTE, NOTE_REVERSE),
        *[migrations.RunSQL(create(table), drop(table)) for table in TABLES],
    ]
