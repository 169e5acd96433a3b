"""Where each noun says what the signed-in person may do with one case now; the case's page draws it.

A noun calls `register` from `AppConfig.ready`. What is not allowed now is left out, so that the page shows no dead end.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple


@dataclass(frozen=True)
class Action:
    """One way on, to a page that asks and confirms. `kind`: primary, secondary or danger; `main`: what is due now (the
    page makes the first of them its main button)."""

    label: str
    url: str
    kind: str = "secondary"
    main: bool = False


Provider = Callable[..., Iterable[Action]]


class _Entry(NamedTuple):
    order: int
    name: str
    provider: Provider


_providers: dict[str, _Entry] = {}


def register(provider: Provider, *, order: int = 100) -> None:
    """Ask `provider(user=, case=, now=)` for actions. Lower `order` first. Registering the same again replaces it."""
    name = f"{provider.__module__}.{provider.__qualname__}"
    _providers[name] = _Entry(order, name, provider)


def actions(*, user, case, now: datetime) -> list[Action]:
    """What `user` may do with `case` at `now`; what is due first, only one of them main."""
    found = [
        action for entry in sorted(_providers.values()) for action in entry.provider(user=user, case=case, now=now)
    ]
    due = next((action for action in found if action.main), None)
    rest = [Action(action.label, action.url, action.kind) for action in found if action is not due]
    return [due, *rest] if due else rest
