"""How the audit trail is spoken of, and which looks at people stand out.

Bases: the right to know who processed one's data, UU 27/2022 articles 31-32; the thresholds are office standards.
"""

from collections.abc import Mapping
from datetime import time, timedelta

from django.utils.translation import gettext_lazy as _

READ_PATTERNS = ("search.%", "%.read%")  # SQL LIKE: looks, as opposed to steps of work
WORK_WITHIN = timedelta(minutes=30)  # a look belongs to work on the same person this near
EARLIEST, LATEST = time(7), time(22)  # WIB; outside, no office serves or prepares
BASELINE = timedelta(days=28)
WEEK = timedelta(days=7)
FEWEST_WITHOUT_WORK = 5  # fewer are a wrong name clicked
SHARE_WITHOUT_WORK = 0.25

# By the first match: exact actions before groups. Left for staff, right for the resident.
_WORDS: dict[str, tuple[str, object]] = {
    "resident.read_in_full": ("Membuka data lengkap", _("Membuka data Anda")),
    "resident.read": ("Membuka data warga", _("Membuka data Anda")),
    "resident.correct": ("Memperbaiki data yang diketik sendiri", _("Memperbaiki data Anda menurut KK")),
    "resident.erase": ("Menghapus data pribadi", _("Menghapus data Anda")),
    "receipt.read": ("Mencetak bukti", _("Mencetak bukti Anda")),
    "search.nik": ("Mencari dengan NIK", _("Mencari data Anda")),
    "search.code": ("Mencari dengan kode", _("Mencari data Anda")),
    "search.name": ("Mencari dengan nama", _("Mencari data Anda")),
    "search.": ("Mencari warga", _("Mencari data Anda")),
    "tracking_code.": ("Mencetak ulang atau mengganti kode", _("Mengurus kode Anda")),
    "appointment.book": ("Memesan jadwal", _("Mengurus janji Anda")),
    "office.describe": ("Mengubah keterangan kantor", _("Mengatur kantor")),
    "appointment.move": ("Mengubah jadwal", _("Mengurus janji Anda")),
    "appointment.cancel": ("Membatalkan janji", _("Mengurus janji Anda")),
    "appointment.check_in": ("Mencatat hadir", _("Mengurus janji Anda")),
    "appointment.refuse": ("Menolak (syarat)", _("Mengurus janji Anda")),
    "appointment.miss": ("Mencatat tidak hadir", _("Mengurus janji Anda")),
    "appointment.send_home": ("Memulangkan dengan waktu baru", _("Mengurus janji Anda")),
    "appointment.void_with_family_card": ("Membatalkan janji dengan KK", _("Membatalkan janji Anda di loket")),
    "appointment.walk_in": ("Memberi nomor tanpa janji", _("Mengurus janji Anda")),
    "appointment.": ("Mengurus janji", _("Mengurus janji Anda")),
    "queue.": ("Antrean", _("Mengurus antrean Anda")),
    "recording.accepted": ("Mencatat perekaman", _("Mencatat perekaman Anda")),
    "recording.failed": ("Mencatat gagal rekam", _("Mencatat perekaman Anda")),
    "recording.": ("Mencatat perekaman", _("Mencatat perekaman Anda")),
    "print_run.read_list": ("Membuka daftar siap cetak", _("Membuka daftar kartu yang akan dicetak")),
    "print_run.read": ("Membuka daftar cetak", _("Membuka daftar kartu yang akan dicetak")),
    "print_run.print": ("Mencetak daftar cetak", _("Membuka daftar kartu yang akan dicetak")),
    "print_run.export": ("Mengunduh daftar cetak", _("Membuka daftar kartu yang akan dicetak")),
    "print_run.propose": ("Mengusulkan daftar cetak", _("Mengurus kartu Anda")),
    "print_run.start": ("Memulai daftar cetak", _("Mengurus kartu Anda")),
    "print_run.drop": ("Mengakhiri daftar cetak", _("Mengurus kartu Anda")),
    "print_run.drop_person": ("Mengeluarkan dari daftar cetak", _("Mengurus kartu Anda")),
    "print_run.apologise": ("Mencatat datang saat blanko habis", _("Mengurus kartu Anda")),
    "print_rule.order": ("Mengubah urutan cetak", ""),
    "office.printing": ("Mengubah cara kantor mencetak", ""),
    "hand_over.read_list": ("Membuka daftar kartu siap diambil", _("Membuka daftar kartu siap diambil")),
    "hand_over.read": ("Membuka penyerahan kartu", _("Mengurus kartu Anda")),
    "hand_over.export": ("Mengunduh daftar kartu siap diambil", _("Membuka daftar kartu siap diambil")),
    "shipment.read_list": ("Membuka kartu yang akan dikirim", _("Membuka daftar kartu yang dikirim")),
    "shipment.read": ("Membuka kiriman kartu", _("Membuka daftar kartu yang dikirim")),
    "shipment.print": ("Mencetak isi kiriman", _("Membuka daftar kartu yang dikirim")),
    "shipment.check_in": ("Menghitung kiriman kartu", _("Mengurus kartu Anda")),
    "case.read": ("Membuka berkas kartu", _("Membuka berkas kartu Anda")),
    "case.read_list": ("Membuka daftar berkas", _("Membuka berkas kartu Anda")),
    "case.export": ("Mengunduh daftar berkas", _("Membuka berkas kartu Anda")),
    "case.open": ("Membuka berkas yang direkam sebelum portal", _("Membuka berkas kartu untuk Anda")),
    "case.family_card_differs": ("Membuka berkas walau nomor KK berbeda", _("Membuka berkas kartu untuk Anda")),
    "case.ask_second_person": ("Meminta persetujuan rekam ulang", _("Mengurus kartu Anda")),
    "case.second_person_granted": ("Menyetujui rekam ulang", _("Mengurus kartu Anda")),
    "case.second_person_refused": ("Menolak rekam ulang", _("Mengurus kartu Anda")),
    "case.keep_ours": ("Memutuskan catatan kantor benar", _("Mengurus kartu Anda")),
    "case.adopt_observed": ("Memutuskan mengikuti data pusat", _("Mengurus kartu Anda")),
    "case.": ("Mengubah berkas kartu", _("Mengurus kartu Anda")),
    "letter.read_list": ("Membuka daftar surat pengganti", _("Membuka surat pengganti KTP-el Anda")),
    "letter.read": ("Membuka surat pengganti", _("Membuka surat pengganti KTP-el Anda")),
    "letter.export": ("Mengunduh daftar surat pengganti", _("Membuka surat pengganti KTP-el Anda")),
    "letter.print": ("Mencetak draf surat pengganti", _("Membuka surat pengganti KTP-el Anda")),
    "letter.issue": ("Mencatat surat pengganti", _("Mengurus surat pengganti KTP-el Anda")),
    "letter.extend": ("Memperpanjang surat pengganti", _("Mengurus surat pengganti KTP-el Anda")),
    "letter.revoke": ("Mencabut surat pengganti", _("Mengurus surat pengganti KTP-el Anda")),
    "letter.": ("Mengurus surat pengganti", _("Mengurus surat pengganti KTP-el Anda")),
    "letter_rule.": ("Mengubah aturan surat pengganti", ""),
    "supply.": ("Mengurus persediaan", ""),
    "central_list.receive": ("Mengunggah daftar pusat", ""),
    "central_list.map": ("Memetakan kolom daftar pusat", ""),
    "central_list.read": ("Membuka daftar pusat", ""),
    "central_list.apply": ("Menerapkan daftar pusat", ""),
    "central_list.discard": ("Membuang daftar pusat", ""),
    "central_list.undo": ("Mengurungkan daftar pusat", ""),
    "central_list.export": ("Mengunduh baris daftar pusat yang dilewati", ""),
    "central_list.": ("Mengurus daftar pusat", ""),
    "resident.admit": ("Menerima warga dari daftar pusat", _("Mencatat data Anda dari daftar pusat")),
    "closing.unsent_export": ("Mengunduh daftar belum terkirim", _("Membuka daftar janji hari itu")),
    "closing.": ("Menutup hari", _("Membuka daftar janji hari itu")),
    "desk.sheet": ("Mencetak lembar harian", _("Membuka daftar janji hari itu")),
    "desk.sheet_export": ("Mengunduh lembar harian", _("Membuka daftar janji hari itu")),
    "desk.list": ("Membuka daftar loket", _("Membuka daftar janji hari itu")),
    "roster.create": ("Membuat daftar jemput bola", _("Memasukkan Anda ke daftar jemput bola")),
    "roster.read": ("Membuka daftar jemput bola", _("Membuka daftar jemput bola")),
    "roster.list": ("Membuka daftar jemput bola", _("Membuka daftar jemput bola")),
    "roster.print": ("Mencetak daftar jemput bola", _("Membuka daftar jemput bola")),
    "roster.export_rejects": ("Mengunduh baris jemput bola yang tertolak", _("Membuka daftar jemput bola")),
    "roster.export": ("Mengunduh daftar jemput bola", _("Membuka daftar jemput bola")),
    "roster.results": ("Memasukkan hasil jemput bola", _("Mencatat perekaman Anda")),
    "roster.": ("Mengurus jemput bola", _("Membuka daftar jemput bola")),
    "home_visit.read_list": ("Membuka daftar permintaan kunjungan", _("Mengurus permintaan kunjungan Anda")),
    "home_visit.read": ("Membuka permintaan kunjungan", _("Mengurus permintaan kunjungan Anda")),
    "home_visit.export": ("Mengunduh permintaan kunjungan", _("Mengurus permintaan kunjungan Anda")),
    "home_visit.request": ("Mencatat permintaan kunjungan", _("Mengurus permintaan kunjungan Anda")),
    "home_visit.plan": ("Merencanakan kunjungan", _("Mengurus permintaan kunjungan Anda")),
    "home_visit.decline": ("Menolak permintaan kunjungan", _("Mengurus permintaan kunjungan Anda")),
    "home_visit.": ("Mengurus permintaan kunjungan", _("Mengurus permintaan kunjungan Anda")),
    "message.read_list": ("Membuka daftar pesan", _("Membuka daftar pesan kepada warga")),
    "message.read": ("Membuka pesan", _("Membuka pesan kepada Anda")),
    "message.export": ("Mengunduh daftar pesan", _("Membuka daftar pesan kepada warga")),
    "message.send_again": ("Mengirim lagi pesan", _("Mengirim lagi pesan kepada Anda")),
    "message.fewer": ("Meminta hanya pesan penting", _("Memilih pesan yang Anda terima")),
    "message.all": ("Meminta semua pesan", _("Memilih pesan yang Anda terima")),
    "call.read_list": ("Membuka daftar telepon", _("Membuka daftar telepon")),
    "call.read_number": ("Membuka nomor telepon", _("Membuka nomor telepon Anda")),
    "call.read_sheet": ("Membuka lembar balai desa", _("Membuka daftar telepon")),
    "call.read": ("Membuka warga di daftar telepon", _("Membuka daftar telepon")),
    "call.reached": ("Menelepon, tersambung", _("Menelepon Anda")),
    "call.no_answer": ("Menelepon, tidak diangkat", _("Menelepon Anda")),
    "call.wrong_number": ("Menelepon, nomor salah", _("Menelepon Anda")),
    "call.village": ("Mencatat diberi tahu lewat desa", _("Memberi tahu Anda lewat desa")),
    "call.sheet_print": ("Membuat lembar balai desa", _("Memberi tahu Anda lewat desa")),
    "told.read_list": ("Membuka daftar yang belum tahu", _("Membuka daftar telepon")),
    "told.export": ("Mengunduh daftar yang belum tahu", _("Membuka daftar telepon")),
    "staff.sign_in": ("Masuk", ""),
    "staff.export": ("Mengunduh daftar petugas", ""),
    "staff.invite": ("Mengundang petugas", ""),
    "staff.invite_again": ("Mengundang petugas lagi", ""),
    "staff.change": ("Mengubah akun petugas", ""),
    "staff.disable": ("Menonaktifkan akun petugas", ""),
    "staff.enable": ("Mengaktifkan akun petugas", ""),
    "staff.end_sessions": ("Mengeluarkan petugas", ""),
    "staff.second_factor_on": ("Memasang kode kedua", ""),
    "staff.second_factor_reset": ("Menghapus kode kedua petugas", ""),
    "staff.recovery_codes": ("Membuat kode cadangan", ""),
    "staff.recovery_code_used": ("Masuk dengan kode cadangan", ""),
    "staff.password": ("Mengganti sandi sendiri", ""),
    "staff.password_by_invitation": ("Membuat sandi pertama", ""),
    "staff.password_by_password_reset": ("Membuat sandi baru lewat e-mail", ""),
    "staff.": ("Mengurus akun petugas", ""),
    "access_log.": ("Mengunduh catatan akses", ""),
    "rule.": ("Mengubah jam layanan", _("Mengurus janji Anda")),
    "closure.": ("Mengubah hari tutup", _("Mengurus janji Anda")),
    "stations.": ("Mengubah jumlah loket", _("Mengurus janji Anda")),
    "outage.": ("Mencatat server pusat mati", _("Mengurus janji Anda")),
}

# What the filter offers: name in the address, label, SQL LIKE patterns.
GROUPS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "lihat": ("Melihat dan mencari", READ_PATTERNS),
    "janji": ("Janji dan antrean", ("appointment.%", "queue.%")),
    "batal-kk": ("Pembatalan dengan KK", ("appointment.void_with_family_card",)),
    "rekam": ("Perekaman", ("recording.%",)),
    "berkas": ("Berkas kartu", ("case.%",)),
    "surat": ("Surat pengganti", ("letter.%",)),
    "jemput": ("Jemput bola dan kunjungan", ("roster.%", "home_visit.%")),
    "kode": ("Kode pesanan", ("tracking_code.%", "receipt.%")),
    "pesan": ("Pesan dan telepon", ("message.%", "call.%", "told.%")),
    "akun": ("Akun dan masuk", ("staff.%",)),
}


def words(action: str) -> str:
    """What staff call `action`; an action without a name of its own is shown as it is stored."""
    return _match(action)[0] or action


def words_for_resident(action: str) -> str:
    """What was done with the resident's data, in the active language."""
    return str(_match(action)[1] or _("Mengurus data Anda"))


def _match(action: str) -> tuple[str, object]:
    if action in _WORDS:
        return _WORDS[action]
    return next((said for group, said in _WORDS.items() if group.endswith(".") and action.startswith(group)), ("", ""))


def stands_out(*, reads: int, without_work: int, off_hours: int, busiest: int, usual_most: float | None) -> list[str]:
    """Why a person's week deserves a question; empty when it does not."""
    reasons = []
    if without_work >= FEWEST_WITHOUT_WORK and without_work >= SHARE_WITHOUT_WORK * reads:
        reasons.append("sering tanpa layanan")
    if off_hours:
        reasons.append("di luar jam")
    if usual_most is not None and busiest > usual_most:
        reasons.append("jauh lebih banyak dari biasanya")
    return reasons
