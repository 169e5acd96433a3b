"""The card in the hand, and the shelves it waits on."""

from django.urls import path

from issuance.views import hand_over

urlpatterns = [
    path("petugas/penyerahan/", hand_over.HandOverView.as_view(), name="hand_over"),
    path("petugas/penyerahan/unduh.csv", hand_over.ReadyCsvView.as_view(), name="ready_csv"),
    path("petugas/penyerahan/cari/", hand_over.CounterSearchView.as_view(), name="counter_search"),
    path("petugas/penyerahan/rak/", hand_over.ShelfView.as_view(), name="shelf"),
    path("petugas/penyerahan/hari-ini/", hand_over.TodayView.as_view(), name="hand_over_today"),
    path("petugas/penyerahan/<int:pk>/", hand_over.CounterView.as_view(), name="counter"),
    path("petugas/penyerahan/<int:pk>/urungkan/", hand_over.UndoView.as_view(), name="hand_over_undo"),
]
