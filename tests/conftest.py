"""What every test may use, and the settings that make a run repeatable."""

import gc
import os
import shutil
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

os.environ.setdefault("MPLBACKEND", "Agg")  # no test opens a window

# A shell has what it starts in the background ignore Ctrl-C, and so would every program that a test starts and stops.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# The same examples in every run: a failure seen once can be seen again. `course test --fast` makes fewer.
EXAMPLES = 20 if os.environ.get("COURSE_FAST") else 100
hypothesis.settings.register_profile("course", derandomize=True, deadline=None, max_examples=EXAMPLES)
hypothesis.settings.load_profile("course")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[object]:
    """Spare the search for garbage what lives to the end: it took a quarter of the time of thousands of short tests."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(20_000, 20, 20)
        gc.enable()


# Fixtures of a session that every worker may have for itself: they cost little.
CHEAP = {"root", "browser"}


@pytest.hookimpl(tryfirst=True)  # xdist reads the groups when its turn comes
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what needs the browser or all of a notebook as slow, keep in one process what shares preparations, and start
    the long first."""
    for item in items:
        needed = getattr(item, "fixturenames", ())
        if "browser" in needed:
            item.add_marker(pytest.mark.slow)
        elif "names" in needed and item.path.parent.name == "notebooks":
            item.add_marker(pytest.mark.slow)
            item.add_marker(pytest.mark.calm)
    groups = {item: group_of(item) for item in items}
    sizes = Counter(groups.values())
    items.sort(key=lambda item: (how_soon(item), -sizes[groups[item]] if groups[item] else -1))
    for item in items:
        if groups[item] and config.getoption("loadgroup", False):
            put_into(groups[item], item)


def put_into(group: str, item: pytest.Item) -> None:
    """Have one worker do all of a group.

    From 9.2 on, pytest holds the ids of tests where pytest-xdist 3.8 does not change them, and no group is kept:
    https://github.com/pytest-dev/pytest-xdist/issues/1386
    """
    item.add_marker(pytest.mark.xdist_group(group))
    if hasattr(item, "_id"):
        item._id = type(item._id).parse(f"{item.nodeid}@{group}")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Tell a test by the id that one types to run it alone: its group stands behind that. A worker needs both."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        return
    file = report.nodeid.split("::")[0]
    report.nodeid = report.nodeid.rpartition(f"@{file}")[0] or report.nodeid


def group_of(item: pytest.Item) -> str:
    """What one worker does in one go, so that it makes once what a file's tests share, or the keys of a notebook. A
    slow test that shares nothing is in no group: ""."""
    parameters = item.callspec.params if hasattr(item, "callspec") else {}
    shared = shared_fixtures(item)
    notebook = "" if shared else parameters.get("notebook", "")
    if item.get_closest_marker("slow") and not shared and not notebook:
        return ""
    return f"{item.nodeid.split('::')[0]} {notebook}".strip()


def shared_fixtures(item: pytest.Item) -> set[str]:
    """The fixtures, of these tests and not of pytest's, that tests of one worker share."""
    definitions = item._fixtureinfo.name2fixturedefs.values() if hasattr(item, "_fixtureinfo") else ()
    ours = [each for several in definitions for each in several if each.baseid]
    return {each.argname for each in ours if each.scope in ("module", "session")} - CHEAP


def how_soon(item: pytest.Item) -> int:
    """The long first, so that no worker is left alone with them at the end: what shares a site or a server is long, and
    what asks for a time limit of its own."""
    if "browser" in getattr(item, "fixturenames", ()):
        return 0
    if not item.get_closest_marker("slow"):
        return 4
    if shared_fixtures(item):
        return 1
    return 2 if item.get_closest_marker("timeout") else 3


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's folder."""
    return Path(__file__).resolve().parent.parent


CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
NO_CHROMIUM = "THE BROWSER WAS NOT TRIED: no Chromium on this machine; install the system's package `chromium`"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show what nobody may overlook: skips whose reason begins in capitals, as in "FIREFOX WAS NOT TRIED: why"."""
    skipped = [str(report.longrepr[2]) for report in terminalreporter.stats.get("skipped", []) if report.longrepr]
    for reason in sorted({reason.removeprefix("Skipped: ") for reason in skipped if "NOT TRIED: " in reason}):
        what, _, why = reason.partition(": ")
        terminalreporter.section(what, sep="!", red=True, bold=True)
        terminalreporter.write_line(why)


@pytest.fixture(scope="session")
def browser():
    """A headless Chromium of the system's, driven by Playwright. Skips where there is none."""
    if CHROMIUM is None:
        pytest.skip(NO_CHROMIUM)
    from playwright.sync_api import sync_playwright

    quiet = ["--disable-background-networking", "--no-first-run", "--disable-sync", "--disable-component-update"]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=CHROMIUM, headless=True, args=["--no-sandbox", "--disable-gpu", *quiet]
        )
        yield chromium
        chromium.close()
