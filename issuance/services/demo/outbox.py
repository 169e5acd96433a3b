"""The messages that were owed and sent during the demo's history."""

from datetime import datetime, timedelta
from random import Random

from issuance.services.demo.copying import CopyTable
from recording import messages
from recording.enums import MessageChannel, NotificationState
from recording.models import Notification
from recording.services import notification

FAILED_SHARE = 0.03
OF_MAIL, OF_TEXT = ("mail came back, 5.1.1",), ("gateway reported: expired", "gateway refused, 422")
CALLS_TAKE = timedelta(days=3)  # until the clerks have worked through the call list


class Outbox:
    def __init__(self, *, random: Random, now: datetime):
        self.random, self.now = random, now
        self.table = CopyTable(Notification)

    def owe(
        self,
        *,
        kind: str,
        resident_id: int,
        appointment_id: int,
        dedup_key: str,
        channel: str,
        at: datetime,
        context=None,
    ) -> None:
        """A message as it would be today: sent within a minute, or on the call list and called within days."""
        called = channel == MessageChannel.CALL
        if called and not messages.get(kind).call:
            return
        told_at = at + (
            CALLS_TAKE * self.random.random() if called else timedelta(seconds=self.random.randrange(5, 60))
        )
        reason = "" if called else self._failure(dedup_key, channel)
        waiting = told_at > self.now or (called and told_at > self.now - CALLS_TAKE and self.random.random() < 0.3)
        state = NotificationState.TOLD if called else NotificationState.SENT
        row = {
            "kind": kind,
            "resident_id": resident_id,
            "appointment_id": appointment_id,
            "dedup_key": dedup_key,
            "context": context or {},
            "channel": channel,
            "state": NotificationState.WAITING if waiting else state,
            "send_after": at,
            "created_at": at,
            "attempts": 0 if waiting or called else 1,
            "sent_at": None if waiting or called else told_at,
            "told_at": None if waiting else told_at,
        }
        if not reason or waiting:
            self.table.add(**row)
            return
        self.table.add(**row | {"state": NotificationState.FAILED, "told_at": None, "last_error": reason})
        if messages.get(kind).call:
            self._call(row, since=told_at)

    def _failure(self, dedup_key: str, channel: str) -> str:
        """Why this message did not arrive; "" for most. Drawn apart, so that the rest of the demo stays as it is."""
        draw = Random(dedup_key)
        return (
            draw.choice(OF_MAIL if channel == MessageChannel.EMAIL else OF_TEXT) if draw.random() < FAILED_SHARE else ""
        )

    def _call(self, row: dict, *, since: datetime) -> None:
        """Who was not reached is called; of the last days some still wait."""
        waiting = since > self.now - CALLS_TAKE
        told_at = None if waiting else since + CALLS_TAKE / 4
        called = {
            "channel": MessageChannel.CALL,
            "dedup_key": f"{row['dedup_key']}:call",
            "attempts": 0,
            "sent_at": None,
        }
        state = NotificationState.WAITING if waiting else NotificationState.TOLD
        self.table.add(**row | called | {"state": state, "told_at": told_at, "send_after": since, "created_at": since})

    def finish(self) -> None:
        self.table.flush()
        notification.assign_offices()
