"""What a resident sees of the card."""

from django.urls import path

from issuance.views import status

urlpatterns = [
    path("status/", status.StatusView.as_view(), name="status"),
    path("status/selesai/", status.ForgetStatusView.as_view(), name="status_forget"),
]
