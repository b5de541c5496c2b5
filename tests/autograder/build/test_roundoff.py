"""Two builds are the same when they differ in round-off, and not when they differ in anything else."""

from __future__ import annotations

import base64
import json

import numpy as np
import pytest

from autograder.build.roundoff import same_but_for_roundoff
from course_lib.plain import dumps


def data(**changes) -> str:
    return dumps({"a": 1.5, "b": [np.array([1.0, np.nan]), np.arange(200) / 7], "word": "x", "n": 3} | changes) + "\n"


def failed(error: str, message: str) -> str:
    return dumps({"error": error, "message": message, "line": "f(x)"}) + "\n"


def picture(number: str, name: str = "p0123456789", words: str = "cost") -> str:
    svg = f'<svg><path d="M {number} 3" clip-path="url(#{name})"/><title>{words}</title></svg>'
    return f'<img alt="{words} 1.5" src="data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}">'


def notebook(source: str = "x = 1.0", printed: str = "1.5\n", html: str = picture("12.000001")) -> str:
    outputs = [{"output_type": "stream", "text": [printed]}, {"data": {"text/html": [html], "text/plain": ["cost"]}}]
    return json.dumps({"cells": [{"source": [source], "outputs": outputs}]})


SAME = [
    (".jsonl", data(), data()),
    (".jsonl", data(), data(a=1.5 * (1 + 1e-10))),
    (".jsonl", data(), data(b=[np.array([1.0 + 1e-12, np.nan]), np.arange(200) / 7 * (1 - 1e-13)])),
    (".jsonl", failed("RecursionError", "too deep"), failed("RecursionError", "too deep while calling")),
    (".ipynb", notebook(), notebook(html=picture("12.000002"))),
    (".ipynb", notebook(), notebook(html=picture("12.000001", name="pfedcba9876"))),
    (".ipynb", notebook(html="still-0123456789ab 0.1"), notebook(html="still-ffff56789abc 0.1000000001")),
]
DIFFERENT = [
    (".jsonl", data(), data(a=1.50001)),
    (".jsonl", data(a=1.4e-8), data(a=1.5e-8)),
    (".jsonl", data(), data(a=2)),
    (".jsonl", data(), data(word="y")),
    (".jsonl", data(), data(n=4)),
    (".jsonl", data(), data(more=1)),
    (".jsonl", data(), data() + data()),
    (".jsonl", data(), data(b=[np.array([1.0, 2.0]), np.arange(200) / 7])),
    (".jsonl", data(), data(b=[np.array([1.0, np.nan]), np.arange(200) / 7.001])),
    (".jsonl", data(), data(b=[np.array([1.0, np.nan]), np.arange(200.0).reshape(2, 100) / 7])),
    (".jsonl", data(), data(b=(np.array([1.0, np.nan]), np.arange(200) / 7))),
    (".jsonl", failed("TypeError", "no"), failed("TypeError", "not that")),
    (".jsonl", failed("RecursionError", "too deep"), failed("MemoryError", "too deep")),
    (".ipynb", notebook(), notebook(source="x = 1.0000000001")),
    (".ipynb", notebook(), notebook(printed="1.5000000001\n")),
    (".ipynb", notebook(), notebook(html=picture("12.01"))),
    (".ipynb", notebook(), notebook(html=picture("12.000001", words="time"))),
    (".ipynb", notebook(), notebook(html=picture("12.000001") * 2)),
    (".ipynb", notebook()[:50], notebook()[:40]),
    (".ipynb", notebook()[:50], notebook()),
    (".md", "1.0", "1.0000000001"),
]


@pytest.mark.parametrize(("suffix", "one", "other"), SAME)
def test_the_same(suffix: str, one: str, other: str) -> None:
    assert same_but_for_roundoff(suffix, one, other)
    assert same_but_for_roundoff(suffix, other, one)


@pytest.mark.parametrize(("suffix", "one", "other"), DIFFERENT)
def test_different(suffix: str, one: str, other: str) -> None:
    assert not same_but_for_roundoff(suffix, one, other)
    assert not same_but_for_roundoff(suffix, other, one)


def test_pictures_can_be_left_out_but_not_their_words(monkeypatch) -> None:
    monkeypatch.setenv("COURSE_COMPARE", "text")
    assert same_but_for_roundoff(".ipynb", notebook(), notebook(html=picture("13")))
    assert not same_but_for_roundoff(".ipynb", notebook(), notebook().replace('["cost"]', '["time"]'))
