"""What residents are told of what a national list says of them. `%(office)s` is filled in by `services.list_messages`."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from issuance.enums import CaseStatus

Words = str | Promise

WAIT_FOR_CHECK = _("Datanya sedang diperiksa; kami mengabari begitu ada hasil.")
PRINTED_ON_REQUEST = _("Datang sendiri ke %(office)s membawa KK asli; kartu dicetak saat Anda datang. Gratis.")
PRINTED_LATER = _("Kartu dicetak untuk %(office)s; kami mengabari bila siap.")
PRINTED_AT_SEVENTEEN = _("Kartu dicetak setelah Anda berumur 17 tahun; kami mengabari saat itu.")
ON_ITS_WAY = _("Kartu sudah dicetak. Tanyakan di %(office)s dengan membawa KK asli.")

# Somebody recorded before the portal, by the status their case is in when the message goes out.
FOUND: dict[str, Words] = {
    CaseStatus.CAPTURED: _("Datanya belum terkirim ke pusat; kami urus dan kabari Anda."),
    CaseStatus.SENT: WAIT_FOR_CHECK,
    CaseStatus.ADJUDICATION: WAIT_FOR_CHECK,
    CaseStatus.DUPLICATE: _("Datanya perlu diperiksa bersama Anda: datang ke Disdukcapil membawa KK asli."),
    CaseStatus.FAILED: _("Pemeriksaannya belum berhasil; petugas memeriksa langkah berikutnya dan mengabari Anda."),
    CaseStatus.PRINTED: ON_ITS_WAY,
    CaseStatus.SHIPPED: ON_ITS_WAY,
    CaseStatus.READY: _("Kartunya siap diambil di %(office)s; bawa KK asli."),
    CaseStatus.ISSUED: _("Menurut data pusat kartunya sudah diserahkan."),
}
