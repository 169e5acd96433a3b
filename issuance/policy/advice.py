"""What residents are told about each situation: what has happened, and what they should do now.

Never the cause of a refusal, a duplicate, a death or a police hold: for those the sentence leads to the desk.
A second recording is advised in one situation only, RERECORD: everywhere else it would make a duplicate.
`services.status` fills in `%(office)s`, `%(recorded)s`, `%(when)s`, `%(until)s`, `%(letter)s`, `%(list)s` and
`%(no_second)s`.
"""

from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from issuance.enums import CaseStatus

Words = str | Promise  # translated when shown


class Stage(StrEnum):
    """The seven plain steps of a card."""

    BOOKED = "booked"
    RECORDED = "recorded"
    SENT = "sent"
    PRINT_READY = "print_ready"
    PRINTED = "printed"
    READY = "ready"
    COLLECTED = "collected"


STAGES = tuple(Stage)


@dataclass(frozen=True)
class StageWords:
    """A step's name when it is done, when it is what we wait for, and while it is still ahead."""

    done: Words
    current: Words
    ahead: Words


STAGE_WORDS = {
    Stage.BOOKED: StageWords(_("Janji dipesan"), _("Pesan jadwal perekaman"), _("Janji dipesan")),
    Stage.RECORDED: StageWords(_("Direkam"), _("Menunggu perekaman"), _("Direkam di kantor layanan")),
    Stage.SENT: StageWords(_("Dikirim ke pusat"), _("Menunggu dikirim ke pusat"), _("Dikirim ke pusat")),
    Stage.PRINT_READY: StageWords(_("Siap dicetak"), _("Sedang diperiksa di pusat"), _("Diperiksa di pusat")),
    Stage.PRINTED: StageWords(_("Dicetak"), _("Menunggu dicetak"), _("Dicetak")),
    Stage.READY: StageWords(_("Siap diambil"), _("Dalam perjalanan ke kantor"), _("Siap diambil")),
    Stage.COLLECTED: StageWords(_("Sudah Anda terima"), _("Tinggal Anda ambil"), _("Anda terima")),
}

# The last step that has been reached in each status of the case. A failed recording has been booked, no more.
REACHED = {
    CaseStatus.CAPTURED: Stage.RECORDED,
    CaseStatus.SENT: Stage.SENT,
    CaseStatus.ADJUDICATION: Stage.SENT,
    CaseStatus.DUPLICATE: Stage.SENT,
    CaseStatus.FAILED: Stage.SENT,
    CaseStatus.RERECORD: Stage.BOOKED,
    CaseStatus.PRINT_READY: Stage.PRINT_READY,
    CaseStatus.PRINTED: Stage.PRINTED,
    CaseStatus.SHIPPED: Stage.PRINTED,
    CaseStatus.READY: Stage.READY,
    CaseStatus.ISSUED: Stage.COLLECTED,
}


class Situation(StrEnum):
    """Where a resident stands, as far as the advice differs."""

    NOT_BOOKED = "not_booked"
    BOOKED = "booked"
    BOOKED_AGAIN = "booked_again"
    ARRIVED = "arrived"
    MISSED = "missed"
    CANCELLED = "cancelled"
    REFUSED = "refused"
    RECORDED_BEFORE = "recorded_before"
    HOLDS_CARD = "holds_card"
    OPENED_AT_DESK = "opened_at_desk"
    NOT_UPDATED = "not_updated"
    UNDER_SEVENTEEN = "under_seventeen"
    CAPTURED = "captured"
    CAPTURED_STALLED = "captured_stalled"
    SENT = "sent"
    SENT_STALLED = "sent_stalled"
    CENTRE_CHECKS = "centre_checks"
    CENTRE_CHECKS_STALLED = "centre_checks_stalled"
    COME_TO_DISDUKCAPIL = "come_to_disdukcapil"
    OFFICE_CHECKS = "office_checks"
    RERECORD = "rerecord"
    PRINT_READY = "print_ready"
    PRINT_ON_REQUEST = "print_on_request"
    PRINT_INVITED = "print_invited"
    NO_BLANKS = "no_blanks"
    LETTER_IN_HAND = "letter_in_hand"
    PRINT_LATE = "print_late"
    ON_ITS_WAY = "on_its_way"
    ON_ITS_WAY_LATE = "on_its_way_late"
    READY = "ready"
    COLLECTED = "collected"
    CLOSED = "closed"


USUAL = {
    CaseStatus.CAPTURED: Situation.CAPTURED,
    CaseStatus.SENT: Situation.SENT,
    CaseStatus.ADJUDICATION: Situation.CENTRE_CHECKS,
    CaseStatus.DUPLICATE: Situation.COME_TO_DISDUKCAPIL,
    CaseStatus.FAILED: Situation.OFFICE_CHECKS,
    CaseStatus.RERECORD: Situation.RERECORD,
    CaseStatus.PRINT_READY: Situation.PRINT_READY,
    CaseStatus.PRINTED: Situation.ON_ITS_WAY,
    CaseStatus.SHIPPED: Situation.ON_ITS_WAY,
    CaseStatus.READY: Situation.READY,
    CaseStatus.ISSUED: Situation.COLLECTED,
    CaseStatus.CLOSED: Situation.CLOSED,
}
# Where resting too long changes what the resident is told.
WHEN_STALLED = {
    CaseStatus.CAPTURED: Situation.CAPTURED_STALLED,
    CaseStatus.SENT: Situation.SENT_STALLED,
    CaseStatus.ADJUDICATION: Situation.CENTRE_CHECKS_STALLED,
    CaseStatus.PRINT_READY: Situation.PRINT_LATE,
    CaseStatus.PRINTED: Situation.ON_ITS_WAY_LATE,
    CaseStatus.SHIPPED: Situation.ON_ITS_WAY_LATE,
}
# What a stalled case says while no national list is fresher than LIST_FRESH_DAYS: it may have gone on long ago.
NEEDS_A_LIST = (CaseStatus.SENT, CaseStatus.ADJUDICATION)
LIST_FRESH_DAYS = 3
# Until the 17th birthday nothing more will happen than in these.
UNTIL_SEVENTEEN = (CaseStatus.CAPTURED, CaseStatus.SENT, CaseStatus.PRINT_READY)


class Action(StrEnum):
    """The one button beneath the advice."""

    NONE = ""
    BOOK = "book"
    MANAGE = "manage"
    RERECORD = "rerecord"


class Tone(StrEnum):
    """How the page draws the situation."""

    CALM = "info"
    GOOD = "success"
    CARE = "warning"


@dataclass(frozen=True)
class Advice:
    headline: Words
    happened: Words
    to_do: Words
    action: Action = Action.NONE
    tone: Tone = Tone.CALM
    help_title: Words = ""
    help_text: Words = ""


NO_SECOND_RECORDING = _("Tidak perlu rekam lagi: rekaman kedua membuat data ganda dan menahan kartu.")

ADVICE: dict[Situation, Advice] = {
    Situation.NOT_BOOKED: Advice(
        _("Belum ada janji perekaman"),
        _("Kami belum mencatat janji atau perekaman untuk Anda."),
        _("Pesan jadwal perekaman. Gratis, sekitar 10 menit di kantor layanan."),
        Action.BOOK,
    ),
    Situation.BOOKED: Advice(
        _("Janji perekaman sudah dipesan"),
        _("Kami menunggu Anda %(when)s di %(office)s."),
        _("Datang tepat waktu dan bawa Kartu Keluarga (KK) asli. Ingin mengubah atau membatalkan? Buka Kelola janji."),
        Action.MANAGE,
    ),
    Situation.BOOKED_AGAIN: Advice(
        _("Jadwal rekam ulang sudah dipesan"),
        _("Kami menunggu Anda %(when)s di %(office)s."),
        _("Datang tepat waktu dan bawa Kartu Keluarga (KK) asli. Ingin mengubah atau membatalkan? Buka Kelola janji."),
        Action.MANAGE,
    ),
    Situation.ARRIVED: Advice(
        _("Anda sudah lapor hadir"),
        _("Anda sedang dalam antrean di %(office)s."),
        _("Tunggu nomor antrean Anda dipanggil. Siapkan Kartu Keluarga (KK) asli."),
    ),
    Situation.MISSED: Advice(
        _("Janji terlewat"),
        _("Kami menunggu Anda %(when)s di %(office)s."),
        _("Tidak apa-apa. Pesan jam baru, atau datang langsung ke kantor layanan membawa KK asli."),
        Action.BOOK,
        Tone.CARE,
    ),
    Situation.CANCELLED: Advice(
        _("Janji sudah dibatalkan"),
        _("Janji untuk %(when)s di %(office)s tidak berlaku lagi."),
        _("Belum direkam? Pesan jadwal baru. Gratis."),
        Action.BOOK,
    ),
    Situation.REFUSED: Advice(
        _("Perekaman belum dapat dilakukan"),
        _("Anda sudah datang ke %(office)s, tetapi ada syarat yang belum lengkap."),
        _("Lengkapi syarat yang disebutkan petugas, lalu pesan jadwal lagi."),
        Action.BOOK,
        Tone.CARE,
    ),
    Situation.RECORDED_BEFORE: Advice(
        _("Anda sudah pernah direkam"),
        _("Menurut data kependudukan, Anda sudah direkam sebelum portal ini ada."),
        _(
            "Jangan rekam lagi: rekaman kedua membuat data ganda dan menahan kartu. Datang ke kantor layanan terdekat "
            "membawa KK asli; petugas memeriksa rekaman Anda di data pusat dan memberi tahu kapan kartu dicetak."
        ),
    ),
    Situation.HOLDS_CARD: Advice(
        _("KTP-el Anda sudah terbit"),
        _("Menurut data kependudukan, Anda sudah direkam dan sudah memegang kartu."),
        _(
            "Tidak perlu rekam lagi. Kartu hilang, rusak, atau datanya berubah? Datang ke kantor layanan membawa KK "
            "asli; bila hilang, bawa juga surat kehilangan dari kepolisian."
        ),
        tone=Tone.GOOD,
    ),
    Situation.OPENED_AT_DESK: Advice(
        _("Rekaman Anda sedang dicari di pusat"),
        _("Anda direkam sebelum portal ini ada. Petugas di %(office)s sudah membuka berkas Anda."),
        _("Jangan rekam lagi. Verifikator mencari data Anda di pusat; kami mengabari langkah berikutnya."),
    ),
    Situation.NOT_UPDATED: Advice(
        _("Status belum diperbarui"),
        _("%(list)s Data Anda mungkin sudah maju, tetapi kami belum mendapat kabarnya."),
        _("Tunggu kabar dari kami; Anda tidak perlu datang. Jangan rekam ulang dulu."),
    ),
    Situation.UNDER_SEVENTEEN: Advice(
        _("Sudah direkam, kartu dicetak setelah Anda 17 tahun"),
        _("%(recorded)s Kartu belum boleh dicetak sebelum umur 17 tahun."),
        _(
            "Tunggu sampai ulang tahun ke-17, lalu buka halaman ini lagi. Tidak perlu rekam lagi dan tidak perlu "
            "mendaftar lagi."
        ),
        tone=Tone.GOOD,
    ),
    Situation.CAPTURED: Advice(
        _("Sudah direkam, menunggu dikirim ke pusat"),
        "%(recorded)s",
        _("Sekarang cukup menunggu. %(no_second)s"),
        tone=Tone.GOOD,
    ),
    Situation.CAPTURED_STALLED: Advice(
        _("Sedang kami periksa, jangan rekam ulang dulu"),
        _("%(recorded)s Datanya belum terkirim ke pusat. Ini lebih lama dari seharusnya."),
        _(
            "Jangan rekam ulang dulu: rekaman kedua membuat data ganda dan menahan kartu. Kantor sedang mengirim ulang "
            "data Anda. Kami mengabari begitu ada hasil; Anda tidak perlu datang."
        ),
        tone=Tone.CARE,
    ),
    Situation.SENT: Advice(
        _("Sudah dikirim, sedang diperiksa di pusat"),
        _("Data perekaman Anda sudah dikirim ke pusat dan sedang diperiksa."),
        _("Sekarang cukup menunggu. %(no_second)s"),
        tone=Tone.GOOD,
    ),
    Situation.SENT_STALLED: Advice(
        _("Sedang kami periksa, jangan rekam ulang dulu"),
        _("Data Anda sudah dikirim, tetapi pusat belum menjawab. Ini lebih lama dari seharusnya."),
        _("Jangan rekam ulang dulu. Petugas sedang menanyakan data Anda ke pusat; kami mengabari begitu ada hasil."),
        tone=Tone.CARE,
    ),
    Situation.CENTRE_CHECKS: Advice(
        _("Sedang diperiksa di pusat"),
        _("Pemeriksaan data Anda di pusat perlu waktu lebih lama dari biasanya."),
        _("Tunggu kabar dari kami dan jangan rekam ulang dulu."),
    ),
    Situation.CENTRE_CHECKS_STALLED: Advice(
        _("Silakan datang, jangan rekam ulang dulu"),
        _("Pemeriksaan data Anda di pusat belum selesai."),
        _("Datang ke %(office)s membawa KK asli supaya petugas dapat membantu. Jangan rekam ulang dulu."),
        tone=Tone.CARE,
    ),
    Situation.COME_TO_DISDUKCAPIL: Advice(
        _("Silakan datang ke Disdukcapil, jangan rekam ulang dulu"),
        _("Data Anda perlu diperiksa bersama Anda."),
        _("Datang ke kantor Disdukcapil membawa KK asli. Jangan rekam ulang sebelum selesai diperiksa."),
        tone=Tone.CARE,
    ),
    Situation.OFFICE_CHECKS: Advice(
        _("Sedang kami periksa, jangan rekam ulang dulu"),
        _("Pemeriksaan data Anda di pusat belum berhasil. Petugas memeriksa apakah cukup dikirim ulang."),
        _("Jangan rekam ulang dulu. Kami mengabari langkah berikutnya."),
        tone=Tone.CARE,
    ),
    Situation.RERECORD: Advice(
        _("Perlu rekam ulang"),
        _("%(recorded)s Data yang lain tidak hilang."),
        _("Pesan jadwal rekam ulang dan bawa Kartu Keluarga (KK) asli. Kode Anda tetap sama. Gratis."),
        Action.RERECORD,
        Tone.CARE,
    ),
    Situation.PRINT_READY: Advice(
        _("Lolos pemeriksaan, menunggu dicetak"),
        _("Data Anda sudah selesai diperiksa di pusat. Kartu dapat diambil di %(office)s nanti."),
        _("Sekarang cukup menunggu; kami mengabari bila kartu siap diambil."),
        tone=Tone.GOOD,
    ),
    Situation.PRINT_ON_REQUEST: Advice(
        _("Lolos pemeriksaan, siap dicetak"),
        _("Data Anda sudah selesai diperiksa di pusat."),
        _("Datang sendiri ke %(office)s membawa KK asli. Kartu dicetak saat Anda datang."),
        tone=Tone.GOOD,
    ),
    Situation.PRINT_INVITED: Advice(
        _("Kartu Anda dapat dicetak sekarang"),
        _("Blanko untuk kartu Anda disimpan di %(office)s sampai %(until)s."),
        _(
            "Datang sendiri ke %(office)s membawa KK asli, paling lambat %(until)s. Kartu dicetak saat Anda datang. "
            "Gratis. Sesudah tanggal itu blankonya dipakai orang berikutnya."
        ),
        tone=Tone.GOOD,
    ),
    Situation.NO_BLANKS: Advice(
        _("Siap dicetak, menunggu blanko"),
        _("Data Anda sudah selesai diperiksa di pusat, tetapi blanko KTP-el di %(office)s belum cukup."),
        _(
            "Kami mengabari begitu ada blanko untuk Anda. Perlu identitas segera? Tanyakan surat pengganti KTP-el di "
            "%(office)s, bawa KK asli."
        ),
        tone=Tone.CARE,
    ),
    Situation.LETTER_IN_HAND: Advice(
        _("Siap dicetak, pakai dulu surat Anda"),
        _("Data Anda sudah selesai diperiksa di pusat, tetapi blanko KTP-el di %(office)s belum cukup."),
        _(
            "Pakai surat Anda (%(letter)s) selama kartu belum jadi. Bila habis lebih dulu, perpanjang di %(office)s. "
            "Kami mengabari begitu ada blanko."
        ),
    ),
    Situation.PRINT_LATE: Advice(
        _("Siap dicetak, tetapi terlambat"),
        _("Data Anda sudah selesai diperiksa di pusat, tetapi kartu belum dicetak. Ini lebih lama dari seharusnya."),
        _("Datang ke %(office)s membawa KK asli: kartu dicetak, atau Anda mendapat surat pengganti KTP-el."),
        tone=Tone.CARE,
    ),
    Situation.ON_ITS_WAY: Advice(
        _("Sudah dicetak, dalam perjalanan ke kantor"),
        _("Kartu Anda sudah dicetak dan dibawa ke %(office)s."),
        _("Sekarang cukup menunggu; kami mengabari bila kartu siap diambil."),
        tone=Tone.GOOD,
    ),
    Situation.ON_ITS_WAY_LATE: Advice(
        _("Sudah dicetak, sedang kami lacak"),
        _("Kartu Anda sudah dicetak, tetapi belum tercatat sampai di %(office)s. Ini lebih lama dari seharusnya."),
        _("Anda tidak perlu datang dulu. Petugas sedang melacak kartunya; kami mengabari begitu siap diambil."),
        tone=Tone.CARE,
    ),
    Situation.READY: Advice(
        _("Siap diambil"),
        _("Kartu Anda ada di %(office)s."),
        _(
            "Datang sendiri ke %(office)s membawa KK asli, dan surat pengganti bila punya. Kartu diaktifkan dengan "
            "sidik jari Anda. Gratis."
        ),
        tone=Tone.GOOD,
        help_title=_("Tidak dapat datang sendiri?"),
        help_text=_(
            "Hanya untuk yang sakit atau penyandang disabilitas: keluarga boleh mengambil dengan surat kuasa tertulis, "
            "KTP-el sendiri, dan KK asli Anda. Dua petugas memeriksanya."
        ),
    ),
    Situation.COLLECTED: Advice(
        _("KTP-el sudah Anda terima"),
        _("Kartu diserahkan di %(office)s."),
        _("Selesai. Kartu hilang atau rusak? Datang ke kantor layanan membawa KK asli."),
        tone=Tone.GOOD,
    ),
    Situation.CLOSED: Advice(
        _("Berkas ini sudah ditutup"),
        _("Berkas KTP-el ini tidak diproses lagi."),
        _("Datang ke kantor layanan atau telepon Disdukcapil bila Anda merasa ini keliru."),
    ),
}

NOT_CERTAIN = _("Belum dapat dipastikan; kami mengabari begitu ada hasil")
WITH_BLANKS = _("Belum ada tanggalnya: menunggu kiriman blanko berikutnya")
# When to expect the card, where no date can say it.
ETA_WORDS = {
    Situation.CAPTURED_STALLED: NOT_CERTAIN,
    Situation.SENT_STALLED: NOT_CERTAIN,
    Situation.CENTRE_CHECKS: NOT_CERTAIN,
    Situation.CENTRE_CHECKS_STALLED: NOT_CERTAIN,
    Situation.COME_TO_DISDUKCAPIL: NOT_CERTAIN,
    Situation.OFFICE_CHECKS: NOT_CERTAIN,
    Situation.OPENED_AT_DESK: NOT_CERTAIN,
    Situation.NOT_UPDATED: NOT_CERTAIN,
    Situation.ON_ITS_WAY_LATE: NOT_CERTAIN,
    Situation.PRINT_ON_REQUEST: _("Saat Anda datang ke kantor"),
    Situation.PRINT_INVITED: _("Saat Anda datang ke kantor"),
    Situation.NO_BLANKS: WITH_BLANKS,
    Situation.LETTER_IN_HAND: WITH_BLANKS,
    Situation.READY: _("Sekarang sudah bisa diambil"),
}
# Where the promise still stands.
EXPECTING = (
    Situation.BOOKED,
    Situation.BOOKED_AGAIN,
    Situation.ARRIVED,
    Situation.RERECORD,
    Situation.UNDER_SEVENTEEN,
    Situation.CAPTURED,
    Situation.SENT,
    Situation.PRINT_READY,
    Situation.ON_ITS_WAY,
)

# Where the stock of the office still matters to the resident.
BEFORE_PRINT = (
    Situation.BOOKED,
    Situation.BOOKED_AGAIN,
    Situation.ARRIVED,
    Situation.RERECORD,
    Situation.CAPTURED,
    Situation.SENT,
    Situation.PRINT_READY,
    Situation.PRINT_ON_REQUEST,
    Situation.NO_BLANKS,
    Situation.LETTER_IN_HAND,
)
# Where somebody has to come to the office: its address and hours are shown.
COME = (
    Situation.RECORDED_BEFORE,
    Situation.CENTRE_CHECKS_STALLED,
    Situation.COME_TO_DISDUKCAPIL,
    Situation.PRINT_ON_REQUEST,
    Situation.PRINT_INVITED,
    Situation.PRINT_LATE,
    Situation.READY,
)

# The first sentence of the message that goes out when a case is flagged; "%(office)s" is where to go.
STALLED_MESSAGE = {
    CaseStatus.CAPTURED: _(
        "Data perekaman KTP-el Anda belum terkirim ke pusat. Sedang kami periksa dan kirim ulang; jangan rekam ulang "
        "dulu."
    ),
    CaseStatus.SENT: _("Pusat belum menjawab tentang data KTP-el Anda. Sedang kami periksa; jangan rekam ulang dulu."),
    CaseStatus.ADJUDICATION: _(
        "Pemeriksaan data KTP-el Anda belum selesai. Datang ke %(office)s membawa KK asli; jangan rekam ulang dulu."
    ),
    CaseStatus.DUPLICATE: _(
        "Data KTP-el Anda perlu diperiksa bersama Anda. Datang ke Disdukcapil membawa KK asli; jangan rekam ulang dulu."
    ),
    CaseStatus.FAILED: _("Pemeriksaan data KTP-el Anda belum berhasil. Sedang kami periksa; jangan rekam ulang dulu."),
    CaseStatus.RERECORD: _("Perekaman KTP-el Anda masih perlu diulang. Pesan jadwal rekam ulang, gratis."),
    CaseStatus.PRINT_READY: _(
        "KTP-el Anda siap dicetak tetapi terlambat. Datang ke %(office)s membawa KK asli: kartu dicetak atau Anda "
        "mendapat surat keterangan."
    ),
    CaseStatus.PRINTED: _("KTP-el Anda sudah dicetak tetapi terlambat sampai di %(office)s. Sedang kami urus."),
    CaseStatus.SHIPPED: _("KTP-el Anda sudah dicetak tetapi terlambat sampai di %(office)s. Sedang kami lacak."),
    CaseStatus.READY: _("KTP-el Anda menunggu diambil di %(office)s. Datang sendiri membawa KK asli."),
}
