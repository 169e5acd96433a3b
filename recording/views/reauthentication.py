from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.generic import View

from recording import staff_session
from recording.middleware import page_to_return_to


class RecentPasswordRequired:
    """For exports and other weighty pages: the password was given in the last half hour, else it is asked again.

    Put it after `StaffRequired`: `class Export(StaffRequired, RecentPasswordRequired, View)`. A step (POST) leads back
    to the page it was sent from; a download goes on by itself. A class in which `View` comes before it, so that nothing
    would be asked, cannot be defined.
    """

    def __init_subclass__(cls, **options):
        super().__init_subclass__(**options)
        order = cls.__mro__
        if View in order and order.index(View) < order.index(RecentPasswordRequired):
            raise TypeError(f"{cls.__name__}: the bases must name RecentPasswordRequired before View.")

    def dispatch(self, request, *args, **kwargs):
        if staff_session.password_is_fresh(request.session, now=timezone.now()):
            return super().dispatch(request, *args, **kwargs)
        return HttpResponseRedirect(
            f"{reverse('staff_confirm_password')}?{urlencode({'next': page_to_return_to(request)})}"
        )
