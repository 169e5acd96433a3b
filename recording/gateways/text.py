"""What the settings say of one channel of text messages, and how a telephone number is written there."""

from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

from recording.gateways.base import OutgoingMessage


@dataclass(frozen=True, kw_only=True)
class TextGatewaySettings:
    """One entry of `settings.TEXT_GATEWAYS`. `gateway`: none, json or apprise; README describes each variable.

    Paths lead into a JSON answer: "data.0.id". `report_secret` empty: the gateway sends no reports.
    """

    gateway: str = "none"
    url: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    success_path: str = ""
    success_values: list[str] = field(default_factory=list)
    refused_values: list[str] = field(default_factory=list)
    id_path: str = ""
    timeout: int = 10
    report_secret: str = ""
    report_id_path: str = "id"
    report_status_path: str = "status"
    report_delivered: list[str] = field(default_factory=list)
    report_failed: list[str] = field(default_factory=list)


def text_gateway(channel: str) -> TextGatewaySettings:
    """What is set for `channel` (sms or whatsapp)."""
    return TextGatewaySettings(**settings.TEXT_GATEWAYS.get(channel, {}))


def at_path(document: Any, path: str) -> Any:
    """What stands at `path` ("data.0.id") of a JSON document; None: nothing."""
    for step in path.split("."):
        if isinstance(document, dict):
            document = document.get(step)
        elif isinstance(document, list) and step.isdecimal() and int(step) < len(document):
            document = document[int(step)]
        else:
            return None
    return document


def as_word(value: Any) -> str:
    """A JSON value as it is compared with the words in the settings: true, 0, "OK" -> "true", "0", "ok"."""
    return f"{value}".strip().lower()


def fill(template: Any, message: OutgoingMessage) -> Any:
    """`template` (any JSON) with the placeholders in its texts replaced.

    {to} is +6281234567890, {to_digits} 6281234567890, {to_local} 081234567890; {text}, {subject}, {key} the message's.
    """
    digits = message.address.removeprefix("+")
    values = {
        "{to}": message.address,
        "{to_digits}": digits,
        "{to_local}": f"0{digits[2:]}" if digits.startswith("62") else digits,
        "{text}": message.body,
        "{subject}": message.subject,
        "{key}": message.key,
    }
    return _filled(template, values)


def _filled(template: Any, values: dict[str, str]) -> Any:
    match template:
        case str():
            return _replaced(template, values)
        case dict():
            return {name: _filled(part, values) for name, part in template.items()}
        case list():
            return [_filled(part, values) for part in template]
    return template


def _replaced(text: str, values: dict[str, str]) -> str:
    """All at once, from left to right: a message that speaks of "{to}" keeps it."""
    placed = ((text.find(name), name) for name in values if name in text)
    at, name = min(placed, default=(-1, ""))
    if at < 0:
        return text
    return text[:at] + values[name] + _replaced(text[at + len(name) :], values)
