"""`/petugas/impor/`: the centre's lists, from the upload to the preview. Its meaning is `central_import_preview`."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.generic import View

from issuance.enums import ImportResult, ImportState
from issuance.exceptions import ListAlreadyApplied
from issuance.forms.central_import import ColumnsForm, ListFilterForm, UploadForm, sheet_name
from issuance.models import CentralImport
from issuance.services import list_file
from recording.csv_export import csv_response
from recording.dates import clock, plain_date, short_day
from recording.exceptions import DomainError
from recording.policy.access import Permission
from recording.views.mixins import StaffRequired
from recording.views.reauthentication import RecentPasswordRequired
from recording.views.staff_account import query_of

PER_PAGE = 50
STATE_KINDS = {
    ImportState.READING: "info",
    ImportState.MAPPING: "warning",
    ImportState.PREVIEW: "warning",
    ImportState.APPLYING: "info",
    ImportState.APPLIED: "success",
    ImportState.UNDOING: "info",
    ImportState.REFUSED: "danger",
}
COLUMNS = ("Per tanggal", "Jenis", "Keadaan", "Baris", "Berubah", "Berkas baru", "Pesan", "Diunggah")


class ListPage(StaffRequired):
    """Base: the lists belong to the whole regency, and only verifiers see them."""

    permission = Permission.DECIDE_CASES

    def central_import(self, pk: int) -> CentralImport:
        found = CentralImport.objects.select_related("uploaded_by").filter(pk=pk).first()
        if found is None:
            raise Http404
        return found


class ListsPage(ListPage):
    def filtered(self):
        form = ListFilterForm(self.request.GET)
        rows = CentralImport.objects.select_related("uploaded_by").filter(**form.applied())
        return form, rows.order_by("-uploaded_at", "-pk")


class ListsView(ListsPage, View):
    def get(self, request):
        form, rows = self.filtered()
        page = Paginator(rows, PER_PAGE).get_page(request.GET.get("halaman"))
        context = {
            "filters": form,
            "page": page,
            "query": query_of(request),
            "columns": [{"label": label, "number": 2 < place < 7} for place, label in enumerate(COLUMNS)],
            "rows": [{"cells": _cells(each)} for each in page],
        }
        return render(request, "issuance/central_import/list.html", context)


def _cells(each: CentralImport) -> list:
    uploaded = timezone.localtime(each.uploaded_at)
    return [
        {
            "text": plain_date(timezone.localdate(each.as_of)),
            "url": reverse("central_import", args=[each.pk]),
            "small": "dibaca sampai " + clock(each.as_of) if _is_of_its_own_day(each) else "",
        },
        "Lengkap" if each.complete else "Sebagian",
        {"text": each.get_state_display(), "badge": STATE_KINDS.get(ImportState(each.state), "")},
        _number(each, *ImportResult) or "–",
        _number(each, ImportResult.ADVANCED, ImportResult.BACK) or "–",
        _number(each, ImportResult.NEW_CASE, ImportResult.ADMITTED) or "–",
        sum(each.counts.get("messages", {}).values()) or "–",
        {"text": f"{short_day(uploaded.date())} {clock(uploaded)}", "small": each.uploaded_by.name},
    ]


def _number(each: CentralImport, *results: ImportResult) -> int:
    """How many lines came to one of `results`."""
    return sum(each.counts.get("results", {}).get(result, 0) for result in results)


def _is_of_its_own_day(each: CentralImport) -> bool:
    return timezone.localdate(each.as_of) == timezone.localdate(each.uploaded_at)


class ListsCsvView(ListsPage, RecentPasswordRequired, View):
    """`/petugas/impor/unduh.csv`: the filtered lists; it names nobody who is on them."""

    def get(self, request):
        _form, found = self.filtered()
        rows = (
            (
                each.pk,
                timezone.localdate(each.as_of).isoformat(),
                "ya" if each.complete else "tidak",
                each.get_state_display(),
                _number(each, *ImportResult),
                timezone.localtime(each.uploaded_at).isoformat(timespec="minutes"),
                each.uploaded_by.name,
                each.problem,
            )
            for each in found
        )
        columns = ("nomor", "per_tanggal", "lengkap", "keadaan", "baris", "diunggah", "oleh", "masalah")
        return csv_response(name="daftar-pusat", columns=columns, rows=rows)


class UploadView(ListPage, View):
    """`/petugas/impor/baru/`"""

    def get(self, request):
        return self._page(UploadForm())

    def post(self, request):
        form = UploadForm(request.POST, request.FILES)
        if not form.is_valid():
            return self._page(form)
        try:
            made = list_file.receive(
                file=form.cleaned_data["file"],
                as_of=form.cleaned_data["as_of"],
                complete=form.is_complete,
                by=request.user,
                now=timezone.now(),
            )
        except ListAlreadyApplied as error:
            messages.warning(request, f"{error}")
            return redirect("central_import", error.import_id)
        except DomainError as error:
            form.add_error("file", f"{error}")
            return self._page(form)
        return redirect("central_import_file", made.pk)

    def _page(self, form):
        return render(self.request, "issuance/central_import/new.html", {"form": form})


class ListFileView(ListPage, View):
    """`/petugas/impor/<id>/berkas/`: the list until its lines are there: being read, to be named, or of no use."""

    def get(self, request, pk: int):
        found = self.central_import(pk)
        match found.state:
            case ImportState.READING:
                return self._page(found, "reading")
            case ImportState.MAPPING:
                return redirect("central_import_columns", pk)
            case ImportState.REFUSED | ImportState.DISCARDED:
                return self._page(found, "refused")
        return redirect("central_import", pk)

    def _page(self, found: CentralImport, name: str):
        percent = 100 * found.done / found.total if found.total else 0
        context = {"list": found, "caption": caption(found), "percent": percent}
        return render(self.request, f"issuance/central_import/{name}.html", context)


def caption(found: CentralImport) -> str:
    """ "Daftar sebagian per 24 November 2026"."""
    kind = "lengkap" if found.complete else "sebagian"
    return f"Daftar {kind} per {plain_date(timezone.localdate(found.as_of))}"


class ColumnsView(ListPage, View):
    """`/petugas/impor/<id>/kolom/`: say which column is which, once for all lists with the same headings."""

    def get(self, request, pk: int):
        found = self._waiting(pk)
        if found is None:
            return redirect("central_import", pk)
        return self._page(found, ColumnsForm(central_import=found))

    def post(self, request, pk: int):
        found = self._waiting(pk)
        if found is None:
            return redirect("central_import", pk)
        form = ColumnsForm(request.POST, central_import=found)
        if not form.is_valid():
            return self._page(found, form)
        try:
            list_file.remember_mapping(import_id=pk, columns=form.columns(), by=request.user, now=timezone.now())
        except DomainError as error:
            form.add_error(None, f"{error}")
            return self._page(found, form)
        return redirect("central_import_file", pk)

    def _waiting(self, pk: int) -> CentralImport | None:
        """The list while its columns can be named; its page tells the rest."""
        found = self.central_import(pk)
        return found if found.state in (ImportState.MAPPING, ImportState.PREVIEW) and found.headings else None

    def _page(self, found: CentralImport, form: ColumnsForm):
        samples = {each["sheet"]: each.get("sample", []) for each in found.headings}
        context = {
            "list": found,
            "form": form,
            "caption": caption(found),
            "groups": [_group(form, group, samples[group[0].sheet]) for group in form.groups],
            "left_out": [sheet_name(each["sheet"], each["title"]) for each in found.headings if not each["titles"]],
        }
        return render(self.request, "issuance/central_import/columns.html", context)


def _group(form: ColumnsForm, group: list, sample: list) -> dict:
    first = group[0]
    width = len(first.titles)
    names = ", ".join(sheet_name(each.sheet, each.title) for each in group)
    return {
        "names": names,
        "caption": f"Baris pertama {names}, disamarkan",
        "line": first.line,
        "fields": form.fields_of(first),
        "columns": [{"label": label.split(" (")[0]} for _value, label in _choices(form, first)],
        "rows": [{"cells": [{"text": text} for text in [*line, *[""] * (width - len(line))]]} for line in sample],
    }


def _choices(form: ColumnsForm, first) -> list[tuple[str, str]]:
    return form.fields_of(first)[0].field.choices[1:]
