"""The demo's logins. People script against these names."""

from django.conf import settings
from django.contrib.auth.hashers import make_password

from recording.enums import Role
from recording.models import Office, User
from recording.services.reference import DISDUKCAPIL_CODE

OPERATORS = {
    DISDUKCAPIL_CODE: "disdukcapil",
    "33.19.01": "kaliwungu",
    "33.19.02": "kota",
    "33.19.03": "jati",
    "33.19.04": "undaan",
    "33.19.05": "mejobo",
    "33.19.06": "jekulo",
    "33.19.07": "bae",
    "33.19.08": "gebog",
    "33.19.09": "dawe",
}


def make_logins() -> list[str]:
    """Create the demo's staff with DEMO_PASSWORD; existing ones stay. Returns the user names."""
    offices = {office.code: office for office in Office.objects.all()}
    password = make_password(settings.DEMO_PASSWORD)
    people = [
        ("admin", "Administrator Demo", Role.ADMINISTRATOR, None),
        ("kepala", "Kepala Dinas Demo", Role.SUPERVISOR, None),
        ("camat.kota", "Camat Kota Demo", Role.SUPERVISOR, offices["33.19.02"]),
        ("verifikator", "Verifikator Demo", Role.VERIFIER, None),
        *(
            (f"operator.{place}", f"Operator {place.title()} Demo", Role.OPERATOR, offices[code])
            for code, place in OPERATORS.items()
        ),
    ]
    User.objects.bulk_create(
        [
            User(username=username, name=name, role=role, office=office, password=password)
            for username, name, role, office in people
        ],
        ignore_conflicts=True,
    )
    return [username for username, *_ in people]


def operators_by_office() -> dict[int, int]:
    """Office id -> the demo operator's user id."""
    rows = User.objects.filter(username__startswith="operator.", role=Role.OPERATOR)
    return {user.office_id: user.pk for user in rows if user.office_id}
