"""Closing the day, what the stations have not sent yet, and the day on paper."""

from django.urls import path

from recording.views import closing, paper_entry

urlpatterns = [
    path("petugas/tutup-hari/", closing.ClosingView.as_view(), name="closing"),
    path("petugas/tutup-hari/pulang/", closing.SendHomeView.as_view(), name="closing_send_home"),
    path("petugas/tutup-hari/tidak-hadir/", closing.SettleMissedView.as_view(), name="closing_settle_missed"),
    path("petugas/tutup-hari/urungkan/", closing.UndoClosingView.as_view(), name="closing_undo"),
    path("petugas/tutup-hari/lembar.pdf", closing.SentHomePdfView.as_view(), name="closing_sheets"),
    path("petugas/lembar-harian/", paper_entry.SheetView.as_view(), name="sheet"),
    path("petugas/lembar-harian/tambah/", paper_entry.SheetWalkInView.as_view(), name="sheet_walk_in"),
    path("petugas/lembar-harian.pdf", paper_entry.SheetPdfView.as_view(), name="sheet_pdf"),
    path("petugas/lembar-harian/unduh.csv", paper_entry.SheetCsvView.as_view(), name="sheet_csv"),
    path("petugas/belum-terkirim/", closing.UnsentView.as_view(), name="unsent"),
    path("petugas/belum-terkirim/unduh.csv", closing.UnsentCsvView.as_view(), name="unsent_csv"),
]
