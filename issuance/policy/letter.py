"""When an interim letter may stand in for a card, how long it holds, and how its short address is spelt.

Basis: Dirjen Dukcapil letter 471.13/10231/DUKCAPIL of 29 Sep 2016 (only for people already recorded); validity and
extension by six months are the practice of Kudus and Surabaya; the ministry forbade new ones while blanks last
(March 2020, November 2022). Reserve and warning are office standards; not law.
"""

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from issuance.enums import CaseStatus

VALID_MONTHS = 6
WARN_DAYS = 14  # before the end, so that there is time to come for an extension
EXTEND_FROM_DAYS = 30  # before the end; earlier there is nothing to extend
RESERVE = 20  # blanks kept back for first cards; an office whose alarm is set higher keeps that many

# The record exists and the card does not. DUPLICATE and FAILED need a second person: the person may not be who the
# record says.
ISSUABLE = (CaseStatus.CAPTURED, CaseStatus.SENT, CaseStatus.ADJUDICATION, CaseStatus.PRINT_READY)
WITH_APPROVAL = (CaseStatus.DUPLICATE, CaseStatus.FAILED)
LETTER_ACTION = "letter"  # what an Approval for such a letter is called

NOT_RECORDED = "Berkas ini harus direkam ulang dulu. Surat hanya untuk warga yang perekamannya sah."
NEEDS_SECOND_PERSON = (
    "Data ini ganda atau gagal di pusat. Bereskan dulu di berkasnya; tanpa orang kedua tidak ada surat."
)
CARD_IS_THERE = "Kartunya sudah dicetak. Serahkan kartunya; surat tidak diperlukan lagi."
CASE_ENDED = "Berkas ini sudah selesai atau ditutup, jadi tidak dapat diberi surat."
TOO_YOUNG = "Warga ini belum 17 tahun dan belum menikah. Surat pengganti KTP-el belum boleh diberikan."
NO_BIRTH_DATE = "Tanggal lahir warga ini tidak ada lagi di portal, jadi umurnya tidak dapat dipastikan."
BLANKS_THERE = "Blanko di kantor ini cukup dan datanya siap dicetak. Cetak kartunya, jangan beri surat."


@dataclass(frozen=True, kw_only=True)
class Circumstances:
    """What decides about a letter. `free` and `reserve`: blanks of the office that would print. `of_age`: 17 or ever
    married on the day; None when the birth date is gone."""

    status: CaseStatus
    of_age: bool | None
    waits_for_blank: bool
    free: int
    reserve: int
    approved: bool = False


def obstacle(given: Circumstances) -> str:
    """Why no letter may be issued now, as a sentence for staff; empty when it may."""
    status = given.status
    if status == CaseStatus.RERECORD:
        return NOT_RECORDED
    if status in (CaseStatus.ISSUED, CaseStatus.CLOSED):
        return CASE_ENDED
    if status not in (*ISSUABLE, *WITH_APPROVAL):
        return CARD_IS_THERE
    if status in WITH_APPROVAL and not given.approved:
        return NEEDS_SECOND_PERSON
    if not given.of_age:
        return NO_BIRTH_DATE if given.of_age is None else TOO_YOUNG
    if status == CaseStatus.PRINT_READY and not given.waits_for_blank and given.free >= given.reserve:
        return BLANKS_THERE
    return ""


def valid_until(issued_on: date) -> date:
    """The last day of a letter of that day: six calendar months on; where that month is shorter, its last day."""
    month = issued_on.month - 1 + VALID_MONTHS
    year, month = issued_on.year + month // 12, month % 12 + 1
    last = (date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month, min(issued_on.day, last))


def extended_until(*, until: date, today: date) -> date:
    """The new last day: six months after the old one, or after today when the letter has run out."""
    return valid_until(max(until, today))


def may_extend(*, until: date, today: date) -> bool:
    return today >= until - timedelta(days=EXTEND_FROM_DAYS)


# The short address. Twelve characters of Crockford's base32 (no I, L, O, U): 60 random bits.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
TOKEN_LENGTH = 12
_LOOK_ALIKES = str.maketrans("OIL", "011", " -.")


def new_token(choose: Callable[[str], str] = secrets.choice) -> str:
    """A fresh token without dashes. `choose` picks one character; only demo data may repeat itself."""
    return "".join(choose(ALPHABET) for _place in range(TOKEN_LENGTH))


def read_token(text: str) -> str:
    """What somebody typed from the paper, as it is stored; empty when it cannot be one."""
    token = text[:40].upper().translate(_LOOK_ALIKES)
    return token if len(token) == TOKEN_LENGTH and not set(token) - set(ALPHABET) else ""


def shown_token(token: str) -> str:
    """`K7QX4M2P9THC` as people read it: `K7QX-4M2P-9THC`."""
    return "-".join(token[place : place + 4] for place in range(0, len(token), 4))


_NUMBER = re.compile(r"[0-9A-Z][0-9A-Z./ -]{3,58}[0-9A-Z]")


def read_number(text: str) -> str:
    """An official number as it is stored: one blank between words, capitals. Raises ValueError: not one."""
    number = " ".join(text.upper().split())
    if not _NUMBER.fullmatch(number):
        raise ValueError("not a letter's number")
    return number
