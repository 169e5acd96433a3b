"""Recording away from the office: sessions ("jemput bola"), and requests to be visited at home."""

from django.urls import path

from recording.views import home_visit, roster, roster_rows

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
    path("petugas/jemput-bola/<int:pk>/isi/", roster_rows.RowsView.as_view(), name="roster_rows"),
    path("petugas/jemput-bola/<int:pk>/isian.csv", roster.TemplateCsvView.as_view(), name="roster_template"),
    path("petugas/jemput-bola/<int:pk>/unduh.csv", roster.EntryCsvView.as_view(), name="roster_csv"),
    path("petugas/jemput-bola/<int:pk>/tertolak.csv", roster.RejectCsvView.as_view(), name="roster_rejects"),
    path("kunjungan/", home_visit.AskVisitView.as_view(), name="ask_home_visit"),
    path("petugas/kunjungan/", home_visit.VisitListView.as_view(), name="home_visits"),
    path("petugas/kunjungan/unduh.csv", home_visit.VisitCsvView.as_view(), name="home_visits_csv"),
    path("petugas/kunjungan/baru/", home_visit.NewVisitView.as_view(), name="home_visit_new"),
    path("petugas/kunjungan/<int:pk>/", home_visit.VisitView.as_view(), name="home_visit"),
]
