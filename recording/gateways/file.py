import os
from pathlib import Path

from recording.gateways.base import OutgoingMessage
from recording.policy.mask import mask_address


class FileGateway:
    """Writes each message to a readable file instead of sending it: for demonstrations and tests only.

    The file is named after the message's key, so sending twice leaves one file. Addresses are masked in it.
    """

    reports = False

    def __init__(self, folder: Path):
        self.folder = folder

    def __enter__(self):
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return self

    def __exit__(self, *exception):
        pass

    def send(self, message: OutgoingMessage) -> str:
        name = f"{message.kind}-{message.key[:16]}.txt"
        text = (
            f"Lewat: {message.channel}\nKepada: {mask_address(message.address)}\nPerihal: {message.subject}\n\n"
            f"{message.body}\n"
        )
        unfinished = self.folder / f".{name}.{os.getpid()}"
        unfinished.write_text(text, encoding="utf-8")
        unfinished.replace(self.folder / name)
        return name
