"""Every address of the portal. `/petugas/`, `/pengawas/` and `/kelola/` are staff only."""

from django.urls import URLPattern, URLResolver, include, path
from django.views.i18n import set_language

from ektp_portal.views import errors, health, home, progress, staff_home

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("", home.home, name="home"),
    path("capaian/", progress.public_progress, name="progress"),
    path("capaian.csv", progress.public_progress_csv, name="progress_csv"),
    path("bahasa/", set_language, name="set_language"),
    path("petugas/", staff_home.StaffHomeView.as_view(), name="staff_home"),
    path("", include("recording.urls.staff")),
    path("", include("recording.urls.queue")),
    path("", include("recording.urls.assisted")),
    path("", include("recording.urls.closing")),
    path("", include("recording.urls.messages")),
    path("", include("recording.urls.mobile")),
    path("", include("recording.urls.manage")),
    path("", include("recording.urls.accounts")),
    path("", include("recording.urls.resident")),
    path("", include("issuance.urls")),
]

handler400 = errors.bad_request
handler403 = errors.permission_denied
handler404 = errors.not_found
handler500 = errors.server_error
