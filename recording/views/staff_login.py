"""Signing in and out of the staff's part."""

from django.conf import settings
from django.contrib.auth.views import LoginView, LogoutView
from django.shortcuts import render
from django.utils import translation

from recording.forms.staff_login import StaffLoginForm
from recording.models import User
from recording.services import audit
from recording.views.mixins import STAFF_LANGUAGE, StaffPage


class StaffLoginView(StaffPage, LoginView):
    """`/petugas/masuk/`. `next` leads only to addresses of this portal; too many wrong tries wait (django-axes)."""

    form_class = StaffLoginForm
    template_name = "recording/staff/login.html"
    redirect_authenticated_user = True

    def form_valid(self, form):
        response = super().form_valid(form)
        user = form.get_user()
        audit.record(action="staff.sign_in", actor=user, office_id=user.office_id)
        return response

    def get_context_data(self, **kwargs):
        demo = settings.PORTAL_ENV == "development"
        return super().get_context_data(
            demo_users=User.objects.filter(is_active=True).select_related("office").order_by("pk")[:20] if demo else [],
            demo_password=settings.DEMO_PASSWORD if demo else "",
            **kwargs,
        )


class StaffLogoutView(StaffPage, LogoutView):
    """`/petugas/keluar/`, by POST only."""

    next_page = "staff_login"


def too_many_sign_ins(request, _original_response=None, credentials=None):
    """What django-axes answers while a name waits after five wrong passwords from one address."""
    minutes = int(settings.AXES_COOLOFF_TIME.total_seconds() // 60)
    with translation.override(STAFF_LANGUAGE):
        response = render(request, "recording/staff/locked.html", {"minutes": minutes}, status=429)
    response["Retry-After"] = str(minutes * 60)
    return response
