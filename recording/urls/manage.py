"""`/kelola/`: hours, closures, stations, outages. The accounts of staff are in `urls.accounts`."""

from django.urls import path

from recording.views import closure, hours, hours_change, manage_home, office, outage

urlpatterns = [
    path("kelola/", manage_home.ManageHomeView.as_view(), name="manage_home"),
    path("kelola/jam/", hours.HoursView.as_view(), name="hours"),
    path("kelola/jam/baru/", hours.RuleView.as_view(), name="hours_rule_new"),
    path("kelola/jam/<int:pk>/ubah/", hours.RuleView.as_view(), name="hours_rule"),
    path("kelola/jam/<int:pk>/akhiri/", hours.EndRuleView.as_view(), name="hours_rule_end"),
    path("kelola/kantor/", office.OfficeListView.as_view(), name="offices"),
    path("kelola/kantor/<str:office_code>/", office.OfficeView.as_view(), name="office"),
    path("kelola/loket/", hours.StationsView.as_view(), name="stations"),
    path("kelola/tutup/", closure.ClosureListView.as_view(), name="closures"),
    path("kelola/tutup/unduh.csv", closure.ClosureCsvView.as_view(), name="closures_csv"),
    path("kelola/tutup/baru/", closure.NewClosureView.as_view(), name="closure_new"),
    path("kelola/tutup/putuskan/", closure.DecideView.as_view(), name="closures_decide"),
    path("kelola/tutup/<int:pk>/", closure.ClosureView.as_view(), name="closure"),
    path("kelola/gangguan/", outage.OutageListView.as_view(), name="outages"),
    path("kelola/gangguan/<int:pk>/selesai/", outage.EndOutageView.as_view(), name="outage_end"),
    path("kelola/gangguan/<int:pk>/waktu-baru/", outage.NewTimesView.as_view(), name="outage_new_times"),
    path("kelola/perubahan/", hours_change.ChangeListView.as_view(), name="hours_changes"),
    path("kelola/perubahan/unduh.csv", hours_change.ChangeCsvView.as_view(), name="hours_changes_csv"),
    path("kelola/perubahan/<int:pk>/", hours_change.ChangeView.as_view(), name="hours_change"),
    path("kelola/perubahan/<int:pk>/terapkan/", hours_change.ApplyView.as_view(), name="hours_change_apply"),
    path("kelola/perubahan/<int:pk>/kembalikan/", hours_change.UndoView.as_view(), name="hours_change_undo"),
    path("kelola/perubahan/<int:pk>/buang/", hours_change.DiscardView.as_view(), name="hours_change_discard"),
]
