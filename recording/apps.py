from django.apps import AppConfig

from recording import messages

KINDS = (
    "appointment_booked",
    "appointment_changed",
    "appointment_cancelled",
    "appointment_missed",
    "code_reissued",
)


class RecordingConfig(AppConfig):
    name = "recording"
    verbose_name = "Perekaman"

    def ready(self):
        for kind in KINDS:
            messages.register(kind, f"messages/recording/{kind}")
