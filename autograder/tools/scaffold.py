"""Insert a new exercise or a new notebook in every place that it needs, as working stubs to be replaced.

What stands there afterwards builds and grades: the stub's answer is a function that doubles its input. Every place is
listed when it is done, in the order in which one fills them.
"""

from __future__ import annotations

import builtins
import keyword
import re
import subprocess
import sys
import unicodedata
from collections.abc import Mapping
from pathlib import Path

from autograder.files import ROOT
from course_lib.errors import CourseError
from course_lib.exercises import NOTEBOOKS, all_exercises, exercises_of, module_name
from course_lib.files import write_whole

NUMBER = re.compile(r"(\d{1,2})\.(\d{1,2})")

SOURCE = '''
# %% [markdown]
# {{{{exercise {id}}}}}
#
# Write `{function}(x)`.
# It takes a number or an array `x` and returns twice as much, in the same shape. (Say here what is asked: shapes, kinds
# of numbers, what happens at the edges.)
#
# For example, `{function}(1.5)` gives 3.0.
#
# *Open here*: nothing of course_lib is closed. (`closed=` of the exercise says what is; the statement says the same.)
#
# <details><summary>Hint 1: the idea</summary>
#
# Say what to think of, not what to write.
#
# </details>

# %% answer="{id}"
def {function}(x):
    """Twice x, in the shape of x.

    >>> {function}(1.5)
    3.0
    """
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION

# %% check="{id}"
check("{id}", {function})
'''

EXERCISE = """
# {number} {title} {rule}


def _{function}_cases(rng: np.random.Generator) -> list[Case]:
    return [Case({{"x": rng.normal(size=shape)}}) for shape in ((), (3,), (2, 4))]


{constant} = Exercise(
    id="{id}",
    number="{number}",
    title="{title}",
    answers=("{function}",),
    aspects=(Aspect("value", "twice as much, in the shape of x", 2, _{function}_cases),),
)

"""

ZOO = '''

# {number} {title} {rule}


@trap("{id}", loses=("value",))
def {function}_once(x):
    """You give x back as it came. It should be twice as much."""
    return x


@alternative("{id}")
def {function}_added(x):
    return x + x


@alternative("{id}")
def {function}_halved(x):
    return x / 0.5
'''

NEW_SOURCE = """\
# %% [markdown]
# {{{{title}}}}
#
# **By the end you can** (say it in one sentence).
#
# **You need:** (which notebooks come before).
#
# {{{{plan}}}}

# %% setup="{slug}-imports"
from course_lib import drawing
from course_lib.check import check

# %% [markdown]
# ## 1 A first question
#
# How steep is x² at x = 1.5? (Let the reader predict something here. What the answer is, and which words below say it,
# is listed in `tests/notebooks/test_guesses.py`.)

# %%
drawing.slope_picture(lambda x: x**2, 1.5, 0.5, span=(0, 3), title="f(x) = x²")

# %% [markdown]
# {{{{written explain-{slug}}}}}
#
# In two sentences: what did you see, and why?

# %% [markdown] written="explain-{slug}" points=2
# ### BEGIN SOLUTION
# **Model answer.** Write it here, then the rubric.
#
# **Rubric, one point each**
# - The first thing.
# - The second thing.
# ### END SOLUTION

# %% [markdown]
# ## Recap
#
# | what | formula |
# |:--|:--|
# | twice | $2x$ |
#
# ## Test yourself
#
# <details><summary>1. What is twice 1.5?</summary>
#
# 3.
#
# </details>
#
# {{{{hand in}}}}
#
# ## What comes next
#
# Say what the next notebook breaks.
#
# {{{{next}}}}
"""

NEW_EXERCISES = '''\
"""What notebook {short} asks: {title}."""

from __future__ import annotations

import numpy as np

from course_lib.exercises import Aspect, Case, Exercise

EXERCISES = ()
'''

NEW_ZOO = '''\
"""Wrong and other right answers to notebook {short}. A trap's docstring is what who makes that mistake reads."""

import numpy as np

from autograder.zoo import alternative, trap
'''


def new_exercise(number: str, title: str, root: Path = ROOT) -> list[str]:
    """Insert exercise `number`, say "3.9", with this title into the sources of its notebook.

    Returns one line for each place that was written, with what to do there.

    Raises:
        CourseError: when the number or the title cannot be used; nothing is written then.
    """
    match = NUMBER.fullmatch(number)
    notebook = next((each for each in NOTEBOOKS if match and int(each[:2]) == int(match[1])), None)
    if notebook is None:
        raise CourseError(
            f"{number!r} is no number of an exercise: write NOTEBOOK.NUMBER, such as 3.9, for a notebook from 1 to "
            f"{int(NOTEBOOKS[-1][:2])}. `course new notebook` adds one."
        )
    exercises = exercises_of(notebook)
    if number in (each.number for each in exercises):
        raise CourseError(f"there is an exercise {number} already; the last of {notebook} is {exercises[-1].number}")
    function, id = _names(title)
    before = [each.id for each in exercises if _order(each.number) < _order(number)]
    places = _places(notebook, root)
    texts = {name: path.read_text(encoding="utf-8") for name, path in places.items()}
    _insert(texts, before[-1] if before else None, number, title, function, id)
    return _write(places, texts, root)


def new_notebook(number: str, name: str, title: str, root: Path = ROOT) -> list[str]:
    """Add a notebook, say "11", "graph_networks", "Networks on graphs", with one exercise, behind the last one.

    Returns one line for each place that was written, with what to do there.

    Raises:
        CourseError: when the number is not the next one, or the name cannot be used; nothing is written then.
    """
    following = int(NOTEBOOKS[-1][:2]) + 1
    if number.zfill(2) != f"{following:02d}":
        raise CourseError(f"the next notebook has the number {following:02d}, not {number}. It is added at the end.")
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or name in map(module_name, NOTEBOOKS):
        raise CourseError(f"{name!r} cannot be the name of a notebook: use small letters and _, and no name twice")
    function, id = _names(title)
    notebook = f"{following:02d}_{name}"
    places = _places(notebook, root)
    words = {"short": str(following), "title": title, "slug": name.replace("_", "-")}
    texts = {
        "source": NEW_SOURCE.format(**words),
        "exercises": NEW_EXERCISES.format(**words),
        "zoo": NEW_ZOO.format(**words),
    }
    _insert(texts, None, f"{following}.1", title, function, id)
    places |= {"titles": root / "course_lib" / "exercises" / "__init__.py", "readme": root / "README.md"}
    titles, readme = (places[place].read_text(encoding="utf-8") for place in ("titles", "readme"))
    last = NOTEBOOKS[-1]
    texts["titles"] = re.sub(rf'(    "{last}": .*\n)', rf'\1    "{notebook}": "{title}",' + "\n", titles, count=1)
    texts["readme"] = re.sub(rf"(\| {last[:2]} \|.*\n)", rf"\1| {following:02d} | {title} | |" + "\n", readme, count=1)
    return _write(places, texts, root)


def _order(number: str) -> list[int]:
    return [int(part) for part in number.split(".")]


def _names(title: str) -> tuple[str, str]:
    """ "Twice as much" -> ("twice_as_much", "twice-as-much"): the function, and the exercise's id."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", plain)
    if not words or not words[0][0].isalpha() or '"' in title or "\n" in title:
        raise CourseError(f"{title!r} cannot be a title: it begins with a letter and has no quotes")
    function, id = "_".join(words), "-".join(words)
    if keyword.iskeyword(function) or hasattr(builtins, function):
        raise CourseError(f"{function!r} is a word of Python's own. Take another title, of two words or more.")
    for _, exercise in all_exercises():
        if id == exercise.id:
            raise CourseError(f"there is an exercise {id!r} already. Take another title.")
        if function in exercise.answers:
            raise CourseError(f"{exercise.number} asks for {function!r} already. Take another title.")
    return function, id


def _places(notebook: str, root: Path) -> dict[str, Path]:
    module = f"{module_name(notebook)}.py"
    return {
        "source": root / "solutions" / f"{notebook}.py",
        "exercises": root / "course_lib" / "exercises" / module,
        "zoo": root / "autograder" / "zoo" / module,
    }


def _insert(texts: dict[str, str], before: str | None, number: str, title: str, function: str, id: str) -> None:
    """Put the stubs of one exercise into the texts of its three places, behind the exercise `before`."""
    rule = "-" * max(3, 116 - len(number) - len(title))
    words = {"number": number, "title": title, "function": function, "id": id, "rule": rule}
    words["constant"] = function.upper()
    source = texts["source"]
    start = source.index(f'# %% check="{before}"' if before else "# %% setup=")
    place = source.find("\n# %%", start + 1)
    texts["source"] = source[:place].rstrip("\n") + "\n" + SOURCE.format(**words) + source[place:]
    exercises = texts["exercises"]
    if re.search(rf"^{words['constant']}\b", exercises, re.MULTILINE):
        raise CourseError(f"{words['constant']} stands for something else in that module already. Take another title.")
    place = exercises.index("\nEXERCISES = (") + 1
    head, tail = exercises[:place].rstrip("\n") + "\n", exercises[place:]
    constants = re.findall(r"\w+", tail[tail.index("(") : tail.index(")")])
    behind = 0
    if before:
        definitions = re.findall(r'^(\w+) = Exercise\(\s+id="([\w-]+)"', head, re.MULTILINE)
        behind = 1 + constants.index(next(constant for constant, each in definitions if each == before))
    constants.insert(behind, words["constant"])
    listed = ", ".join(constants) + ("," if len(constants) == 1 else "")
    rest = tail[tail.index(")") + 1 :]
    texts["exercises"] = f"{head}{EXERCISE.format(**words)}EXERCISES = ({listed}){rest}"
    texts["zoo"] = texts["zoo"].rstrip("\n") + "\n" + ZOO.format(**words)


TODO = {
    "source": "the statement, the stub's docstring, the reference answer, the hints",
    "exercises": "points, aspects, and cases that tell mistakes apart",
    "zoo": "the mistakes that students make, each with its sentence, and other right ways",
    "titles": "the title",
    "readme": "what it teaches, in the table of notebooks",
}


def _write(places: Mapping[str, Path], texts: Mapping[str, str], root: Path) -> list[str]:
    for place, text in texts.items():
        write_whole(places[place], text)
    modules = [str(places[place]) for place in ("exercises", "zoo")]
    for arguments in (["check", "--quiet", "--fix", "--select", "I,F401"], ["format", "--quiet"]):
        subprocess.run([sys.executable, "-m", "ruff", *arguments, *modules], cwd=root, check=True)
    lines = [f"{places[place].relative_to(root).as_posix()}: {TODO[place]}" for place in texts]
    return [*lines, "then: python3 course build, and python3 course test"]
