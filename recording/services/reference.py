"""Load what the portal must know before anybody can book: areas, offices, hours, campaigns, holidays, the register.

Safe to run at every start. Official areas follow the files in `recording/data`; everything that an administrator may
have changed since (offices, hours, campaigns, holidays) is created once and then left alone.
"""

import csv
from collections.abc import Iterator
from datetime import date, time, timedelta
from pathlib import Path

import holidays
from dateutil.relativedelta import relativedelta
from django.db import transaction

from recording.enums import ClosureKind, ClosureStatus, OfficeKind
from recording.models import Campaign, Closure, District, Office, RegisterSnapshot, ServiceHours, Village
from recording.policy.shares import apportion

DATA = Path(__file__).resolve().parent.parent / "data"

# Kudus, December 2016. Basis: jateng.antaranews.co 158623 (people who must hold a KTP-el, and those not recorded).
REGISTER_DATE = date(2016, 12, 31)
MUST_HOLD, NOT_RECORDED = 601_696, 9_989
# Recorded people who had an interim letter instead of a card in October 2017 (radiosuarakudus.com); nearest figure.
WITHOUT_CARD = 57_045
REGISTER_SOURCE = (
    "601.696 wajib KTP dan 9.989 belum rekam: Antara Jateng, Desember 2016. "
    "Pembagian per desa dan pemegang KTP-el: perkiraan."
)

DISDUKCAPIL_CODE = "33.19.00"
CAMPAIGN_NAME = "Percepatan perekaman KTP-el Kudus"
CAMPAIGN_MONTHS = 5
SINCE_CAMPAIGN_START = timedelta(days=75)  # the campaign is well under way on the day of the first load
EVERY_DAY, WORKING_DAYS, FRIDAY = [0, 1, 2, 3, 4, 5, 6], [0, 1, 2, 3, 4], [4]
# Stations that stay open during prayer times. Basis: office standard; times of Kudus, rounded to whole slots.
MIDDAY_BREAKS = [
    {"from": "12:00", "until": "13:00", "stations": 1, "reason": "Zuhur"},
    {"weekdays": FRIDAY, "from": "11:30", "until": "13:00", "stations": 0, "reason": "Salat Jumat"},
]
EVENING_BREAKS = [
    {"from": "15:00", "until": "15:30", "stations": 1, "reason": "Asar"},
    {"from": "17:30", "until": "18:30", "stations": 0, "reason": "Magrib"},
    {"from": "19:00", "until": "19:30", "stations": 1, "reason": "Isya"},
]


@transaction.atomic
def load(*, today: date) -> dict[str, int]:
    """Load everything. Returns how many rows of each kind exist afterwards. Idempotent."""
    load_areas()
    load_offices()
    load_hours(campaign=load_campaigns(today=today))
    propose_holidays(years=[today.year, today.year + 1])
    load_register_snapshot()
    models = [District, Village, Office, ServiceHours, Campaign, Closure, RegisterSnapshot]
    return {f"{model._meta.verbose_name_plural}": model.objects.count() for model in models}


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def load_areas() -> None:
    """Nine kecamatan with their weights, 132 desa and kelurahan, by Kemendagri code."""
    District.objects.bulk_create(
        [
            District(code=row["kecamatan_code"], name=row["kecamatan"], target_weight=int(row["wajib_ktp_2019"]))
            for row in _rows("kudus_kecamatan.csv")
        ],
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["name", "target_weight"],
    )
    districts = {district.code: district for district in District.objects.all()}
    Village.objects.bulk_create(
        [
            Village(
                code=row["village_code"],
                name=row["village"],
                kind=row["kind"],
                district=districts[row["kecamatan_code"]],
            )
            for row in _rows("kudus_villages.csv")
        ],
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["name", "kind", "district"],
    )


def load_offices() -> None:
    """Disdukcapil and one office in each kecamatan, whose addresses are not published: left to the administrator."""
    Office.objects.get_or_create(
        code=DISDUKCAPIL_CODE,
        defaults={
            "name": "Disdukcapil Kudus",
            "kind": OfficeKind.DISDUKCAPIL,
            "address": "Jl. Sunan Muria No. 9, Kudus 59313",
            "phone": "(0291) 438813",
            "stations": 3,
        },
    )
    for district in District.objects.filter(code__startswith="33.19."):
        Office.objects.get_or_create(
            code=district.code,
            defaults={
                "name": f"Kecamatan {district.name}",
                "kind": OfficeKind.KECAMATAN,
                "district": district,
                "stations": 2,
            },
        )


def load_campaigns(*, today: date) -> Campaign:
    """The drive of 2016 and one around `today`. Returns the latter; once created its dates never shift."""
    Campaign.objects.get_or_create(
        name=f"{CAMPAIGN_NAME} 2016",
        defaults={
            "legal_reference": "SE Mendagri 471/1768/SJ, 12 Mei 2016",
            "starts_on": date(2016, 5, 1),
            "ends_on": date(2016, 9, 30),
            "target": MUST_HOLD,
        },
    )
    starts_on = (today - SINCE_CAMPAIGN_START).replace(day=1)
    campaign, _created = Campaign.objects.get_or_create(
        name=CAMPAIGN_NAME,
        defaults={
            "legal_reference": "SE Mendagri 471/1768/SJ",
            "starts_on": starts_on,
            "ends_on": starts_on + relativedelta(months=CAMPAIGN_MONTHS) - timedelta(days=1),
            "target": MUST_HOLD,
        },
    )
    return campaign


def load_hours(*, campaign: Campaign) -> None:
    """Working days 08:00-15:00; while `campaign` runs every day 08:00-21:00."""
    ServiceHours.objects.get_or_create(
        name="Jam biasa",
        office=None,
        defaults={
            "weekdays": WORKING_DAYS,
            "opens": time(8),
            "closes": time(15),
            "valid_from": date(2016, 1, 1),
            "station_plan": MIDDAY_BREAKS,
        },
    )
    ServiceHours.objects.get_or_create(
        name="Jam percepatan",
        office=None,
        defaults={
            "weekdays": EVERY_DAY,
            "opens": time(8),
            "closes": time(21),
            "valid_from": campaign.starts_on,
            "valid_until": campaign.ends_on,
            "station_plan": MIDDAY_BREAKS + EVENING_BREAKS,
        },
    )


def propose_holidays(*, years: list[int]) -> None:
    """National holidays and shared leave as proposals; they close nothing until an administrator confirms them."""
    days = holidays.country_holidays("ID", years=years, language="id", categories=("public", "government"))
    Closure.objects.bulk_create(
        [
            Closure(day=day, kind=ClosureKind.HOLIDAY, status=ClosureStatus.PROPOSED, reason=name[:120])
            for day, name in sorted(days.items())
        ],
        ignore_conflicts=True,
    )


def load_register_snapshot() -> None:
    """The register of December 2016, shared out to villages by the weight of their kecamatan; totals stay exact."""
    if RegisterSnapshot.objects.filter(taken_on=REGISTER_DATE).exists():
        return
    villages = list(Village.objects.select_related("district").filter(code__startswith="33.19."))
    siblings: dict[int, int] = {}
    for village in villages:
        siblings[village.district_id] = siblings.get(village.district_id, 0) + 1
    must_hold = apportion(MUST_HOLD, [v.district.target_weight / siblings[v.district_id] for v in villages])
    not_recorded, without_card = apportion(NOT_RECORDED, must_hold), apportion(WITHOUT_CARD, must_hold)
    RegisterSnapshot.objects.bulk_create(
        [
            RegisterSnapshot(
                village=village,
                taken_on=REGISTER_DATE,
                must_hold=must,
                recorded=must - unrecorded,
                card_held=must - unrecorded - waiting,
                source=REGISTER_SOURCE,
            )
            for village, must, unrecorded, waiting in zip(villages, must_hold, not_recorded, without_card, strict=True)
        ],
        ignore_conflicts=True,
    )
