from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from recording.models import Resident, Slot
from tests.factories import AppointmentFactory, CaseFactory

pytestmark = pytest.mark.django_db


def broken(**options) -> str:
    """What a failing run writes; it must end with status 1."""
    out = StringIO()
    with pytest.raises(CommandError) as error:
        call_command("check_integrity", stdout=out, **options)
    assert error.value.returncode == 1
    return out.getvalue()


def test_a_sound_portal_passes():
    AppointmentFactory()
    CaseFactory()

    out = StringIO()
    call_command("check_integrity", stdout=out)

    assert out.getvalue().startswith("Semua aturan dipenuhi; 3 nilai")


def test_each_broken_invariant_is_one_line():
    for _appointment in range(7):
        AppointmentFactory()
    Slot.objects.update(booked=3)
    resident = Resident.objects.first()
    Resident.objects.filter(pk=resident.pk).update(name=f"Budi {resident.identity.nik}")

    lines = broken().splitlines()

    assert [line.split(":")[0] for line in lines] == ["1 tempat di tiap jam", "9 tidak ada nilai pribadi terbaca"]
    assert lines[0].endswith("... (7)")


def test_values_to_seek_may_be_given(tmp_path):
    (tmp_path / "values.txt").write_text("3319021708909555\n")
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / "web.log").write_text("nik=3319021708909555")

    assert broken(values=tmp_path / "values.txt", logs=[logs]) == (
        "9 tidak ada nilai pribadi terbaca: berkas web.log: 1 nilai pribadi terbaca\n"
    )
