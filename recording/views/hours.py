"""`/kelola/jam/` and `/kelola/loket/`: the week as it results, the rules behind it, and proposals to change them."""

from datetime import date, timedelta
from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.generic import View

from recording import dates
from recording.exceptions import DomainError
from recording.forms.hours import EndRuleForm, PlanFormSet, RuleForm, StationsForm, plan_initial
from recording.models import Office, ServiceHours
from recording.policy.access import Permission
from recording.services import hours, hours_change
from recording.views.mixins import StaffRequired
from recording.views.week_grid import grid, monday_of, rule_card

FIRST_RULE = {
    "weekdays": [0, 1, 2, 3, 4],
    "opens": "08.00",
    "closes": "15.00",
    "slot_minutes": 30,
    "service_minutes": 10,
    "public_percent": 80,
}


def office_from(request) -> Office:
    """`?kantor=<code>`, else the first active office. Raises Http404: no such office."""
    offices = Office.objects.active().order_by("code")
    code = request.GET.get("kantor", "")[:12].replace("\x00", "")
    office = offices.filter(code=code).first() if code else offices.first()
    if office is None:
        raise Http404
    return office


def monday_from(request, *, today: date) -> date:
    """The Monday of `?minggu=YYYY-MM-DD`, else of this week."""
    try:
        wanted = date.fromisoformat(request.GET.get("minggu", "")[:10])
    except ValueError:
        wanted = today
    return monday_of(min(max(wanted, today - timedelta(days=400)), today + timedelta(days=800)))


class HoursPage(StaffRequired):
    permission = Permission.MANAGE


class HoursView(HoursPage, View):
    """`/kelola/jam/?kantor=&minggu=`."""

    def get(self, request):
        today = timezone.localdate()
        office, monday = office_from(request), monday_from(request, today=today)
        days = [monday + timedelta(days=offset) for offset in range(7)]
        arrangement = hours_change.arrangement(days=days, offices=[office])
        rules = hours.rules_for(office=office)
        cards = [rule_card(rule, rules=rules, today=today) for rule in rules]
        context = {
            "office": office,
            "offices": Office.objects.active().order_by("code"),
            "monday": monday,
            "previous": monday - timedelta(days=7),
            "next": monday + timedelta(days=7),
            "this_monday": monday_of(today),
            "week": grid(office=office, monday=monday, arrangement=arrangement, today=today),
            "cards": [card for card in cards if not card["ended"]],
            "ended": [card for card in cards if card["ended"]],
        }
        return render(request, "recording/hours/hours.html", context)


class RuleView(HoursPage, View):
    """`/kelola/jam/baru/` (`?salin=<id>` copies a rule) and `/kelola/jam/<id>/ubah/`. Saving leads to the preview."""

    def get(self, request, pk=None):
        rule = get_object_or_404(ServiceHours, pk=pk) if pk else None
        initial, plan = self._initial(rule or self._copied(request), is_copy=rule is None)
        return self._page(request, rule, RuleForm(initial=initial), PlanFormSet(initial=plan, prefix="rencana"))

    def post(self, request, pk=None):
        rule = get_object_or_404(ServiceHours, pk=pk) if pk else None
        initial, known = self._initial(rule, is_copy=False)
        form = RuleForm(request.POST, initial=initial)
        plan = PlanFormSet(request.POST, initial=known or None, prefix="rencana")
        if not (form.is_valid() & plan.is_valid()):
            if not plan.is_valid():
                form.add_error(None, "Perbaiki jam khusus yang ditandai di bawah.")
            return self._page(request, rule, form, plan)
        try:
            change = hours.propose_rule(
                values=form.cleaned_values(plan.entries()),
                rule_id=pk,
                reason=form.cleaned_data["reason"],
                by=request.user,
                now=timezone.now(),
            )
        except DomainError as error:
            form.add_error(None, str(error))
            return self._page(request, rule, form, plan)
        return redirect("hours_change", change.pk)

    def _copied(self, request) -> ServiceHours | None:
        number = request.GET.get("salin", "")
        return ServiceHours.objects.filter(pk=int(number)).first() if number.isascii() and number.isdigit() else None

    def _initial(self, rule: ServiceHours | None, *, is_copy: bool) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        if rule is None:
            return FIRST_RULE | {"valid_from": timezone.localdate()}, []
        initial = RuleForm.initial_from(rule)
        if is_copy:
            initial |= {"name": "", "valid_from": timezone.localdate() + timedelta(days=1), "valid_until": None}
        return initial, plan_initial(rule.station_plan)

    def _page(self, request, rule, form, plan):
        return render(request, "recording/hours/rule.html", {"rule": rule, "form": form, "plan": plan})


class EndRuleView(HoursPage, View):
    """`/kelola/jam/<id>/akhiri/`."""

    def get(self, request, pk):
        today = timezone.localdate()
        form = EndRuleForm(today=today, initial={"last_day": today})
        return self._page(request, get_object_or_404(ServiceHours, pk=pk), form)

    def post(self, request, pk):
        rule = get_object_or_404(ServiceHours, pk=pk)
        form = EndRuleForm(request.POST, today=timezone.localdate())
        if form.is_valid():
            try:
                change = hours.propose_end(
                    rule_id=pk,
                    last_day=form.cleaned_data["last_day"],
                    reason=form.cleaned_data["reason"],
                    by=request.user,
                    now=timezone.now(),
                )
                return redirect("hours_change", change.pk)
            except DomainError as error:
                form.add_error(None, str(error))
        return self._page(request, rule, form)

    def _page(self, request, rule, form):
        today = timezone.localdate()
        rules = list(ServiceHours.objects.select_related("office"))
        same = next(each for each in rules if each.pk == rule.pk)
        return render(
            request, "recording/hours/end.html", {"card": rule_card(same, rules=rules, today=today), "form": form}
        )


class StationsView(StaffRequired, View):
    """`/kelola/loket/`: the usual number of stations, of the own office for a supervisor who has one."""

    permission = Permission.STATION_COUNTS

    def get(self, request):
        return self._page(request, StationsForm(offices=self._offices()))

    def post(self, request):
        form = StationsForm(request.POST, offices=self._offices())
        if form.is_valid():
            try:
                change = hours.propose_stations(stations=form.stations(), by=request.user, now=timezone.now())
                return redirect("hours_change", change.pk)
            except DomainError as error:
                form.add_error(None, str(error))
        return self._page(request, form)

    def _offices(self):
        offices = Office.objects.active().order_by("code")
        return offices.filter(pk=self.request.user.office_id) if self.request.user.office_id else offices

    def _page(self, request, form):
        today = dates.day_in_words(timezone.localdate())
        return render(request, "recording/hours/stations.html", {"form": form, "today": today})
