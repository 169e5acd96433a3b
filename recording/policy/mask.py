"""What may be shown of a personal value: enough for its owner to recognise it, too little for anybody else."""

DOTS = "•••"
LONGEST_NAME = 3  # words


def mask_name(name: str) -> str:
    """ "Budi Santoso" -> "B••• S•••"; one-word names the same way, at most three words."""
    return " ".join(f"{word[0].upper()}{DOTS}" for word in name.split()[:LONGEST_NAME])


def mask_phone(phone: str) -> str:
    """ "+6281234567890" -> "+62 8•• •••• ••90"."""
    return f"{phone[:3]} {phone[3:4]}•• •••• ••{phone[-2:]}"


def mask_email(email: str) -> str:
    """ "budi@contoh.id" -> "b•••@c•••"."""
    mailbox, _, domain = email.partition("@")
    return f"{mailbox[:1]}{DOTS}@{domain[:1]}{DOTS}"


def mask_address(address: str) -> str:
    """A telephone number or e-mail address, masked."""
    return mask_email(address) if "@" in address else mask_phone(address)
