"""Calling numbers, people without an appointment, the screen in the waiting room, and one's own place in line."""

from django.urls import path

from recording.views import call_screen, place_in_line, queue, walk_in

urlpatterns = [
    path("petugas/loket/antrean/", queue.QueueBoardView.as_view(), name="queue_board"),
    path("petugas/loket/antrean/loket/", queue.ChooseStationView.as_view(), name="queue_station"),
    path("petugas/loket/antrean/panggil/", queue.CallNextView.as_view(), name="queue_call"),
    path("petugas/loket/antrean/urungkan/", queue.UndoView.as_view(), name="queue_undo"),
    path("petugas/loket/antrean/<int:pk>/panggil/", queue.CallThisView.as_view(), name="queue_call_this"),
    path("petugas/loket/antrean/<int:pk>/ulang/", queue.RecallView.as_view(), name="queue_recall"),
    path("petugas/loket/antrean/<int:pk>/tunda/", queue.ParkView.as_view(), name="queue_park"),
    path("petugas/loket/antrean/<int:pk>/pergi/", queue.LeaveView.as_view(), name="queue_leave"),
    path("petugas/loket/antrean/<int:pk>/mulai/", queue.StartView.as_view(), name="queue_start"),
    path("petugas/loket/antrean/<int:pk>/selesai/", queue.FinishTicketView.as_view(), name="queue_finish"),
    path("petugas/loket/antrean/<int:pk>/pindah/", queue.TransferView.as_view(), name="queue_transfer"),
    path("petugas/antrean/<int:pk>/", walk_in.TicketView.as_view(), name="queue_ticket"),
    path("petugas/antrean/<int:pk>/nomor.pdf", walk_in.TicketPdfView.as_view(), name="queue_ticket_pdf"),
    path("petugas/antrean/<int:pk>/prioritas/", queue.PrioritiseView.as_view(), name="queue_prioritise"),
    path("petugas/datang-langsung/", walk_in.WalkInView.as_view(), name="walk_in"),
    path("antrean/saya/", place_in_line.PlaceInLineView.as_view(), name="place_in_line"),
    path("antrean/<str:office_code>/", call_screen.call_screen, name="call_screen"),
]
