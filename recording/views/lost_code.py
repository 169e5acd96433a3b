"""`/kode-hilang/`: always the same answer, whatever we hold, and never sooner than `ANSWER_AFTER`."""

import time

from django.http import HttpRequest
from django.shortcuts import redirect, render
from django.utils import timezone

from recording.forms.lost_code import LostCodeForm
from recording.services import lost_code
from recording.views.public import PersonalPage, address_of

ANSWER_AFTER = 0.15  # seconds; longer than issuing a code takes, so that the wait says nothing


class LostCodeView(PersonalPage):
    def get(self, request: HttpRequest):
        asked = request.session.pop("lost_code_asked", False)
        return render(
            request, "recording/lost_code/form.html", {"form": None if asked else LostCodeForm(), "asked": asked}
        )

    def post(self, request: HttpRequest):
        begun = time.monotonic()
        form = LostCodeForm(request.POST)
        if not form.is_valid():
            return render(request, "recording/lost_code/form.html", {"form": form})
        lost_code.request(
            nik=form.cleaned_data["nik"],
            phone=form.cleaned_data["phone"],
            address=address_of(request),
            now=timezone.now(),
        )
        request.session["lost_code_asked"] = True
        time.sleep(max(0.0, ANSWER_AFTER - (time.monotonic() - begun)))
        return redirect("lost_code")
