from dataclasses import dataclass
from typing import Protocol


class Undeliverable(Exception):
    """This message can never arrive this way: trying again is useless. The text holds no personal value.

    `bad_address`: nothing ever arrives at this address.
    """

    def __init__(self, reason: str, *, bad_address: bool = False):
        super().__init__(reason)
        self.bad_address = bad_address


class TemporaryRefusal(Exception):
    """The other side did not take the message this time. The text holds no address."""


@dataclass(frozen=True, kw_only=True)
class OutgoingMessage:
    """One message on its way. `key` is the same at every try, so that a second copy is recognised as one."""

    key: str
    kind: str
    channel: str
    address: str
    subject: str
    body: str


class Gateway(Protocol):
    """Carries messages. Used as a context manager around many, so that a connection is made once.

    `reports`: the other side says later what arrived, and only then somebody is told; else its acceptance counts.
    """

    reports: bool

    def __enter__(self) -> "Gateway": ...

    def __exit__(self, *exception) -> None: ...

    def send(self, message: OutgoingMessage) -> str:
        """Hand `message` over; returns the id under which the other side knows it.

        Raises Undeliverable for a lasting refusal; any other exception means: try again later.
        """
        ...
