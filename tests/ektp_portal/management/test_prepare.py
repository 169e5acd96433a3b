import os

from ektp_portal.management.commands.prepare import collect_static_files


def test_static_files_are_collected_again_only_when_one_changed(settings, tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    (source / "note.txt").write_text("first")
    settings.STATICFILES_DIRS, settings.STATIC_ROOT = [source], tmp_path / "collected"
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    collected = settings.STATIC_ROOT / "note.txt"

    collect_static_files()
    assert collected.read_text() == "first"

    collected.write_text("collected before")
    collect_static_files()
    assert collected.read_text() == "collected before"

    (source / "note.txt").write_text("second")
    os.utime(source / "note.txt", (1, 1))
    collect_static_files()
    assert collected.read_text() == "second"
