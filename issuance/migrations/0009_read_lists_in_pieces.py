import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('issuance', '0008_issue_times'),
    ]

    operations = [
        migrations.AddField(
            model_name='centralimport',
            name='reading_key',
            field=models.UUIDField(editable=False, help_text='Whose reading counts: the last begun.', null=True),
        ),
        migrations.AddField(
            model_name='centralimport',
            name='touched_at',
            field=models.DateTimeField(editable=False, help_text='Last sign of life of whoever reads; long ago: read it again.', null=True),
        ),
        migrations.AddField(
            model_name='centralimportfile',
            name='position',
            field=models.PositiveSmallIntegerField(default=0, help_text='From 0.'),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name='centralimport',
            name='headings',
            field=models.JSONField(default=list, help_text='Of each sheet: headings, the first lines masked; never a value.'),
        ),
        migrations.AlterField(
            model_name='centralimportfile',
            name='central_import',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='pieces', to='issuance.centralimport'),
        ),
        migrations.AlterField(
            model_name='centralimportfile',
            name='content_key',
            field=models.UUIDField(help_text='What the seal is bound to, with the position.', unique=True),
        ),
        migrations.AddConstraint(
            model_name='centralimportfile',
            constraint=models.UniqueConstraint(fields=('central_import', 'position'), name='central_import_file_piece_once'),
        ),
    ]
