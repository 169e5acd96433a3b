"""`/kelola/kantor/`: what residents read about each office."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.generic import View

from recording.forms.office import OfficeForm
from recording.models import Office
from recording.policy.access import Permission
from recording.services import office as offices
from recording.views.mixins import StaffRequired

COLUMNS = [{"label": "Kantor"}, {"label": "Alamat"}, {"label": "Telepon"}, {"label": "Loket", "number": True}]


class OfficeListView(StaffRequired, View):
    permission = Permission.MANAGE

    def get(self, request):
        rows = Office.objects.active()
        context = {"columns": COLUMNS, "rows": [_row(office) for office in rows]}
        return render(request, "recording/office/list.html", context)


class OfficeView(StaffRequired, View):
    permission = Permission.MANAGE

    def get(self, request, office_code: str):
        office = get_object_or_404(Office, code=office_code)
        initial = {"name": office.name, "address": office.address, "phone": office.phone}
        return self._page(request, office, OfficeForm(initial=initial))

    def post(self, request, office_code: str):
        office = get_object_or_404(Office, code=office_code)
        form = OfficeForm(request.POST)
        if not form.is_valid():
            return self._page(request, office, form)
        offices.describe(office_id=office.pk, by=request.user, **form.cleaned_data)
        messages.success(request, "Tersimpan. Bukti pesanan berikutnya memuat data ini.")
        return redirect("offices")

    def _page(self, request, office, form):
        return render(request, "recording/office/edit.html", {"office": office, "form": form})


def _row(office: Office) -> dict:
    return {
        "cells": [
            {"text": office.name, "url": reverse("office", args=[office.code])},
            office.address or {"text": "Belum diisi", "badge": "warning"},
            office.phone or "–",
            office.stations,
        ]
    }
