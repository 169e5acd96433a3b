import gettext
import os
import re

from ektp_portal.translations import compile_catalogues
from tools import translations

SOURCE = """
msgid ""
msgstr "Content-Type: text/plain; charset=utf-8\\n"

msgid "Beranda"
msgstr "{english}"
"""


def write_catalogue(folder, english, *, at):
    messages = folder / "en" / "LC_MESSAGES"
    messages.mkdir(parents=True, exist_ok=True)
    (messages / "django.po").write_text(SOURCE.format(english=english))
    os.utime(messages / "django.po", (at, at))
    return messages / "django.mo"


def english(compiled):
    with compiled.open("rb") as file:
        return gettext.GNUTranslations(file).gettext("Beranda")


def test_a_catalogue_is_compiled_when_missing_and_when_its_source_changed(tmp_path):
    compiled = write_catalogue(tmp_path, "Home", at=1_000)
    assert compile_catalogues(tmp_path) == 1
    assert english(compiled) == "Home"

    write_catalogue(tmp_path, "Start", at=compiled.stat().st_mtime + 10)

    assert compile_catalogues(tmp_path) == 1
    assert english(compiled) == "Start"


def test_an_unchanged_catalogue_is_left_alone(tmp_path):
    write_catalogue(tmp_path, "Home", at=1_000)
    compile_catalogues(tmp_path)

    assert compile_catalogues(tmp_path) == 0


def test_every_name_by_which_texts_are_translated_is_one_the_catalogue_reads():
    imported = re.compile(r"\bn?p?gettext(?:_lazy)? as (\w+)")
    used = {name for source in translations.source_files() for name in imported.findall(source.read_text())}

    assert used <= set(translations.KEYWORDS)
