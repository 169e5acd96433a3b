"""What staff read about a case: where it stands, what a step is called, and what it brings about."""

from issuance.enums import CaseStatus, NextStep, WaitingFor

S = CaseStatus
# Where the card stands, in a sentence.
STANDS: dict[CaseStatus, str] = {
    S.CAPTURED: "Data ada di alat perekaman kantor dan belum terkirim ke pusat.",
    S.SENT: "Data sudah dikirim; pusat memeriksa apakah orang ini sudah ada di data nasional.",
    S.ADJUDICATION: "Sidik jarinya mirip orang lain. Pusat sedang memeriksa; jangan rekam ulang.",
    S.DUPLICATE: "Pusat menemukan lebih dari satu rekaman. Jangan rekam ulang sebelum pusat menghapus yang lama.",
    S.FAILED: "Pusat tidak dapat memakai rekamannya. Periksa dulu apakah cukup dikirim ulang.",
    S.RERECORD: "Warga berhak rekam ulang dan sudah diberi tahu; menunggu perekaman baru.",
    S.PRINT_READY: "Lolos pemeriksaan pusat. Kartu tinggal dicetak.",
    S.PRINTED: "Kartu sudah dicetak dan belum sampai di kantor pengambilan.",
    S.SHIPPED: "Kartu dalam perjalanan ke kantor pengambilan.",
    S.READY: "Kartu ada di kantor pengambilan dan menunggu warganya.",
    S.ISSUED: "Kartu sudah di tangan warga.",
    S.CLOSED: "Berkas ditutup; tidak ada lagi yang dikerjakan.",
}

# What is due when nothing else is asked for: who does it.
USUALLY: dict[CaseStatus, str] = {
    S.CAPTURED: "Kirim dari alat perekaman, lalu catat terkirim.",
    S.SENT: "Tunggu daftar pusat berikutnya.",
    S.ADJUDICATION: "Tunggu daftar pusat berikutnya.",
    S.DUPLICATE: "Warga ke Disdukcapil membawa KK; verifikator minta pusat menghapus rekaman lama.",
    S.FAILED: "Verifikator memeriksa ke pusat: kirim ulang, atau minta rekam ulang.",
    S.RERECORD: "Tunggu warga memesan dan datang.",
    S.PRINT_READY: "Cetak, atau undang warga untuk dicetak saat datang.",
    S.PRINTED: "Kirim ke kantor pengambilan, atau catat sudah ada di sana.",
    S.SHIPPED: "Catat tiba di kantor pengambilan.",
    S.READY: "Serahkan kepada warga sendiri.",
}

# While the clock is paused, that is what everybody waits for.
WHILE_WAITING: dict[WaitingFor, str] = {
    WaitingFor.BLANK: "Tunggu blanko; warga boleh mendapat surat keterangan dulu.",
    WaitingFor.AGE: "Tunggu umur 17; warga dikabari pada harinya.",
    WaitingFor.RESIDENT: "Tunggu warga datang; kartu dicetak saat itu.",
}
TO_SETTLE = "Verifikator menyelesaikan perbedaan dengan data pusat."

# The verb of a decided step.
STEPS: dict[tuple[CaseStatus, CaseStatus], str] = {
    (S.CAPTURED, S.SENT): "Catat terkirim ke pusat",
    (S.CAPTURED, S.FAILED): "Catat gagal di pusat",
    (S.SENT, S.CAPTURED): "Kirim ulang dari kantor",
    (S.SENT, S.FAILED): "Catat gagal di pusat",
    (S.ADJUDICATION, S.DUPLICATE): "Catat data ganda",
    (S.FAILED, S.CAPTURED): "Kirim ulang dari kantor",
}
TO_RERECORD = "Minta rekam ulang"
TO_CLOSED = "Tutup berkas"

# What a step brings about, said before it is confirmed.
BRINGS: dict[CaseStatus, tuple[str, ...]] = {
    S.SENT: ("Jam menunggu jawaban pusat mulai dari sekarang.", "Warga tidak dikirimi pesan."),
    S.CAPTURED: (
        "Kantor mengirim ulang dari alat perekaman; warga tidak perlu datang.",
        "Warga tidak dikirimi pesan.",
    ),
    S.FAILED: (
        "Halaman status warga berbunyi “sedang kami periksa, jangan rekam ulang dulu”.",
        "Sesudah ini pilih: kirim ulang, atau minta rekam ulang.",
    ),
    S.DUPLICATE: (
        "Warga diminta ke Disdukcapil membawa KK asli.",
        "Rekam ulang baru boleh sesudah pusat menghapus rekaman lama.",
    ),
    S.RERECORD: (
        "Warga berhak direkam lagi, dengan tempat cadangan.",
        "Warga diberi tahu lewat pesan; tanpa kontak, masuk daftar telepon hari ini.",
    ),
    S.CLOSED: (
        "Berkas berhenti dan tidak dapat dibuka lagi.",
        "Surat yang masih berlaku dicabut dan pesan yang belum terkirim ditarik.",
        "Warga tidak dapat direkam lagi sebelum ada keputusan baru.",
    ),
}

# Which step is due where the stall clock says what has to happen.
DUE: dict[NextStep, CaseStatus] = {
    NextStep.OFFICE_RESEND: S.SENT,
    NextStep.CHECK_CENTRE: S.CAPTURED,
    NextStep.CHOOSE_DUPLICATE: S.RERECORD,
    NextStep.PROPOSE_RERECORD: S.RERECORD,
}


def step_label(status: CaseStatus | str, to: CaseStatus | str) -> str:
    """What the move from `status` to `to` is called on its button."""
    if to == S.CLOSED:
        return TO_CLOSED
    if to == S.RERECORD:
        return TO_RERECORD
    return STEPS.get((CaseStatus(status), CaseStatus(to)), f"Ubah menjadi {CaseStatus(to).label}")


def next_words(
    *, status: CaseStatus | str, next_step: NextStep | str, waiting_for: WaitingFor | str, differs: bool
) -> str:
    """What has to happen now, and who does it; empty once the case has ended. `differs`: from the centre's list."""
    if differs:
        return TO_SETTLE
    if next_step != NextStep.NONE:
        return f"{NextStep(next_step).label}."
    return WHILE_WAITING.get(WaitingFor(waiting_for)) or USUALLY.get(CaseStatus(status), "")
