"""`/suket/<token>/`: does the letter in front of me hold?

Always 200, also for an unknown letter: "unknown" is one of the four answers to the question that was asked, not a page
that is missing, and the person reading it needs the sentence and what to do, not an error.
"""

from django.http import HttpRequest
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from issuance.services.letter_check import PublicLetter, Standing, check
from recording.dates import plain_date
from recording.views.public import PersonalPage, address_of

TONES = {
    Standing.VALID: "success",
    Standing.EXPIRED: "warning",
    Standing.REVOKED: "danger",
    Standing.UNKNOWN: "danger",
}


class LetterCheckView(PersonalPage):
    def get(self, request: HttpRequest, token: str):
        letter = check(token=token, address=address_of(request), now=timezone.now())
        headline, advice = _words(letter)
        context = {"headline": headline, "advice": advice, "tone": TONES[letter.standing], "rows": _rows(letter)}
        response = render(request, "issuance/letter_check.html", context)
        response["X-Robots-Tag"] = "noindex"
        response["Referrer-Policy"] = "no-referrer"
        return response


def _words(letter: PublicLetter) -> tuple[str, str]:
    """The answer, and what to do with it."""
    match letter.standing:
        case Standing.VALID:
            return _("Surat ini berlaku"), _(
                "Cocokkan nomor dan huruf awal nama dengan surat aslinya. Surat asli memuat foto dan tanda tangan "
                "elektronik; lembar draf dari portal ini bukan dokumen resmi."
            )
        case Standing.EXPIRED:
            return _("Masa berlaku surat ini sudah habis"), _(
                "Surat ini tidak berlaku lagi. Pemegangnya dapat memperpanjang di kantor layanan selama kartunya belum "
                "jadi. Gratis."
            )
        case Standing.REVOKED:
            return _("Surat ini sudah dicabut"), _(
                "Surat ini tidak berlaku lagi. Biasanya karena kartunya sudah diterima: mintalah KTP-el."
            )
        case _:
            return _("Surat ini tidak dikenal"), _(
                "Tidak ada surat dengan alamat ini. Periksa lagi huruf dan angkanya, atau telepon Disdukcapil. Jangan "
                "terima surat ini sebelum jelas."
            )


def _rows(letter: PublicLetter) -> list[dict[str, str]]:
    rows = (
        (_("Jenis"), letter.kind),
        (_("Nomor"), letter.number),
        (_("Atas nama"), letter.name),
        (_("Terbit"), plain_date(letter.issued_on) if letter.issued_on else ""),
        (_("Berlaku sampai"), plain_date(letter.valid_until) if letter.valid_until else ""),
    )
    return [{"label": label, "value": value} for label, value in rows if value]
