"""Messages to residents: what came of them, who has to be called, and what gateways report."""

from django.urls import path

from recording.views import delivery_report

urlpatterns = [
    path("pesan/laporan/<slug:gateway>/", delivery_report.take_report, name="delivery_report"),
]
