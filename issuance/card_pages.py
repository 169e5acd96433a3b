"""What printing and handing over add to menus, messages and the pages of a case; called once from `apps`."""

from issuance import case_actions
from recording import messages, navigation
from recording.policy.access import Permission, roles


def register() -> None:
    from issuance.views.card_print import card_actions  # models are loaded only now

    _register_messages()
    cards = roles(Permission.CARDS)
    navigation.add_staff_item("Cetak", "print_queue", roles=cards, order=30)
    navigation.add_staff_item(
        "Penyerahan",
        "hand_over",
        roles=cards | roles(Permission.SECOND_PERSON),
        order=31,
        also=("/petugas/pengiriman/",),
    )
    case_actions.register(card_actions, order=10)


def _register_messages() -> None:
    from issuance.services.card_messages import about_collecting, about_invitation
    from issuance.services.messages import about_case

    for kind, context, label in (
        ("print_invitation", about_invitation, "Undangan cetak"),
        ("collect_reminder", about_collecting, "Belum diambil"),
        ("turned_seventeen", about_case, "Sudah 17 tahun"),
    ):
        messages.register(kind, f"messages/issuance/{kind}", context=context, call=True, label=label)
