"""The stylesheets of the portal, each one request: `portal.css` (every page), `staff.css` (staff pages, on top), and
`screen.css` (the screen in the waiting room, alone).

`portal.css` is Bootstrap from its wheel followed by our own files, one per concern, in `static/css/`. Bootstrap's rules
for widgets that need its JavaScript, for the dark theme and for very wide screens are left out: we have none of them,
and a resident's first page must stay under 30 KB. Nothing of Bootstrap is kept in the repository.
"""

import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import FileSystemStorage

OWN_FILES = {
    "portal.css": [
        "tokens",
        "type",
        "shell",
        "buttons",
        "forms",
        "notices",
        "lists",
        "schedule",
        "timeline",
        "tables",
        "progress",
        "print",
    ],
    "staff.css": [
        "staff",
        "desk",
        "accounts",
        "hours",
        "queue",
        "assisted",
        "closing",
        "imports",
        "cases",
        "cards",
        "supplies",
        "outbox",
    ],
    "screen.css": ["tokens", "call_screen"],
}
UNUSED = re.compile(
    r"\.(carousel|modal|offcanvas|toast|popover|tooltip|drop|navbar|nav-|nav\b|tab-|accordion|bs-|placeholder|spinner"
    r"|collaps|list-group|card|breadcrumb|page-|pagination|figure|ratio|btn-group|btn-outline|btn-check|btn-close"
    r"|form-floating|form-range|form-switch|input-group|link-|fade|text-bg|sticky|fixed|focus-ring|icon-link"
    r"|valid-|was-valid|object-|float-|z-|vr\b|stretched)|\[data-bs-theme=dark\]|-(xl|xxl)\b|\.is-valid|-xxl"
)


@cache
def stylesheet(name: str) -> str:
    """The text of `portal.css` or `staff.css`, without comments and needless blanks."""
    own = "".join((settings.BASE_DIR / "static" / "css" / f"{part}.css").read_text() for part in OWN_FILES[name])
    return (bootstrap() if name == "portal.css" else "") + _squeeze(own)


def bootstrap() -> str:
    """Bootstrap's rules that a page without its JavaScript can use."""
    package = find_spec("bootstrap")
    if package is None or not package.submodule_search_locations:
        raise ImproperlyConfigured("The package bootstrap-wrapper is missing; install requirements.txt.")
    folder = Path(package.submodule_search_locations[0])
    return _without_unused((folder / "css" / "bootstrap.min.css").read_text())


def _without_unused(css: str) -> str:
    kept = []
    for selector, body in _rules(re.sub(r"/\*.*?\*/|@charset[^;]*;", "", css, flags=re.DOTALL)):
        if selector.startswith("@media"):
            inner = _without_unused(body)
            kept += [f"{selector}{{{inner}}}"] if inner else []
        elif selector.startswith("@"):
            continue  # key frames of widgets left out
        else:
            wanted = [part for part in re.split(r",(?![^(]*\))", selector) if not UNUSED.search(part)]
            kept += [f"{','.join(wanted)}{{{body}}}"] if wanted else []
    return "".join(kept)


def _rules(css: str):
    """(selector, body) of each rule of minified `css`, in order; an at-rule's body is its whole block."""
    start = 0
    while (opening := css.find("{", start)) >= 0:
        end, depth = opening + 1, 1
        while depth:
            depth += {"{": 1, "}": -1}.get(css[end], 0)
            end += 1
        yield css[start:opening].strip(), css[opening + 1 : end - 1]
        start = end


def _squeeze(css: str) -> str:
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    css = re.sub(r"\s+", " ", css)
    return re.sub(r"\s*([{};,])\s*", r"\1", css).replace(": ", ":").replace(";}", "}")


class StylesheetFinder(BaseFinder):
    """Offers the two stylesheets to `collectstatic` and to the development server as files under STATE_DIR."""

    def __init__(self, *args, **kwargs):
        self.storage = FileSystemStorage(location=settings.STATE_DIR / "stylesheets")
        super().__init__(*args, **kwargs)

    def check(self, **kwargs):
        return []

    def find(self, path, find_all=False, **kwargs):
        found = [self._written(path)] if path in OWN_FILES else []
        return found if find_all else (found[0] if found else [])

    def list(self, ignore_patterns):
        for name in OWN_FILES:
            self._written(name)
            yield name, self.storage

    def _written(self, name: str) -> str:
        target = Path(self.storage.path(name))
        text = stylesheet(name)
        if not target.is_file() or target.read_text() != text:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
        return str(target)
