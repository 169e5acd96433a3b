"""Cases: the worklist, one case, what is decided about it, and the second person."""

from django.urls import path

from issuance.views import approval, case_file, case_step, earlier_recording

urlpatterns = [
    path("petugas/berkas/", case_file.CaseListView.as_view(), name="cases"),
    path("petugas/berkas/cari/", case_file.CaseSearchView.as_view(), name="case_search"),
    path("petugas/berkas/unduh.csv", case_file.CaseCsvView.as_view(), name="cases_csv"),
    path("petugas/berkas/<int:pk>/", case_file.CaseView.as_view(), name="case"),
    path("petugas/berkas/<int:pk>/langkah/<str:to>/", case_step.CaseStepView.as_view(), name="case_step"),
    path("petugas/berkas/<int:pk>/beda/", case_step.CaseConflictView.as_view(), name="case_conflict"),
    path("petugas/persetujuan/", approval.ApprovalListView.as_view(), name="approvals"),
    path("petugas/persetujuan/<int:pk>/", approval.ApprovalView.as_view(), name="approval"),
    path("petugas/warga/<int:pk>/berkas/", earlier_recording.EarlierRecordingView.as_view(), name="earlier_case"),
]
