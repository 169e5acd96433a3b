"""The closed vocabularies of the upper floor. Labels are what the screen says (Indonesian)."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class CaseStatus(TextChoices):
    """Where one card's production stands. Source: architecture.md section 4, after Kemendagri's status chain."""

    CAPTURED = "captured", _("Sudah direkam, belum terkirim")
    SENT = "sent", _("Menunggu pemeriksaan pusat")
    ADJUDICATION = "adjudication", _("Diperiksa kemiripan data")
    DUPLICATE = "duplicate", _("Data ganda, perlu dipilih")
    FAILED = "failed", _("Perekaman gagal")
    RERECORD = "rerecord", _("Harus rekam ulang")
    PRINT_READY = "print_ready", _("Siap cetak")
    PRINTED = "printed", _("Sudah dicetak")
    SHIPPED = "shipped", _("Dalam pengiriman ke kantor")
    READY = "ready", _("Siap diambil")
    ISSUED = "issued", _("Sudah diterima")
    CLOSED = "closed", _("Ditutup")


ENDED_STATUSES = (CaseStatus.ISSUED, CaseStatus.CLOSED)


class CaseKind(TextChoices):
    FIRST = "first", _("KTP-el pertama")
    REPLACEMENT = "replacement", _("Penggantian")


class OpenedBy(TextChoices):
    RECORDING = "recording", _("Perekaman")
    IMPORT = "import", _("Daftar pusat")
    OFFICER = "officer", _("Petugas")


class WaitingFor(TextChoices):
    """What pauses the clock; the office is not late while one of these holds."""

    NONE = "none", _("Tidak ada")
    BLANK = "blank", _("Menunggu blanko")
    AGE = "age", _("Menunggu umur 17")
    RESIDENT = "resident", _("Menunggu warga")


class NextStep(TextChoices):
    """What has to happen now, and by whom."""

    NONE = "none", _("Berjalan")
    OFFICE_RESEND = "office_resend", _("Kantor mengirim ulang data")
    CHECK_CENTRE = "check_centre", _("Verifikator memeriksa ke pusat")
    CALL_TO_OFFICE = "call_to_office", _("Warga dipanggil ke kantor")
    CHOOSE_DUPLICATE = "choose_duplicate", _("Warga ke Disdukcapil membawa dokumen")
    PROPOSE_RERECORD = "propose_rerecord", _("Usul rekam ulang")
    INVITE_RERECORD = "invite_rerecord", _("Undang rekam ulang")
    INVITE_OR_LETTER = "invite_or_letter", _("Undang cetak atau beri surat keterangan")
    SHIP = "ship", _("Kirim ke kantor pengambilan")
    TRACE = "trace", _("Lacak pengiriman")
    REMIND = "remind", _("Ingatkan warga mengambil")


class ChangeEvent(TextChoices):
    """What a history row tells. Every row's `to_status` is the case's status after it."""

    OPENED = "opened", _("Berkas dibuka")
    MOVED = "moved", _("Status berubah")
    FLAGGED = "flagged", _("Ditandai mengendap")
    NOTED = "noted", _("Catatan")


class Confirmation(TextChoices):
    OFFICER = "officer", _("Petugas memastikan")
    AUTOMATIC = "automatic", _("Otomatis")
