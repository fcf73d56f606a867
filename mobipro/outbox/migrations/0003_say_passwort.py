from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("outbox", "0002_note_bounces")]

    operations = [
        migrations.AlterField(
            model_name="outboxmessage",
            name="priority",
            field=models.PositiveSmallIntegerField(
                default=5, help_text="0 sofort (Passwort) … 9 Rundmail.", verbose_name="Vorrang"
            ),
        )
    ]
