"""What can go wrong before the portal runs; each message is one sentence for the person at the keyboard."""


class CannotStart(Exception):
    """The portal or one of its servers cannot start; the message says why and what to do."""
