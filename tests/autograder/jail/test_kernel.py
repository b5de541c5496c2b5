"""The kernel in a jail treats a cell as IPython does."""

from __future__ import annotations

import runpy

import pytest
from IPython.core.inputtransformer2 import TokenTransformBase, TransformerManager

from autograder.files import ROOT, release_of
from course_lib.exercises import NOTEBOOKS

KERNEL = ROOT / "autograder" / "jail" / "inside" / "kernel.py"
OWN_WORDS = (
    "%time x", "  %%time\nx", "!ls", "x = !ls\nx", "x = %who", "x=  \\\n  %who", "x?", "x??  ", "?x", "if x:\n    ?x",
    "a[0].b?\ny", ";f a b", ",f a b", "/f a b", "if x:\n    %time y\nz", "x = [1,\n  2]; y?", "s = '''\n%time\n'''",
    "x = (1\n  % 2)", ">>> x", "In [1]: x", "  x = 1\n  y = 2", "'''why?'''", "x = 5 # why?", "x = 5 % 2", "",
)  # fmt: skip


@pytest.fixture(scope="module")
def both() -> tuple[TransformerManager, TransformerManager]:
    """IPython's own, and one that skips plain cells."""
    quick = TransformerManager()
    runpy.run_path(str(KERNEL))["skip_plain_cells"](quick)
    return TransformerManager(), quick


@pytest.mark.parametrize("text", OWN_WORDS)
def test_words_of_ipython_mean_the_same(both: tuple[TransformerManager, TransformerManager], text: str) -> None:
    own, quick = both
    assert quick.transform_cell(text) == own.transform_cell(text)


def test_plain_cells_mean_the_same(both: tuple[TransformerManager, TransformerManager]) -> None:
    own, quick = both
    for cell in release_of(NOTEBOOKS[0]).cells:
        if cell.cell_type == "code":
            assert quick.transform_cell(cell.source) == own.transform_cell(cell.source)


def test_transformers_of_a_student_are_used(both: tuple[TransformerManager, TransformerManager]) -> None:
    _, quick = both

    class Shout(TokenTransformBase):
        @classmethod
        def find(cls, tokens_by_line):
            return cls((1, 0)) if tokens_by_line[0][0].string == "a" else None

        def transform(self, lines):
            return ["B\n"]

    quick.token_transformers.append(Shout)
    assert quick.transform_cell("a") == "B\n"
