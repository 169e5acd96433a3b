"""A child process that never outlives its parent."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

from .place import Account

PR_SET_PDEATHSIG = 1
LOG_KEPT_BYTES = 10_000_000


def start(
    argv: Sequence[str],
    *,
    log: Path | None,
    death_signal: signal.Signals,
    account: Account | None = None,
    env: Mapping[str, str] | None = None,
    cwd: Path | str = "/",
) -> subprocess.Popen:
    """Start `argv` in a session of its own; the kernel sends it `death_signal` if we die.

    Its output is appended to `log`, or goes where ours goes when `log` is None.
    A session of its own keeps a terminal's Ctrl-C away from it: the supervisor stops its children in order.
    """
    with _open_log(log) if log else contextlib.nullcontext() as output:
        return subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT if log else None,
            env=env,
            cwd=cwd,
            start_new_session=True,
            preexec_fn=_die_with(os.getpid(), death_signal),  # noqa: PLW1509 - single-threaded at this point
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
        )


def stop(process: subprocess.Popen, stop_signal: signal.Signals, *, seconds: float) -> None:
    """Ask `process` to stop with `stop_signal`; kill its whole session if it is still there after `seconds`."""
    if process.poll() is None:
        process.send_signal(stop_signal)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def wait_until(is_true: Callable[[], bool], *, seconds: float, every: float = 0.05) -> bool:
    """True as soon as `is_true()`, False when it has not become so within `seconds`."""
    deadline = time.monotonic() + seconds
    while not is_true():
        if time.monotonic() > deadline:
            return False
        time.sleep(every)
    return True


def has_ended(process: subprocess.Popen | None) -> bool:
    """Was it started, and does it no longer run?"""
    return process is not None and process.poll() is not None


def tail(log: Path | None, lines: int = 20) -> str:
    """The last `lines` lines of `log`, empty when there is none."""
    try:
        text = log.read_text(errors="replace") if log else ""
    except OSError:
        return ""
    return "\n".join(text.splitlines()[-lines:])


def _open_log(log: Path) -> BinaryIO:
    """`log` opened for appending; one that has grown large is set aside as `<name>.1` first."""
    with contextlib.suppress(FileNotFoundError):
        if log.stat().st_size > LOG_KEPT_BYTES:
            log.replace(log.with_name(log.name + ".1"))
    return log.open("ab")


def _die_with(parent: int, death_signal: signal.Signals) -> Callable[[], None] | None:
    """What a child runs before it becomes its program. Linux only; elsewhere a killed parent leaves its children."""
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None, use_errno=True)

    def ask_the_kernel() -> None:
        libc.prctl(PR_SET_PDEATHSIG, int(death_signal))
        if os.getppid() != parent:  # the parent died before we could ask
            os._exit(1)

    return ask_the_kernel
