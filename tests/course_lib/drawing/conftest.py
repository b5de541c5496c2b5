"""What several tests of the pictures share."""

import base64
import json
import re
import shutil
import subprocess

import pytest


@pytest.fixture
def nothing_from_outside():
    """A check that an SVG or a page loads nothing: no address but the names of XML's vocabularies."""

    def check(text: str) -> None:
        for address in re.findall(r"https?://[^\"'\s)<>&]+", text):
            assert address.startswith("http://www.w3.org/"), address
        assert not re.search(r"<script[^>]*\bsrc=|@import|<link\b", text)
        for reference in re.findall(r"(?:href|src)=\"([^\"]*)\"|url\(([^)]*)\)", text):
            target = (reference[0] or reference[1]).strip("\"'")
            assert target.startswith(("#", "data:")), target

    return check


@pytest.fixture
def svg_in():
    """The SVG that the `<img>` of a picture carries."""

    def find(html: str) -> str:
        return base64.b64decode(re.search(r'src="data:image/svg\+xml;base64,([^"]+)"', html)[1]).decode()

    return find


@pytest.fixture
def node():
    """Run JavaScript and get what it prints as JSON."""
    program = shutil.which("node")
    if program is None:
        pytest.skip("node is not installed, so the JavaScript of the moving pictures cannot be run here")

    def run(script: str):
        done = subprocess.run([program, "-"], input=script, capture_output=True, encoding="utf-8", timeout=60)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run
