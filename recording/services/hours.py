"""Propose changes of the opening hours and of the number of stations. `services.hours_change` shows and applies them."""

from datetime import date, datetime
from typing import Any

from django.db.models import Q

from recording.enums import ChangeKind
from recording.exceptions import ChangeNotPossible
from recording.models import HoursChange, Office, ServiceHours, User
from recording.services.hours_change import RULE, STATIONS, Edit, edit, propose


def propose_rule(
    *, values: dict[str, Any], by: User, now: datetime, reason: str = "", rule_id: int | None = None
) -> HoursChange:
    """A new rule, or another content for `rule_id`. `values`: the fields of ServiceHours, the office as `office_id`.

    Raises ChangeNotPossible: nothing differs, or the rule is gone.
    """
    rule = _rule(rule_id) if rule_id else None
    title = f"{'Ubah' if rule else 'Tambah'} aturan “{values['name']}”"
    return _propose(edit(RULE, row=rule, after=values), title=title, reason=reason, by=by, now=now)


def propose_end(*, rule_id: int, last_day: date, by: User, now: datetime, reason: str = "") -> HoursChange:
    """The rule holds for the last time on `last_day`; one that would never have held is removed."""
    rule = _rule(rule_id)
    removes = last_day < rule.valid_from
    ending = edit(RULE, row=rule, after=None)
    if not removes:
        ending["after"] = ending["before"] | {"valid_until": last_day.isoformat()}
    title = f"{'Hapus' if removes else 'Akhiri'} aturan “{rule.name}”"
    return _propose(ending, title=title, reason=reason, by=by, now=now)


def propose_stations(*, stations: dict[int, int], by: User, now: datetime, reason: str = "") -> HoursChange:
    """The usual number of stations of some offices, by office id. A supervisor may name the own office's only.

    Raises ChangeNotPossible: nothing differs, or another office is named.
    """
    offices = list(Office.objects.active().filter(pk__in=stations).order_by("code"))
    if len(offices) != len(stations) or (by.office_id and set(stations) != {by.office_id}):
        raise ChangeNotPossible("Kantor ini tidak dapat Anda ubah.")
    edits = [edit(STATIONS, row=office, after={"stations": stations[office.pk]}) for office in offices]
    meant = [one for one in edits if one["before"] != one["after"]]
    named = [office.name for office in offices if any(one["target"] == office.pk for one in meant)]
    return propose(
        kind=ChangeKind.STATIONS,
        edits=meant,
        title=f"Jumlah loket: {', '.join(named)}",
        reason=reason or "Jumlah loket berubah",
        by=by,
        now=now,
        office_id=meant[0]["target"] if len(meant) == 1 else None,
    )


def rules_for(*, office: Office) -> list[ServiceHours]:
    """The rules that may hold at an office: its own and everybody's."""
    rules = ServiceHours.objects.filter(Q(office=office) | Q(office=None)).select_related("office")
    return list(rules.order_by("-valid_from", "-pk"))


def _rule(rule_id: int) -> ServiceHours:
    rule = ServiceHours.objects.filter(pk=rule_id).first()
    if rule is None:
        raise ChangeNotPossible
    return rule


def _propose(one: Edit, *, title: str, reason: str, by: User, now: datetime) -> HoursChange:
    office_id = (one["after"] or one["before"])["office_id"]
    return propose(
        kind=ChangeKind.RULE,
        edits=[one],
        title=title,
        reason=reason or "Jam layanan kantor berubah",
        by=by,
        now=now,
        office_id=office_id,
    )
