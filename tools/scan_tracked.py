"""No tracked file may hold a secret, or a path of the machine on which it was written.

A line that only looks like one ends with `pragma: allowlist secret` and says why.
"""

import re
import subprocess
import sys
from pathlib import Path

from detect_secrets import SecretsCollection
from detect_secrets.settings import transient_settings

ROOT = Path(__file__).resolve().parent.parent
DETECTORS = (
    "ArtifactoryDetector", "AWSKeyDetector", "AzureStorageKeyDetector", "BasicAuthDetector", "GitHubTokenDetector",
    "GitLabTokenDetector", "JwtTokenDetector", "NpmDetector", "OpenAIDetector", "PrivateKeyDetector", "PypiTokenDetector",
    "SendGridDetector", "SlackDetector", "StripeDetector", "TelegramBotTokenDetector", "TwilioKeyDetector",
)  # fmt: skip
SETTINGS = {
    "plugins_used": [
        *({"name": name} for name in DETECTORS),
        {"name": "Base64HighEntropyString", "limit": 4.7},
        {"name": "HexHighEntropyString", "limit": 3.3},
    ],
    "filters_used": [
        {"path": "detect_secrets.filters.allowlist.is_line_allowlisted"},
        {"path": "detect_secrets.filters.heuristic.is_sequential_string"},
        {"path": "detect_secrets.filters.heuristic.is_templated_secret"},
    ],
}
MACHINE_PATH = re.compile(r"(?<![\w.$}~])/(?:work|root|Users|home/(?!<|\$|\{)[a-z]\w*)/\w")


def main() -> int:
    complaints = [complaint for file in tracked_files() for complaint in in_file(file)]
    print("\n".join(complaints))
    return 1 if complaints else 0


def tracked_files() -> list[str]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, text=True, capture_output=True, check=True).stdout
    return [name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def in_file(name: str) -> list[str]:
    """`file:line: complaint` of each find in the file."""
    try:
        lines = (ROOT / name).read_text().splitlines()
    except UnicodeDecodeError:
        return []  # a picture, a font
    return [
        *(
            f"{name}:{number}: a path of one machine"
            for number, line in enumerate(lines, 1)
            if MACHINE_PATH.search(line)
        ),
        *(f"{name}:{found.line_number}: looks like a secret ({found.type})" for found in secrets_in(name)),
    ]


def secrets_in(name: str) -> list:
    with transient_settings(SETTINGS):
        collection = SecretsCollection()
        collection.scan_file(str(ROOT / name))
        return [found for _, found in collection if not _is_harmless(name, found.secret_value or "")]


def _is_harmless(name: str, value: str) -> bool:
    """An alphabet, or the fingerprint that Django keeps of a trigger."""
    return "/migrations/" in name or list(value) == sorted(set(value))


if __name__ == "__main__":
    sys.exit(main())
