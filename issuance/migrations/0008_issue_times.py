
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('issuance', '0007_note_changed_days'),
        ('recording', '0013_recording_before_obliged'),
    ]

    operations = [
        migrations.CreateModel(
            name='IssueTime',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('computed_at', models.DateTimeField()),
                ('p50_days', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('p90_days', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('sample', models.PositiveIntegerField(default=0)),
                ('waiting', models.PositiveIntegerField(default=0)),
                ('office', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='issue_time', to='recording.office')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('p90_days__isnull', True), models.Q(('p50_days__isnull', False), ('p90_days__gte', models.F('p50_days'))), _connector='OR'), name='issue_time_in_order')],
            },
        ),
    ]
