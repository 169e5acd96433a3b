"""The kinds of messages the portal sends. Each app registers its own from `AppConfig.ready`.

A kind's text is a template per language, `<template>.<id|en>.txt`: first line the subject, the rest the body. It may
use `code` (as shown), `site` (our short address), `appointment`, `office`, and what the kind's own `context` adds.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string


@dataclass(frozen=True)
class Kind:
    """`context(notification)` adds to what the template may use; `label` is what staff call it.

    `call`: people whom no message reaches are put on the call list for this, and people who asked for fewer messages
    get it all the same; without it, they simply get none (they have the slip, or stood at the desk). `urgent`: also
    sent in the quiet hours and beyond what one person gets a day.
    """

    name: str
    template: str
    context: Callable[[Any], Mapping[str, Any]] | None = None
    call: bool = False
    urgent: bool = False
    label: str = ""


@dataclass(frozen=True)
class Text:
    subject: str
    body: str


_kinds: dict[str, Kind] = {}


def register(
    kind: str,
    template: str,
    *,
    context: Callable[[Any], Mapping[str, Any]] | None = None,
    call: bool = False,
    urgent: bool = False,
    label: str = "",
) -> None:
    """Make `kind` known. `template`: path without language and ending, such as "messages/recording/code_reissued"."""
    _kinds[kind] = Kind(kind, template, context, call, urgent, label)


def get(kind: str) -> Kind:
    """Raises KeyError: nobody registered `kind`."""
    return _kinds[kind]


def all_kinds() -> list[Kind]:
    return list(_kinds.values())


def urgent_kinds() -> list[str]:
    """Names of the kinds that neither wait for the morning nor count how many messages somebody got today."""
    return [kind.name for kind in _kinds.values() if kind.urgent]


def owed_kinds() -> list[str]:
    """Names of the kinds that a person must learn of, by a call if need be."""
    return [kind.name for kind in _kinds.values() if kind.call or kind.urgent]


def label(kind: str) -> str:
    """What staff call a kind; of one without a label, or registered no longer, its name."""
    return (_kinds[kind].label if kind in _kinds else "") or kind


def render(kind: Kind, *, language: str, context: Mapping[str, Any]) -> Text:
    """Subject and body in `language`, which is also the active one."""
    subject, _, body = render_to_string(f"{kind.template}.{language}.txt", dict(context)).strip().partition("\n")
    return Text(subject.strip(), body.strip())
