import io
from types import SimpleNamespace

import pytest
from django.core.management import call_command

pytestmark = pytest.mark.django_db


def test_receive_bounce_reads_standard_input_and_ends_well_with_mail_it_does_not_know(monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(b"To: kembali@ktp.kudus.example\n\nHalo")))

    call_command("receive_bounce", recipient="kembali@ktp.kudus.example")

    assert capsys.readouterr().out.splitlines()[-1] == "unknown"
