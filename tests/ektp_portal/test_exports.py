"""Every table that staff can take away asks for the password again when it was given long ago."""

from datetime import timedelta

import pytest
from django.urls import get_resolver
from django.utils import timezone
from django.views.generic import View

from recording import staff_session
from recording.views.reauthentication import RecentPasswordRequired
from tests.ektp_portal.test_authorisation_matrix import ROLES, ROWS, addresses, expectations, fill
from tests.factories import OfficeFactory

STAFF = ("petugas/", "pengawas/", "kelola/")
EXPORTS = sorted(route for route in addresses() if route.startswith(STAFF) and route.endswith(".csv"))


def _view_of(path: str) -> type[View]:
    return get_resolver().resolve(path).func.view_class


@pytest.mark.django_db
@pytest.mark.parametrize("route", EXPORTS)
def test_an_export_asks_for_the_password_when_it_was_given_long_ago(client, route):
    line, here = expectations()[route], OfficeFactory()
    asked = ("operator", "verifier", "supervisor_all", "administrator")
    role = next(role for role in asked if not line[role].startswith("403"))
    path = fill(route, ROWS[line["row"]].make(here))
    client.force_login(ROLES[role](here, OfficeFactory()))
    session = client.session
    long_ago = (timezone.now() - staff_session.PASSWORD_FRESH - timedelta(seconds=1)).timestamp()
    session[staff_session.KEY] = session[staff_session.KEY] | {"password_at": long_ago}
    session.save()

    answer = client.get(path)

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/petugas/konfirmasi/?next=")
    assert issubclass(_view_of(path), RecentPasswordRequired)
