"""Recording away from the office: sessions ("jemput bola")."""

from django.urls import path

from recording.views import roster

urlpatterns = [
    path("petugas/jemput-bola/", roster.RosterListView.as_view(), name="rosters"),
    path("petugas/jemput-bola/unduh.csv", roster.RosterCsvView.as_view(), name="rosters_csv"),
    path("petugas/jemput-bola/baru/", roster.NewRosterView.as_view(), name="roster_new"),
    path("petugas/jemput-bola/<int:pk>/", roster.RosterView.as_view(), name="roster"),
    path("petugas/jemput-bola/<int:pk>/sahkan/", roster.ConfirmView.as_view(), name="roster_confirm"),
    path("petugas/jemput-bola/<int:pk>/buang/", roster.DiscardView.as_view(), name="roster_discard"),
    path("petugas/jemput-bola/<int:pk>/tutup/", roster.CloseView.as_view(), name="roster_close"),
    path("petugas/jemput-bola/<int:pk>/daftar.pdf", roster.ListPdfView.as_view(), name="roster_pdf"),
    path("petugas/jemput-bola/<int:pk>/hasil/", roster.ResultsView.as_view(), name="roster_results"),
    path("petugas/jemput-bola/<int:pk>/isian.csv", roster.TemplateCsvView.as_view(), name="roster_template"),
    path("petugas/jemput-bola/<int:pk>/unduh.csv", roster.EntryCsvView.as_view(), name="roster_csv"),
    path("petugas/jemput-bola/<int:pk>/tertolak.csv", roster.RejectCsvView.as_view(), name="roster_rejects"),
]
