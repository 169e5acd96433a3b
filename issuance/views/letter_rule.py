"""`/kelola/surat/`: which kind of letter may be issued from when until when."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.generic import View

from issuance.forms.letter import LetterRuleForm
from issuance.models import LetterRule
from issuance.services import letter_rule
from issuance.services.letter import allowed_kinds
from issuance.services.letter_rule import Effect
from recording.dates import plain_date
from recording.policy.access import Permission
from recording.views.mixins import StaffRequired

COLUMNS = [{"label": "Jenis"}, {"label": "Boleh sejak"}, {"label": "Sampai"}, {"label": "Dasar"}, {"label": "Hari ini"}]


class LetterRuleListView(StaffRequired, View):
    permission = Permission.MANAGE

    def get(self, request):
        today = timezone.localdate()
        allowed = ", ".join(str(kind.label) for kind in allowed_kinds(on=today))
        context = {
            "columns": COLUMNS,
            "rows": [_row(rule, today) for rule in LetterRule.objects.all()],
            "now": f"Hari ini boleh diterbitkan: {allowed}."
            if allowed
            else "Hari ini tidak ada surat yang boleh terbit.",
        }
        return render(request, "issuance/letter_rules/list.html", context)


def _row(rule: LetterRule, today) -> dict:
    is_on = rule.allowed_from <= today and (rule.until is None or rule.until >= today)
    return {
        "cells": [
            {"text": rule.get_kind_display(), "url": reverse("letter_rule", args=[rule.pk])},
            plain_date(rule.allowed_from),
            plain_date(rule.until) if rule.until else "–",
            rule.basis or "–",
            {"text": "Boleh", "badge": "success"} if is_on else {"text": "Tidak", "badge": "info"},
        ]
    }


class LetterRuleView(StaffRequired, View):
    """A rule, new or old: what it would change is shown first, and saved by the second press."""

    permission = Permission.MANAGE

    def get(self, request, pk: int | None = None):
        rule = self._rule(pk)
        fields = ("kind", "allowed_from", "until", "basis")
        initial = {name: getattr(rule, name) for name in fields} if rule else {}
        return self._page(rule, LetterRuleForm(initial=initial))

    def post(self, request, pk: int | None = None):
        rule, form = self._rule(pk), LetterRuleForm(request.POST)
        if not form.is_valid():
            return self._page(rule, form)
        values = {"rule_id": pk, "by": request.user, **form.cleaned_data}
        if "confirmed" not in request.POST:
            return self._page(rule, form, letter_rule.effect(**values, today=timezone.localdate()))
        letter_rule.save(**values)
        messages.success(request, "Aturan surat tersimpan. Surat yang sudah terbit tetap berlaku sampai tanggalnya.")
        return redirect("letter_rules")

    def _rule(self, pk: int | None) -> LetterRule | None:
        rule = LetterRule.objects.filter(pk=pk).first() if pk else None
        if pk and rule is None:
            raise Http404
        return rule

    def _page(self, rule: LetterRule | None, form: LetterRuleForm, effect: Effect | None = None):
        context = {"rule": rule, "form": form, "effect": _lines(effect) if effect else []}
        return render(self.request, "issuance/letter_rules/edit.html", context)


def _lines(effect: Effect) -> list[str]:
    """What saving changes today, a sentence each."""
    lines = [f"Mulai hari ini {kind.label} boleh diterbitkan." for kind in effect.starts]
    lines += [f"Mulai hari ini {kind.label} tidak boleh diterbitkan." for kind in effect.stops]
    if effect.valid:
        lines.append(f"{effect.valid} surat tetap berlaku sampai tanggalnya, tetapi tidak dapat diperpanjang.")
    return lines or ["Hari ini tidak ada yang berubah."]
