"""Residents' pages of the ground floor."""

from django.urls import path

from recording.views import booking, lost_code, manage, recorded_before, rerecord, schedule

urlpatterns = [
    path("jadwal/", schedule.list_offices, name="schedule"),
    path("jadwal/<str:office_code>/", schedule.show_office, name="schedule_office"),
    path("janji/data/", booking.IdentityView.as_view(), name="booking_data"),
    path("janji/data/tinggal/", booking.ResidenceView.as_view(), name="booking_residence"),
    path("janji/data/kontak/", booking.ContactView.as_view(), name="booking_contact"),
    path("janji/data/wali/", booking.GuardianView.as_view(), name="booking_guardian"),
    path("janji/waktu/", booking.TimeView.as_view(), name="booking_time"),
    path("janji/periksa/", booking.ReviewView.as_view(), name="booking_review"),
    path("janji/selesai/", booking.DoneView.as_view(), name="booking_done"),
    path("janji/hapus/", booking.ForgetView.as_view(), name="booking_forget"),
    path("janji/ulang/", rerecord.ChooseTimeView.as_view(), name="rerecord"),
    path("janji/ulang/periksa/", rerecord.ConfirmView.as_view(), name="rerecord_confirm"),
    path("janji/kelola/", manage.ManageView.as_view(), name="manage"),
    path("janji/kelola/bukti.pdf", manage.SlipView.as_view(), name="manage_slip"),
    path("janji/kelola/jadwal.ics", manage.CalendarView.as_view(), name="manage_calendar"),
    path("janji/kelola/ubah/", manage.MoveView.as_view(), name="manage_move"),
    path("janji/kelola/batal/", manage.CancelView.as_view(), name="manage_cancel"),
    path("janji/kelola/tutup/", manage.CloseView.as_view(), name="manage_close"),
    path("kode-hilang/", lost_code.LostCodeView.as_view(), name="lost_code"),
    path("sudah-rekam/", recorded_before.RecordedBeforeView.as_view(), name="recorded_before"),
]
