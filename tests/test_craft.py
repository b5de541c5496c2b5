"""The page about frameworks has the text of its source. Where the frameworks are installed, its outputs are true."""

import nbformat
import pytest

from benchmarks import craft


def test_the_page_has_the_text_of_its_source():
    page = nbformat.read(craft.PAGE, as_version=4)
    assert [cell.source for cell in page.cells] == [cell.source for cell in craft.read().cells]
    assert all(cell.outputs for cell in page.cells if cell.cell_type == "code" and "print(" in cell.source)


@pytest.mark.slow
def test_the_outputs_of_the_page_are_true():
    for package in ("torch", "jax"):
        pytest.importorskip(package, reason=f"{package} is not installed; pip install --group bench")
    page = nbformat.read(craft.PAGE, as_version=4)
    assert [cell.get("outputs") for cell in page.cells] == [cell.get("outputs") for cell in craft.run().cells]
