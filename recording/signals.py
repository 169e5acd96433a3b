"""What happens on the ground floor that others may hang their work on."""

from django.dispatch import Signal

# Sent by `services.recording.log` inside its transaction with `recording` (Recording, saved). A receiver that raises
# undoes the recording as well.
recording_logged = Signal()

# Sent by `services.closing` inside its transaction with `recordings` (list of Recording), `by` (User) and `at` (aware
# datetime): the station's software has handed these to the national centre, or it turned out that it has not.
recordings_sent = Signal()
recordings_unsent = Signal()
