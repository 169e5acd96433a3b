"""Say of messages owed before which office looks after the person."""

from django.db import migrations

# Where the person lives, else where they come, else Disdukcapil.
FILL = """
UPDATE recording_notification owed SET office_id = COALESCE(
    (SELECT office.id FROM recording_office office
     JOIN recording_village village ON village.district_id = office.district_id
     JOIN recording_resident resident ON resident.village_id = village.id
     WHERE resident.id = owed.resident_id AND office.kind = 'kecamatan' ORDER BY office.code LIMIT 1),
    (SELECT appointment.office_id FROM recording_appointment appointment WHERE appointment.id = owed.appointment_id),
    (SELECT office.id FROM recording_office office WHERE office.kind = 'disdukcapil' ORDER BY office.code LIMIT 1))
WHERE office_id IS NULL
"""


class Migration(migrations.Migration):
    dependencies = [("recording", "0011_message_delivery")]

    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
