"""A real SMTP server for tests."""

import asyncio
import email
import email.policy
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from aiosmtpd.controller import Controller


class MailServer:
    """`envelopes` are what it took; `refusals` answer the next recipients; `seconds`: how long each message takes."""

    def __init__(self):
        self.envelopes, self.refusals, self.port = [], [], 0
        self.seconds = 0.0

    @property
    def bodies(self) -> list[str]:
        return [self._parsed(envelope).get_content() for envelope in self.envelopes]

    @staticmethod
    def _parsed(envelope):
        return email.message_from_bytes(envelope.content, policy=email.policy.default)

    def header(self, name: str) -> list[str]:
        """The header `name` of each message."""
        return [self._parsed(envelope)[name] for envelope in self.envelopes]

    async def handle_RCPT(self, server, session, envelope, address, options):  # aiosmtpd's name and arguments
        if self.refusals:
            return self.refusals.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.envelopes.append(envelope)
        await asyncio.sleep(self.seconds)
        return "250 OK"


@contextmanager
def running_mail_server() -> Iterator[MailServer]:
    server = MailServer()
    with socket.create_server(("127.0.0.1", 0)) as free:
        server.port = free.getsockname()[1]
    controller = Controller(server, hostname="127.0.0.1", port=server.port)
    controller.start()
    try:
        yield server
    finally:
        controller.stop()
