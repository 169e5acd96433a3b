"""What printing and handing over add to menus, messages and the staff home; called once from `apps`."""

from issuance import case_actions
from recording import manage_home, messages, navigation, staff_home
from recording.policy.access import Permission, roles


def register() -> None:
    from issuance.views.card_home import card_alarms, card_cards  # models are loaded only now
    from issuance.views.card_print import card_actions

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
    manage_home.register(
        "Pencetakan",
        "Siapa yang didahulukan saat blanko kurang, dan cara tiap kantor mencetak.",
        "print_rules",
        Permission.MANAGE,
        46,
        "printer",
    )
    staff_home.add_cards(card_cards, permission=Permission.CARDS, order=30)
    staff_home.add_alarms(card_alarms, permission=Permission.CARDS, order=20)


def _register_messages() -> None:
    from issuance.services.card_messages import about_collecting, about_invitation
    from issuance.services.messages import about_case

    for kind, context, label in (
        ("print_invitation", about_invitation, "Undangan cetak"),
        ("collect_reminder", about_collecting, "Belum diambil"),
        ("turned_seventeen", about_case, "Sudah 17 tahun"),
    ):
        messages.register(kind, f"messages/issuance/{kind}", context=context, call=True, label=label)
