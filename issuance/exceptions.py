"""Facts that stop a step of a case, each with a sentence for the member of staff who asked."""

from django.utils.translation import gettext_lazy as _

from recording.exceptions import DomainError


class StepNotYours(DomainError):
    default = _("Langkah ini bukan wewenang akun Anda. Minta petugas yang berwenang.")


class CheckAtCentreFirst(DomainError):
    default = _("Pastikan dulu di data pusat: rekam ulang tanpa pengecekan dapat membuat data ganda.")


class SecondPersonNeeded(DomainError):
    default = _("Langkah ini perlu persetujuan orang kedua.")


class ReasonNeeded(DomainError):
    default = _("Tulis alasannya.")


class LetterNotPossible(DomainError):
    """`str()` is the obstacle, in words for staff."""


class NumberTaken(DomainError):
    default = "Nomor ini sudah dipakai surat lain di portal. Periksa lagi nomornya di sistem pusat."


class DeletionDateNeeded(DomainError):
    default = "Isi tanggal pusat menghapus rekaman lamanya. Sebelum dihapus, rekam ulang membuat data ganda."


class AskedAlready(DomainError):
    default = "Persetujuan untuk langkah ini sudah diminta dan belum dijawab."


class NothingToSettle(DomainError):
    default = "Catatan kami dan data pusat tidak berbeda lagi. Muat ulang halaman dan lihat keadaan terbarunya."


class ObservationNotAdoptable(DomainError):
    default = "Keadaan dari pusat itu tidak dapat diikuti dari status sekarang. Selesaikan lewat langkah yang lain."


class HasCase(DomainError):
    default = "Warga ini sudah punya berkas. Buka berkasnya, atau cetak ulang kodenya."


class NotRecordedBefore(DomainError):
    default = "Menurut data kependudukan, warga ini belum pernah direkam sebelum ada portal. Pesankan perekaman."


class HoldsCard(DomainError):
    default = "Menurut data kependudukan, warga ini sudah memegang KTP-el. Kartu hilang atau rusak: ajukan penggantian."


class FamilyCardDiffers(DomainError):
    default = (
        "Nomor KK ini tidak sama dengan data kami. Periksa angkanya; bila tetap berbeda, minta verifikator membukakan "
        "berkasnya."
    )


class OutOfSupply(DomainError):
    """`item`: which of the three (a SupplyItem)."""

    names = {"blank": "Blanko", "ribbon": "Ribbon", "film": "Film"}

    def __init__(self, item: str):
        self.item = item
        super().__init__(f"{self.names[str(item)]} di kantor ini tidak cukup. Catat dulu yang diterima, lalu ulangi.")


class WrongOffice(DomainError):
    default = "Berkas ini milik kantor lain. Minta kantor itu, atau Disdukcapil."


class OfficeDoesNotPrint(DomainError):
    default = "Kantor ini tidak mencetak kartu. Kartunya dicetak di Disdukcapil lalu dikirim."


class NobodyToPrint(DomainError):
    default = "Tidak ada yang menunggu dicetak di kantor ini. Usulan dibuat lagi bila ada berkas Siap cetak."


class NothingToPrintWith(DomainError):
    """`item`: the supply that is missing (SupplyItem value)."""

    WORDS = {"blank": "blanko", "ribbon": "ribbon", "film": "film"}

    def __init__(self, item: str):
        self.item = item
        super().__init__(
            f"Tidak ada {self.WORDS[item]} yang bebas di kantor ini. Catat penerimaan, atau lepas yang disimpan untuk "
            "orang lain."
        )


class TooYoungForCard(DomainError):
    default = "Warga ini belum 17 tahun dan belum menikah, jadi kartunya belum boleh dicetak."


class BirthDateUnknown(DomainError):
    default = "Tanggal lahir orang ini tidak ada lagi di portal, jadi kartunya tidak dapat dicetak di sini."


class BlanksAreHeld(DomainError):
    default = (
        "Semua blanko di kantor ini disimpan untuk warga yang sudah diundang. Keluarkan seseorang dari daftar cetak "
        "dulu, atau tunggu kiriman blanko."
    )


class PrintedAlready(DomainError):
    default = "Kartu untuk berkas ini sudah dicetak. Bila rusak, catat rusak dulu."


class NotPrintedHere(DomainError):
    default = "Kartu ini tidak dicetak oleh portal, jadi blankonya tidak dapat dicatat rusak di sini."


class CardIsElsewhere(DomainError):
    default = "Kartu ini ada di kantor lain. Kirim dulu ke kantor pengambilan."


class ProxyNotComplete(DomainError):
    default = (
        "Untuk wakil, isi nama, hubungan, dan surat kuasa, lalu petugas kedua masuk dengan namanya sendiri pada "
        "formulir ini."
    )


class SecondIsTheSame(DomainError):
    default = "Petugas kedua harus orang lain, dari kantor ini atau dari Disdukcapil."


class NothingChosen(DomainError):
    default = "Belum ada yang dipilih. Centang kartunya dulu."


class NothingToBook(DomainError):
    default = "Isi sedikitnya satu jumlah."


class SameOffice(DomainError):
    default = "Pilih kantor lain: kiriman ke kantor sendiri tidak mengubah apa-apa."


class AlreadyCountedIn(DomainError):
    default = "Kiriman ini sudah dihitung masuk. Muat ulang halaman dan lihat bukunya."


class CountedMeanwhile(DomainError):
    default = "Persediaan berubah selagi dihitung. Lihat angka terbarunya, hitung lagi, lalu simpan."


class ListNotReady(DomainError):
    default = "Daftar ini tidak dalam keadaan itu lagi. Muat ulang halaman."


class ListDateInFuture(DomainError):
    default = "Tanggal daftar tidak boleh sesudah hari ini."


class ListNotUsable(DomainError):
    """The uploaded file as a whole; always raised with its sentence."""


class MappingNotUsable(DomainError):
    """What was chosen for the columns; always raised with its sentence."""


class ListAlreadyApplied(DomainError):
    """The same file, for the same date. `import_id`: the list it was."""

    default = "Daftar yang sama untuk tanggal yang sama sudah diterapkan. Tidak ada yang diubah."

    def __init__(self, import_id: int):
        super().__init__()
        self.import_id = import_id
