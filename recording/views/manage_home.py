"""`/kelola/`: what this person may manage."""

from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.views.generic import View

from recording import manage_home
from recording.policy.access import Permission
from recording.views.mixins import StaffRequired


class ManageHomeView(StaffRequired, View):
    permission = Permission.STATION_COUNTS  # supervisors see their one section

    def get(self, request):
        tiles = [
            {"url": url, "title": section.label, "text": section.description, "icon": section.icon}
            for section in manage_home.sections(request.user)
            if (url := _address(section.url_name))
        ]
        return render(request, "recording/hours/home.html", {"tiles": tiles})


def _address(url_name: str) -> str | None:
    """A section whose page does not exist (yet) is left out."""
    try:
        return reverse(url_name)
    except NoReverseMatch:
        return None
