"""Every address of the portal. `/petugas/`, `/pengawas/` and `/kelola/` are staff only."""

from django.urls import URLPattern, URLResolver, path
from django.views.i18n import set_language

urlpatterns: list[URLPattern | URLResolver] = [
    path("bahasa/", set_language, name="set_language"),
]
