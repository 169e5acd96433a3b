"""What supplies add to the portal: a menu item, and the alarm when they run out."""

from recording import navigation, staff_home
from recording.policy.access import Permission, roles


def register() -> None:
    """Called by `IssuanceConfig.ready`; models are loaded only now."""
    from issuance.views.supply import alarms

    navigation.add_staff_item("Persediaan", "supplies", roles=roles(Permission.STOCK), order=24)
    staff_home.add_alarms(alarms, permission=Permission.STOCK, order=12)
