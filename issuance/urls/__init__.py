"""Every address of the upper floor, a file for each noun."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("issuance.urls.case_file")),
    path("", include("issuance.urls.central_import")),
    path("", include("issuance.urls.central_import_preview")),
    path("", include("issuance.urls.hand_over")),
    path("", include("issuance.urls.letter")),
    path("", include("issuance.urls.print_run")),
    path("", include("issuance.urls.shipment")),
    path("", include("issuance.urls.status")),
    path("", include("issuance.urls.supply")),
]
