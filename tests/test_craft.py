"""The page "From a course to the craft" says what its code prints; a framework is asked where it is installed."""

import importlib.util
import io
import re
from contextlib import redirect_stdout
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[1] / "docs" / "craft.md"


def sections():
    """The page in three: for each heading its Python code and, if it has one, the output that is stored below."""
    found = {}
    for part in PAGE.read_text(encoding="utf-8").split("\n## ")[1:]:
        blocks = dict(re.findall(r"^```(python|text)\n(.*?)^```$", part, flags=re.MULTILINE | re.DOTALL))
        found[part.split("\n")[0]] = blocks
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
        exec(page["The network, and the operation"]["python"], names)
        exec(page[heading]["python"], names)
    assert printed.getvalue() == page[heading]["text"]


def test_the_three_agree():
    stored = {blocks["text"] for blocks in sections().values() if "text" in blocks}
    assert len(stored) == 1
    assert "cost 0." in stored.pop()
