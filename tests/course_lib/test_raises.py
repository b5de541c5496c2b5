"""What a public function of the library raises, its docstring says in a section of its own."""

import ast
from collections.abc import Iterator
from pathlib import Path

LIBRARY = Path(__file__).resolve().parents[2] / "course_lib"
Function = ast.FunctionDef | ast.AsyncFunctionDef


def own(function: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a function, without those of functions and classes in it."""
    for node in ast.iter_child_nodes(function):
        if not isinstance(node, Function | ast.Lambda | ast.ClassDef):
            yield node
            yield from own(node)


def silent(tree: ast.Module | ast.ClassDef) -> Iterator[str]:
    """The public functions that raise and do not say so."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from (f"{node.name}.{name}" for name in silent(node))
        if not isinstance(node, Function) or node.name.startswith("_"):
            continue
        raises, said = (
            any(isinstance(each, ast.Raise) and each.exc for each in own(node)),
            ast.get_docstring(node) or "",
        )
        if (raises and "Raises:\n" not in said) or "Raises ValueError" in said:
            yield node.name


def test_a_function_that_raises_says_so() -> None:
    for path in sorted(LIBRARY.rglob("*.py")):
        assert list(silent(ast.parse(path.read_text(encoding="utf-8")))) == [], path


def test_one_that_does_not_is_found() -> None:
    text = 'def tell():\n    """Raises ValueError."""\n    raise ValueError\n'
    text += 'def forward():\n    """Calls tell. Raises ValueError."""\n    tell()\n'
    text += "class A:\n    def ask(self):\n        raise KeyError"
    assert list(silent(ast.parse(text))) == ["tell", "forward", "A.ask"]
