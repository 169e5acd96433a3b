"""`/antrean/saya/`: how many are before me, and about how long it takes. By number (public) or tracking code (POST)."""

from urllib.parse import urlencode

from django.http import HttpRequest
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from recording.dates import clock
from recording.forms.place_in_line import LineCodeForm, NumberForm
from recording.services import line, rate_limit, tracking_code
from recording.views.public import PersonalPage, address_of

TRIES_PER_HOUR = 30


class PlaceInLineView(PersonalPage):
    def get(self, request: HttpRequest):
        if not request.GET.get("nomor"):
            initial = {"kantor": request.GET.get("kantor", "")[:12]}
            return self._page(request, NumberForm(initial=initial), LineCodeForm())
        form = NumberForm(request.GET)
        if not form.is_valid():
            return self._page(request, form, LineCodeForm(), form=form)
        now, office = timezone.now(), form.cleaned_data["kantor"]
        series, number = form.cleaned_data["nomor"]
        place = line.place_of(office=office, series=series, number=number, now=now)
        context = {"place": place, "office": office, "asked": True, "time": clock(now)}
        return self._page(request, form, LineCodeForm(), **context)

    def post(self, request: HttpRequest):
        form, now = LineCodeForm(request.POST), timezone.now()
        if not form.is_valid():
            return self._page(request, NumberForm(), form, form=form)
        rate_limit.take(
            scope="place_in_line", key=address_of(request), capacity=TRIES_PER_HOUR, per_seconds=3600, now=now
        )
        person = tracking_code.find_at_desk(form.cleaned_data["code"])
        ticket = line.ticket_of(resident_id=person.pk, day=timezone.localdate(now)) if person else None
        if ticket is None:
            return self._page(request, NumberForm(), form, no_number=True)
        return redirect(f"{reverse('place_in_line')}?{urlencode({'kantor': ticket.office.code, 'nomor': f'{ticket}'})}")

    def _page(self, request: HttpRequest, number_form: NumberForm, code_form: LineCodeForm, **context):
        context |= {"number_form": number_form, "code_form": code_form}
        return render(request, "recording/queue/place_in_line.html", context)
