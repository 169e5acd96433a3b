import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import override_settings


@pytest.mark.django_db
@pytest.mark.parametrize(("size", "status"), [(100, 200), (3000, 400)])
def test_a_form_larger_than_allowed_is_refused_before_it_is_read(client, size, status):
    with override_settings(LARGEST_REQUEST=2000):
        response = client.post("/petugas/masuk/", {"username": "x", "file": SimpleUploadedFile("x", bytes(size))})

    assert response.status_code == status
