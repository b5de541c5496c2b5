"""The answers in words: all answers to one question on one page, with its rubric, to read and score in one go.

The page is served on this machine only, to whoever knows its address. What is saved goes into the gradebook at once,
where nbgrader's formgrader shows it too.
"""

from __future__ import annotations

import secrets
import webbrowser
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, quote, unquote

from autograder.build.marks import BEGIN, END
from autograder.build.source import read_source, role_of
from autograder.files import release_of
from autograder.grade.folder import ClassFolder
from autograder.grade.gradebook import Book
from autograder.grade.own_pages import POLICY, own_page
from autograder.grade.pages import harmless
from autograder.grade.standing import Item, Standing, standing
from autograder.grade.views import make_views
from course_lib.errors import CourseError
from course_lib.exercises import NOTEBOOKS

FIRST_PORT = 8888
MAX_FORM = 10 << 20


@dataclass(frozen=True)
class Answer:
    """One student's answer to a question."""

    student: str
    name: str
    item: Item


@dataclass(frozen=True)
class Question:
    """One question. text: what students read; rubric: the model answer and what points are given for."""

    notebook: str
    exercise: str
    text: str
    rubric: str
    answers: tuple[Answer, ...]

    @property
    def waiting(self) -> int:
        """How many answers have no points yet."""
        return sum(answer.item.points is None for answer in self.answers)

    @property
    def max_points(self) -> float:
        return self.answers[0].item.max_points


def questions(whole: Standing) -> list[Question]:
    """The questions that the class has answered. Answers without points come first, then those that have changed."""
    found: dict[tuple[str, str], list[Answer]] = {}
    for paper in whole.every_paper():
        for item in paper.items:
            if item.written and item.status != "untouched":
                answer = Answer(paper.student, whole.people[paper.student].shown, item)
                found.setdefault((paper.notebook, item.exercise), []).append(answer)
    made = []
    for (notebook, exercise), answers in found.items():
        answers.sort(key=lambda each: (each.item.points is not None, not each.item.look_again, each.student))
        made.append(Question(notebook, exercise, *_texts(notebook, exercise), tuple(answers)))
    return sorted(made, key=lambda question: (question.notebook, question.exercise))


def _texts(notebook: str, exercise: str) -> tuple[str, str]:
    """The question, which stands above its answer, and the rubric, which stands in the place of the answer."""
    if notebook not in NOTEBOOKS:
        return "", ""
    question, before = "", ""
    for cell in release_of(notebook).cells:
        if role_of(cell) == ("written", exercise):
            question = before
        before = cell.source
    for cell in read_source(notebook).cells:
        if role_of(cell) == ("written", exercise):
            lines = [line for line in cell.source.splitlines() if BEGIN not in line and END not in line]
            return question, "\n".join(lines).strip()
    return question, ""


def save(klass: ClassFolder, question: Question, form: dict[str, str]) -> tuple[int, list[str]]:
    """Write the points and comments of a form. Returns how many answers changed, and what could not be understood."""
    changed, wrong = 0, []
    with klass.working("answers in words"), Book(klass.gradebook) as book:
        for number, answer in enumerate(question.answers):
            text = form.get(f"points-{number}", "").strip().replace(",", ".")
            comment = form.get(f"comment-{number}", "").replace("\r\n", "\n").strip()
            if form.get(f"student-{number}", answer.student) != answer.student:
                wrong.append(
                    "The class has changed since this page was made; nothing was saved for some. Read it again."
                )
                continue
            try:
                points = float(text) if text else None
                if points is not None and not 0 <= points <= question.max_points:
                    raise ValueError
            except ValueError:
                wrong.append(f"{answer.name}: {text} is no number from 0 to {question.max_points:g}.")
                continue
            if (points, comment) != (answer.item.manual, answer.item.comment) or answer.item.look_again:
                book.give(answer.student, question.notebook, question.exercise, points, comment)
                changed += 1
        if changed:
            make_views(klass, book)
    return changed, wrong


class _Handler(BaseHTTPRequestHandler):
    """The pages of one class below a secret address."""

    klass: ClassFolder
    token: str

    def do_GET(self) -> None:
        if self._allowed():
            self._answer([])

    def do_POST(self) -> None:
        if not self._allowed():
            return
        length = self.headers.get("Content-Length") or "0"
        if not length.isdecimal() or int(length) > MAX_FORM:
            self.send_error(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return
        text = self.rfile.read(int(length)).decode(errors="replace")
        form = {name: values[-1] for name, values in parse_qs(text, True).items()}
        question = self._question()
        if question is None:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        try:
            changed, wrong = save(self.klass, question, form)
        except CourseError as error:
            changed, wrong = 0, [str(error)]
        self._answer([f"{changed} saved.", *wrong])

    def _allowed(self) -> bool:
        """Only who has the address, and only under the name of this machine: another site's page has neither."""
        host = (self.headers.get("Host") or "").rsplit(":", 1)[0]
        given = self.path.lstrip("/").split("/")[0]
        if host in ("localhost", "127.0.0.1") and secrets.compare_digest(given.encode(), self.token.encode()):
            return True
        self.send_error(HTTPStatus.FORBIDDEN)
        return False

    def _read(self) -> list[Question]:
        return questions(standing(self.klass))

    def _question(self) -> Question | None:
        place = tuple(unquote(part) for part in self.path.split("/")[2:4])
        return next((each for each in self._read() if (each.notebook, each.exercise) == place), None)

    def _answer(self, messages: list[str]) -> None:
        question = self._question() if self.path.count("/") > 2 else None
        html = own_page(
            "words.html",
            name=self.klass.name,
            questions=self._read(),
            question=question,
            messages=messages,
            home=f"/{self.token}/",
            quote=quote,
            formatted=harmless,
        )
        data = html.encode("utf-8")
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the terminal shows the address, and that stays in sight."""


def server_for(klass: ClassFolder, port: int | None) -> tuple[ThreadingHTTPServer, str]:
    """A server of the pages, and its address.

    Raises:
        CourseError: when the port is taken.
    """
    token = secrets.token_urlsafe(16)
    handler = type("Handler", (_Handler,), {"klass": klass, "token": token})
    for number in [port] if port else range(FIRST_PORT, FIRST_PORT + 100):
        try:
            server = ThreadingHTTPServer(("127.0.0.1", number), handler)
        except OSError:
            continue
        return server, f"http://localhost:{number}/{token}/"
    raise CourseError(f"port {port or FIRST_PORT} is taken. Say another one with --port")


def serve_words(klass: ClassFolder, *, port: int | None = None, browser: bool = True) -> None:
    """Serve the pages until the instructor stops it.

    Raises:
        CourseError: when the class has no answers in words.
    """
    if not questions(standing(klass)):
        raise CourseError(f"nobody in the class {klass.name} has answered a question in words")
    server, address = server_for(klass, port)
    print(f"Answers in words: {address}\nStop it with Ctrl-C.", flush=True)
    if browser:
        webbrowser.open(address)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
    finally:
        server.server_close()
