"""How returned mail names the message that it returns, and what its codes mean. RFC 3463 (status codes), RFC 5321."""

import re
from dataclasses import dataclass
from email.message import Message

PROOF_LENGTH = 10  # hexadecimal digits; longer, the part before the @ would exceed 64 characters
LONGEST_MAILBOX = 20  # characters of the mailbox in BOUNCE_ADDRESS: "+", the key and the proof need the rest
_RETURN_PATH = re.compile(r"\+([0-9a-f]{32})-([0-9a-f]{10})@", re.IGNORECASE)


def return_path(address: str, *, key: str, proof: str) -> str:
    """ "kembali@kudus.example" -> "kembali+<key>-<proof>@kudus.example"; `key` has 32 hexadecimal digits."""
    mailbox, _, domain = address.partition("@")
    return f"{mailbox}+{key}-{proof[:PROOF_LENGTH]}@{domain}"


def key_and_proof(address: str) -> tuple[str, str] | None:
    """What `return_path` wrote into `address`; None: it is not one of those."""
    found = _RETURN_PATH.search(address)
    return (found[1].lower(), found[2].lower()) if found else None


def is_bad_address(status: str) -> bool:
    """Whether nothing will ever arrive: no such mailbox or domain (5.1.x), or it is shut (5.2.1). A full mailbox
    (5.2.2) or a message refused for what it says (5.7.x) does not mean that."""
    return status.startswith("5.1.") or status == "5.2.1"


@dataclass(frozen=True, kw_only=True)
class Bounce:
    """What a returned mail says. `key` and `proof` as in `return_path`; `status` such as "5.1.1", "" when it says none."""

    key: str
    proof: str
    is_lasting: bool
    status: str

    @property
    def is_bad_address(self) -> bool:
        return self.is_lasting and is_bad_address(self.status)


RECIPIENT_HEADERS = ("Delivered-To", "X-Original-To", "Envelope-To", "To")


def read(mail: Message, *, recipient: str = "") -> Bounce | None:
    """What `mail`, delivered to `recipient` (else by its headers), says about a message of ours; None: it is no report
    of delivery (RFC 3464), such as an automatic answer, or not about one of ours."""
    named = [recipient, *(f"{value}" for header in RECIPIENT_HEADERS for value in mail.get_all(header, []))]
    ours = next((found for address in named if (found := key_and_proof(address))), None)
    if ours is None:
        return None
    reports = [part for part in mail.walk() if part.get_content_type() == "message/delivery-status"]
    fields = [block for report in reports for block in report.walk() if block["Action"]]
    if not fields:
        return None
    lasting = next((block for block in fields if f"{block['Action']}".strip().lower() == "failed"), None)
    said = re.match(r"\s*([245]\.\d{1,3}\.\d{1,3})", f"{(lasting or fields[0])['Status'] or ''}")
    status = said[1] if said else ""
    return Bounce(
        key=ours[0], proof=ours[1], is_lasting=lasting is not None and not status.startswith("4"), status=status
    )
