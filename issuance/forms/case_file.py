"""What is chosen and typed about cases."""

from datetime import date, datetime, timedelta

from django import forms
from django.db.models import Q
from django.utils import timezone

from issuance.enums import ENDED_STATUSES, CaseStatus, WaitingFor
from issuance.policy.transitions import Step
from recording.forms.base import FilterForm, PortalForm
from recording.forms.desk import NoteField
from recording.models import District, Office, User

ALL, OPEN = "semua", "terbuka"
AGES = {"1": "Lebih dari 1 hari", "3": "Lebih dari 3 hari", "7": "Lebih dari 7 hari", "14": "Lebih dari 14 hari",
        "30": "Lebih dari 30 hari", "90": "Lebih dari 90 hari"}  # fmt: skip
FIRST_DAY = date(2011, 1, 1)  # the year in which recording for the KTP-el began


class CaseFilterForm(FilterForm):
    """Filters of the worklist; all travel in the address and none concerns one person."""

    status = forms.ChoiceField(
        label="Status",
        required=False,
        choices=[("", "Masih berjalan"), *CaseStatus.choices, (ALL, "Semua, juga yang selesai")],
    )
    umur = forms.ChoiceField(label="Lama dalam status", required=False, choices=[("", "Berapa pun"), *AGES.items()])
    kantor = forms.ModelChoiceField(
        label="Kantor",
        required=False,
        queryset=Office.objects.active(),
        to_field_name="code",
        empty_label="Semua kantor",
    )
    kecamatan = forms.ModelChoiceField(
        label="Kecamatan tempat tinggal",
        required=False,
        queryset=District.objects.order_by("name"),
        to_field_name="code",
        empty_label="Semua kecamatan",
    )
    menunggu = forms.ChoiceField(
        label="Menunggu",
        required=False,
        choices=[
            ("", "Apa pun"),
            *((value.value, value.label) for value in WaitingFor if value != WaitingFor.NONE),
            (WaitingFor.NONE.value, "Tidak menunggu apa-apa"),
        ],
    )
    tanda = forms.ChoiceField(
        label="Tanda",
        required=False,
        choices=[("", "Semua"), ("mengendap", "Mengendap atau terlambat"), ("beda", "Berbeda dari data pusat")],
    )

    def __init__(self, *args, by: User, **kwargs):
        super().__init__(*args, **kwargs)
        if by.office_id is not None:
            del self.fields["kantor"]

    def where(self, *, now: datetime) -> Q:
        """What the filters leave. Wrong ones leave everything that is open."""
        given = self.cleaned_data if self.is_valid() else {}
        found = self._status(given.get("status", ""), settled=given.get("tanda") == "beda")
        if given.get("umur"):
            found &= Q(status_since__lte=now - timedelta(days=int(given["umur"])))
        if given.get("kantor"):
            found &= Q(office=given["kantor"]) | Q(pickup_office=given["kantor"])
        if given.get("kecamatan"):
            found &= Q(resident__village__district=given["kecamatan"])
        if given.get("menunggu"):
            found &= Q(waiting_for=given["menunggu"])
        match given.get("tanda"):
            case "mengendap":
                found &= Q(stalled_since__isnull=False)
            case "beda":
                found &= Q(conflict_since__isnull=False)
        return found

    @staticmethod
    def _status(chosen: str, *, settled: bool) -> Q:
        """An ended case can differ from the centre's list as well, so that list asks for all."""
        if chosen == ALL or (settled and not chosen):
            return Q()
        return Q(status=chosen) if chosen else ~Q(status__in=[status.value for status in ENDED_STATUSES])


class CaseSearchForm(PortalForm):
    """One box: NIK, code or name; and why, where it is somebody of another office."""

    q = forms.CharField(label="NIK, kode, atau nama", max_length=200, required=False, strip=True)
    reason = NoteField(
        label="Alasan mencari di luar kantor Anda", required=False, help_text="Misalnya: warga bertanya di loket kami."
    )


def _day_field(label: str, help_text: str) -> forms.DateField:
    field = forms.DateField(
        label=label,
        required=False,
        help_text=help_text,
        input_formats=["%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y"],
        widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
    )
    field.error_messages["invalid"] = "Tulis tanggal sebagai hari-bulan-tahun, misalnya 3-12-2026."
    return field


class StepForm(PortalForm):
    """What a decided step asks for. `needed`: the step; `to`: where it leads."""

    mark_optional = False  # whether a field may stay empty depends on another; its help says so

    CLOSING_REASONS = {
        "dead": "Meninggal dunia",
        "moved": "Pindah ke luar Kudus",
        "duplicate": "Berkas ganda",
        "data": "Data salah",
        "other": "Alasan lain",
    }
    NOTHING_THERE, DELETED = "none", "deleted"

    reason = forms.ChoiceField(label="Alasan menutup", choices=list(CLOSING_REASONS.items()), widget=forms.RadioSelect)
    checked = forms.BooleanField(
        label="Sudah saya cek di pusat",
        error_messages={"required": "Cek dulu data warga ini di pusat, lalu centang."},
    )
    central_record = forms.ChoiceField(
        label="Rekaman lama di pusat",
        choices=[(NOTHING_THERE, "Tidak ada"), (DELETED, "Ada, dan sudah dihapus pusat")],
        widget=forms.RadioSelect,
    )
    central_deletion_on = _day_field(
        "Tanggal pusat menghapusnya", "Selama belum dihapus, rekam ulang membuat data ganda dan menahan kartu."
    )
    note = NoteField(label="Catatan", required=False, max_length=110, help_text="Jangan tulis NIK.")

    def __init__(self, *args, to: CaseStatus, needed: Step, **kwargs):
        super().__init__(*args, **kwargs)
        self.to, self.needed = to, needed
        if to != CaseStatus.CLOSED:
            del self.fields["reason"]
        if not needed.checked_at_centre:
            del self.fields["checked"], self.fields["central_record"], self.fields["central_deletion_on"]
        elif needed.deleted_at_centre:
            del self.fields["central_record"]
        else:
            self.fields["central_deletion_on"].help_text = "Kosongkan bila pusat tidak punya rekamannya."
        if to == CaseStatus.RERECORD:
            self.fields["note"].label = "Mengapa harus rekam ulang"
        elif to != CaseStatus.CLOSED:
            self.fields["note"].help_text = "Boleh dikosongkan. Jangan tulis NIK."
        else:
            self.fields["note"].help_text = "Wajib bila memilih alasan lain. Jangan tulis NIK."

    def clean(self):
        cleaned = super().clean()
        if self.needed.checked_at_centre:
            self._clean_deletion(cleaned)
        if self.to == CaseStatus.RERECORD and not cleaned.get("note") and "note" not in self.errors:
            self.add_error("note", "Tulis alasannya dengan beberapa kata; petugas loket membacanya.")
        if cleaned.get("reason") == "other" and not cleaned.get("note") and "note" not in self.errors:
            self.add_error("note", "Tulis alasannya dengan beberapa kata.")
        return cleaned

    def _clean_deletion(self, cleaned) -> None:
        there = self.needed.deleted_at_centre or cleaned.get("central_record") == self.DELETED
        day = cleaned.get("central_deletion_on")
        if not there:
            cleaned["central_deletion_on"] = None
        elif "central_deletion_on" in self.errors:
            return
        elif day is None:
            self.add_error("central_deletion_on", "Isi tanggal pusat menghapus rekaman lamanya.")
        elif not FIRST_DAY <= day <= timezone.localdate():
            self.add_error("central_deletion_on", "Tanggal ini tidak mungkin. Periksa harinya; belum dihapus: tunggu.")

    def note_text(self) -> str:
        """What is kept of the reason and the note."""
        note = self.cleaned_data["note"]
        if "reason" not in self.fields or self.cleaned_data["reason"] == "other":
            return note
        words = self.CLOSING_REASONS[self.cleaned_data["reason"]]
        return f"{words}. {note}"[:120] if note else words


class ConflictForm(PortalForm):
    """Who was right."""

    OURS, THEIRS = "ours", "theirs"

    right = forms.ChoiceField(label="Mana yang benar?", widget=forms.RadioSelect)
    note = NoteField(
        label="Bagaimana Anda memastikannya", max_length=150, help_text="Misalnya: ditanyakan ke pusat lewat telepon."
    )

    def __init__(self, *args, ours: str, theirs: str, **kwargs):
        """`theirs`: empty where the centre's status cannot be followed from here."""
        super().__init__(*args, **kwargs)
        choices = [(self.OURS, f"Catatan kami benar: {ours}")]
        if theirs:
            choices.append((self.THEIRS, f"Data pusat benar: ikuti menjadi {theirs}"))
        self.fields["right"].choices = choices


class DecisionForm(PortalForm):
    """Yes, or no with a reason."""

    mark_optional = False

    GRANT, REFUSE = "grant", "refuse"

    decision = forms.ChoiceField(
        label="Keputusan Anda",
        choices=[(GRANT, "Setuju: boleh rekam ulang"), (REFUSE, "Tolak")],
        widget=forms.RadioSelect,
    )
    note = NoteField(label="Alasan menolak", required=False, max_length=150, help_text="Wajib bila menolak.")

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("decision") == self.REFUSE and not cleaned.get("note") and "note" not in self.errors:
            self.add_error("note", "Tulis alasan menolak, supaya verifikator tahu apa yang kurang.")
        return cleaned
