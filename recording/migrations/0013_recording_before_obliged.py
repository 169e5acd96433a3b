from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("recording", "0012_office_of_messages")]

    operations = [
        migrations.AddField(
            model_name="recording",
            name="before_obliged",
            field=models.BooleanField(
                default=False,
                help_text="Under 17 and never married that day: not yet of those who must hold a card.",
            ),
        ),
    ]
