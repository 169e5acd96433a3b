"""What makes a recording valid, and what to tell somebody whose recording failed.

Basis: Permendagri on KTP-el recording as practised: photo, ten fingerprints, irises and signature are taken; what a
person does not have is left out with its reason and the rest is still taken; nobody is sent home for it. Without a
photograph there is no card, so that sitting has failed.
"""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

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

# What the resident is told, by reason of the failure. Every line says what to do.
ADVICE = {
    FailureReason.PHOTO: _(
        "Foto belum dapat diambil. Lepas kacamata, lensa kontak, dan topi, dan biarkan wajah terlihat seluruhnya "
        "pada kunjungan berikut."
    ),
    FailureReason.FINGERPRINT: _(
        "Sidik jari belum terbaca. Bersihkan dan lembapkan jari; bila ada luka, tunggu sembuh, lalu datang lagi."
    ),
    FailureReason.SIGNATURE: _("Tanda tangan belum terekam. Datang lagi untuk tanda tangan."),
    FailureReason.DEVICE: _("Alat perekaman sedang terganggu, bukan salah Anda. Datang lagi pada jam yang baru."),
    FailureReason.NETWORK: _("Jaringan sedang terganggu, bukan salah Anda. Datang lagi pada jam yang baru."),
    FailureReason.DATA: _(
        "Data Anda belum sesuai dengan Kartu Keluarga. Perbaiki di loket Kartu Keluarga dulu, lalu datang lagi membawa "
        "KK yang baru."
    ),
    FailureReason.OTHER: _("Perekaman belum berhasil. Petugas menjelaskan sebabnya dan kapan Anda datang lagi."),
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
    return f"{ADVICE[FailureReason(failure_reason)]}" if failure_reason else ""
