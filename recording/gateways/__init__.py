"""Ways out of the portal for a message. `for_channel` picks the one that settings allow."""

from django.conf import settings

from recording.enums import MessageChannel
from recording.gateways.apprise_service import AppriseGateway
from recording.gateways.base import Gateway, OutgoingMessage, TemporaryRefusal, Undeliverable
from recording.gateways.file import FileGateway
from recording.gateways.json_http import JsonGateway
from recording.gateways.smtp import SmtpGateway
from recording.gateways.text import TextGatewaySettings, text_gateway

__all__ = [
    "Gateway",
    "OutgoingMessage",
    "TemporaryRefusal",
    "TextGatewaySettings",
    "Undeliverable",
    "for_channel",
    "sent_file",
    "text_gateway",
]


def for_channel(channel: str) -> Gateway | None:
    """What carries messages of `channel`; None: nothing does, the person has to be called."""
    if channel == MessageChannel.CALL:
        return None
    if settings.MESSAGE_CHANNEL == "file":
        return FileGateway(settings.STATE_DIR / "messages")
    if channel == MessageChannel.EMAIL:
        return SmtpGateway()
    options = text_gateway(channel)
    match options.gateway:
        case "json":
            return JsonGateway(options)
        case "apprise":
            return AppriseGateway(options)
    return None


def sent_file(provider_id: str) -> str:
    """What the demo's file channel wrote for a message, with its address masked; "": nothing."""
    path = settings.STATE_DIR / "messages" / provider_id
    if not provider_id.endswith(".txt") or path.parent != settings.STATE_DIR / "messages" or not path.is_file():
        return ""
    return path.read_text(encoding="utf-8")
