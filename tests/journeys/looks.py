"""What every page must be in a browser: accessible, as wide as the screen, speaking the page's language."""

from axe_playwright_python.sync_playwright import Axe

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SMALLEST_TARGET = 44  # CSS pixels
# Links inside a sentence and inputs behind their labels may be smaller.
TOO_SMALL = """() => [...document.querySelectorAll('a[href], button, summary, select, textarea, .form-check, input')]
  .filter(e => !e.closest('p, address, .notice, li.time, .visually-hidden, .skip-link') && e.type !== 'hidden')
  .filter(e => !(e.type === 'radio' || e.type === 'checkbox') && e.getClientRects().length)
  .map(e => [e.outerHTML.slice(0, 90), Math.round(e.getBoundingClientRect().height)])
  .filter(([, height]) => height < 44)"""


def assert_good(page) -> None:
    """No axe violation, nothing wider than the screen, targets large enough. Needs JavaScript on."""
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}})
    violations = found.response["violations"]
    told = [f"{v['id']}: {[node['html'][:120] for node in v['nodes']][:3]}" for v in violations]
    assert not told, f"{page.url}: {told}"
    width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert width <= 0, f"{page.url}: {width} px wider than the screen"
    small = page.evaluate(TOO_SMALL)
    assert not small, f"{page.url}: {small}"


def follow(target) -> None:
    """Click a link or button and wait until the page it leads to is there."""
    with target.page.expect_navigation():
        target.click()
