"""What printing and handing over add to menus, messages and the staff home; called once from `apps`."""

from recording import messages


def register() -> None:
    _register_messages()


def _register_messages() -> None:
    from issuance.services.card_messages import about_collecting, about_invitation  # models are loaded only now
    from issuance.services.messages import about_case

    folder = "messages/issuance"
    messages.register("print_invitation", f"{folder}/print_invitation", context=about_invitation, call=True)
    messages.register("collect_reminder", f"{folder}/collect_reminder", context=about_collecting, call=True)
    messages.register("turned_seventeen", f"{folder}/turned_seventeen", context=about_case, call=True)
