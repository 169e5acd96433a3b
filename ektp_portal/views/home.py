from django.shortcuts import render
from django.utils import timezone

from ektp_portal.opening import opening
from ektp_portal.progress import progress


def home(request):
    """`/`: what this is, the two things to do, today's hours, and how the campaign stands."""
    now = timezone.now()
    return render(
        request, "home.html", {"opening": opening(now=now), "progress": progress(now=timezone.localtime(now))}
    )
