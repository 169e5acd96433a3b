"""What the national lists add to the portal: messages, a menu item, and the alarm when no list has come for days."""

from recording import messages, navigation, staff_home
from recording.policy.access import Permission, roles


def register():
    """Called by `IssuanceConfig.ready`; models are loaded only now."""
    from issuance.services.list_messages import about_found, about_print_ready
    from issuance.views.list_alarm import list_alarms

    deciding = Permission.DECIDE_CASES
    navigation.add_staff_item("Daftar pusat", "central_imports", roles=roles(deciding), order=18)
    staff_home.add_alarms(list_alarms, permission=deciding, order=8)
    folder = "messages/issuance"
    # Whoever recorded again meanwhile would make a duplicate, so this waits for no morning.
    messages.register("being_checked", f"{folder}/being_checked", call=True, urgent=True, label="Sedang diperiksa")
    messages.register("print_ready", f"{folder}/print_ready", context=about_print_ready, call=True, label="Siap cetak")
    messages.register(
        "found_in_list", f"{folder}/found_in_list", context=about_found, call=True, label="Ditemukan di daftar pusat"
    )
