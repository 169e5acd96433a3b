"""Parcels of cards between offices."""

from django.urls import path

from issuance.views import shipment

urlpatterns = [
    path("petugas/pengiriman/", shipment.ShipmentsView.as_view(), name="shipments"),
    path("petugas/pengiriman/kirim/", shipment.SendView.as_view(), name="shipment_send"),
    path("petugas/pengiriman/<int:pk>/", shipment.ShipmentView.as_view(), name="shipment"),
    path("petugas/pengiriman/<int:pk>/daftar.pdf", shipment.PackingListView.as_view(), name="shipment_pdf"),
    path("petugas/pengiriman/kartu/<int:pk>/kembali/", shipment.TakeBackView.as_view(), name="shipped_back"),
]
