"""A real Chromium of the machine, as small as a phone."""

import pytest
from django.test import override_settings

from tools.find_browser import find

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE = {"viewport": {"width": 360, "height": 740}, "locale": "id-ID"}


@pytest.fixture(scope="session")
def browser_type_launch_args():
    """pytest-playwright starts this browser."""
    return {"executable_path": find(), "args": ARGUMENTS}


@pytest.fixture
def phone(browser, live_server):
    """Makes pages of 360 pixels: `phone(javascript=False)`. Addresses are relative to the live server."""
    contexts = []

    def open_page(*, javascript: bool = True, width: int = 360):
        options = PHONE | {"viewport": {"width": width, "height": 740}}
        context = browser.new_context(base_url=live_server.url, java_script_enabled=javascript, **options)
        context.set_default_timeout(15_000)
        contexts.append(context)
        return context.new_page()

    with override_settings(SITE_URL=live_server.url):
        yield open_page
    for context in contexts:
        context.close()
