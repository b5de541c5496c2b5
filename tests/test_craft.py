"""The page "From a course to the craft" says what its code prints; a framework is asked where it is installed."""

import importlib.util
import io
import re
from contextlib import redirect_stdout
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[1] / "docs" / "craft.md"


def sections():
    """For each heading of the page: its Python code, and the output that is stored below, in the order of the page."""
    found = {}
    for part in PAGE.read_text(encoding="utf-8").split("\n## ")[1:]:
        blocks = re.findall(r"^```(python|text)\n(.*?)^```$", part, flags=re.MULTILINE | re.DOTALL)
        found[part.split("\n")[0]] = {
            kind: [text for one, text in blocks if one == kind] for kind in ("python", "text")
        }
    return found


@pytest.mark.parametrize(
    ("heading", "package"),
    [("In the engine of the course", "numpy"), ("In PyTorch", "torch"), ("In JAX", "jax")],
)
def test_the_stored_output_is_what_the_code_prints(heading, package):
    if importlib.util.find_spec(package) is None:
        pytest.skip(f"{package} is not installed; nothing in the course needs it")
    page = sections()
    printed, names = io.StringIO(), {}
    with redirect_stdout(printed):
        for code in page["The network, and the operation"]["python"] + page[heading]["python"]:
            exec(code, names)
    assert printed.getvalue() == "".join(page[heading]["text"])


def test_the_three_agree():
    stored = [blocks["text"][0] for blocks in sections().values() if blocks["text"]]
    assert len(stored) == 3
    assert "cost 0." in stored[0]
    assert stored[0] == stored[1] == stored[2]
