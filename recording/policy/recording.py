"""What makes a recording valid, and what to tell somebody whose recording failed.

Basis: Permendagri on KTP-el recording as practised: photo, ten fingerprints, irises and signature are taken; what a
person does not have is left out with its reason and the rest is still taken; nobody is sent home for it. Without a
photograph there is no card, so that sitting has failed.
"""

from collections.abc import Mapping

from recording.enums import BiometricElement, FailureReason, MissingReason, RecordingOutcome

# Why an element may be missing from an accepted recording. The photograph is not in the table: it never may.
MAY_BE_MISSING: dict[BiometricElement, tuple[MissingReason, ...]] = {
    BiometricElement.FINGERPRINTS: (
        MissingReason.AMPUTATION,
        MissingReason.INJURY,
        MissingReason.WORN,
        MissingReason.OTHER,
    ),
    BiometricElement.IRIS: (MissingReason.BLIND, MissingReason.INJURY, MissingReason.OTHER),
    BiometricElement.SIGNATURE: (
        MissingReason.TREMOR,
        MissingReason.AMPUTATION,
        MissingReason.INJURY,
        MissingReason.OTHER,
    ),
}

# What the clerk tells the resident, by reason of the failure. Every line ends in what to do.
ADVICE: dict[FailureReason, str] = {
    FailureReason.PHOTO: "Lepas kacamata, lensa kontak, dan topi; rambut tidak menutup wajah. Foto diulang pada kunjungan berikut.",
    FailureReason.FINGERPRINT: "Bersihkan dan lembapkan jari, tunggu luka sembuh, lalu datang lagi. "
    "Jari yang memang tidak ada atau aus tetap dapat direkam dengan pengecualian.",
    FailureReason.SIGNATURE: "Datang lagi untuk tanda tangan. Yang tidak dapat menulis direkam dengan pengecualian.",
    FailureReason.DEVICE: "Bukan salah warga. Beri jam lain yang paling dekat; kode yang sama tetap berlaku.",
    FailureReason.NETWORK: "Bukan salah warga. Beri jam lain yang paling dekat; kode yang sama tetap berlaku.",
    FailureReason.DATA: "Perbaiki data di loket Kartu Keluarga dulu, lalu datang lagi membawa KK yang baru.",
    FailureReason.OTHER: "Jelaskan alasannya kepada warga, tulis di catatan, dan sebutkan kapan harus datang lagi.",
}


def captured(outcome: RecordingOutcome, missing: Mapping[str, str]) -> list[str]:
    """The elements taken. A failed sitting leaves nothing that can be used, so it has none."""
    if outcome == RecordingOutcome.FAILED:
        return []
    return [element.value for element in BiometricElement if element.value not in missing]


def missing_is_acceptable(missing: Mapping[str, str]) -> bool:
    """Whether every missing element may be left out for the reason given."""
    return all(
        element in MAY_BE_MISSING and reason in MAY_BE_MISSING[BiometricElement(element)]
        for element, reason in missing.items()
    )


def advice(failure_reason: str) -> str:
    """What to tell the resident; empty for a recording that did not fail."""
    return ADVICE[FailureReason(failure_reason)] if failure_reason else ""
