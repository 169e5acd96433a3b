"""`/petugas/suket/`: letters that stand in for a card."""

from datetime import timedelta

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.generic import View

from issuance import letter_paper
from issuance.case_actions import Action
from issuance.enums import LetterStatus
from issuance.exceptions import NumberTaken
from issuance.forms.letter import IssueForm, LetterFilterForm, RevokeForm
from issuance.models import Case, InterimLetter
from issuance.policy.letter import (
    ISSUABLE,
    WARN_DAYS,
    WITH_APPROVAL,
    extended_until,
    may_extend,
    shown_token,
    valid_until,
)
from issuance.services import letter as letters
from recording.csv_export import csv_response
from recording.dates import plain_date, short_day
from recording.exceptions import DomainError
from recording.policy.access import Permission, allows
from recording.services import audit
from recording.staff_home import Card
from recording.views.mixins import StaffRequired
from recording.views.reauthentication import RecentPasswordRequired
from recording.views.staff_account import query_of

PER_PAGE = 50
BADGES = {LetterStatus.VALID: "success", LetterStatus.EXPIRED: "warning", LetterStatus.REVOKED: "danger"}
COLUMNS = [{"label": label} for label in ("Nama", "Nomor", "Jenis", "Kantor", "Berlaku sampai", "Keadaan")]


class LetterPage(StaffRequired):
    """Base: letters are verifiers' work."""

    permission = Permission.DECIDE_CASES

    def letters(self):
        found = InterimLetter.objects.for_staff(self.request.user)
        return found.select_related("case__resident", "office", "issued_by")

    def letter(self, pk: int) -> InterimLetter:
        found = self.letters().filter(pk=pk).first()
        if found is None:
            raise Http404
        return found

    def filtered(self):
        form = LetterFilterForm(self.request.GET, by=self.request.user)
        found = self.letters().filter(**form.applied())
        if form.only_ending:
            found = found.ending_by(timezone.localdate() + timedelta(days=WARN_DAYS))
        return form, found.order_by("-issued_at", "-pk")

    def note(self, action: str, letter: InterimLetter) -> None:
        audit.record(
            action=action,
            actor=self.request.user,
            resident_id=letter.case.resident_id,
            subject=f"letter:{letter.pk}",
            office_id=letter.office_id,
        )


class LetterListView(LetterPage, View):
    def get(self, request):
        form, found = self.filtered()
        page = Paginator(found, PER_PAGE).get_page(request.GET.get("halaman"))
        audit.record(action="letter.read_list", actor=request.user, subject="letters", office_id=request.user.office_id)
        context = {
            "filters": form,
            "page": page,
            "query": query_of(request),
            "columns": COLUMNS,
            "rows": [_row(letter) for letter in page],
        }
        return render(request, "issuance/letters/list.html", context)


def _row(letter: InterimLetter) -> dict:
    extended = f"Diperpanjang {letter.extended_times} kali" if letter.extended_times else ""
    return {
        "cells": [
            {"text": letter.case.resident.name or "–", "url": reverse("letter", args=[letter.pk])},
            letter.number,
            letter.get_kind_display(),
            letter.office.name,
            {"text": plain_date(letter.valid_until), "small": extended},
            {"text": letter.get_status_display(), "badge": BADGES[LetterStatus(letter.status)]},
        ]
    }


class LetterCsvView(LetterPage, RecentPasswordRequired, View):
    """`/petugas/suket/unduh.csv`: the filtered letters; people by name, never by NIK."""

    def get(self, request):
        _form, found = self.filtered()
        audit.record(action="letter.export", actor=request.user, subject="letters", office_id=request.user.office_id)
        rows = (
            (
                letter.number,
                letter.kind,
                letter.case.resident.name,
                letter.office.code,
                letter.office.name,
                letter.issued_on.isoformat(),
                letter.valid_until.isoformat(),
                letter.extended_times,
                letter.status,
                letter.case_id,
            )
            for letter in found.iterator(chunk_size=2000)
        )
        columns = (
            "nomor",
            "jenis",
            "nama",
            "kode_kantor",
            "kantor",
            "terbit",
            "berlaku_sampai",
            "diperpanjang",
            "keadaan",
            "berkas",
        )
        return csv_response(name="surat-pengganti", columns=columns, rows=rows)


class LetterView(LetterPage, View):
    """`/petugas/suket/<id>/`: one letter, and what may be done with it."""

    def get(self, request, pk: int):
        letter = self.letter(pk)
        self.note("letter.read", letter)
        rows = (
            ("Nomor", letter.number),
            ("Jenis", letter.get_kind_display()),
            ("Kantor", letter.office.name),
            (
                "Terbit",
                f"{plain_date(letter.issued_on)} oleh {letter.issued_by.name if letter.issued_by else 'sistem'}",
            ),
            ("Berlaku sampai", plain_date(letter.valid_until)),
            ("Diperpanjang", f"{letter.extended_times} kali" if letter.extended_times else ""),
            ("Berakhir", plain_date(timezone.localdate(letter.ended_at)) if letter.ended_at else ""),
            ("Alasan dicabut", letter.revoked_reason),
            ("Alamat pemeriksaan", letter_paper.short_address(letter.token)),
        )
        context = {
            "letter": letter,
            "name": letter.case.resident.name or "–",
            "badge": BADGES[LetterStatus(letter.status)],
            "rows": [{"label": label, "value": value} for label, value in rows if value],
            "is_valid": letter.status == LetterStatus.VALID,
            "may_extend": _extendable(letter),
            "check_token": shown_token(letter.token),
        }
        return render(request, "issuance/letters/letter.html", context)


def _extendable(letter: InterimLetter) -> bool:
    live = letter.status != LetterStatus.REVOKED and letter.case.status in (*ISSUABLE, *WITH_APPROVAL)
    return live and may_extend(until=letter.valid_until, today=timezone.localdate())


class LetterPaperView(LetterPage, View):
    """`/petugas/suket/<id>/draf.pdf`: the draft on A4."""

    def get(self, request, pk: int):
        letter = self.letter(pk)
        if letter.status != LetterStatus.VALID:
            raise Http404  # nobody prints what no longer holds
        self.note("letter.print", letter)
        identity = getattr(letter.case.resident, "identity", None)
        nik = identity.nik if identity else ""
        content = letter_paper.letter_pdf(letter=letter, masked_nik=f"{nik[:4]} •••• •••• ••••" if nik else "")
        headers = {"Content-Disposition": f'inline; filename="draf-surat-{letter.pk}.pdf"'}
        return HttpResponse(content, content_type="application/pdf", headers=headers)


class IssueLetterView(LetterPage, View):
    """`/petugas/suket/baru/<berkas>/`: note the number that the national system gave."""

    def get(self, request, pk: int):
        case = self._case(pk)
        return self._page(case, self._form(request))

    def post(self, request, pk: int):
        case, form = self._case(pk), self._form(request, request.POST)
        if not form.is_valid():
            return self._page(case, form)
        try:
            letter = letters.issue(case_id=case.pk, by=request.user, now=timezone.now(), **form.cleaned_data)
        except NumberTaken as error:
            form.add_error("number", f"{error}")
            return self._page(case, form)
        except DomainError as error:
            messages.error(request, f"{error}")
            return redirect("letter_issue", case.pk)
        messages.success(request, f"Surat dicatat dan berlaku sampai {plain_date(letter.valid_until)}.")
        return redirect("letter", letter.pk)

    def _form(self, request, answers=None) -> IssueForm:
        return IssueForm(answers, kinds=letters.allowed_kinds(on=timezone.localdate()))

    def _case(self, pk: int) -> Case:
        cases = Case.objects.for_staff(self.request.user).select_related("resident__identity", "pickup_office")
        found = cases.filter(pk=pk).first()
        if found is None:
            raise Http404
        return found

    def _page(self, case: Case, form: IssueForm):
        obstacle = letters.obstacle_to(case=case, now=timezone.now())
        if not form.is_bound:
            audit.record(
                action="case.read",
                actor=self.request.user,
                resident_id=case.resident_id,
                subject=f"case:{case.pk}",
                office_id=case.office_id,
                reason="surat",
            )
        rows = (
            ("Nama", case.resident.name),
            ("Status kartu", f"{case.get_status_display()}, sejak {short_day(timezone.localdate(case.status_since))}"),
            ("Kantor", case.pickup_office.name),
            ("Akan berlaku sampai", "" if obstacle else plain_date(valid_until(timezone.localdate()))),
        )
        context = {
            "case": case,
            "form": None if obstacle else form,
            "obstacle": obstacle,
            "rows": [{"label": label, "value": value} for label, value in rows if value],
        }
        return render(self.request, "issuance/letters/issue.html", context)


class ExtendLetterView(LetterPage, View):
    """`/petugas/suket/<id>/perpanjang/`: six months more, after a confirmation."""

    def get(self, request, pk: int):
        letter = self.letter(pk)
        if not _extendable(letter):
            messages.error(request, "Surat ini belum atau tidak dapat diperpanjang. Lihat keadaannya di bawah.")
            return redirect("letter", pk)
        new_day = plain_date(extended_until(until=letter.valid_until, today=timezone.localdate()))
        context = {"letter": letter, "name": letter.case.resident.name, "new_day": new_day}
        return render(request, "issuance/letters/extend.html", context)

    def post(self, request, pk: int):
        letter = self.letter(pk)
        try:
            letter = letters.extend(letter_id=letter.pk, by=request.user, now=timezone.now())
        except DomainError as error:
            messages.error(request, f"{error}")
        else:
            messages.success(request, f"Surat berlaku sampai {plain_date(letter.valid_until)}.")
        return redirect("letter", pk)


class RevokeLetterView(LetterPage, View):
    """`/petugas/suket/<id>/cabut/`: end it, with a reason."""

    def get(self, request, pk: int):
        return self._page(self.letter(pk), RevokeForm())

    def post(self, request, pk: int):
        letter, form = self.letter(pk), RevokeForm(request.POST)
        if not form.is_valid():
            return self._page(letter, form)
        reason = form.cleaned_data["reason"]
        try:
            letters.revoke(letter_id=letter.pk, by=request.user, reason=reason, now=timezone.now())
        except DomainError as error:
            messages.error(request, f"{error}")
        else:
            messages.success(request, "Surat dicabut. Halaman pemeriksaannya langsung mengatakan demikian.")
        return redirect("letter", pk)

    def _page(self, letter: InterimLetter, form: RevokeForm):
        context = {"letter": letter, "name": letter.case.resident.name, "form": form}
        return render(self.request, "issuance/letters/revoke.html", context)


def case_actions(*, user, case: Case, now) -> list[Action]:
    """On the page of a case: its valid letter, or a new one where it may have one."""
    if not allows(user, Permission.DECIDE_CASES):
        return []
    held = InterimLetter.objects.filter(case=case, status=LetterStatus.VALID).values_list("pk", flat=True).first()
    if held:
        return [Action("Surat pengganti KTP-el", reverse("letter", args=[held]))]
    if case.status not in (*ISSUABLE, *WITH_APPROVAL) or letters.obstacle_to(case=case, now=now):
        return []
    return [Action("Terbitkan surat pengganti", reverse("letter_issue", args=[case.pk]))]


def letter_cards(*, user, now) -> list[Card]:
    """Letters that end soon; nothing when there are none."""
    until = timezone.localdate(now) + timedelta(days=WARN_DAYS)
    count = InterimLetter.objects.for_staff(user).ending_by(until).count()
    url = f"{reverse('letters')}?habis=ya"
    return [Card(label=f"Surat habis dalam {WARN_DAYS} hari", value=count, url=url, kind="warning")] if count else []
