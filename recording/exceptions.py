"""Facts that stop a service, each with a sentence for the person who asked. Views show `str(error)`; nothing else does."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class DomainError(Exception):
    """A rule of the portal said no. `str()` is a sentence in the user's language that says what to do."""

    default: str | Promise = _("Permintaan ini tidak dapat dilakukan.")

    def __init__(self, message=None):
        super().__init__(message or self.default)

    def __str__(self) -> str:
        return str(self.args[0])


class SlotFull(DomainError):
    default = _("Jam ini baru saja penuh. Pilih jam lain; data Anda tidak hilang.")


class SlotNotBookable(DomainError):
    default = _("Jam ini tidak dapat dipesan lagi. Pilih jam lain; data Anda tidak hilang.")


class BookingNotPossible(DomainError):
    """The one neutral sentence for everything that depends on our own data (live appointment, recorded already)."""

    default = _(
        "Pesanan baru tidak dapat dibuat untuk data ini. Jika sudah punya janji, buka Kelola janji. "
        "Jika kode hilang, buka Kode hilang. Petugas di kantor layanan juga dapat membantu."
    )


class AppointmentNotLive(DomainError):
    default = _("Janji ini sudah tidak berlaku, jadi tidak dapat diubah.")


class TooManyMoves(DomainError):
    default = _("Jadwal sudah dua kali diubah. Batalkan lalu pesan baru, atau hubungi petugas.")


class TooManyForPhone(DomainError):
    default = _(
        "Nomor telepon ini sudah dipakai untuk tiga janji. Pakai nomor lain, kosongkan, atau pesan lewat petugas."
    )


class IdempotencyConflict(DomainError):
    default = _("Formulir ini sudah dikirim dengan isi yang berbeda. Mulai lagi dari halaman pertama.")


class TooYoung(DomainError):
    default = _("Perekaman KTP-el boleh mulai umur 16 tahun pada hari kedatangan, atau bila sudah menikah.")


class GuardianMissing(DomainError):
    default = _("Untuk umur 16 dan 17 tahun, isi nama orang tua atau wali yang menyetujui perekaman.")


class TooBusy(DomainError):
    default = _("Banyak orang sedang memesan jam ini. Tunggu beberapa detik lalu kirim lagi; data Anda tidak hilang.")


class WrongState(DomainError):
    default = _("Langkah ini tidak berlaku lagi. Muat ulang halaman dan lihat keadaan terbarunya.")


class NotEntitled(DomainError):
    default = _("Warga ini sudah pernah direkam. Merekam lagi membuat data ganda; buka berkasnya dulu.")


class RecordingPaused(DomainError):
    default = (
        "Server pusat sedang mati, jadi perekaman di kantor ini dihentikan dulu. Tunggu pengawas atau administrator "
        "membukanya lagi."
    )


class PreviewOutdated(DomainError):
    default = "Jam layanan berubah sejak pratinjau ini dibuat. Periksa lagi hasil di bawah, lalu terapkan."


class ChangeNotPossible(DomainError):
    default = "Aturan yang diubah sudah tidak sama lagi. Buka jam layanan dan mulai perubahan baru."


class TooManyTries(DomainError):
    """Raised with `retry_after` seconds."""

    default = _("Terlalu banyak percobaan. Tunggu sebentar lalu coba lagi.")

    def __init__(self, message=None, *, retry_after: int = 60):
        super().__init__(message)
        self.retry_after = retry_after


class PapersNotChecked(DomainError):
    default = "Cocokkan dulu data warga dengan Kartu Keluarga, lalu centang pernyataannya."


class RecordingIncomplete(DomainError):
    default = (
        "Tanpa pas foto, atau dengan alasan yang tidak cocok, perekaman tidak sah. Perbaiki atau pilih hasil gagal."
    )


class PasswordsBusy(DomainError):
    default = "Terlalu banyak orang masuk pada saat yang sama. Tunggu beberapa detik, lalu coba lagi."


class NotSelfDeclared(DomainError):
    default = "Data warga ini dari register. Perbaiki di SIAK; di sini tidak dapat diubah."


class UsernameTaken(DomainError):
    default = "Nama pengguna ini sudah dipakai. Pilih yang lain."


class OwnAccount(DomainError):
    default = "Akun Anda sendiri tidak dapat Anda ubah di sini. Minta administrator lain."


class LastAdministrator(DomainError):
    default = "Ini administrator terakhir yang dapat masuk. Undang administrator lain dulu."


class LinkNotUsable(DomainError):
    default = "Tautan ini sudah dipakai, diganti, atau lewat waktunya. Minta tautan baru."


class WrongSecondFactor(DomainError):
    default = "Kode ini salah atau sudah dipakai. Tunggu angka berikutnya di aplikasi, lalu tulis lagi."


class StationBusy(DomainError):
    default = "Loket ini masih melayani orang lain. Selesaikan, tunda, atau tandai pergi dulu."


class NobodyWaiting(DomainError):
    default = "Belum ada yang menunggu."


class NothingToUndo(DomainError):
    default = "Tidak ada langkah hari ini yang dapat diurungkan."


class ParticularsMissing(DomainError):
    """The NIK is unknown here and something has to be asked. `fields`: input -> what to write there."""

    default = "NIK ini belum dikenal. Isi datanya seperti di Kartu Keluarga."

    def __init__(self, fields: dict[str, str]):
        super().__init__()
        self.fields = fields


class HasAppointment(DomainError):
    """The person holds a live appointment. `appointment_id`, `here_today`: at the clerk's office, today."""

    default = "Warga ini sudah punya janji yang berlaku."

    def __init__(self, *, appointment_id: int, here_today: bool):
        super().__init__()
        self.appointment_id, self.here_today = appointment_id, here_today


class DayAlreadyClosed(DomainError):
    default = "Hari ini sudah ditutup. Bila masih ada yang dilayani, urungkan dulu penutupannya di Tutup hari."


class DayNotSettled(DomainError):
    default = "Masih ada warga yang belum diselesaikan. Selesaikan dulu langkah sebelumnya."


class CountsDiffer(DomainError):
    """Numbers of a station do not agree. `stations`: station -> what to mend."""

    default = "Angka perekaman belum cocok. Perbaiki yang ditandai."

    def __init__(self, stations: dict[int, str]):
        super().__init__()
        self.stations = stations


class NothingUnsent(DomainError):
    default = "Perekaman itu sudah dicatat terkirim. Lihat daftar terbarunya."


class AlreadyRecorded(DomainError):
    default = "Warga ini sudah direkam. Rekaman kedua membuat data ganda; buka datanya untuk melihat di mana kartunya."


class NoRoomTogether(DomainError):
    default = (
        "Di sekitar jam itu tempat tidak cukup untuk semua. Pilih jam atau hari lain, pakai tempat cadangan, "
        "atau kurangi orangnya. Belum ada yang dipesan."
    )


class PersonNotBooked(DomainError):
    """One person of a household could not be booked, so nobody was. `position`: place in the list, from 0."""

    def __init__(self, *, position: int, reason: DomainError):
        super().__init__(f"{reason} Belum ada yang dipesan.")
        self.position, self.reason = position, reason


class RosterNotHeldYet(DomainError):
    default = "Tanggal jemput bola ini masih di depan. Hasil dimasukkan pada atau sesudah harinya."


class RosterNotOpen(DomainError):
    default = "Jemput bola ini sudah ditutup atau masih pratinjau. Muat ulang halaman dan lihat keadaan terbarunya."


class VisitNotOpen(DomainError):
    default = "Permintaan ini sudah dijawab. Muat ulang halaman dan lihat keadaan terbarunya."


class NotOnCallList(DomainError):
    default = "Warga ini tidak lagi ada di daftar telepon: sudah diberi tahu, atau dikerjakan petugas lain."


class SheetNotOut(DomainError):
    default = "Lembar ini sudah pernah dikembalikan, atau milik kantor lain."
