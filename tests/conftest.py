"""What every test may use, and the settings that make a run repeatable."""

import os
import shutil
import signal
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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs the browser or all of a notebook as slow, keep in one process what shares preparations, and start
    the long first."""
    for item in items:
        needed = getattr(item, "fixturenames", ())
        if "browser" in needed or ("names" in needed and item.path.parent.name == "notebooks"):
            item.add_marker(pytest.mark.slow)
        parameters = item.callspec.params if hasattr(item, "callspec") else {}
        # The keys of a notebook's exercises, and the site, are made once a process. A module shares its fixtures.
        by_notebook = "site_folder" not in needed
        group = [item.nodeid.split("::")[0], str(parameters.get("notebook", "")) if by_notebook else ""]
        item.add_marker(pytest.mark.xdist_group("@".join(group)))
    items.sort(key=how_soon)


def how_soon(item: pytest.Item) -> int:
    """The long first, so that no worker is left alone with them at the end: a browser's file is one long group."""
    if "browser" in getattr(item, "fixturenames", ()):
        return 0
    return 1 if item.get_closest_marker("slow") else 2


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
