"""See to it that the browser tests have a Chromium: found, or installed by apt where we are allowed to."""

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find() -> str | None:
    """The path of a Chromium on this machine; CHROMIUM names one elsewhere."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


def install() -> None:
    """By apt, as root; its output is shown."""
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update", "-q"], ["apt-get", "install", "-q", "-y", "chromium"]):
        subprocess.run(command, env=environment, check=False)


def main() -> int:
    if os.environ.get("BROWSER") == "skip" or find():
        return 0
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print("installing Chromium for the browser tests", flush=True)
        install()
    if find():
        return 0
    print(
        "The browser tests need Chromium and there is none: install it (sudo apt-get install -y chromium), name one "
        "with CHROMIUM=/path/to/chrome, or leave these tests out with BROWSER=skip.",
        file=sys.stderr,
    )
    return 1


if __name__ == "__main__":
    sys.exit(main())
