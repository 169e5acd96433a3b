"""Booking, moving and cancelling at the desk, for one person or a family; missed appointments as figures."""

from django.urls import path

from recording.views import assisted, assisted_appointment, no_show

urlpatterns = [
    path("petugas/pesankan/", assisted.PersonView.as_view(), name="assisted"),
    path("petugas/pesankan/keluarga/", assisted.FamilyView.as_view(), name="assisted_family"),
    path("petugas/pesankan/keluarga/hapus/", assisted.RemoveView.as_view(), name="assisted_remove"),
    path("petugas/pesankan/waktu/", assisted.TimeView.as_view(), name="assisted_time"),
    path("petugas/pesankan/periksa/", assisted.ReviewView.as_view(), name="assisted_review"),
    path("petugas/pesankan/selesai/", assisted.DoneView.as_view(), name="assisted_done"),
    path("petugas/pesankan/bukti.pdf", assisted.SlipView.as_view(), name="assisted_slip"),
    path("petugas/warga/<int:pk>/pesan/", assisted.ForPersonView.as_view(), name="assisted_for_person"),
    path("petugas/janji/<int:pk>/ubah/", assisted_appointment.MoveView.as_view(), name="desk_move"),
    path("petugas/janji/<int:pk>/batal/", assisted_appointment.CancelView.as_view(), name="desk_cancel"),
    path("petugas/janji/<int:pk>/pesanan/", assisted_appointment.SlipView.as_view(), name="desk_slip"),
    path("petugas/janji/<int:pk>/pesanan.pdf", assisted_appointment.SlipPdfView.as_view(), name="desk_slip_pdf"),
    path("pengawas/tidak-hadir/", no_show.NoShowView.as_view(), name="no_shows"),
    path("pengawas/tidak-hadir/unduh.csv", no_show.NoShowCsvView.as_view(), name="no_shows_csv"),
]
