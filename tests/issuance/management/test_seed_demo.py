import stat
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from recording.models import RegisterSnapshot, User


def test_command_makes_a_demo_and_says_whom_to_try(reference_data):
    out = StringIO()

    call_command("seed_demo", residents=300, history_days=3, seed=1, stdout=out)

    assert "300 warga contoh" in out.getvalue()
    must_hold = sum(RegisterSnapshot.objects.filter(source="Penduduk contoh").values_list("must_hold", flat=True))
    assert 0.9 * 300 < must_hold <= 300
    assert f"Target percepatan disesuaikan dengan penduduk contoh: {must_hold} orang." in out.getvalue()
    people = settings.STATE_DIR / "demo_people.txt"
    assert stat.S_IMODE(people.stat().st_mode) == 0o600
    assert people.read_text() in out.getvalue()


def test_demo_logins_work_with_the_demo_password(reference_data):
    call_command("seed_demo", residents=50, history_days=1, stdout=StringIO())

    assert User.objects.get(username="operator.kota").check_password(settings.DEMO_PASSWORD)
    assert User.objects.get(username="camat.kota").office.code == "33.19.02"
    assert User.objects.filter(username__startswith="operator.").count() == 10
    assert User.objects.count() == 14


def test_command_refuses_a_portal_in_use(reference_data):
    call_command("seed_demo", residents=50, history_days=1, stdout=StringIO())

    with pytest.raises(CommandError, match="Sudah ada warga"):
        call_command("seed_demo", residents=50, stdout=StringIO())
