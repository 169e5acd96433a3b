"""Every address of the portal. `/petugas/`, `/pengawas/` and `/kelola/` are staff only."""

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
