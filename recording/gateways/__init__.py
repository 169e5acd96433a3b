"""Ways out of the portal for a message. `for_channel` picks the one that settings allow."""

from django.conf import settings

from recording.enums import MessageChannel
from recording.gateways.base import Gateway, OutgoingMessage, Undeliverable
from recording.gateways.file import FileGateway
from recording.gateways.smtp import SmtpGateway

__all__ = ["Gateway", "OutgoingMessage", "Undeliverable", "for_channel"]


def for_channel(channel: str) -> Gateway | None:
    """What carries messages of `channel`; None: nothing does, the person has to be called."""
    if channel == MessageChannel.CALL:
        return None
    if settings.MESSAGE_CHANNEL == "file":
        return FileGateway(settings.STATE_DIR / "messages")
    return SmtpGateway() if channel == MessageChannel.EMAIL else None
