"""`/petugas/pesan/`: what became of the messages to residents, and sending failed ones again."""

from django.conf import settings
from django.contrib import messages as notices
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.generic import View

from recording import messages
from recording.csv_export import csv_response
from recording.dates import clock, moment_in_words, short_day
from recording.enums import MessageChannel, NotificationState
from recording.forms.messages import MessageFilterForm, SendAgainForm
from recording.gateways import sent_file
from recording.models import Notification
from recording.policy.access import Permission
from recording.policy.mask import mask_address
from recording.services import audit, call_list, contact, notification
from recording.views.mixins import StaffRequired
from recording.views.reauthentication import RecentPasswordRequired
from recording.views.staff_account import query_of

PER_PAGE = 50
KINDS = {
    NotificationState.WAITING: "info",
    NotificationState.SENT: "info",
    NotificationState.DELIVERED: "success",
    NotificationState.TOLD: "success",
    NotificationState.FAILED: "danger",
}
# What the outbox notes, by its beginning, and what a clerk can do about it.
REASONS = (
    ("no address any more", "Tidak ada alamat yang benar. Tanyakan nomor telepon saat warga datang."),
    ("no gateway", "Saluran ini belum dipasang. Beri tahu administrator."),
    ("recipient refused", "Kotak surat menolak. Periksa alamat e-mail dengan warga."),
    ("mail came back", "E-mail kembali. Periksa alamat e-mail dengan warga."),
    ("gateway refused", "Penyedia menolak nomor ini. Periksa nomor telepon dengan warga."),
    ("gateway reported", "Tidak sampai ke telepon warga: nomor mati atau kotak penuh."),
    ("no report", "Tidak ada kabar bahwa pesan sampai."),
    ("its worker", "Pengirim berhenti di tengah jalan. Kirim lagi."),
    ("", "Penyedia tidak menjawab. Kirim lagi nanti."),
)


def reason_of(message: Notification) -> str:
    """Why a message did not arrive, in words for a clerk; "": it did, or nobody has tried."""
    if not message.last_error:
        return ""
    return next(words for beginning, words in REASONS if message.last_error.startswith(beginning))


class MessagePage(StaffRequired):
    """Base: the messages to people of the clerk's office; another office's answer like missing ones."""

    permission = Permission.DESK

    def messages(self):
        return Notification.objects.for_staff(self.request.user).select_related("resident", "office")

    def filtered(self):
        form = MessageFilterForm(self.request.GET, by=self.request.user)
        return form, self.messages().filter(**form.applied()).order_by("-pk")

    def note_read(self, action: str) -> None:
        user = self.request.user
        audit.record(action=action, actor=user, subject="messages", office_id=user.office_id)


class MessageListView(MessagePage, View):
    """GET: the list. POST: those ticked are sent again."""

    def get(self, request):
        form, rows = self.filtered()
        page = Paginator(rows, PER_PAGE).get_page(request.GET.get("halaman"))
        self.note_read("message.read_list")
        context = {
            "filters": form,
            "page": page,
            "query": query_of(request),
            "facts": self._facts(),
            "rows": [_row(message) for message in page],
            "any_failed": any(message.state == NotificationState.FAILED for message in page),
        }
        return render(request, "recording/messages/list.html", context)

    def post(self, request):
        send_again(request)
        return redirect(request.get_full_path())

    def _facts(self) -> list[dict]:
        mine = Notification.objects.for_staff(self.request.user)
        failed = mine.filter(state=NotificationState.FAILED).count()
        outgoing = mine.filter(state=NotificationState.WAITING).exclude(channel=MessageChannel.CALL).count()
        people, _overdue = call_list.counts(by=self.request.user)
        return [
            {"label": "Gagal", "value": failed, "kind": "danger" if failed else ""},
            {"label": "Menunggu dikirim", "value": outgoing},
            {"label": "Orang di daftar telepon", "value": people, "kind": "warning" if people else ""},
        ]


def send_again(request) -> None:
    """Send the messages that were posted, and say what came of it."""
    form = SendAgainForm(request.POST)
    if not form.is_valid():
        notices.error(request, "Centang dulu pesan yang dikirim lagi.")
        return
    ids = form.cleaned_data["pesan"]
    count = notification.send_again(notification_ids=ids, by=request.user, now=timezone.now())
    if count:
        notices.success(request, f"{count} pesan menunggu dikirim lagi.")
    if count < len(ids):
        left = len(ids) - count
        notices.warning(request, f"{left} pesan tidak dikirim: tidak lagi gagal, atau tidak ada kontak yang benar.")


def _row(message: Notification) -> dict:
    return {
        "pk": message.pk,
        "name": message.resident.name or "(data dihapus)",
        "kind": messages.label(message.kind),
        "channel": message.get_channel_display(),
        "state": message.get_state_display(),
        "badge": KINDS.get(NotificationState(message.state), ""),
        "at": _short(message.sent_at or message.told_at or message.created_at),
        "reason": reason_of(message),
        "failed": message.state == NotificationState.FAILED,
    }


def _short(at) -> str:
    return f"{short_day(timezone.localdate(at))}, {clock(timezone.localtime(at))}"


class MessageView(MessagePage, View):
    """`/petugas/pesan/<id>/`: one message, its way and its words."""

    def get(self, request, pk: int):
        message = self._message(pk)
        audit.record(
            action="message.read",
            actor=request.user,
            resident_id=message.resident_id,
            subject=f"notification:{pk}",
            office_id=request.user.office_id,
        )
        text = notification.preview(message) if message.kind in _known() else None
        context = {
            "message": message,
            "title": messages.label(message.kind),
            "rows": [{"label": label, "value": value} for label, value in self._facts(message) if value],
            "text": text,
            "file": sent_file(message.provider_id) if settings.MESSAGE_CHANNEL == "file" else "",
            "failed": message.state == NotificationState.FAILED,
            "may_call": message.channel == MessageChannel.CALL and message.state == NotificationState.WAITING,
        }
        return render(request, "recording/messages/message.html", context)

    def post(self, request, pk: int):
        self._message(pk)
        send_again(request)
        return redirect("message", pk)

    def _message(self, pk: int) -> Notification:
        rows = self.messages().select_related(
            "resident__identity", "appointment__declaration", "appointment__office", "appointment__slot"
        )
        message = rows.filter(pk=pk).first()
        if message is None:
            raise Http404
        return message

    @staticmethod
    def _facts(message: Notification) -> list[tuple[str, str]]:
        name = "email" if message.channel == MessageChannel.EMAIL else "phone"
        address = "" if message.channel == MessageChannel.CALL else contact.usable(notification=message, name=name)
        return [
            ("Warga", message.resident.name),
            ("Keadaan", message.get_state_display()),
            ("Saluran", message.get_channel_display()),
            ("Kepada", mask_address(address) if address else ""),
            ("Kantor", message.office.name if message.office else ""),
            ("Dibuat", moment_in_words(message.created_at)),
            ("Dikirim", moment_in_words(message.sent_at) if message.sent_at else ""),
            ("Warga tahu sejak", moment_in_words(message.told_at) if message.told_at else ""),
            ("Percobaan", f"{message.attempts}" if message.attempts else ""),
            ("Sebab", reason_of(message)),
        ]


def _known() -> set[str]:
    return {kind.name for kind in messages.all_kinds()}


class MessageCsvView(MessagePage, RecentPasswordRequired, View):
    """`/petugas/pesan/unduh.csv`: the filtered messages; it names nobody."""

    def get(self, request):
        _form, found = self.filtered()
        self.note_read("message.export")
        rows = (
            (
                message.pk,
                messages.label(message.kind),
                message.get_channel_display(),
                message.get_state_display(),
                message.office.name if message.office else "",
                *(timezone.localtime(at).isoformat("T", "minutes") if at else "" for at in _moments(message)),
                message.attempts,
                reason_of(message),
            )
            for message in found.iterator(chunk_size=1000)
        )
        columns = (
            "nomor", "jenis", "saluran", "keadaan", "kantor", "dibuat", "dikirim", "diberi_tahu", "percobaan", "sebab",
        )  # fmt: skip
        return csv_response(name="pesan", columns=columns, rows=rows)


def _moments(message: Notification) -> tuple:
    return message.created_at, message.sent_at, message.told_at
