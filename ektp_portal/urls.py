"""Every address of the portal. `/petugas/`, `/pengawas/` and `/kelola/` are staff only."""

from django.urls import URLPattern, URLResolver, path
from django.views.i18n import set_language

from ektp_portal.views import health

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("bahasa/", set_language, name="set_language"),
]
