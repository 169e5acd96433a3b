"""Free times for everybody: nothing personal is asked, and a time clicked here is kept for the booking."""

from django.http import HttpRequest
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from recording.forms.booking import SlotForm
from recording.views import chooser
from recording.views.draft import Draft


def day_address(office_code: str, day) -> str:
    return reverse("schedule_office", args=[office_code]) + chooser.query(tanggal=day)


@require_safe
def list_offices(request: HttpRequest):
    """`/jadwal/`: every office with its next free times."""
    return render(
        request, "recording/schedule/offices.html", chooser.offices_context(chooser.visit(), address=day_address)
    )


@require_http_methods(["GET", "HEAD", "POST"])
def show_office(request: HttpRequest, office_code: str):
    """`/jadwal/<office>/`: the times of one day; choosing one leads on to the questions."""
    office = chooser.office_from(office_code)
    visit, form = chooser.visit(), None
    if request.method == "POST":
        form = SlotForm(request.POST, visit=visit)
        if form.is_valid():
            return _keep(request, form.cleaned_data["slot"])
    context = chooser.day_context(office, chooser.day_from(request), visit, address=day_address)
    return render(
        request, "recording/schedule/office.html", context | {"form": form, "form_url": request.get_full_path()}
    )


def _keep(request: HttpRequest, slot):
    """A time clicked here survives the questions that follow."""
    draft = Draft(request)
    draft.choose(slot)
    if draft.missing_part(timezone.localdate()) is None:
        return redirect("booking_review")
    return redirect("booking_data")
