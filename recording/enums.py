"""The closed vocabularies of the ground floor. Labels are what the screen says (Indonesian)."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Role(TextChoices):
    """What a member of staff may do; the table is `recording.policy.access`."""

    OPERATOR = "operator", _("Operator perekaman")
    VERIFIER = "verifier", _("Verifikator")
    SUPERVISOR = "supervisor", _("Pengawas")
    ADMINISTRATOR = "administrator", _("Administrator")


class OfficeKind(TextChoices):
    KECAMATAN = "kecamatan", _("Kecamatan")
    DISDUKCAPIL = "disdukcapil", _("Dinas Dukcapil")
    MOBILE = "mobile", _("Jemput bola")


class PrintPolicy(TextChoices):
    ON_REQUEST = "on_request", _("Cetak saat warga datang")
    IN_ADVANCE = "in_advance", _("Cetak lebih dulu")


class CardOutlook(TextChoices):
    """What a resident recorded at this office today may expect; the upper floor sets it."""

    CARD = "card", _("Blanko tersedia")
    LETTER = "letter", _("Kemungkinan surat keterangan dulu")
    UNKNOWN = "unknown", _("Belum diketahui")


class Sex(TextChoices):
    MALE = "L", _("Laki-laki")
    FEMALE = "P", _("Perempuan")


class ClosureKind(TextChoices):
    HOLIDAY = "holiday", _("Hari libur")
    CLOSURE = "closure", _("Tutup")


class ClosureStatus(TextChoices):
    """A national holiday is a proposal until an administrator confirms it; only confirmed closures close."""

    PROPOSED = "proposed", _("Usulan")
    CONFIRMED = "confirmed", _("Berlaku")
    DISMISSED = "dismissed", _("Tetap buka")


class ChangeKind(TextChoices):
    """What a change of the opening hours is about."""

    RULE = "rule", "Jam layanan"
    CLOSURE = "closure", "Hari tutup"
    STATIONS = "stations", "Jumlah loket"


class Entitlement(TextChoices):
    """Which recording this person may have now. `NONE`: recorded already; a second one would make a duplicate."""

    FIRST = "first", _("Perekaman pertama")
    RERECORD = "rerecord", _("Rekam ulang")
    REPLACEMENT = "replacement", _("Penggantian")
    NONE = "none", _("Tidak perlu rekam")


class ResidentSource(TextChoices):
    REGISTER = "register", _("Data kependudukan")
    CENTRAL = "central", _("Daftar pusat")
    SELF = "self", _("Pengakuan sendiri")


class AppointmentStatus(TextChoices):
    BOOKED = "booked", _("Dipesan")
    ARRIVED = "arrived", _("Hadir")
    SERVING = "serving", _("Dilayani")
    DONE = "done", _("Selesai")
    REFUSED = "refused", _("Ditolak (syarat)")
    NO_SHOW = "no_show", _("Tidak hadir")
    CANCELLED = "cancelled", _("Dibatalkan")


LIVE_STATUSES = (AppointmentStatus.BOOKED, AppointmentStatus.ARRIVED, AppointmentStatus.SERVING)


class Pool(TextChoices):
    PUBLIC = "public", _("Umum")
    RESERVED = "reserved", _("Cadangan")


class Purpose(TextChoices):
    FIRST = "first", _("Perekaman pertama")
    RERECORD = "rerecord", _("Rekam ulang")
    REPLACEMENT = "replacement", _("Penggantian")
    COLLECT = "collect", _("Pengambilan KTP-el")


class Channel(TextChoices):
    ONLINE = "online", _("Daring")
    DESK = "desk", _("Loket")
    WALK_IN = "walk_in", _("Datang langsung")
    ROSTER = "roster", _("Jemput bola")


class HelperRelation(TextChoices):
    """Who types for somebody else, or consents for a 16- or 17-year-old."""

    PARENT = "parent", _("Ayah/ibu")
    CHILD = "child", _("Anak")
    SPOUSE = "spouse", _("Suami/istri")
    SIBLING = "sibling", _("Saudara")
    GUARDIAN = "guardian", _("Wali")
    VILLAGE = "village", _("Perangkat desa/kelurahan")
    OTHER = "other", _("Lainnya")


class TicketSeries(TextChoices):
    BOOKED = "B", _("Dengan janji")
    WALK_IN = "W", _("Datang langsung")


class TicketStatus(TextChoices):
    """Where a queue number stands. CLOSED: served, refused or gone; the appointment says which."""

    WAITING = "waiting", _("Menunggu")
    CALLED = "called", _("Dipanggil")
    SERVING = "serving", _("Dilayani")
    PARKED = "parked", _("Ditunda")
    CLOSED = "closed", _("Selesai")


AT_STATION = (TicketStatus.CALLED, TicketStatus.SERVING)


class PriorityReason(TextChoices):
    """Why somebody is called before others; `recording.policy.queue` says how far."""

    ELDERLY = "elderly", "Lansia"
    SPECIAL_NEEDS = "special_needs", "Kebutuhan khusus"
    PREGNANT = "pregnant", "Hamil atau membawa bayi"
    RERECORD = "rerecord", "Rekam ulang"


class TicketStep(TextChoices):
    """One thing that a clerk did with a queue number."""

    CALL = "call", "dipanggil"
    RECALL = "recall", "dipanggil ulang"
    PARK = "park", "ditunda"
    LEAVE = "leave", "ditandai pergi"
    START = "start", "mulai dilayani"
    FINISH = "finish", "selesai"
    REFUSE = "refuse", "tidak dilayani"
    RECORD = "record", "direkam"
    TRANSFER = "transfer", "dipindah loket"
    PRIORITISE = "prioritise", "diberi prioritas"
    UNDO = "undo", "diurungkan"


class RecordingOutcome(TextChoices):
    ACCEPTED = "accepted", _("Terekam")
    FAILED = "failed", _("Gagal rekam")


class FailureReason(TextChoices):
    """Why a recording failed at the counter; each has its own advice in `recording.policy.recording`."""

    PHOTO = "photo", _("Foto tidak dapat diambil")
    FINGERPRINT = "fingerprint", _("Sidik jari tidak terbaca")
    SIGNATURE = "signature", _("Tanda tangan tidak terekam")
    DEVICE = "device", _("Alat rusak atau listrik padam")
    NETWORK = "network", _("Jaringan terputus")
    DATA = "data", _("Data tidak sesuai Kartu Keluarga")
    OTHER = "other", _("Lainnya")


class BiometricElement(TextChoices):
    PHOTO = "photo", _("Pas foto")
    FINGERPRINTS = "fingerprints", _("Sidik jari")
    IRIS = "iris", _("Iris mata")
    SIGNATURE = "signature", _("Tanda tangan")


class MissingReason(TextChoices):
    AMPUTATION = "amputation", _("Tidak ada (bawaan/amputasi)")
    INJURY = "injury", _("Luka atau sakit")
    WORN = "worn", _("Aus, tidak terbaca")
    BLIND = "blind", _("Tunanetra")
    TREMOR = "tremor", _("Tidak dapat menulis")
    OTHER = "other", _("Lainnya")


class MessageChannel(TextChoices):
    EMAIL = "email", _("E-mail")
    SMS = "sms", _("SMS")
    WHATSAPP = "whatsapp", _("WhatsApp")
    CALL = "call", _("Daftar telepon")


class NotificationState(TextChoices):
    WAITING = "waiting", _("Menunggu")
    SENT = "sent", _("Terkirim")
    DELIVERED = "delivered", _("Sampai")
    FAILED = "failed", _("Gagal")
    TOLD = "told", _("Sudah diberi tahu")
    WITHDRAWN = "withdrawn", _("Ditarik")


class CallOutcome(TextChoices):
    """What came of a try to tell somebody on the call list."""

    REACHED = "reached", "Tersambung, sudah diberi tahu"
    NO_ANSWER = "no_answer", "Tidak diangkat"
    WRONG_NUMBER = "wrong_number", "Nomor salah"
    VILLAGE = "village", "Diberi tahu lewat desa"


class AccessKind(TextChoices):
    """Which public door was tried."""

    STATUS = "status", _("Cek status")
    MANAGE = "manage", _("Kelola janji")
    LOST_CODE = "lost_code", _("Kode hilang")
    BOOKING = "booking", _("Pesan jadwal")
    OWN_DATA = "own_data", _("Siapa yang melihat data saya")


class StaffLinkKind(TextChoices):
    """Why a member of staff was sent a link by which to set a password."""

    INVITATION = "invitation", "Undangan"
    PASSWORD_RESET = "password_reset", "Sandi baru"


class RosterStatus(TextChoices):
    """How far a session away from the office is. DRAFT: the uploaded list is being looked at."""

    DRAFT = "draft", "Pratinjau"
    PLANNED = "planned", "Direncanakan"
    RECORDED = "recorded", "Hasil masuk"
    CLOSED = "closed", "Selesai"


class RosterOutcome(TextChoices):
    """What came of one person of a roster; empty: not known yet."""

    ACCEPTED = "accepted", "Terekam"
    FAILED = "failed", "Gagal"
    ABSENT = "absent", "Tidak hadir"


class RosterSource(TextChoices):
    """Which upload a line came from."""

    LIST = "list", "Daftar"
    RESULTS = "results", "Hasil"


class Eligibility(TextChoices):
    """What the register says about recording this person on the day of a roster."""

    FIRST = "first", "Boleh direkam"
    RERECORD = "rerecord", "Boleh, rekam ulang"
    REPLACEMENT = "replacement", "Boleh, penggantian"
    UNKNOWN = "unknown", "NIK belum dikenal: cocokkan KK"
    APPOINTMENT = "appointment", "Punya janji di tempat lain"
    YOUNG = "young", "Belum 16 tahun pada hari itu"
    RECORDED = "recorded", "Sudah direkam, jangan rekam lagi"


class VisitStatus(TextChoices):
    """Where a request for a visit at home stands."""

    NEW = "new", "Baru"
    PLANNED = "planned", "Direncanakan"
    DONE = "done", "Selesai"
    DECLINED = "declined", "Ditolak"


class VisitReason(TextChoices):
    """Why somebody cannot come to an office."""

    SICK = "sick", _("Sakit")
    ELDERLY = "elderly", _("Lanjut usia")
    DISABILITY = "disability", _("Penyandang disabilitas")
    MENTAL = "mental", _("Gangguan jiwa")
