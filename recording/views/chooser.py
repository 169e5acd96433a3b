"""Choosing office, day and time: what `/jadwal/`, the booking and a move all show. `kantor` and `tanggal` travel in the
address; they are nobody's personal data."""

from datetime import date
from urllib.parse import urlencode

from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from recording import dates
from recording.enums import Pool
from recording.models import Office, Slot
from recording.policy.visit import Visit
from recording.services import outage, timetable
from recording.services.timetable import OfficeDay, OfficeTimes

# Hours that begin a new heading in the list of times: morning, midday, afternoon, evening.
PARTS_OF_DAY = (
    (0, gettext_lazy("Pagi")),
    (11, gettext_lazy("Siang")),
    (15, gettext_lazy("Sore")),
    (18, gettext_lazy("Malam")),
)


def visit(*, places: int = 1, not_before: date | None = None, pool: Pool = Pool.PUBLIC) -> Visit:
    """A visit at the present moment, within the booking window."""
    now = timezone.now()
    return Visit(
        now=now,
        today=timezone.localdate(now),
        last_day=timetable.last_day(now=now),
        places=places,
        not_before=not_before,
        pool=pool,
    )


def office_from(code: str) -> Office:
    """The active office with this code. Raises Http404."""
    office = Office.objects.active().filter(code=code[:12]).first() if "\x00" not in code else None
    if office is None:
        raise Http404
    return office


def day_from(request: HttpRequest) -> date | None:
    """`?tanggal=YYYY-MM-DD`; None when it is missing or no such date."""
    try:
        return date.fromisoformat(request.GET.get("tanggal", "")[:10])
    except ValueError:
        return None


def offices_context(visit: Visit, *, address) -> dict:
    """Every office with its next free times. `address(office_code, day)` gives the page of a day."""
    offices = timetable.next_free(now=visit.now, until=visit.last_day, places=visit.places, pool=visit.pool)
    cards = [_card(times, visit, address) for times in offices]
    return {
        "cards": cards,
        "has_times": any(card["free"] for card in cards),
        "outages": outage.notices(),
    }


def _card(times: OfficeTimes, visit: Visit, address) -> dict:
    today, code = visit.today, times.office.code
    tomorrow = date.fromordinal(today.toordinal() + 1)
    after, soon = date.fromordinal(today.toordinal() + 2), timetable.soon(today=today, until=visit.last_day)
    earliest = max(after, visit.not_before or after)
    later = times.first_free_between(earliest, visit.last_day)
    rows = [
        _row(_("Hari ini"), times.on(today), visit, code, address),
        _row(_("Besok"), times.on(tomorrow), visit, code, address),
    ]
    if later:
        label = _("Minggu ini") if later.day <= soon else _("Berikutnya")
        text = f"{dates.short_day(later.day)}, {dates.clock(later.first_free)}"
        rows.append({"label": label, "text": text, "url": address(code, later.day)})
    else:
        rows.append({"label": _("Minggu ini"), "text": _("penuh") if times.days else _("tutup")})
    return {
        "name": times.office.name,
        "address": times.office.address,
        "next_times": rows,
        "url": address(code, None),
        "free": any(_is_free(visit, day) for day in times.days),
    }


def _is_free(visit: Visit, day: OfficeDay) -> bool:
    return day.first_free is not None and not visit.is_too_early(day.day)


def _row(label: str, day: OfficeDay | None, visit: Visit, code: str, address) -> dict:
    if day is None:
        return {"label": label, "text": _("tutup")}
    if not _is_free(visit, day):
        return {"label": label, "text": _("penuh") if day.first_free is None else _("belum 16 tahun")}
    return {"label": label, "text": dates.clock(day.first_free), "url": address(code, day.day)}


def day_context(office: Office, wanted: date | None, visit: Visit, *, address, choose=None) -> dict:
    """One office's times on one day: `wanted`, or else the first day with a free time.

    A day outside the booking window, or one the person is too young for, says so in `day_note`. Times are buttons that
    send the form, or links where `choose(slot)` gives an address.
    """
    times = timetable.office_times(
        office=office, now=visit.now, until=visit.last_day, places=visit.places, pool=visit.pool
    )
    first_free = next((each.day for each in times.days if _is_free(visit, each)), None)
    day = wanted or first_free or visit.today
    slots = timetable.slots_on(office=office, day=day, now=visit.now, pool=visit.pool) if visit.includes(day) else []
    free = [slot for slot in slots if slot.places_left >= visit.places]
    coming = next((each.day for each in times.days if each.day > day and _is_free(visit, each)), None) or first_free
    return {
        "office": office,
        "day": day,
        "day_words": dates.day_in_words(day),
        "days": _day_links(times, day, visit, address),
        "previous_url": address(office.code, _neighbour(day, -1, visit)) if _neighbour(day, -1, visit) else "",
        "next_url": address(office.code, _neighbour(day, 1, visit)) if _neighbour(day, 1, visit) else "",
        "groups": _groups(slots, visit, choose),
        "free_count": len(free),
        "is_today": day == visit.today,
        "day_note": _day_note(day, slots, free, visit),
        "first_free_url": address(office.code, coming) if coming and coming != day else "",
        "first_free_words": dates.day_in_words(coming) if coming else "",
        "needs_two": visit.places > 1,
        "outages": outage.notices(office_ids=[office.pk]),
    }


def _neighbour(day: date, step: int, visit: Visit) -> date | None:
    """The day before or after `day` within the window, from outside the nearest end of it."""
    wanted = min(max(date.fromordinal(day.toordinal() + step), visit.today), visit.last_day) if _has(day, step) else day
    return wanted if wanted != day and (wanted > day) == (step > 0) else None


def _has(day: date, step: int) -> bool:
    return date.min.toordinal() <= day.toordinal() + step <= date.max.toordinal()


def _day_links(times: OfficeTimes, current: date, visit: Visit, address) -> list[dict]:
    """The days from the one before `current` to the end of the window; the row scrolls sideways on a phone."""
    links = []
    first = max(visit.today.toordinal(), min(current, visit.last_day).toordinal() - 1)
    for ordinal in range(first, visit.last_day.toordinal() + 1):
        day = date.fromordinal(ordinal)
        offered = times.on(day)
        link = {"weekday": dates.weekday_short(day), "day": dates.day_short(day), "current": day == current}
        if visit.is_too_early(day):
            continue
        if offered is None:
            link["note"] = _("tutup")
        elif not _is_free(visit, offered) and day != current:
            link["note"] = _("penuh")
        else:
            link["url"] = address(times.office.code, day)
        links.append(link)
    return links


def _groups(slots: list[Slot], visit: Visit, choose) -> list[dict]:
    """The times under a heading for each part of the day."""
    groups: dict[str, list] = {}
    for slot in slots:
        hour = timezone.localtime(slot.starts_at).hour
        heading = next(str(text) for begins, text in reversed(PARTS_OF_DAY) if hour >= begins)
        groups.setdefault(heading, []).append(_time(slot, visit, choose))
    return [{"legend": heading, "times": times} for heading, times in groups.items()]


def _time(slot: Slot, visit: Visit, choose) -> dict:
    time = {"text": dates.clock(slot.starts_at)}
    if slot.places_left >= visit.places:
        left = slot.places_left
        chosen = {"url": choose(slot)} if choose else {"value": slot.pk}
        return time | chosen | {"note": ngettext("%(left)s tempat", "%(left)s tempat", left) % {"left": left}}
    return time | {"note": _("Penuh") if slot.places_left < 1 else _("tinggal 1")}


def _day_note(day: date, slots: list[Slot], free: list[Slot], visit: Visit) -> str:
    """Why no time can be chosen on `day`; "" when one can."""
    if free:
        return ""
    if day < visit.today:
        return _("Hari ini sudah lewat.")
    if day > visit.last_day:
        return _("Pemesanan baru dibuka sampai %(day)s.") % {"day": dates.day_in_words(visit.last_day)}
    if visit.is_too_early(day):
        return _("Pada hari itu umurnya belum 16 tahun.")
    return _("Semua jam sudah penuh.") if slots else _("Tidak ada jam layanan lagi pada hari ini.")


def query(**parameters) -> str:
    """`?kantor=...&tanggal=...` of what is given."""
    given = {
        name: value.isoformat() if isinstance(value, date) else value for name, value in parameters.items() if value
    }
    return f"?{urlencode(given)}" if given else ""
