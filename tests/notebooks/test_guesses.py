"""Every guess that a notebook asks for is answered in words, after the guess and not before."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import nbformat
import pytest
from nbformat import NotebookNode

from autograder.build.source import read_source
from course_lib.exercises import NOTEBOOKS

# For each notebook, in order: words of the question, then words that answer it, one piece for each thing that is asked.
ANSWERS: dict[str, list[tuple[str, ...]]] = {
    "01_chain_rule": [
        ("How far does the dial move?", "the dial moves by 16", "16 / 2 = 8"),
        ("How far does `u` move?", "0.024", "about −0.0238", "−2.38, the number at `x`"),
        ("the two partial derivatives", "`2at + 3cos(3t)`", "only `t²` is left"),
        ("the four gradients that are missing", "(4 · 2 = 8)", "(4 · 1 = 4)", "2 · 1.5 = 3 for `w2`", "2 · 1 = 2 for"),
        ("Which of `h`, `g` and `C` move?", "`w2` moves `g` and `C`", "`b1` moves all three"),
        ("what stands in place of the question mark?", "together 3.15"),
        ("How much does the cost change each time?", "it is 0.001005", "it is 0.03216", "is 32 times as large"),
    ],
    "02_computation_graphs": [
        ("the four values", "`p` is 1, `q` 0.84, `r` 2.52 and `C` 3.52"),
        (
            "the numbers on the seven arrows",
            "0.5 for each unit of x and 2",
            "cos 1 = 0.54",
            "3 and 0.84",
            "the sum 1 and 1",
        ),
        (
            "all gradients below",
            "∂C/∂C is 1",
            "`m` gets −6 and `e` gets 5",
            "to `s`, to `a` and to `b`, and `d` gets 0",
        ),
        ("Which nodes can be computed at once?", "`p` can be computed at once", "`C` must also wait for `r`"),
        ("Can `p` already pass its gradient", "must wait for the share", "2.62, and sends", "= 1.31 to `x`"),
        ("what are the two parents?", "The parents are a and a", "local derivatives a and a", "a.grad is a + a"),
        ("How many paths lead from `x` to `C`?", "the paths: 8", "steps 1024", "arrows: 12"),
        ("which trials does each one fail?", "A fails where one way", "C where a node uses", "B was right once"),
    ],
    "03_matrix_calculus": [
        ("How many rows and columns", "Two rows, three columns", "$z_0$ by $x_2$ and $z_1$ by $x_0$ are zero"),
        ("both pictures", "The first picture is `W` itself", "The second is **diagonal**"),
        ("What shape has the product", "Shape (3, 4)", "It scales the rows"),
        ("How many multiplications", "Two million against a thousand million"),
        ("How many of the 36 entries", "Twelve: three copies of $x.$"),
        ("What must be done with the three?", "paths add"),
        ("Which gradient does each receive", "the sum of its row", "the sum of its column", "the sum of all twelve"),
        (
            "Which probabilities rise",
            "$a_0$ rises, all others fall",
            "each column has the sum 0",
            "nothing is diagonal",
        ),
        ("when you subtract the same number", "exp(s) cancels in the fraction"),
        ("What does the test say for these sizes?", "All sizes equal: not a word", "one of the bugs makes it crash"),
    ],
    "04_four_equations": [
        ("how many neurons does each layer have", "2, 3 and 2 neurons", "= 17 numbers"),
        ("Does the gradient point somewhere else?", "It points the same way", "a hundred times as long"),
        ("What stands in place of the question mark?", "It is 0.7685 · 0.1779 = 0.137"),
        ("the gradient at $a,$", "= 3.38", "= 0.795"),
        ("which of the three hidden neurons", "The first one: its paths"),
    ],
    "05_batches_and_costs": [
        ("have a 5 in their shapes?", "`X`, `z[1]` and `z[2]` have a 5"),
        ("how many factors will it have", "Five factors", "Up to here it is $\\delta^{[1]}_1.$"),
        ("Sketch the two curves", "17 steps to one half, the quadratic cost 232"),
        ("which one lowers the prediction most", "the largest activation, `w[1]`", "the largest weight, `a[0]`"),
    ],
    "06_gradient_checking": [
        ("How many times smaller", "10 times smaller, the central error 100 times"),
        ("In which of these cases", "So (a) is fine, and (b) and (c) are bugs"),
        ("Where is the lowest point of each?", "Forward is lowest near `10⁻⁸`, central near `3·10⁻⁶`"),
        ("exactly at the corner", "The measurement says ½"),
        ("How often must it run forward", "44 times", "86 times"),
        ("is the backward pass", "between one and two forward passes", "The ratio depends on the shapes"),
        ("How many times the work", "half a million times as much"),
        (
            "If `delta[3]` is wrong",
            "spoils all six parameters",
            "only w1 and b1",
            "Begin at the last layer that is wrong",
        ),
        ("as small as `10⁻²⁰`?", "all digits are right", "finds no difference at all"),
    ],
    "07_minibatch_sgd": [
        ("Which weight will grow", "w1 grows, w0 shrinks and w2 stays", "steps ten times too short"),
        ("How many mini-batches", "Three, of 4, 4 and 2"),
        ("How many iterations has an epoch", "129 with mini-batches of 10", "1,285 with 1", "a single one with 1,285"),
        ("Who has asked how many points", "60 · 60 = 3,600 points", "have asked 600", "60 points in all"),
        ("which one is ahead after one epoch", "single example leads at first", "the mini-batches pass it"),
        (
            "What do 0.3, 1.2 and 1.95 do?",
            "0.3 goes straight down",
            "(1.95) it swings",
            "1.2 jumps over the valley too",
        ),
        ("when the steps are tiny?", "**Tiny steps** change", "**Noise stops too early**", "**Noise never stops**"),
        ("how much smaller is the noise?", "The noise falls as 1/B", "four times the work for *half* the distance"),
        ("How many percent", "Nearly 98 %", "The training cost is the lower one"),
        ("Can the network still learn them?", "To this network, nothing has changed"),
    ],
    "08_deep_gradients": [
        ("nearer to 0.1, to 0.01 or to 0.001?", "It is near 0.01"),
        ("the highest point of two derivatives", "never above ¼", "that of tanh reaches 1"),
        ("By what factor", "a few millionths of a millionth"),
        ("What is the spread of $z$", "the spread grows as $\\sqrt n.$", "With sums as large as 100"),
        ("Which curves will be flat", "the other three are flat", '"normal" explodes'),
        ("How far, until all are dead?", "Shifted by −2 all 30 are", "a few neurons are dead already"),
    ],
    "09_deep_training": [
        ("without clipping?", "settles at the cost of guessing"),
        ("Which path ends nearer", "Momentum ends far nearer", "dozens of times lower"),
        ("What is its running mean", "0.1, 0.19, 0.41"),
        ("how far one step of Adam moves", "Layer 20 moves by the rate, layer 1 hardly at all"),
        ("which curve falls slowest", "plain SGD is the slowest by far"),
        ("Match A, B, C and D", "A: rate too small. B: vanishing gradient. C: overfitting", "D: rate too large"),
        ("the *ratio* of backward work", "from 1.14 to 1.90", "six times for ten times the layers"),
        ("Which curve is flat", "Both are flat, and one lies ten million times lower"),
    ],
    "10_capstone": [
        ("How many of the validation images", "The two numbers are the same within luck"),
        ("What accuracy will you report", "the first way reports far more"),
        ("will you read right?", "Some of these images a person would read wrong too"),
        ("How many times as many multiplications", "One example takes ten times as many", "about 390 times"),
    ],
}


FOLD = re.compile(r"<details>\s*<summary>(?!Hint).*?</details>", re.DOTALL)
CODE = "\f"  # stands for a cell that the reader runs


@dataclass
class Guess:
    """One "Predict", with what a reader has in view when guessing, and what appears only afterwards."""

    question: str
    in_view: str  # the part so far, and what stands open below the question
    afterwards: str  # folds, and what stands below a cell that is run, until the next guess

    def faults(self, words: tuple[str, ...]) -> list[str]:
        """What is wrong: another question, an answer that is missing, or one that stands in view too early."""
        asked, *answers = words
        found = [] if asked in self.question else [f"asked is not {asked!r}, but {self.question!r}"]
        found += [f"{asked!r}: {each!r} is not said afterwards" for each in answers if each not in self.afterwards]
        return found + [f"{asked!r}: {each!r} is said before the guess" for each in answers if each in self.in_view]


def guesses(cells: list[NotebookNode]) -> list[Guess]:
    """Every guess in the cells of a source, in order."""
    text = "\n\n".join(CODE if cell.cell_type == "code" else cell.source for cell in cells)
    above, *rest = text.partition("\n## Recap")[0].split("**Predict")
    found = []
    for below in rest:
        before_a_run, _, behind_it = below.partition(CODE)
        question = before_a_run.split("\n\n")[0]
        in_view = above.split("\n## ")[-1] + FOLD.sub("", before_a_run)
        folded = "\n".join(FOLD.findall(before_a_run))
        found.append(Guess(*(" ".join(each.split()) for each in (question, in_view, folded + behind_it))))
        above += below
    return found


def faults(notebook: str, cells: list[NotebookNode]) -> list[str]:
    """What is wrong with the guesses of a notebook."""
    found = guesses(cells)
    answers = ANSWERS.get(notebook, [])
    if len(found) != len(answers):
        return [f"{len(found)} guesses, but answers to {len(answers)}: {[each.question for each in found]}"]
    return [fault for guess, words in zip(found, answers, strict=True) for fault in guess.faults(words)]


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_a_guess_is_answered_in_words_after_it_and_not_before(notebook: str) -> None:
    assert faults(notebook, read_source(notebook).cells) == []


def test_every_thing_that_is_asked_has_an_answer() -> None:
    assert [words for of_one in ANSWERS.values() for words in of_one if isinstance(words, str) or len(words) < 2] == []


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_an_answer_that_is_taken_away_or_given_too_early_is_noticed(notebook: str) -> None:
    """For every single answer: without it, and with it before its guess."""
    real = read_source(notebook).cells
    for number, (asked, *answers) in enumerate(ANSWERS.get(notebook, [])):
        for answer in answers:
            gap = r"\s+".join(re.escape(word) for word in answer.split())
            without = [_changed(cell, lambda text, gap=gap: re.sub(gap, "…", text)) for cell in real]
            assert f"{asked!r}: {answer!r} is not said afterwards" in faults(notebook, without)
            early = _before_guess(real, number, f"{answer} ")
            assert f"{asked!r}: {answer!r} is said before the guess" in faults(notebook, early)


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_a_picture_that_hides_its_answer_stands_below_its_guess(notebook: str) -> None:
    asked = False
    for cell in read_source(notebook).cells:
        if cell.cell_type == "markdown":
            asked |= "**Predict" in cell.source
        elif re.search(r"drawing\.(Reveal|predict_graph)\(", cell.source):
            assert asked, cell.source
            asked = False


def test_a_guess_more_than_the_known_ones_is_noticed() -> None:
    cells = read_source(NOTEBOOKS[0]).cells
    more = [*cells[:2], nbformat.v4.new_markdown_cell("**Predict.** Who wins?"), *cells[2:]]
    assert "8 guesses, but answers to 7" in faults(NOTEBOOKS[0], more)[0]


def _changed(cell: NotebookNode, change: Callable[[str], str]) -> NotebookNode:
    return cell if cell.cell_type == "code" else nbformat.v4.new_markdown_cell(change(cell.source))


def _before_guess(cells: list[NotebookNode], number: int, text: str) -> list[NotebookNode]:
    """The cells with a text put directly before one of their guesses."""
    result, before = [], 0
    for cell in cells:
        parts = [] if cell.cell_type == "code" else cell.source.split("**Predict")
        if before <= number < before + len(parts) - 1:
            at = number - before + 1
            source = "**Predict".join(parts[:at]) + text + "**Predict" + "**Predict".join(parts[at:])
            result.append(nbformat.v4.new_markdown_cell(source))
        else:
            result.append(cell)
        before += max(0, len(parts) - 1)
    return result
