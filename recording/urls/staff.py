"""The desk's addresses. `/petugas/` itself is composed in `ektp_portal`."""

from django.urls import path

from recording.views import desk, desk_appointment, desk_correction, desk_person, desk_receipt, staff_login

urlpatterns = [
    path("petugas/masuk/", staff_login.StaffLoginView.as_view(), name="staff_login"),
    path("petugas/keluar/", staff_login.StaffLogoutView.as_view(), name="staff_logout"),
    path("petugas/loket/", desk.DeskView.as_view(), name="desk"),
    path("petugas/cari/", desk.DeskSearchView.as_view(), name="desk_search"),
    path("petugas/janji/<int:pk>/", desk_appointment.AppointmentView.as_view(), name="desk_appointment"),
    path("petugas/janji/<int:pk>/hadir/", desk_appointment.CheckInView.as_view(), name="desk_check_in"),
    path("petugas/janji/<int:pk>/tolak/", desk_appointment.RefuseView.as_view(), name="desk_refuse"),
    path("petugas/janji/<int:pk>/rekam/", desk_appointment.RecordView.as_view(), name="desk_record"),
    path("petugas/janji/<int:pk>/selesai/", desk_appointment.FinishView.as_view(), name="desk_finish"),
    path("petugas/janji/<int:pk>/bukti/", desk_receipt.ReceiptView.as_view(), name="desk_receipt"),
    path("petugas/janji/<int:pk>/bukti.pdf", desk_receipt.ReceiptPdfView.as_view(), name="desk_receipt_pdf"),
    path("petugas/warga/<int:pk>/", desk_person.PersonView.as_view(), name="desk_person"),
    path("petugas/warga/<int:pk>/perbaiki/", desk_correction.CorrectView.as_view(), name="desk_correct"),
    path("petugas/warga/<int:pk>/kode/", desk_receipt.ReprintView.as_view(), name="desk_reprint"),
    path("petugas/warga/<int:pk>/kode/bukti/", desk_receipt.CodeView.as_view(), name="desk_code"),
    path("petugas/warga/<int:pk>/kode/bukti.pdf", desk_receipt.CodePdfView.as_view(), name="desk_code_pdf"),
]
