"""Messages to residents: what came of them, who has to be called, and what gateways report."""

from django.urls import path

from recording.views import call_list, delivery_report, messages, told

urlpatterns = [
    path("petugas/pesan/", messages.MessageListView.as_view(), name="messages"),
    path("petugas/pesan/unduh.csv", messages.MessageCsvView.as_view(), name="messages_csv"),
    path("petugas/pesan/<int:pk>/", messages.MessageView.as_view(), name="message"),
    path("petugas/telepon/", call_list.CallListView.as_view(), name="call_list"),
    path("petugas/telepon/lembar/", call_list.PrintSheetView.as_view(), name="call_sheet_print"),
    path("petugas/telepon/lembar/<int:pk>/", call_list.SheetView.as_view(), name="call_sheet"),
    path("petugas/telepon/lembar/<int:pk>.pdf", call_list.SheetPdfView.as_view(), name="call_sheet_pdf"),
    path("petugas/telepon/<int:pk>/", call_list.CallView.as_view(), name="call"),
    path("pengawas/diberitahu/", told.ToldView.as_view(), name="told"),
    path("pengawas/diberitahu/unduh.csv", told.ToldCsvView.as_view(), name="told_csv"),
    path("pesan/laporan/<slug:gateway>/", delivery_report.take_report, name="delivery_report"),
]
