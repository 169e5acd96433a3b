"""`manage.py portal`: starts everything the portal needs in order, watches it, stops it in reverse order.

Runs before, and without, Django: settings are read only once the keys and addresses that this writes are known.
"""

import argparse
import base64
import contextlib
import errno
import fcntl
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, TextIO
from urllib.parse import urlsplit

import psutil
from dotenv import dotenv_values

from .embedded import process
from .embedded.errors import CannotStart
from .embedded.place import (
    SHORT_ROOT,
    SOCKETS_PREFIX,
    Account,
    can_enter,
    outside_directory,
    private_directory,
    server_account,
    sockets_directory,
)
from .embedded.postgres import PostgresServer
from .embedded.valkey import ValkeyServer

BASE_DIR = Path(__file__).resolve().parent.parent
READY_SECONDS = 120
PREDECESSOR_SECONDS = 20
DEMO_LOGINS = """\
admin                  administrator
kepala                 supervisor, all offices
camat.kota             supervisor, one office
verifikator            verifier
operator.disdukcapil   operator; also .kaliwungu .kota .jati .undaan .mejobo .jekulo .bae .gebog .dawe"""


class Stopped(Exception):
    """Somebody asked the portal to stop: Ctrl-C, SIGTERM, or the terminal was closed."""


@dataclass
class Program:
    """A part of the portal itself."""

    name: str
    argv: list[str]
    log: Path | None  # None: its output goes to the terminal
    env: dict[str, str]
    stop_signal: signal.Signals = signal.SIGTERM
    death_signal: signal.Signals = signal.SIGKILL
    stop_seconds: float = 15
    child: subprocess.Popen | None = None

    def start(self) -> None:
        self.child = process.start(self.argv, log=self.log, death_signal=self.death_signal, env=self.env, cwd=BASE_DIR)

    def stop(self) -> None:
        if self.child is not None:
            process.stop(self.child, self.stop_signal, seconds=self.stop_seconds)


def main(argv: list[str] | None = None) -> int:
    """Run the portal until it is stopped. Returns the exit code: 0 stopped, 1 could not start or a part died."""
    options = _parser().parse_args(argv)
    port = options.port or os.environ.get("PORT") or "8000"
    if not (port.isdecimal() and int(port) < 65536):
        print(f"PORT is {port!r}, which is no port number.", file=sys.stderr)
        return 1
    supervisor = Supervisor(
        state=Path(os.environ.get("PORTAL_STATE") or BASE_DIR / "var").absolute(),
        host=options.host or os.environ.get("HOST") or "127.0.0.1",
        port=int(port),
    )
    try:
        with _signals_stop_us():
            supervisor.run()
    except Stopped:
        print("stopped; the data stay for the next start", flush=True)
        return 0
    except CannotStart as error:
        print(f"\n{error}", file=sys.stderr, flush=True)
        return 1
    return 0


class Supervisor:
    """Everything of one portal whose state is in `state`, served at `host`:`port`."""

    def __init__(self, *, state: Path, host: str, port: int):
        self.state, self.host, self.port = state, host, port
        self.began = float(os.environ.get("PORTAL_STARTED_AT") or time.time())
        self.log_directory = state / "log"
        self.parts: list[PostgresServer | ValkeyServer | Program] = []
        self.env = {name: value for name, value in os.environ.items() if value or name not in Environment.ADDRESSES}
        self.env |= {"PORTAL_STATE": str(state), "HOST": host, "PORT": str(port), "PYTHONUNBUFFERED": "1"}
        self.env |= {"PORTAL_STARTED_AT": str(self.began), "CELERY_SKIP_CHECKS": "1"}  # `make check` runs the checks
        self.settings = self.env  # and, once it is written, what portal.env adds

    @property
    def address(self) -> str:
        return f"http://{'127.0.0.1' if self.host in ('0.0.0.0', '::') else self.host}:{self.port}"

    def run(self) -> None:
        """Start all, say so, watch. Raises CannotStart or Stopped; everything is stopped by then."""
        self._make_state_directory()
        with _only_one(self.state, self.address), contextlib.ExitStack() as cleaning:
            cleaning.callback(self._stop_all)
            self._end_predecessors()
            self._check_port()
            self._start_servers(cleaning)
            self._prepare()
            self._start_programs()
            self._wait_until_ready()
            self._welcome()
            self._watch()

    def step(self, what: str) -> None:
        print(f"{time.time() - self.began:6.1f} s  {what}", flush=True)

    # -- ground ------------------------------------------------------------------------------------------------------

    def _make_state_directory(self) -> None:
        os.umask(0o077)  # logs, messages and copies of data are nobody else's business
        try:
            self.state.mkdir(parents=True, exist_ok=True)
            self.log_directory.mkdir(exist_ok=True)
        except OSError as error:
            raise CannotStart(
                f"{self.state} cannot be written ({error.strerror}): start the portal as the owner of that folder, "
                "or name another with PORTAL_STATE."
            ) from error
        if self.state.stat().st_uid != os.geteuid():
            raise CannotStart(f"{self.state} belongs to another account: start the portal as its owner.")

    def _end_predecessors(self) -> None:
        """Parts of a portal that was killed end by themselves; here we wait for them, then insist."""
        left = [found for found in map(_recorded_process, self._recorded()) if found]
        if left:
            self.step("waiting for what a killed portal left behind")
            _, stubborn = psutil.wait_procs(left, timeout=PREDECESSOR_SECONDS)
            for found in stubborn:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(found.pid, signal.SIGKILL)

    def _recorded(self) -> list[dict]:
        try:
            return json.loads((self.state / "children.json").read_text())
        except (OSError, ValueError):
            return []

    def _record_children(self) -> None:
        children = [part.child for part in self.parts if part.child and part.child.poll() is None]
        with contextlib.suppress(psutil.Error):
            recorded = [{"pid": child.pid, "created": psutil.Process(child.pid).create_time()} for child in children]
            (self.state / "children.json").write_text(json.dumps(recorded))

    def _check_port(self) -> None:
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self.host, self.port))
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise CannotStart(f"Cannot serve at {self.host}:{self.port}: {error.strerror}.") from error
                raise CannotStart(
                    f"Port {self.port} is in use by another program: choose another, for example "
                    f"PORT={self.port + 1} make run."
                ) from error

    # -- servers -----------------------------------------------------------------------------------------------------

    def _start_servers(self, cleaning: contextlib.ExitStack) -> None:
        """Embed what has no address in the environment; write keys and addresses to portal.env."""
        environment = Environment(self.state / "portal.env", self.env)
        embedded = [name for name in environment.ADDRESSES if not self.env.get(name)]
        for name in set(environment.ADDRESSES) - set(embedded):
            _check_given(name, self.env[name])
        addresses = {}
        if embedded:
            cleaning.callback(_forget_sockets, self.state)
            postgres, valkey = self._embedded_servers()
            environment.refuse_lost_keys(postgres.data)
            servers: dict[str, PostgresServer | ValkeyServer] = {"DATABASE_URL": postgres, "REDIS_URL": valkey}
            addresses = {name: servers[name].url for name in embedded}
        environment.write(addresses, site_url=self.address)
        self.settings = environment.kept | self.env
        self._check_settings()
        for name in embedded:
            self._start(servers[name], "with data in " + str(servers[name].home))

    def _check_settings(self) -> None:
        """Raises CannotStart with a line for each wrong variable, before anything is started for nothing."""
        argv = [sys.executable, str(BASE_DIR / "manage.py"), "version"]  # reads the settings, and nothing else
        said = subprocess.run(argv, env=self.env, capture_output=True, text=True, check=False)
        if said.returncode:
            raise CannotStart(
                f"Settings in the environment, or in {self.state / 'portal.env'}, are wrong; nothing was started:\n"
                f"{said.stderr.strip()}"
            )

    def _embedded_servers(self) -> tuple[PostgresServer, ValkeyServer]:
        home, account = _home(self.state)
        _forget_sockets(self.state)
        sockets = sockets_directory(account)
        (self.state / "sockets").symlink_to(sockets)
        return (
            PostgresServer(home, sockets, self.log_directory / "postgres.log", account),
            ValkeyServer(home, sockets, self.log_directory / "valkey.log", account),
        )

    # -- programs ----------------------------------------------------------------------------------------------------

    def _prepare(self) -> None:
        """Migrate, seed, compile: its lines go to the terminal as they come."""
        argv = [sys.executable, str(BASE_DIR / "manage.py"), "prepare"]
        prepare = Program("preparation", argv, None, self.env, stop_seconds=5)
        self.parts.append(prepare)
        prepare.start()
        if prepare.child and prepare.child.wait():
            raise CannotStart("The database, translations or static files could not be prepared; the reason is above.")
        self.parts.remove(prepare)

    def _start_programs(self) -> None:
        python = [sys.executable, "-m"]
        celery = [*python, "celery", "-A", "ektp_portal.celery"]
        worker = [*celery, "worker", "--without-gossip", "--without-mingle", "--loglevel", "INFO"]
        for name, argv, death_signal in [
            ("worker", worker, signal.SIGKILL),
            ("beat", [*celery, "beat", "--pidfile=", "--loglevel", "INFO"], signal.SIGKILL),
            (
                "web",
                [*python, "gunicorn", "-c", "python:ektp_portal.gunicorn_config", "ektp_portal.wsgi"],
                signal.SIGQUIT,
            ),
        ]:
            log = self.log_directory / f"{name}.log"
            self._start(Program(name, argv, log, self.env, death_signal=death_signal))

    def _start(self, part: PostgresServer | ValkeyServer | Program, detail: str = "") -> None:
        self.step(f"{part.name} {detail}".rstrip())
        self.parts.append(part)
        part.start()
        self._record_children()

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while (found := self._readiness()) != "ok":
            self._check_children()
            if time.monotonic() > deadline:
                raise CannotStart(f"Not ready after {READY_SECONDS} s ({found}); see {self.log_directory}.")
            time.sleep(0.1)
        self.step("ready: database, web, worker and beat answer")

    def _readiness(self) -> str:
        """`ok`, or what is missing."""
        site = urlsplit(self.settings["SITE_URL"])
        request = urllib.request.Request(
            f"{self.address}/readyz", headers={"Host": site.netloc, "X-Forwarded-Proto": site.scheme}
        )
        try:
            with urllib.request.urlopen(request, timeout=5) as response:
                found = json.load(response)
        except urllib.error.HTTPError as error:
            return f"/readyz answers {error.code}"
        except (OSError, ValueError) as error:
            return f"/readyz: {error}"
        return "ok" if found.get("status") == "ok" else json.dumps(found)

    def _welcome(self) -> None:
        print(f"\nPortal KTP-el Kudus is at {self.address}/", flush=True)
        if self.settings.get("PORTAL_ENV") != "production":
            password = self.settings.get("DEMO_PASSWORD") or "demo-kudus"
            print(f"Staff log in at {self.address}/petugas/masuk/ with password {password}:\n{DEMO_LOGINS}")
            people = self.state / "demo_people.txt"
            if people.is_file():
                print(f"Residents to try, with NIK and code: {people}")
        print(f"Logs: {self.log_directory}   Ctrl-C stops everything.", flush=True)

    # -- watching and stopping ---------------------------------------------------------------------------------------

    def _watch(self) -> None:
        while True:
            self._check_children()
            time.sleep(0.5)

    def _check_children(self) -> None:
        for part in self.parts:
            if part.child and process.has_ended(part.child):
                raise CannotStart(
                    f"{part.name} ended by itself (exit code {part.child.returncode}), so the portal stops; "
                    f"the end of {part.log}:\n{process.tail(part.log)}"
                )

    def _stop_all(self) -> None:
        _ignore_signals()
        for part in reversed(self.parts):
            self.step(f"stopping {part.name}")
            part.stop()
        (self.state / "children.json").unlink(missing_ok=True)


class Environment:
    """`portal.env`: keys made at the first start and kept, addresses of this start."""

    ADDRESSES = ("DATABASE_URL", "REDIS_URL")
    KEYS: ClassVar[dict[str, Callable[[], str]]] = {
        "SECRET_KEY": lambda: secrets.token_urlsafe(48),
        "FIELD_ENCRYPTION_KEYS": lambda: f"1:{_new_key()}",
        "BLIND_INDEX_KEY": lambda: _new_key(),  # noqa: PLW0108 - defined below
    }

    def __init__(self, file: Path, env: dict[str, str]):
        self.file, self.env = file, env
        self.kept = {name: value or "" for name, value in dotenv_values(file, interpolate=False).items()}

    def refuse_lost_keys(self, data: Path) -> None:
        """Raises CannotStart where there is a database but no keys: new ones could not read what is sealed in it."""
        missing = [name for name in self.KEYS if not (self.env.get(name) or self.kept.get(name))]
        if data.exists() and missing:
            raise CannotStart(
                f"{data} holds a database but {self.file} lacks {', '.join(missing)}: "
                "put the file back, or remove that folder to begin anew."
            )

    def write(self, addresses: dict[str, str], *, site_url: str) -> None:
        """Replace the file in one step, readable by its owner only. Lines that somebody added stay."""
        keys = {name: self.kept.get(name) or make() for name, make in self.KEYS.items() if not self.env.get(name)}
        given = {name: self.env[name] for name in self.ADDRESSES if self.env.get(name)}
        if not (self.kept.get("SITE_URL") or "").startswith("https://"):
            addresses = addresses | {"SITE_URL": self.env.get("SITE_URL") or site_url}
        self.kept |= keys | given | addresses
        lines = [f"{name}='{value}'\n" for name, value in self.kept.items()]
        partial = self.file.with_name("portal.env.new")
        partial.unlink(missing_ok=True)
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as output:
            output.write("# Written by `manage.py portal`; the keys open what is sealed in the database: keep them.\n")
            output.writelines(lines)
        partial.replace(self.file)


def _new_key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def _home(state: Path) -> tuple[Path, Account | None]:
    """Where the servers keep their data, and their account. Outside `state` when that account may not enter it."""
    link = state / "servers"
    account = server_account()
    if link.is_symlink() and not link.exists():
        link.unlink()  # its target was removed on purpose
    if not link.exists():
        state.chmod(0o711 if account else 0o700)  # a server of another account passes through, and can list nothing
        if account is None or can_enter(state, account):
            return private_directory(link, account), account
        link.symlink_to(outside_directory(account, belongs_to=state))
    return link.resolve(), account


def _forget_sockets(state: Path) -> None:
    """Remove the sockets' directory of this or an earlier start; it is ours alone, of a name that we gave."""
    link = state / "sockets"
    if link.is_symlink():
        target = Path(os.readlink(link))
        if target.parent == SHORT_ROOT and target.name.startswith(SOCKETS_PREFIX):
            shutil.rmtree(target, ignore_errors=True)
        link.unlink()


def _check_given(name: str, url: str) -> None:
    """Raises CannotStart when the given server does not answer; the message holds no password."""
    try:
        _connect_once(name, url)
    except Exception as error:
        reason = (str(error).strip() or repr(error)).splitlines()[0]
        raise CannotStart(f"The server named by {name} does not answer: {reason}.") from error


def _connect_once(name: str, url: str) -> None:
    if name == "DATABASE_URL":
        import psycopg2

        psycopg2.connect(url.replace("postgis://", "postgresql://"), connect_timeout=5).close()
    else:
        import redis
        from redis.backoff import NoBackoff
        from redis.retry import Retry

        redis.Redis.from_url(url, socket_connect_timeout=5, socket_timeout=5, retry=Retry(NoBackoff(), 0)).ping()


def _recorded_process(recorded: dict) -> psutil.Process | None:
    """The process, if it still runs: a number alone may belong to another by now."""
    try:
        found = psutil.Process(recorded["pid"])
        return found if abs(found.create_time() - recorded["created"]) < 1 else None
    except (psutil.Error, KeyError, TypeError):
        return None


def _content(file: TextIO) -> str:
    file.seek(0)
    return file.read().strip()


@contextlib.contextmanager
def _only_one(state: Path, address: str) -> Iterator[None]:
    """Hold the lock of `state`; the kernel frees it however we end."""
    with (state / "lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise CannotStart(
                f"A portal already runs with the data in {state} ({_content(lock) or 'starting'}): stop that one, "
                "or give this one its own with PORTAL_STATE=/some/folder and another port."
            ) from error
        lock.truncate(0)
        lock.write(f"process {os.getpid()}, {address}\n")
        lock.flush()
        yield


@contextlib.contextmanager
def _signals_stop_us() -> Iterator[None]:
    def stop(_number: int, _frame: object) -> None:
        _ignore_signals()
        raise Stopped

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    yield


def _ignore_signals() -> None:
    """Stopping goes on to its end."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="manage.py portal", description=__doc__.splitlines()[0])
    add_arguments(parser)
    return parser


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `manage.py portal`."""
    parser.add_argument("--host", help="address to listen at (HOST; default 127.0.0.1)")
    parser.add_argument("--port", help="port to listen at (PORT; default 8000)")
