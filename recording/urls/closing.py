"""Closing the day, and what the stations have not sent yet."""

from django.urls import path

from recording.views import closing

urlpatterns = [
    path("petugas/tutup-hari/", closing.ClosingView.as_view(), name="closing"),
    path("petugas/tutup-hari/pulang/", closing.SendHomeView.as_view(), name="closing_send_home"),
    path("petugas/tutup-hari/tidak-hadir/", closing.SettleMissedView.as_view(), name="closing_settle_missed"),
    path("petugas/tutup-hari/urungkan/", closing.UndoClosingView.as_view(), name="closing_undo"),
    path("petugas/tutup-hari/lembar.pdf", closing.SentHomePdfView.as_view(), name="closing_sheets"),
    path("petugas/belum-terkirim/", closing.UnsentView.as_view(), name="unsent"),
    path("petugas/belum-terkirim/unduh.csv", closing.UnsentCsvView.as_view(), name="unsent_csv"),
]
