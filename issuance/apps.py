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
        from issuance import card_pages, list_pages, supply_pages
        from issuance.receivers import follow_sending, open_case, take_back_sending  # models are loaded only now
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
        messages.register(
            "letter_issued", "messages/issuance/letter_issued", context=about_letter, label="Surat terbit"
        )
        messages.register(
            "letter_expiring", "messages/issuance/letter_expiring", context=about_letter, label="Surat hampir habis"
        )
        card_pages.register()
        list_pages.register()
        supply_pages.register()
        navigation.add_resident_item(_("Cek status"), "status", order=30)
        _register_letters()
        _register_cases()


def _register_cases():
    """Worklist, second person, and what the desk and the staff home say of cases. Imported late, as above."""
    from issuance.views import case_home
    from issuance.views.case_step import decided_actions

    read, decide, second = Permission.CASES, Permission.DECIDE_CASES, Permission.SECOND_PERSON
    navigation.add_staff_item("Berkas", "cases", roles=roles(read), order=16)
    navigation.add_staff_item("Persetujuan", "approvals", roles=roles(second), order=17)
    staff_home.add_cards(case_home.case_cards, permission=read, order=20)
    staff_home.add_cards(case_home.unsent_case_cards, permission=Permission.DASHBOARDS, order=21)
    staff_home.add_alarms(case_home.approval_alarms, permission=second, order=6)
    staff_home.add_alarms(case_home.granted_alarms, permission=decide, order=6)
    staff_home.add_panels(case_home.case_panels, permission=Permission.DESK, order=10)
    case_actions.register(decided_actions, order=90)


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
