"""`/petugas/`: what waits for the signed-in person, composed from what each app registered."""

from django.utils import timezone
from django.views.generic import TemplateView

from recording import staff_home
from recording.dates import day_in_words
from recording.views.mixins import StaffRequired


class StaffHomeView(StaffRequired, TemplateView):
    """Every role; holds no personal data."""

    template_name = "recording/staff/home.html"

    def get_context_data(self, **kwargs):
        user, now = self.request.user, timezone.now()
        return super().get_context_data(
            greeting=f"{_time_of_day(timezone.localtime(now).hour)}, {user}",
            today=day_in_words(timezone.localdate(now)),
            alarms=staff_home.alarms(user=user, now=now),
            cards=staff_home.cards(user=user, now=now),
            **kwargs,
        )


def _time_of_day(hour: int) -> str:
    """The Indonesian greeting of an hour (0-23)."""
    if hour < 11:
        return "Selamat pagi"
    if hour < 15:
        return "Selamat siang"
    return "Selamat sore" if hour < 18 else "Selamat malam"
