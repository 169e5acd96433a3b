"""What the upper floor does when something happens on the ground floor."""

from issuance.services import case


def open_case(sender, recording, **kwargs):
    """A recording was logged: its case opens or goes on, in the same transaction."""
    case.open_from_recording(recording=recording)
