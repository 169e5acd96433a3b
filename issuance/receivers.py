"""What the upper floor does when something happens on the ground floor."""

from issuance.services import case


def open_case(sender, recording, **kwargs):
    """A recording was logged: its case opens or goes on, in the same transaction."""
    case.open_from_recording(recording=recording)


def follow_sending(sender, recordings, by, at, **kwargs):
    """The stations have sent recordings: their cases wait for the centre, in the same transaction."""
    case.follow_sending(recordings=recordings, by=by, at=at)


def take_back_sending(sender, recordings, by, at, **kwargs):
    """Recordings are not sent after all: so say their cases."""
    case.take_back_sending(recordings=recordings, by=by, at=at)
