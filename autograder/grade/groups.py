"""What the answers of a class have in common: named mistakes, wrong answers without a name, answers that are alike."""

from __future__ import annotations

import ast
import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from autograder.grade.standing import Item, Paper, Standing
from course_lib.judging import NOT_THERE

ANSWERED = ("full", "partial", "wrong")
LONG = 60  # nodes of a program, or letters of a text: shorter ones are alike by chance
VERY_LONG = 150


@dataclass(frozen=True)
class Mistake:
    """A known mistake, and how many of those who answered made it."""

    notebook: str
    exercise: str
    number: str
    trap: str
    sentence: str
    count: int
    answered: int


@dataclass(frozen=True)
class Group:
    """Wrong answers of one exercise that gave the same in every hidden case, and that no known mistake explains.

    id: what `course trap` calls it. example: one of the answers, without comments and names of people.
    """

    id: str
    notebook: str
    exercise: str
    number: str
    title: str
    students: tuple[str, ...]
    lost: tuple[str, ...]
    aspects: tuple[str, ...]
    sentence: str
    example: str


@dataclass(frozen=True)
class Alike:
    """Students whose answers are the same but for names, comments and layout."""

    students: tuple[str, ...]
    answers: tuple[str, ...]


def _items(whole: Standing) -> Iterator[tuple[Paper, Item]]:
    for paper in whole.every_paper():
        for item in paper.items:
            yield paper, item


def mistakes(whole: Standing) -> list[Mistake]:
    """The named mistakes of the class, the most frequent one first."""
    answered: Counter[str] = Counter()
    made: Counter[tuple[str, str]] = Counter()
    about: dict[tuple[str, str], tuple[Paper, Item]] = {}
    for paper, item in _items(whole):
        answered[item.exercise] += item.status in ANSWERED
        if item.trap:
            made[item.exercise, item.trap] += 1
            about.setdefault((item.exercise, item.trap), (paper, item))
    found = []
    for (exercise, trap), count in made.most_common():
        paper, item = about[exercise, trap]
        found.append(Mistake(paper.notebook, exercise, item.number, trap, item.feedback, count, answered[exercise]))
    return found


def unexplained(whole: Standing) -> list[Group]:
    """The groups of wrong answers that no known mistake explains, the largest one first.

    Where an answer calls one that is not there, that explains it.
    """
    groups: dict[tuple[str, str], list[tuple[Paper, Item]]] = defaultdict(list)
    for paper, item in _items(whole):
        unnamed = item.behavior and not item.trap and item.status in ("partial", "wrong")
        if unnamed and NOT_THERE not in item.feedback:
            groups[item.exercise, item.behavior].append((paper, item))
    people = [
        word for person in whole.people.values() for word in (person.id, person.first, person.last) if len(word) > 2
    ]
    found = []
    for (exercise, behavior), members in groups.items():
        paper, item = min(members, key=lambda member: (len(member[1].answer), member[0].student))
        lost = [aspect for aspect in item.aspects if not aspect["passed"]]
        found.append(
            Group(
                group_id(exercise, behavior),
                paper.notebook,
                exercise,
                item.number,
                item.title,
                tuple(sorted(member[0].student for member in members)),
                tuple(aspect["title"] for aspect in lost),
                tuple(aspect["name"] for aspect in lost),
                item.feedback,
                anonymous(item.answer, people),
            )
        )
    return sorted(found, key=lambda group: (-len(group.students), group.notebook, group.id))


def group_id(exercise: str, behavior: str) -> str:
    """What a group is called: the exercise and four letters."""
    return f"{exercise}-{hashlib.sha256(behavior.encode()).hexdigest()[:4]}"


def anonymous(source: str, people: list[str]) -> str:
    """An answer without its comments, docstrings and the names of people."""
    try:
        source = ast.unparse(_without_docstrings(ast.parse(source)))
    except (SyntaxError, ValueError, RecursionError):
        source = re.sub(r"#.*", "", source)
    for name in sorted(people, key=len, reverse=True):
        source = re.sub(rf"(?<![A-Za-z]){re.escape(name)}(?![A-Za-z])", "…", source)
    return source.strip()


def _without_docstrings(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if (
            isinstance(body, list)
            and body
            and isinstance(body[0], ast.Expr)
            and isinstance(body[0].value, ast.Constant)
        ):
            node.body = body[1:] or [ast.Pass()]  # type: ignore[attr-defined]  # it has one, see above
    return tree


def alike(whole: Standing) -> list[Alike]:
    """Students with the same answers, who share most of them first. Short answers and those of many say nothing.

    It is a report, not a verdict: people who learn together write alike.
    """
    same: dict[tuple[str, str], set[str]] = defaultdict(set)
    label, size = {}, {}
    for paper, item in _items(whole):
        mark, length = normal(item.answer, item.written)
        if length >= LONG and item.status not in ("untouched", "failed"):
            same[item.exercise, mark].add(paper.student)
            label[item.exercise, mark] = item.number or item.exercise
            size[item.exercise, mark] = length
    most = max(3, len(whole.people) // 10)
    together: dict[tuple[str, ...], list[tuple[str, str]]] = defaultdict(list)
    for place, students in same.items():
        if 2 <= len(students) <= most:
            together[tuple(sorted(students))].append(place)
    telling = {s: p for s, p in together.items() if len(p) > 1 or size[p[0]] >= VERY_LONG}
    found = [Alike(students, tuple(label[place] for place in places)) for students, places in telling.items()]
    return sorted(found, key=lambda each: (-len(each.answers), each.students))


def normal(answer: str, written: bool) -> tuple[str, int]:
    """An answer without what is easily changed, as a hash, and how long it is."""
    if written:
        text = re.sub(r"\W+", " ", answer.casefold()).strip()
        return _hash(text), len(text)
    try:
        tree = _without_docstrings(ast.parse(answer))
    except (SyntaxError, ValueError, RecursionError):
        return _hash(answer), 0
    own = _own_names(tree)
    for node in ast.walk(tree):
        for attribute in ("id", "arg", "name"):
            name = getattr(node, attribute, None)
            if isinstance(name, str) and name in own:
                setattr(node, attribute, own[name])
    return _hash(ast.dump(tree)), sum(1 for _ in ast.walk(tree))


def _own_names(tree: ast.Module) -> dict[str, str]:
    """The names that a program gives, in the order in which it gives them."""
    names: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.arg):
            names.append(node.arg)
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names.append(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.append(node.id)
    return {name: f"v{number}" for number, name in enumerate(dict.fromkeys(names))}


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", errors="replace")).hexdigest()
