"""Where each app says which sections `/kelola/` lists. A section is seen by whoever holds its permission."""

from dataclasses import dataclass

from recording.policy.access import Permission, allows


@dataclass(frozen=True)
class Section:
    """One page to manage something. Lower `order` first."""

    label: str
    description: str
    url_name: str
    permission: Permission
    order: int = 100
    icon: str = "settings"


_sections: dict[str, Section] = {}


def register(
    label: str,
    description: str,
    url_name: str,
    permission: Permission,
    order: int = 100,
    icon: str = "settings",
) -> None:
    """Put a page on `/kelola/`; call it from `AppConfig.ready`. `icon`: a Lucide name."""
    _sections[url_name] = Section(label, description, url_name, permission, order, icon)


def sections(user) -> list[Section]:
    """The sections that `user` may open, in order."""
    allowed = [section for section in _sections.values() if allows(user, section.permission)]
    return sorted(allowed, key=lambda section: (section.order, section.label))
