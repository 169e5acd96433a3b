"""The menus as templates read them: `navigation.resident`, `.staff`, `.search_url`, `.role`, `.office`.

Lazy: a page that shows no staff menu never loads the user, and so never touches the session table.
"""

from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse
from django.utils.functional import cached_property

from recording import navigation as registry


@dataclass(frozen=True)
class Link:
    """A menu entry ready to draw."""

    label: str
    url: str
    current: bool


class Menus:
    def __init__(self, request):
        self.request = request

    @cached_property
    def resident(self) -> list[Link]:
        return self._links(registry.resident_items())

    @cached_property
    def staff(self) -> list[Link]:
        role = getattr(self.request.user, "role", None)
        return self._links(registry.staff_items(role)) if role else []

    @cached_property
    def search_url(self) -> str | None:
        name = registry.staff_search(getattr(self.request.user, "role", ""))
        return _address(name) if name else None

    @property
    def role(self) -> str:
        """What the signed-in person is called here, such as "Operator perekaman"."""
        show = getattr(self.request.user, "get_role_display", None)
        return show() if show else ""

    @property
    def office(self) -> str:
        """Name of the signed-in person's office, or of the whole regency."""
        office = getattr(self.request.user, "office", None)
        return office.name if office else "Semua kantor"

    def _links(self, items) -> list[Link]:
        addresses = [(item, _address(item.url_name)) for item in items]
        here = self.request.path
        begun = [
            (len(beginning), address)
            for item, address in addresses
            if address
            for beginning in (address, *item.also)
            if here.startswith(beginning)
        ]
        nearest = max(begun, default=(0, ""))[1]
        return [Link(item.label, address, address == nearest) for item, address in addresses if address]


def navigation(request):
    """Context processor. Adds `navigation` (Menus)."""
    return {"navigation": Menus(request)}


def _address(url_name: str) -> str | None:
    """The page's path, or None for a name no URL pattern has (a test names those): a menu never breaks a page."""
    try:
        return reverse(url_name)
    except NoReverseMatch:
        return None
