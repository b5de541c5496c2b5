"""The site in a real browser: nothing from elsewhere, no page wider than a phone, players by key, axe-core's checks."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe

from autograder.files import RELEASE, notebook_file
from course_lib.exercises import NOTEBOOKS

pytestmark = pytest.mark.slow

TEXTS = ["index", "students", "instructors", "maintainers", "craft", "api", "clusters", "grading", "benchmarks"]
TEXTS += ["threat_model", "search"]
PAGES = [*TEXTS, "notebooks/index", *(f"notebooks/{notebook}" for notebook in NOTEBOOKS)]
# One of each kind is tried in every run, all of them in the thorough one.
ONE_OF_A_KIND = ("index", "benchmarks", "notebooks/index", f"notebooks/{NOTEBOOKS[0]}", f"notebooks/{NOTEBOOKS[5]}")
PHONE, DESK = 390, 1280


@pytest.fixture
def opened(browser, site):
    """Open a page of the site at a width and in a theme; afterwards nothing failed and nothing was asked elsewhere."""
    troubles, contexts = [], []

    def open_page(name, width=DESK, scheme="light"):
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, reduced_motion="reduce"
        )
        page = context.new_page()
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda message: message.type == "error" and troubles.append(message.text))
        page.on("request", lambda request: troubles.append(request.url) if is_elsewhere(request.url) else None)
        page.goto(f"{site}{name}.html")
        contexts.append(context)
        return page

    def is_elsewhere(url):
        return not url.startswith((site, "data:", "blob:", "about:"))

    yield open_page
    for context in contexts:
        context.close()
    assert troubles == []


# All that a color, or what a theme shows in place of another picture, can break.
OF_A_THEME = {
    "runOnly": ["color-contrast", "image-alt", "svg-img-alt", "link-name", "link-in-text-block", "button-name"]
}


@pytest.mark.parametrize(
    "name", [name if name in ONE_OF_A_KIND else pytest.param(name, marks=pytest.mark.thorough) for name in PAGES]
)
def test_a_page_is_for_everyone(opened, name, screenshot):
    """axe-core finds nothing serious in the light and in the dark, and nothing is wider than a phone."""
    page = opened(name)
    for scheme, rules in (("light", {}), ("dark", OF_A_THEME)):
        page.emulate_media(color_scheme=scheme)
        results = Axe().run(page, options={"resultTypes": ["violations"], **rules})
        assert serious(results.response["violations"]) == []
    page.set_viewport_size({"width": PHONE, "height": 900})
    screenshot(page, f"site-{name.replace('/', '-')}-phone")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def serious(violations):
    """What axe-core calls serious or critical: the rule, and the first place that breaks it."""
    bad = [violation for violation in violations if violation["impact"] in ("serious", "critical")]
    return [(each["id"], len(each["nodes"]), each["nodes"][0]["html"][:300]) for each in bad]


def test_formulas_are_shown_without_a_network(opened):
    page = opened(f"notebooks/{NOTEBOOKS[0]}")
    page.wait_for_selector("mjx-container svg")
    assert page.locator("mjx-merror").count() == 0
    assert "$$" not in page.locator("article").inner_text()


def test_a_player_works_with_no_kernel_by_keyboard_on_a_phone(opened, screenshot):
    page = opened(f"notebooks/{NOTEBOOKS[0]}", PHONE)
    place = page.locator("iframe").first
    place.scroll_into_view_if_needed()
    frame = place.element_handle().content_frame()
    slider = frame.locator("input[type=range]").first
    slider.focus()
    before = frame.locator("output").first.inner_text()
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    assert frame.locator("output").first.inner_text() != before
    assert frame.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    screenshot(page, "site-player-phone")


def test_pictures_follow_the_theme_that_the_reader_picks(opened):
    """The button of the page wins over the system's setting. ("null": else the browser's test mode wins over both.)"""
    page = opened(f"notebooks/{NOTEBOOKS[0]}", DESK, "null")
    player = page.locator("iframe").first.element_handle().content_frame()
    for theme in ("dark", "light"):
        while page.evaluate("document.body.dataset.theme") != theme:
            page.locator(".theme-toggle:visible").first.click()
        assert player.evaluate(f"matchMedia('(prefers-color-scheme: {theme})').matches")


def test_search_finds_a_notebook(opened):
    page = opened("search")
    page.locator("input[name=q]").first.fill("vanish")
    page.keyboard.press("Enter")
    page.locator("#search-results li a").first.wait_for()
    assert page.locator("#search-results li").count() > 0


def test_the_keyboard_reaches_the_content_and_the_hints(opened):
    page = opened(f"notebooks/{NOTEBOOKS[0]}")
    seen = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        seen.add(page.evaluate("document.activeElement.tagName"))
    assert {"A", "INPUT", "SUMMARY"} <= seen


def test_every_notebook_has_words_for_its_pictures_and_can_be_opened_elsewhere(opened, site):
    page = opened("notebooks/index")
    for notebook in NOTEBOOKS:
        page.goto(f"{site}notebooks/{notebook}.html")
        images = page.locator(".cell_output img")
        assert images.evaluate_all("images => images.every(image => image.alt.length > 20)"), notebook
        frames = page.locator(".cell_output iframe")
        assert frames.evaluate_all("frames => frames.every(frame => frame.title.length > 5)"), notebook
        links = page.locator(".open-in a").evaluate_all("links => links.map(link => link.href)")
        local = [link for link in links if link.startswith(site)]
        assert len(local) == 3  # in this browser, the file, and the file for Colab
        for link in local:
            assert page.request.get(link).ok, link
        assert any(
            re.fullmatch(rf"https://mybinder.org/v2/gh/owner/name/HEAD\?.*{notebook}.ipynb", link) for link in links
        )
        assert page.request.get(local[1]).body() == notebook_file(RELEASE, notebook).read_bytes()
        assert "https://course.example/downloads/backprop_course-" in page.request.get(local[2]).text()
