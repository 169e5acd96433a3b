import brotli
import pytest

from ektp_portal.stylesheets import bootstrap, stylesheet


def test_portal_stylesheet_is_small_enough_for_a_slow_line():
    assert len(brotli.compress(stylesheet("portal.css").encode())) <= 20_000


@pytest.mark.parametrize(
    "needed", [".btn-primary{", ".form-control{", ".visually-hidden", ".row{", ".form-check-input{"]
)
def test_bootstrap_keeps_what_pages_use(needed):
    assert needed in bootstrap()


@pytest.mark.parametrize("left_out", [".modal", ".carousel", "sourceMappingURL", "data-bs-theme=dark]", "@keyframes"])
def test_bootstrap_leaves_out_what_needs_its_javascript(left_out):
    assert left_out not in bootstrap()


@pytest.mark.parametrize("name", ["portal.css", "staff.css"])
def test_stylesheets_are_whole(name):
    css = stylesheet(name)

    assert css.count("{") == css.count("}") > 10
    assert "url(http" not in css
