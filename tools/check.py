"""Everything `make check` looks at, one line each; what a check that fails has to say comes after all of them.

usage: tools/check.py [name ...]     (no names: all)
"""

import base64
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
# No server is asked anything: these values only let the settings load.
ENVIRONMENT = os.environ | {
    "PORTAL_ENV": "test",
    "PORTAL_STATE": str(ROOT / "var" / "check"),
    "DATABASE_URL": "postgresql://portal@%2Fnowhere/portal",
    "REDIS_URL": "unix:///nowhere/valkey.sock",
    "SECRET_KEY": "only to load the settings",
    "FIELD_ENCRYPTION_KEYS": f"1:{base64.b64encode(bytes(32)).decode()}",
    "BLIND_INDEX_KEY": base64.b64encode(bytes(32)).decode(),
    "PYTHONWARNINGS": "ignore",
}
MODULE = [PYTHON, "-m"]
LINT_IMPORTS = "from importlinter.cli import lint_imports_command; lint_imports_command()"
CHECKS = {
    "ruff": [*MODULE, "ruff", "check", "--quiet", "."],
    "format": [*MODULE, "ruff", "format", "--check", "--quiet", "."],
    "mypy": [*MODULE, "mypy", "--no-error-summary", "."],
    "layers": [PYTHON, "-c", LINT_IMPORTS],
    "django": [PYTHON, "manage.py", "check", "--fail-level", "WARNING"],
    "migrations": [PYTHON, "manage.py", "makemigrations", "--check", "--dry-run"],
    "templates": [*MODULE, "djlint", "templates", "--lint", "--quiet"],
    "translations": [PYTHON, "tools/translations.py", "check"],
    "bandit": [*MODULE, "bandit", "--quiet", "-c", "pyproject.toml", "-r", "ektp_portal", "issuance", "recording"],
    "secrets": [PYTHON, "tools/scan_tracked.py"],
}


def main(names: list[str]) -> int:
    unknown = set(names) - set(CHECKS)
    if unknown:
        print(f"no such check: {', '.join(sorted(unknown))}; there are {', '.join(CHECKS)}", file=sys.stderr)
        return 2
    failed = {}
    for name in names or CHECKS:
        output = run(name)
        if output is not None:
            failed[name] = output
    for name, output in failed.items():
        print(f"\n-- {name}: {' '.join(CHECKS[name][1:])}\n{output}")
    print(f"\n{', '.join(failed)}: see above" if failed else "all checks pass")
    return 1 if failed else 0


def run(name: str) -> str | None:
    """What the check says when it fails, else None; prints how it went and how long it took."""
    began = time.monotonic()
    done = subprocess.run(CHECKS[name], cwd=ROOT, env=ENVIRONMENT, text=True, capture_output=True, check=False)
    print(f"{time.monotonic() - began:6.1f} s  {name:14}{'FAILS' if done.returncode else 'ok'}", flush=True)
    return f"{done.stdout}{done.stderr}".strip() if done.returncode else None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
