"""Whom to print or invite, and one card out of the printer."""

from django.urls import path

from issuance.views import card_print, print_rule, print_run

urlpatterns = [
    path("kelola/cetak/", print_rule.PrintRuleView.as_view(), name="print_rules"),
    path("petugas/cetak/", print_run.PrintQueueView.as_view(), name="print_queue"),
    path("petugas/cetak/unduh.csv", print_run.PrintQueueCsvView.as_view(), name="print_queue_csv"),
    path("petugas/cetak/usulan/", print_run.ProposeView.as_view(), name="print_propose"),
    path("petugas/cetak/daftar/<int:pk>/", print_run.RunView.as_view(), name="print_run"),
    path("petugas/cetak/daftar/<int:pk>/mulai/", print_run.RunStartView.as_view(), name="print_run_start"),
    path("petugas/cetak/daftar/<int:pk>/akhiri/", print_run.RunDropView.as_view(), name="print_run_drop"),
    path("petugas/cetak/daftar/<int:pk>/tercetak/", print_run.RunPrintedView.as_view(), name="print_run_printed"),
    path("petugas/cetak/daftar/<int:pk>/daftar.pdf", print_run.RunPdfView.as_view(), name="print_run_pdf"),
    path("petugas/cetak/daftar/<int:pk>/unduh.csv", print_run.RunCsvView.as_view(), name="print_run_csv"),
    path("petugas/cetak/orang/<int:pk>/keluar/", print_run.PickDropView.as_view(), name="print_pick_drop"),
    path("petugas/cetak/berkas/<int:pk>/", card_print.PrintCardView.as_view(), name="print_card"),
    path("petugas/cetak/berkas/<int:pk>/rusak/", card_print.SpoilView.as_view(), name="print_spoil"),
    path("petugas/cetak/berkas/<int:pk>/maaf/", card_print.ApologiseView.as_view(), name="print_apologise"),
]
