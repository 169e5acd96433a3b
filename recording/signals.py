"""What happens on the ground floor that others may hang their work on."""

from django.dispatch import Signal

# Sent by `services.recording.log` inside its transaction with `recording` (Recording, saved). A receiver that raises
# undoes the recording as well.
recording_logged = Signal()
