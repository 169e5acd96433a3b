"""What a national list means, applying it and taking it back."""

from django.urls import path

from issuance.views import central_import_preview as views

urlpatterns = [
    path("petugas/impor/<int:pk>/", views.CentralImportView.as_view(), name="central_import"),
    path("petugas/impor/<int:pk>/terapkan/", views.ApplyView.as_view(), name="central_import_apply"),
    path("petugas/impor/<int:pk>/buang/", views.DiscardView.as_view(), name="central_import_discard"),
    path("petugas/impor/<int:pk>/terima/", views.AdmitView.as_view(), name="central_import_admit"),
    path("petugas/impor/<int:pk>/urungkan/", views.UndoView.as_view(), name="central_import_undo"),
    path("petugas/impor/<int:pk>/dilewati.csv", views.RejectedCsvView.as_view(), name="central_import_rejected"),
]
