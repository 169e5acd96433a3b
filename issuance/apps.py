from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from issuance import case_actions
from recording import manage_home, messages, navigation, staff_home
from recording.policy.access import Permission, roles
from recording.signals import recording_logged, recordings_sent, recordings_unsent


class IssuanceConfig(AppConfig):
    name = "issuance"
    verbose_name = "Penerbitan"

    def ready(self):
        from issuance.receivers import follow_sending, open_case, take_back_sending  # models are loaded only now
        from issuance import card_pages
        from issuance.services.messages import about_case, about_letter, about_recording, about_stall

        recording_logged.connect(open_case, dispatch_uid="issuance.open_case")
        recordings_sent.connect(follow_sending, dispatch_uid="issuance.follow_sending")
        recordings_unsent.connect(take_back_sending, dispatch_uid="issuance.take_back_sending")
        messages.register("recorded", "messages/issuance/recorded", context=about_recording, label="Terekam")
        # What keeps somebody from a card waits neither for the morning nor for a day with fewer messages.
        for kind, context, label in (
            ("recording_failed", about_recording, "Gagal rekam"),
            ("case_stalled", about_stall, "Mengendap atau terlambat"),
            ("rerecord", about_case, "Rekam ulang"),
        ):
            messages.register(kind, f"messages/issuance/{kind}", context=context, call=True, urgent=True, label=label)
        messages.register(
            "card_ready", "messages/issuance/card_ready", context=about_case, call=True, label="Siap diambil"
        )
        # Whoever gets a letter stands at the desk, and its end is printed on it: no call list for these.
        messages.register("letter_issued", "messages/issuance/letter_issued", context=about_letter)
        messages.register("letter_expiring", "messages/issuance/letter_expiring", context=about_letter)
        card_pages.register()
        navigation.add_resident_item(_("Cek status"), "status", order=30)
        _register_letters()


def _register_letters():
    """Pages about letters. Imported late: views need the models loaded."""
    from issuance.views import letter

    deciding = Permission.DECIDE_CASES
    navigation.add_staff_item("Surat", "letters", roles=roles(deciding), order=40, also=("/petugas/suket/",))
    staff_home.add_cards(letter.letter_cards, permission=deciding, order=40)
    case_actions.register(letter.case_actions, order=50)
    manage_home.register(
        "Surat pengganti KTP-el",
        "Jenis surat yang boleh terbit, sejak kapan, sampai kapan.",
        "letter_rules",
        Permission.MANAGE,
        45,
        "file-text",
    )
