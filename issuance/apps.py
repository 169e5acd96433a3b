from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from recording import messages, navigation
from recording.signals import recording_logged, recordings_sent, recordings_unsent


class IssuanceConfig(AppConfig):
    name = "issuance"
    verbose_name = "Penerbitan"

    def ready(self):
        from issuance.receivers import follow_sending, open_case, take_back_sending  # models are loaded only now
        from issuance.services.messages import about_case, about_letter, about_recording, about_stall

        recording_logged.connect(open_case, dispatch_uid="issuance.open_case")
        recordings_sent.connect(follow_sending, dispatch_uid="issuance.follow_sending")
        recordings_unsent.connect(take_back_sending, dispatch_uid="issuance.take_back_sending")
        messages.register("recorded", "messages/issuance/recorded", context=about_recording)
        messages.register("recording_failed", "messages/issuance/recording_failed", context=about_recording, call=True)
        messages.register("case_stalled", "messages/issuance/case_stalled", context=about_stall, call=True)
        messages.register("rerecord", "messages/issuance/rerecord", context=about_case, call=True)
        messages.register("card_ready", "messages/issuance/card_ready", context=about_case, call=True)
        # Whoever gets a letter stands at the desk, and its end is printed on it: no call list for these.
        messages.register("letter_issued", "messages/issuance/letter_issued", context=about_letter)
        messages.register("letter_expiring", "messages/issuance/letter_expiring", context=about_letter)
        navigation.add_resident_item(_("Cek status"), "status", order=30)
