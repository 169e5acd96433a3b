"""`/petugas/impor/<pk>/`: what a national list means, applying it, and taking it back."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.generic import View

from issuance.enums import ImportResult, ImportState
from issuance.forms.central_import_preview import AdmitForm, ResultFilterForm
from issuance.models import CentralImport, CentralImportRow
from issuance.policy.observation import CHECKING_KIND, FOUND_KIND, PRINT_READY_KIND
from issuance.services import central_import, central_import_undo
from recording.csv_export import csv_response
from recording.dates import day_in_words, moment_in_words, short_day
from recording.exceptions import DomainError
from recording.policy.access import Permission
from recording.policy.mask import mask_name
from recording.services import audit
from recording.templatetags.components import thousands
from recording.views.mixins import StaffRequired
from recording.views.reauthentication import RecentPasswordRequired
from recording.views.staff_account import query_of

R = ImportResult
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
RESULT_KINDS = {
    R.ADVANCED: "success",
    R.BACK: "warning",
    R.CONFLICT: "danger",
    R.NEW_CASE: "success",
    R.ADMITTED: "success",
    R.UNKNOWN_NIK: "warning",
    R.UNKNOWN_STATUS: "danger",
    R.REPEATED: "warning",
    R.MALFORMED: "danger",
    R.MISSING: "warning",
}
MEANS = {
    R.ADVANCED: "Berkas maju ke status pusat.",
    R.BACK: "Berkas mundur ke status pusat.",
    R.UNCHANGED: "Status kami sudah sama.",
    R.OBSERVED: "Teks pusat disimpan; status kami tetap, karena kantor lebih tahu.",
    R.CONFLICT: "Status kami tetap; petugas memeriksa di Berkas.",
    R.OLDER: "Tidak diubah: catatan kami lebih baru daripada daftar ini.",
    R.NEW_CASE: "Dibuatkan berkas dengan status dan tanggal pusat.",
    R.HOLDS_CARD: "Dicatat sudah memegang KTP-el; tidak perlu berkas.",
    R.UNKNOWN_NIK: "Dilewati, kecuali Anda terima di bawah.",
    R.ADMITTED: "Diterima dari pratinjau dan dibuatkan berkas.",
    R.UNKNOWN_STATUS: "Dilewati: teks statusnya tidak dikenal.",
    R.REPEATED: "Dilewati: NIK itu ada di baris lain.",
    R.MALFORMED: "Dilewati: perbaiki di berkasnya, lalu unggah lagi.",
    R.MISSING: "Berkas ditandai supaya dicek ke pusat.",
}
MESSAGES = {
    PRINT_READY_KIND: "Data lolos pemeriksaan, apa langkah berikutnya",
    CHECKING_KIND: "Sedang diperiksa, jangan rekam ulang dulu",
    FOUND_KIND: "Rekaman lama ditemukan, tidak perlu rekam lagi",
}
REJECTED = (R.MALFORMED, R.REPEATED, R.UNKNOWN_NIK, R.UNKNOWN_STATUS)
ROW_COLUMNS = [{"label": label} for label in ("Baris", "Warga", "Teks pusat", "Status kami", "Artinya")]


class ImportPage(StaffRequired):
    permission = Permission.DECIDE_CASES

    def found(self, pk: int) -> CentralImport:
        lists = CentralImport.objects.select_related("uploaded_by", "applied_by", "undone_by")
        central = lists.filter(pk=pk).first()
        if central is None:
            raise Http404
        return central


class CentralImportView(ImportPage, View):
    """The preview, the progress, or the result, by what has become of the list."""

    def get(self, request, pk: int):
        central = self.found(pk)
        match central.state:
            case ImportState.APPLYING | ImportState.UNDOING:
                return render(request, "issuance/central_import/progress.html", _about(central) | _progress(central))
            case ImportState.PREVIEW | ImportState.APPLIED | ImportState.UNDONE:
                return self._lines(request, central)
        return redirect("central_import_file", pk)

    def _lines(self, request, central: CentralImport, admit: AdmitForm | None = None):
        counts = central.counts.get("results", {})
        filters = ResultFilterForm(request.GET, counts=counts)
        rows = central_import.lines(import_id=central.pk, result=filters.shown)
        page = Paginator(rows, PER_PAGE).get_page(request.GET.get("halaman"))
        audit.record(action="central_list.read", actor=request.user, subject=f"central_import:{central.pk}")
        context = _about(central) | {
            "form": admit,
            "filters": filters,
            "page": page,
            "query": query_of(request),
            "facts": _facts(central),
            "meanings": [{"cells": _meaning_cells(central, result)} for result in R if counts.get(result)],
            "meaning_columns": [{"label": "Arti"}, {"label": "Baris", "number": True}, {"label": "Yang terjadi"}],
            "messages_owed": [
                {"cells": [label, thousands(central.counts["messages"][kind])]}
                for kind, label in MESSAGES.items()
                if central.counts.get("messages", {}).get(kind)
            ],
            "message_columns": [{"label": "Isi pesan"}, {"label": "Penerima", "number": True}],
            "columns": ROW_COLUMNS,
            "rows": [{"cells": _row_cells(row)} for row in page],
            "rejected": sum(counts.get(result, 0) for result in REJECTED),
            "will": _will(central),
            "unknown": _unknown(central, page) if filters.shown == R.UNKNOWN_NIK else None,
            "unknown_url": f"?hasil={R.UNKNOWN_NIK}" if counts.get(R.UNKNOWN_NIK) else "",
            "may_rename": central.state == ImportState.PREVIEW and bool(central.headings),
            "left": _left(central) if central.state == ImportState.UNDONE else None,
        }
        return render(request, "issuance/central_import/preview.html", context)


def _about(central: CentralImport) -> dict:
    kind = "lengkap" if central.complete else "sebagian"
    by = central.uploaded_by.name
    text = f"Daftar {kind}, diunggah {by} {moment_in_words(central.uploaded_at)}."
    if central.applied_at and central.applied_by:
        text += f" Diterapkan {central.applied_by.name} {moment_in_words(central.applied_at)}."
    if central.undone_at and central.undone_by:
        text += f" Diurungkan {central.undone_by.name} {moment_in_words(central.undone_at)}."
    return {
        "central": central,
        "title": f"Daftar pusat per {day_in_words(timezone.localdate(central.as_of))}",
        "about": text,
        "status": central.get_state_display(),
        "status_kind": STATE_KINDS.get(ImportState(central.state), ""),
    }


def _progress(central: CentralImport) -> dict:
    """The page asks again by itself every few seconds, with or without scripts."""
    total = max(central.total, 1)
    return {"done": central.done, "total": central.total, "percent": 100 * min(central.done, total) / total}


def _of(central: CentralImport, *results: ImportResult) -> int:
    return sum(central.counts.get("results", {}).get(result, 0) for result in results)


def _owed(central: CentralImport) -> int:
    return sum(central.counts.get("messages", {}).values())


def _facts(central: CentralImport) -> list[dict]:
    check = _of(central, R.CONFLICT, R.UNKNOWN_STATUS, R.MISSING)
    bad = _of(central, R.MALFORMED, R.REPEATED, R.UNKNOWN_NIK)
    return [
        {"value": thousands(_of(central, R.ADVANCED, R.BACK)), "label": "berkas berubah status"},
        {"value": thousands(_of(central, R.NEW_CASE, R.ADMITTED)), "label": "berkas baru"},
        {"value": thousands(_owed(central)), "label": "pesan ke warga"},
        {"value": thousands(check), "label": "perlu diperiksa", "kind": "warning" if check else ""},
        {"value": thousands(bad), "label": "baris dilewati", "kind": "warning" if bad else ""},
    ]


def _meaning_cells(central: CentralImport, result: ImportResult) -> list:
    number = central.counts["results"][result]
    return [{"text": result.label, "url": f"?hasil={result}#baris"}, thousands(number), MEANS[result]]


def _will(central: CentralImport) -> str:
    """What the button does, in one sentence."""
    parts = [
        (_of(central, R.ADVANCED, R.BACK), "berkas berubah status"),
        (_of(central, R.NEW_CASE, R.ADMITTED), "berkas baru dibuka"),
        (_of(central, R.HOLDS_CARD), "warga dicatat sudah memegang KTP-el"),
        (_of(central, R.CONFLICT), "berkas ditandai berbeda"),
        (_of(central, R.MISSING), "berkas ditandai supaya dicek ke pusat"),
        (_owed(central), "pesan disiapkan"),
    ]
    said = [f"{thousands(number)} {words}" for number, words in parts if number]
    return ", ".join(said) if said else "tidak ada berkas yang berubah dan tidak ada pesan"


def _row_cells(row: CentralImportRow) -> list:
    place = "–" if row.line == 0 else f"{row.line}" if row.sheet == 1 else f"{row.sheet}:{row.line}"
    raw = {"text": row.raw_status or "–", "small": short_day(row.reported_on) if row.reported_on else ""}
    ours: object = "–"
    if row.case:
        ours = {"text": row.case.get_status_display(), "url": reverse("case", args=[row.case_id])}
    result = ImportResult(row.result)
    told = row.problem or ("Sudah bergerak lagi, dibiarkan" if row.undone is False and row.change_id else "")
    kind = RESULT_KINDS.get(result, "info")
    return [place, _person(row), raw, ours, {"text": result.label, "badge": kind, "small": told}]


def _person(row: CentralImportRow) -> str:
    if row.resident:
        return mask_name(row.resident.name) or "–"
    nik = row.nik
    name = mask_name(row.name) if row.name else "Tanpa nama"
    return f"{name}, NIK {nik[:4]} •••• •••• ••••" if nik else "–"


def _unknown(central: CentralImport, page) -> dict:
    """People of this page who can be taken in, and how many there are at all."""
    able = central_import.admissible(import_id=central.pk)
    ids = set(able.filter(pk__in=[row.pk for row in page]).values_list("pk", flat=True))
    people = [
        {"pk": row.pk, "text": f"Baris {row.line}: {_person(row)}, {row.raw_status}"} for row in page if row.pk in ids
    ]
    return {"people": people, "total": able.count()}


def _left(central: CentralImport) -> int:
    return central.rows.filter(undone=False, change__isnull=False).count()


class StepView(ImportPage, View):
    """Base of the steps: POST, then back to the list's page."""

    http_method_names = ["post"]
    done = ""

    def step(self, pk: int) -> str | None:
        raise NotImplementedError

    def post(self, request, pk: int):
        self.found(pk)
        try:
            said = self.step(pk) or self.done
        except DomainError as error:
            messages.error(request, f"{error}")
        else:
            messages.success(request, said)
        return redirect("central_import", pk)


class ApplyView(StepView):
    done = "Daftar sedang diterapkan. Pesan baru keluar 30 menit lagi; sampai saat itu masih dapat diurungkan."

    def step(self, pk: int) -> None:
        central_import.start(import_id=pk, by=self.request.user, now=timezone.now())


class DiscardView(StepView):
    done = "Daftar dibuang. Tidak ada yang berubah."

    def step(self, pk: int) -> None:
        central_import.discard(import_id=pk, by=self.request.user, now=timezone.now())


class AdmitView(ImportPage, View):
    """`terima/`: unknown people become known, with the case their line speaks of."""

    http_method_names = ["post"]

    def post(self, request, pk: int):
        self.found(pk)
        offered = central_import.admissible(import_id=pk).values_list("pk", flat=True)
        form = AdmitForm(request.POST, offered=list(offered))
        if not form.is_valid():
            messages.error(request, " ".join(error.text for error in form.error_list))
            return redirect(f"{reverse('central_import', args=[pk])}?hasil={R.UNKNOWN_NIK}")
        try:
            number = central_import.admit(import_id=pk, row_ids=form.row_ids, by=request.user, now=timezone.now())
        except DomainError as error:
            messages.error(request, f"{error}")
        else:
            messages.success(request, f"{number} orang diterima. Berkasnya dibuka bila daftar diterapkan.")
        return redirect("central_import", pk)


class UndoView(ImportPage, View):
    """`urungkan/`: what taking the list back would do, then doing it."""

    def get(self, request, pk: int):
        central = self.found(pk)
        if central.state != ImportState.APPLIED:
            return redirect("central_import", pk)
        seen = central_import_undo.outlook(import_id=pk)
        facts = [
            {"value": thousands(seen.restored), "label": "berkas kembali ke status semula"},
            {"value": thousands(seen.closed), "label": "berkas baru ditutup"},
            {
                "value": thousands(seen.left),
                "label": "sudah bergerak lagi, dibiarkan",
                "kind": "warning" if seen.left else "",
            },
            {"value": thousands(seen.withdrawn), "label": "pesan batal dikirim"},
            {"value": thousands(seen.told), "label": "pesan sudah sampai", "kind": "warning" if seen.told else ""},
        ]
        return render(request, "issuance/central_import/undo.html", _about(central) | {"facts": facts, "seen": seen})

    def post(self, request, pk: int):
        self.found(pk)
        try:
            central_import_undo.start(import_id=pk, by=request.user, now=timezone.now())
        except DomainError as error:
            messages.error(request, f"{error}")
        else:
            messages.success(request, "Daftar sedang diurungkan.")
        return redirect("central_import", pk)


class RejectedCsvView(ImportPage, RecentPasswordRequired, View):
    """`dilewati.csv`: lines that were not used, to mend in the file; they name nobody."""

    def get(self, request, pk: int):
        self.found(pk)
        audit.record(action="central_list.export", actor=request.user, subject=f"central_import:{pk}")
        rows = CentralImportRow.objects.filter(central_import=pk, result__in=REJECTED).order_by("sheet", "line")
        lines = (
            (row.sheet, row.line, row.get_result_display(), row.problem, row.raw_status)
            for row in rows.defer("nik_ct", "name_ct", "before").iterator(chunk_size=2000)
        )
        columns = ("lembar", "baris", "sebab", "keterangan", "teks_pusat")
        return csv_response(name=f"daftar-pusat-{pk}-dilewati", columns=columns, rows=lines)
