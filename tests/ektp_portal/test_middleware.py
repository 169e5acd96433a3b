import pytest
from django.http import HttpResponse, HttpResponseNotAllowed
from django.utils import translation

from ektp_portal.middleware import ChosenLanguage, CompressResidentPages, PlainWrongMethod


def answer(request):
    return HttpResponse(translation.get_language())


@pytest.fixture(autouse=True)
def restore_language():
    with translation.override("id"):
        yield


@pytest.mark.parametrize(
    ("path", "cookie", "language"),
    [
        ("/", None, "id"),
        ("/", "en", "en"),
        ("/", "xx", "id"),
        ("/petugas/", "en", "id"),
        ("/janji/kelola/", "en", "en"),
    ],
)
def test_language_is_the_one_the_visitor_chose(rf, path, cookie, language):
    request = rf.get(path, headers={"accept-language": "en"})
    if cookie:
        request.COOKIES["django_language"] = cookie

    response = ChosenLanguage(answer)(request)

    assert response.content.decode() == language
    assert response["Content-Language"] == language


@pytest.mark.parametrize(("path", "encoding"), [("/status/", "gzip"), ("/petugas/", None)])
def test_only_residents_pages_are_compressed(rf, path, encoding):
    request = rf.get(path, headers={"accept-encoding": "gzip"})

    response = CompressResidentPages(lambda request: HttpResponse("isi " * 500))(request)

    assert response.get("Content-Encoding") == encoding


@pytest.mark.django_db
def test_an_address_that_only_takes_forms_says_where_to_go(client):
    request = client.get("/").wsgi_request

    response = PlainWrongMethod(lambda request: HttpResponseNotAllowed(["POST"]))(request)

    assert response.status_code == 405
    assert response["Allow"] == "POST"
    assert "hanya menerima kiriman formulir" in response.content.decode()
