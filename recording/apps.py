from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from recording import messages, navigation, staff_home
from recording.policy.access import Permission, roles

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
        import recording.receivers  # noqa: F401 - connects; models are loaded only now

        navigation.add_resident_item(_("Pesan jadwal"), "schedule", order=10)
        navigation.add_resident_item(_("Kelola janji"), "manage", order=30)
        for kind in KINDS:
            messages.register(kind, f"messages/recording/{kind}")
        _register_messages_of_the_office()
        _register_staff_pages()


def _register_messages_of_the_office():
    """What the office does to somebody's appointment: whom no message reaches is called."""
    from recording.services.relocation import CANCELLED, MOVED, RESTORED, message_context

    for kind in (MOVED, CANCELLED, RESTORED):
        messages.register(kind, f"messages/recording/{kind}", context=message_context, call=True)


def _register_staff_pages():
    """Menu, search box, cards and alarms of the staff's part. Imported late: views need the models loaded."""
    from recording.views.staff_home import days_without_hours, desk_cards

    desk = roles(Permission.DESK)
    navigation.add_staff_item("Beranda", "staff_home", order=0)
    navigation.add_staff_item(
        "Loket", "desk", roles=desk, order=10, also=("/petugas/janji/", "/petugas/warga/", "/petugas/cari/")
    )
    navigation.set_staff_search("desk_search", roles=desk)
    staff_home.add_cards(desk_cards, permission=Permission.DESK, order=10)
    for permission in (Permission.DESK, Permission.DASHBOARDS, Permission.MANAGE):
        staff_home.add_alarms(days_without_hours, permission=permission, order=10)
