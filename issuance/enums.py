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


class ImportState(TextChoices):
    """How far a national list is. MAPPING: nobody has said yet which column is which. PREVIEW: nothing is applied."""

    READING = "reading", "Sedang dibaca"
    MAPPING = "mapping", "Menunggu pemetaan kolom"
    PREVIEW = "preview", "Pratinjau"
    APPLYING = "applying", "Sedang diterapkan"
    APPLIED = "applied", "Diterapkan"
    UNDOING = "undoing", "Sedang diurungkan"
    UNDONE = "undone", "Diurungkan"
    REFUSED = "refused", "Ditolak"
    DISCARDED = "discarded", "Dibuang"


class ImportResult(TextChoices):
    """What a line of a national list means for us. Decided in the preview, again while it is applied."""

    ADVANCED = "advanced", "Maju"
    BACK = "back", "Mundur"
    UNCHANGED = "unchanged", "Tetap"
    OBSERVED = "observed", "Dicatat saja"
    CONFLICT = "conflict", "Berbeda dengan catatan kami"
    OLDER = "older", "Lebih lama dari catatan kami"
    NEW_CASE = "new_case", "NIK dikenal, belum punya berkas"
    HOLDS_CARD = "holds_card", "Sudah memegang KTP-el"
    UNKNOWN_NIK = "unknown_nik", "NIK tidak dikenal"
    ADMITTED = "admitted", "NIK baru, diterima"
    UNKNOWN_STATUS = "unknown_status", "Status tidak dikenal"
    REPEATED = "repeated", "NIK sudah ada di baris lain"
    MALFORMED = "malformed", "Baris bermasalah"
    MISSING = "missing", "Tidak ada di daftar"


class SupplyItem(TextChoices):
    """What a print uses up. Blanks are counted in keping; a ribbon and a film roll in the prints they are good for."""

    BLANK = "blank", "Blanko (keping)"
    RIBBON = "ribbon", "Ribbon (cetakan)"
    FILM = "film", "Film (cetakan)"


class MovementKind(TextChoices):
    """Why a stock changed. A transfer is two rows with one `transfer` key."""

    RECEIVED = "received", "Diterima dari pusat"
    ALLOCATED_OUT = "allocated_out", "Dibagikan ke kantor lain"
    ALLOCATED_IN = "allocated_in", "Diterima dari kantor lain"
    RETURNED_OUT = "returned_out", "Dikembalikan"
    RETURNED_IN = "returned_in", "Pengembalian diterima"
    LENT = "lent", "Dipinjamkan"
    BORROWED = "borrowed", "Dipinjam"
    USED = "used", "Dipakai mencetak"
    SPOILED = "spoiled", "Rusak"
    DESTROYED = "destroyed", "Dimusnahkan"
    COUNTED = "counted", "Selisih hitung fisik"


class SpoilReason(TextChoices):
    FACTORY = "factory", "Cacat pabrik"
    PRINT = "print", "Gagal cetak"
    WRONG_DATA = "wrong_data", "Data salah"
    OTHER = "other", "Lainnya"


class PrintPriority(TextChoices):
    """Why somebody is printed before others when blanks are short."""

    EXPIRING_LETTER = "expiring_letter", "Surat keterangan paling cepat habis"
    FIRST_CARD = "first_card", "KTP-el pertama"
    OLDEST = "oldest", "Paling lama siap cetak"


class RunState(TextChoices):
    """A print run is a proposal until somebody starts it."""

    PROPOSED = "proposed", "Usulan"
    STARTED = "started", "Berjalan"
    FINISHED = "finished", "Selesai"
    DROPPED = "dropped", "Dibatalkan"


class PickMode(TextChoices):
    INVITE = "invite", "Undang, cetak saat datang"
    PRINT = "print", "Cetak sekarang"


class PickState(TextChoices):
    """What came of one person on a pick list. A reserved blank is held while PICKED or INVITED."""

    PICKED = "picked", "Terpilih"
    INVITED = "invited", "Diundang"
    PRINTED = "printed", "Dicetak"
    LAPSED = "lapsed", "Tidak datang"
    UNMET = "unmet", "Datang, blanko habis"
    DROPPED = "dropped", "Dikeluarkan"


class ShippedState(TextChoices):
    """What came of one card in a shipment. `MISSING`: it was not in the parcel when that was checked in."""

    ON_THE_WAY = "on_the_way", "Dalam perjalanan"
    ARRIVED = "arrived", "Tiba"
    MISSING = "missing", "Tidak ada dalam kiriman"
    RETURNED = "returned", "Dikembalikan"


class Collector(TextChoices):
    RESIDENT = "resident", "Warga sendiri"
    PROXY = "proxy", "Wakil (warga sakit atau disabilitas)"


class ProofOfIdentity(TextChoices):
    """What was checked when a card was handed over."""

    CODE = "code", "Kode pelacakan"
    NIK = "nik", "NIK dicocokkan"


class LetterKind(TextChoices):
    """Documents that stand in for a card. Which is allowed from which day is a setting (`LetterRule`)."""

    SUKET = "suket", _("Surat keterangan")
    BIODATA_WNI = "biodata_wni", _("Biodata WNI")
    IKD = "ikd", _("Identitas Kependudukan Digital")


class LetterStatus(TextChoices):
    VALID = "valid", _("Berlaku")
    EXPIRED = "expired", _("Kedaluwarsa")
    REVOKED = "revoked", _("Dicabut")


class Counted(TextChoices):
    """Whether somebody is one of the 601,696. Those apart are shown apart."""

    OBLIGED = "obliged", "Wajib KTP Kudus"
    YOUNG = "young", "Belum 17 tahun saat direkam"
    OUTSIDE = "outside", "Penduduk luar Kudus"
