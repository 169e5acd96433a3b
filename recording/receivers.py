"""What follows when somebody signs in."""

from django.contrib.auth.signals import user_logged_in
from django.utils import timezone

from recording import staff_session
from recording.services import second_factor


def begin_staff_session(request, user, **_kwargs) -> None:
    """Start the clocks of the session, and note whether the second factor is still to be shown."""
    staff_session.begin(request.session, has_factor=second_factor.has(user), now=timezone.now())


user_logged_in.connect(begin_staff_session, dispatch_uid="recording.begin_staff_session")
