"""Blanks, ribbon and film: what each office has, its ledger, and every step in it."""

from django.urls import path

from issuance.views import supply, supply_step

OFFICE = "petugas/blanko/<str:office_code>/"

urlpatterns = [
    path("petugas/blanko/", supply.SupplyListView.as_view(), name="supplies"),
    path("petugas/blanko/buku/", supply.LedgerView.as_view(), name="supply_ledger"),
    path("petugas/blanko/buku.csv", supply.LedgerCsvView.as_view(), name="supply_ledger_csv"),
    path("petugas/blanko/kiriman/<uuid:transfer>/", supply_step.ArriveView.as_view(), name="supply_arrive"),
    path(OFFICE, supply.OfficeSupplyView.as_view(), name="office_supplies"),
    path(f"{OFFICE}opname/", supply.CountSheetView.as_view(), name="supply_sheet"),
    path(f"{OFFICE}terima/", supply_step.ReceiveView.as_view(), name="supply_receive"),
    path(f"{OFFICE}kirim/", supply_step.SendView.as_view(), name="supply_send"),
    path(f"{OFFICE}pinjam/", supply_step.OutsideView.as_view(), name="supply_outside"),
    path(f"{OFFICE}rusak/", supply_step.SpoilView.as_view(), name="supply_spoil"),
    path(f"{OFFICE}musnah/", supply_step.DestroyView.as_view(), name="supply_destroy"),
    path(f"{OFFICE}hitung/", supply_step.CountView.as_view(), name="supply_count"),
    path(f"{OFFICE}batas/", supply_step.AlarmView.as_view(), name="supply_alarm"),
]
