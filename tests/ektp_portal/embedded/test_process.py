import os
import signal
import subprocess
import sys
import textwrap
import time

import psutil
import pytest

from ektp_portal.embedded import process

STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"


def start(code, log):
    return process.start(
        [sys.executable, "-c", code], log=log, death_signal=signal.SIGKILL, env=dict(os.environ), cwd="/"
    )


def test_output_goes_to_the_log(tmp_path):
    child = start("print('hello')", tmp_path / "log")
    child.wait(10)

    assert process.tail(tmp_path / "log") == "hello"
    assert process.has_ended(child)


def test_stop_kills_what_does_not_listen(tmp_path):
    child = start(STUBBORN, tmp_path / "log")
    process.wait_until(lambda: "up" in process.tail(tmp_path / "log"), seconds=10)

    process.stop(child, signal.SIGTERM, seconds=0.2)

    assert child.returncode == -signal.SIGKILL


def test_tail_of_no_log_is_empty(tmp_path):
    assert process.tail(tmp_path / "none") == ""


def test_a_large_log_is_set_aside(tmp_path, monkeypatch):
    monkeypatch.setattr(process, "LOG_KEPT_BYTES", 10)
    (tmp_path / "log").write_text("a long line of yesterday\n")

    start("print('today')", tmp_path / "log").wait(10)

    assert process.tail(tmp_path / "log") == "today"
    assert "yesterday" in (tmp_path / "log.1").read_text()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children that their parent died")
def test_a_child_does_not_outlive_a_killed_parent(tmp_path):
    parent_code = f"""
        import os, signal, sys, time
        from pathlib import Path
        from ektp_portal.embedded import process
        argv = [sys.executable, "-c", "import time; time.sleep(60)"]
        child = process.start(argv, log=Path({str(tmp_path / "log")!r}), death_signal=signal.SIGKILL)
        print(child.pid, flush=True)
        time.sleep(60)
    """
    parent = subprocess.Popen([sys.executable, "-c", textwrap.dedent(parent_code)], stdout=subprocess.PIPE, text=True)
    with parent:
        child = psutil.Process(int(parent.stdout.readline()))

        parent.kill()
        time.sleep(0.1)

    gone, _alive = psutil.wait_procs([child], timeout=5)
    assert gone == [child]
