"""In the pages that the course makes itself, whatever a stranger wrote is text."""

from __future__ import annotations

from html import unescape
from types import SimpleNamespace

import pytest

from autograder.grade.feedback import page
from autograder.grade.own_pages import POLICY, own_page
from autograder.grade.pages import harmless
from autograder.grade.words import Answer, Question
from tests.autograder.grade.test_pages import ATTACKS

HOSTILE = ['"><script>alert(1)</script>', "'><img src=x onerror=alert(1)>", "{{ 7 * 7 }}{% raw %}", "\ud800\x00"]


def feedback_of(text: str) -> str:
    aspect = SimpleNamespace(passed=False, max_points=1, points=0, title=text, message=text, detail=text, given=text)
    told = {"title": text, "feedback": text, "comment": text, "answer": text, "aspects": [aspect], "besides": text}
    item = SimpleNamespace(number="1.1", manual=None, status="wrong", points=0, max_points=1, extra=0, **told)
    marks = {"points": 0, "max_points": 1, "waiting": 0, "penalty": 0, "late": False, "seconds_late": 0}
    paper = SimpleNamespace(notebook="01_x", why=text, notes=[text], items=[item], **marks)
    return page(SimpleNamespace(shown=text, name=text, id=text), paper)


def words_of(text: str) -> str:
    item = SimpleNamespace(look_again=True, answer=text, max_points=1, manual=None, comment=text, points=None)
    question = Question(text, text, "the course's own text", "and rubric", (Answer(text, text, item),))
    names = {"name": text, "messages": [text], "home": "/x/", "quote": str, "questions": [question]}
    return own_page("words.html", question=question, formatted=harmless, **names)


def list_of(text: str) -> str:
    question = Question(text, text, text, text, ())
    names = {"name": text, "messages": [], "home": "/x/", "quote": str, "questions": [question]}
    return own_page("words.html", question=None, formatted=harmless, **names)


@pytest.mark.parametrize("page_of", [feedback_of, words_of, list_of])
@pytest.mark.parametrize("text", [*HOSTILE, *ATTACKS])
def test_whatever_was_written_is_text(page_of, text: str) -> None:
    """It makes no tag and ends no attribute, and the page can be written."""
    honest, html = page_of("honest"), page_of(text)
    for mark in "<>\"'":
        assert html.count(mark) == honest.count(mark)
    assert page_of("{{ 7 * 7 }}").count("49") == honest.count("49")
    html.encode()


@pytest.mark.parametrize("page_of", [feedback_of, words_of, list_of])
def test_every_page_has_the_one_policy(page_of) -> None:
    html = unescape(page_of("x"))
    assert html.count("Content-Security-Policy") == 1
    assert POLICY.rpartition(";")[0] in html
    assert "script-src" not in POLICY and POLICY.startswith("default-src 'none'")
