"""The centre's lists: in, read, named."""

from django.urls import path

from issuance.views import central_import

urlpatterns = [
    path("petugas/impor/", central_import.ListsView.as_view(), name="central_imports"),
    path("petugas/impor/unduh.csv", central_import.ListsCsvView.as_view(), name="central_imports_csv"),
    path("petugas/impor/baru/", central_import.UploadView.as_view(), name="central_import_new"),
    path("petugas/impor/<int:pk>/berkas/", central_import.ListFileView.as_view(), name="central_import_file"),
    path("petugas/impor/<int:pk>/kolom/", central_import.ColumnsView.as_view(), name="central_import_columns"),
]
