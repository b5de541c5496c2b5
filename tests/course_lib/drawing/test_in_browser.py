"""The pictures in a real browser: no errors, no requests, no page wider than the screen, keys that move, dark pages."""

import pytest

from course_lib.drawing import computation_graph, loss_picture, path_player, wiggle

CHAIN = {"h": "w1*x + b1", "g": "w2*h + b2", "C": "(y - g)**2"}
AT = {"x": 2, "w1": 3, "b1": -1, "w2": 0.5, "b2": 0.25, "y": 1}


@pytest.fixture(scope="module")
def page_file(tmp_path_factory):
    """A page as a notebook would show it: two still pictures and two moving ones."""
    pictures = [
        computation_graph(CHAIN, AT, local=True),
        loss_picture([3, 2, 1]),
        wiggle(CHAIN, AT, move=["w1", "b1"]),
        path_player(lambda a, b: a * a + b * b, [(1, 1), (0.5, 0.4), (0, 0)]),
    ]
    body = "".join(f"<section>{picture._repr_html_()}</section>" for picture in pictures)
    file = tmp_path_factory.mktemp("page") / "page.html"
    file.write_text(f'<!DOCTYPE html><meta charset="utf-8"><body>{body}</body>', encoding="utf-8")
    return file


@pytest.fixture
def opened(browser, page_file):
    """Open the page at a width and a color scheme; afterwards nothing may have failed and nothing been asked for."""
    troubles, pages = [], []

    def open_page(width, scheme):
        page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda message: troubles.append(message.text))
        page.on("request", lambda request: request.url.startswith("http") and troubles.append(request.url))
        page.goto(page_file.as_uri())
        page.wait_for_function("document.querySelectorAll('iframe').length === 2")
        for frame in page.frames[1:]:
            frame.wait_for_function("window.frameElement.style.height !== '620px'")
        pages.append(page)
        return page

    yield open_page
    for page in pages:
        page.close()
    assert troubles == []


@pytest.mark.parametrize("width", [400, 1200])
def test_no_page_is_wider_than_the_screen(opened, width):
    page = opened(width, "light")
    for frame in page.frames:
        assert frame.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    for frame in page.frames[1:]:  # the frame shows all of its page, without a bar of its own
        assert frame.evaluate("document.documentElement.offsetHeight <= window.innerHeight + 1")


def test_arrow_keys_move_the_graph(opened):
    frame = opened(1200, "light").frames[1]
    frame.focus("#slider-w1")
    for _ in range(4):
        frame.page.keyboard.press("ArrowRight")
    assert frame.inner_text("#now-w1") == "3.2"
    assert "promised a change of 0.7" in frame.inner_text("#said")
    frame.page.keyboard.press("Tab")
    frame.page.keyboard.press("Tab")
    frame.page.keyboard.press("Enter")  # the button after the sliders: back to the start
    assert frame.inner_text("#now-w1") == "3"


def test_nothing_glides_for_whoever_asked_for_less_motion(opened):
    page = opened(1200, "light")
    lasts = "getComputedStyle(document.querySelector('.box')).transitionDuration"
    assert page.frames[1].evaluate(lasts) == "0.15s"
    page.emulate_media(reduced_motion="reduce")
    assert page.frames[1].evaluate(lasts) == "0s"


def test_keys_play_and_step_the_path(opened):
    frame = opened(1200, "light").frames[2]
    frame.focus("#play")
    frame.page.keyboard.press("Enter")
    frame.wait_for_function("document.getElementById('now').value === 'step 2'")
    frame.focus("#step")
    frame.page.keyboard.press("ArrowLeft")
    assert frame.inner_text("#now") == "step 1"
    assert frame.inner_text("#cost-0") == "0.41"


def test_still_pictures_keep_their_words_and_the_spare_ones_are_out_of_sight(opened):
    page = opened(1200, "light")
    shown = [image for image in page.locator("img").all() if image.is_visible()]
    assert len(shown) == 2
    assert all(image.get_attribute("alt") and image.evaluate("i => i.naturalWidth > 0") for image in shown)


@pytest.mark.parametrize(("scheme", "paper"), [("light", (255, 255, 255)), ("dark", (17, 17, 17))])
def test_pictures_and_players_follow_the_page(opened, scheme, paper):
    import io

    from matplotlib.image import imread

    page = opened(1200, scheme)
    for place in ("img >> nth=0", "img >> nth=1", "iframe >> nth=0", "iframe >> nth=1"):
        element = page.locator(place)
        corner = imread(io.BytesIO(element.screenshot()))[14, 3, :3] * 255
        assert tuple(corner.round().astype(int)) == paper, place


@pytest.mark.parametrize(("said", "dark"), [("true", False), ("false", True)])
def test_a_theme_chosen_by_hand_wins_over_the_system(browser, said, dark):
    """JupyterLab says on the body whether its theme is light. ("null": else the browser's test mode wins over both.)"""
    player = wiggle(CHAIN, AT, move=["w1"])
    picture = loss_picture([3, 2, 1])
    page = browser.new_page(viewport={"width": 700, "height": 900}, color_scheme="null")
    page.set_content(f'<body data-jp-theme-light="{said}">{player._repr_html_()}{picture._repr_html_()}</body>')
    asked = "matchMedia('(prefers-color-scheme: dark)').matches"
    page.frames[1].wait_for_function(f"{asked} === {str(dark).lower()}")
    assert page.locator("img").last.evaluate("i => getComputedStyle(i).colorScheme") == ("dark" if dark else "light")
    page.close()
