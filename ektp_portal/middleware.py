from http import HTTPStatus

from django.conf import settings
from django.http import HttpResponseNotAllowed
from django.middleware.gzip import GZipMiddleware
from django.shortcuts import render
from django.utils import translation
from django.utils.cache import patch_vary_headers

METHODS = ("GET", "HEAD", "POST", "OPTIONS")
STAFF_PATHS = ("/petugas/", "/pengawas/", "/kelola/")


class ChosenLanguage:
    """Indonesian, unless this visitor has pressed the button for another language; staff pages always Indonesian.

    The browser's own preference is not asked: many phones in Kudus are set to English by people who read Indonesian.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        language = self._language(request)
        translation.activate(language)
        request.LANGUAGE_CODE = language
        response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        patch_vary_headers(response, ["Cookie"])
        return response

    def _language(self, request) -> str:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
        if chosen not in dict(settings.LANGUAGES) or request.path.startswith(STAFF_PATHS):
            return settings.LANGUAGE_CODE
        return chosen


class CompressResidentPages(GZipMiddleware):
    """Residents' pages travel compressed: many come over slow lines and a page is 7 KB, or 2.5 KB compressed.

    Staff pages do not: they show other people's data, on a fast line. What a compressed size could betray of a
    resident's own page is met by random padding (Django's), masked form tokens and SameSite cookies.
    """

    def process_response(self, request, response):
        if request.path.startswith(STAFF_PATHS):
            return response
        return super().process_response(request, response)


class PlainWrongMethod:
    """Methods that no page of the portal has are refused before anything is looked up. An address that only takes forms,
    opened by itself (a bookmark, a sign-in that leads back), says where to go instead of showing an empty page."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.method not in METHODS:
            return HttpResponseNotAllowed(METHODS)
        response = self.get_response(request)
        if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED and request.method == "GET" and not response.content:
            page = render(request, "405.html", status=HTTPStatus.METHOD_NOT_ALLOWED)
            page["Allow"] = response["Allow"]
            return page
        return response
