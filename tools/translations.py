"""Keep the English catalogue: `extract` (read every source, update the .po), `compile` (.po -> .mo), `check`.

Source strings are Indonesian, inside gettext. Pages for staff are Indonesian only and are not extracted. `check` exits
with 1 and one line per message that has no English, a doubtful (fuzzy) one, or one with other placeholders.
Needs no system gettext.
"""

import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import django
from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from ektp_portal.translations import compile_catalogues  # noqa: E402 - needs the path above

LOCALE = ROOT / "locale"
CATALOGUE = LOCALE / "en" / "LC_MESSAGES" / "django.po"
SOURCES = ("ektp_portal", "issuance", "recording", "templates")
STAFF_ONLY = ("staff", "supervisor", "administration", "desk", "management", "dashboard")
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}


def source_files() -> list[Path]:
    """Python files and templates that may speak to residents."""
    found = [path for folder in SOURCES for kind in ("*.py", "*.html") for path in (ROOT / folder).rglob(kind)]
    return sorted(path for path in found if not _is_staff_only(path))


def _is_staff_only(path: Path) -> bool:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return any(part in STAFF_ONLY or part.startswith("staff_") for part in parts)


def messages() -> Iterator[tuple]:
    """(message id or (singular, plural), context) of every source, in order."""
    for path in source_files():
        text = path.read_text()
        if path.suffix == ".html":
            # Left margins mean nothing in a template, and everything to the Python tokenizer.
            text = "\n".join(line.lstrip() for line in templatize(text).splitlines())
        for _line, message, _comments, context in extract("python", io.BytesIO(text.encode()), KEYWORDS):
            yield message, context


def catalogue() -> Catalog:
    """The catalogue as it stands, empty when there is none yet."""
    if not CATALOGUE.is_file():
        return Catalog(locale="en", domain="django", project="Portal KTP-el Kudus", fuzzy=False)
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="en", domain="django")


def template() -> Catalog:
    """What the sources say today, without translations."""
    wanted = Catalog(locale="en", domain="django")
    for message, context in messages():
        wanted.add(message, context=context)
    return wanted


def run_extract() -> int:
    """Add new messages (untranslated), drop those no source uses, keep every translation."""
    current = catalogue()
    header = current.header_comment
    current.update(template(), no_fuzzy_matching=True, update_creation_date=False)
    current.header_comment = header
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    with CATALOGUE.open("wb") as file:
        write_po(file, current, no_location=True, sort_output=True, ignore_obsolete=True, width=0)
    print(f"{len(current)} messages, {len(_faults())} to mend")
    return 0


def run_compile() -> int:
    print(f"{compile_catalogues(LOCALE)} catalogue(s) compiled")
    return 0


def run_check() -> int:
    faults = _faults()
    print("\n".join(faults) if faults else "translations are complete")
    return 1 if faults else 0


def _faults() -> list[str]:
    current = catalogue()
    faults = []
    for message in template():
        if not message.id:
            continue
        known = current.get(message.id, message.context)
        if known is None or not _is_filled(known):
            faults.append(f"no English: {_shown(message.id)}")
        elif known.fuzzy:
            faults.append(f"fuzzy: {_shown(message.id)}")
        elif placeholders(message.id) != placeholders(known.string):
            faults.append(f"placeholders differ: {_shown(message.id)}")
    return faults


def placeholders(text) -> set[str]:
    """The `%(name)s` of a message or of all its plural forms."""
    return {name for form in _forms(text) for name in re.findall(r"%\(\w+\)[sd]", form)}


def _forms(text) -> list[str]:
    return list(text) if isinstance(text, tuple | list) else [text]


def _is_filled(message) -> bool:
    return all(_forms(message.string))


def _shown(message_id) -> str:
    return _forms(message_id)[0]


def main(arguments: list[str]) -> int:
    actions = {"extract": run_extract, "compile": run_compile, "check": run_check}
    if len(arguments) != 1 or arguments[0] not in actions:
        print("usage: python tools/translations.py extract | compile | check", file=sys.stderr)
        return 2
    if not settings.configured:
        settings.configure()
        django.setup()
    return actions[arguments[0]]()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
