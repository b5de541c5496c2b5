"""Pictures of computation graphs: the same bytes, words with the numbers, nothing hidden told, nothing loaded."""

import re
import subprocess
import sys
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from course_lib.autodiff import Tensor, linear, sin
from course_lib.drawing import Edge, Node, computation_graph, draw_graph, from_tensor, tensor_graph
from course_lib.drawing.text import text_width

CHAIN = {"h": "w1*x + b1", "g": "w2*h + b2", "C": "(y - g)**2"}
AT = {"x": 2, "w1": 3, "b1": -1, "w2": 0.5, "b2": 0.25, "y": 1}
SVG = "{http://www.w3.org/2000/svg}"


def texts(picture, kind):
    return [e.text for e in ET.fromstring(picture.svg).iter(f"{SVG}text") if kind in e.get("class", "") and e.get("id")]


def test_the_same_call_gives_the_same_bytes_in_another_process_too():
    program = (
        "from course_lib.drawing import computation_graph;"
        f"print(computation_graph({CHAIN!r}, {AT!r}, local=True, highlight=['w1', 'b2'])._repr_html_())"
    )
    runs = {subprocess.run([sys.executable, "-c", program], capture_output=True, check=True).stdout for _ in range(2)}
    assert len(runs) == 1


def test_the_words_carry_the_numbers():
    alt = computation_graph(CHAIN, AT, local=True, highlight="w1").alt
    assert "w₁ = 3, gradient 3.5" in alt
    assert "C = 3.063, gradient 1" in alt
    assert "h from w₁·x (local derivative 1) and b₁ (local derivative 1)" in alt
    assert "the way from w₁ to the output" in alt


def test_the_boxes_carry_the_numbers():
    picture = computation_graph(CHAIN, AT, detail="names")
    assert texts(picture, "value") == ["3", "2", "−1", "0.5", "0.25", "1", "5", "2.75", "3.063"]
    assert texts(picture, "gradient") == ["3.5", "5.25", "1.75", "17.5", "3.5", "−3.5", "1.75", "3.5", "1"]
    assert texts(picture, "formula") == ["w₁·x + b₁", "w₂·h + b₂", "(y − g)²"]


def test_the_notebook_gets_an_image_with_words(svg_in, nothing_from_outside):
    picture = computation_graph(CHAIN, AT)
    bundle = picture._repr_mimebundle_()
    assert bundle["text/plain"] == picture.alt == repr(picture)
    assert f'alt="{picture.alt}"' in bundle["text/html"]
    assert "max-width:100%" in bundle["text/html"]
    assert svg_in(bundle["text/html"]) == picture.svg
    root = ET.fromstring(picture.svg)
    assert root.find(f"{SVG}desc").text == picture.alt
    assert root.find(f"{SVG}title").text
    assert "prefers-color-scheme:dark" in picture.svg
    nothing_from_outside(picture.svg)


def test_no_text_is_wider_than_its_box():
    picture = computation_graph({"u": "exp(-x**2/1000)*123456", "v": "sigmoid(u) - max(u, x)"}, {"x": -0.0012345})
    root = ET.fromstring(picture.svg)
    boxes = [e for e in root.iter(f"{SVG}rect") if e.get("id")]
    for number, box in enumerate(boxes):
        right = float(box.get("x")) + float(box.get("width"))
        for kind, size in (("name", 13.5), ("value", 12.5), ("gradient", 12.5)):
            text = next(e for e in root.iter(f"{SVG}text") if e.get("id") == f"{kind}-{number}")
            assert float(text.get("x")) + text_width(text.text, size, bold=kind == "name") <= right


def test_a_picture_is_as_wide_as_all_that_is_in_it():
    """Else a narrow graph below a wide line of words would be shown smaller than others."""
    for picture in (
        computation_graph({"y": "x*x"}, {"x": 3}, local=True),
        computation_graph({"y": "x*x"}, {"x": 3}, local=True, hide="values"),
        draw_graph([], ["a"], title="A title that is wider than the one box"),
    ):
        root = ET.fromstring(picture.svg)
        assert float(root.get("viewBox").split()[2]) == float(root.get("width")) == picture.width
        for text in root.iter(f"{SVG}text"):
            bold = "name" in text.get("class")
            x = float(text.get("x")) if not text.get("text-anchor") else 0
            assert x + text_width(text.text, 13.5 if bold else 12.5, bold) <= picture.width


def test_the_title_stands_above_the_words():
    root = ET.fromstring(computation_graph(CHAIN, AT, title="Two layers").svg)
    title, words = list(root.iter(f"{SVG}text"))[:2]
    assert title.text == "Two layers" and float(title.get("y")) + 14 < float(words.get("y"))
    plain = ET.fromstring(computation_graph(CHAIN, AT).svg)
    assert next(plain.iter(f"{SVG}text")).text == words.text


def test_local_derivatives_keep_apart_where_the_boxes_of_a_column_differ_in_width():
    names = ["a", "a longer name", "b", "the longest name of all"]
    edges = [Edge(source, target, local=0.5) for source in "uvwx" for target in names]
    root = ET.fromstring(draw_graph(edges).svg)
    boxes = [[float(e.get(key)) for key in ("x", "y", "width", "height")] for e in root.iter(f"{SVG}rect")
             if e.get("class") == "gap"]  # fmt: skip
    assert len(boxes) == 16
    for i, (x, y, width, height) in enumerate(boxes):
        for x2, y2, width2, height2 in boxes[:i]:
            assert x >= x2 + width2 or x2 >= x + width or abs(y - y2) >= 0.9 * max(height, height2)


def test_a_long_name_keeps_its_distance_from_the_sides_of_its_box():
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    name = "unbounded_hidden_quantum"
    box = next(e for e in ET.fromstring(draw_graph([], [name]).svg).iter(f"{SVG}rect") if e.get("id"))
    width, _, _ = text_to_path.get_text_width_height_descent(name, FontProperties(size=13.5, weight="bold"), False)
    assert float(box.get("width")) - width >= 2 * 11


@pytest.mark.parametrize("detail", ["operations", "names"])
def test_what_is_hidden_is_told_nowhere(detail):
    secret = {"h": "0.123*x", "C": "h*4.567"}
    values = {"x": 9.876}
    shown = computation_graph(secret, values, detail=detail, local=True)
    assert "1.215" in shown.svg and "0.5617" in shown.svg
    no_gradients = computation_graph(secret, values, detail=detail, local=True, hide="gradients")
    assert "1.215" in no_gradients.alt and "0.5617" not in no_gradients.svg + no_gradients.alt
    nothing = computation_graph(secret, values, detail=detail, local=True, hide="values")
    assert "9.876" in nothing.alt
    assert "1.215" not in nothing.svg + nothing.alt and "gradient unknown" in nothing.alt
    some = computation_graph(secret, values, detail=detail, hide=["h"])
    assert "1.215" not in some.svg and "= 5.548" in some.alt


def test_gradients_can_be_left_out_and_values_too():
    assert "gradient" not in computation_graph(CHAIN, AT, gradients=False).alt
    assert texts(computation_graph(CHAIN), "value") == []


def test_only_the_way_of_the_weight_is_thick():
    picture = computation_graph(CHAIN, AT, detail="names", highlight="b1")
    assert picture.svg.count('class="edge hot"') == 3  # b1 → h → g → C
    assert picture.svg.count('class="edge"') == 5


def test_a_plain_description_is_enough():
    picture = draw_graph([("a", "b"), Edge("b", "c", local=2), ("a", "c")], [Node("c", "the end", value=1.5)])
    assert "the end = 1.5" in picture.alt
    assert "the end from b (local derivative 2) and a" in picture.alt


def test_wrong_requests_are_refused_by_name():
    with pytest.raises(ValueError, match="circle"):
        draw_graph([("a", "b"), ("b", "a")])
    with pytest.raises(ValueError, match="nothing to draw"):
        draw_graph([])
    with pytest.raises(ValueError, match="highlight 'z'"):
        draw_graph([("a", "b")], highlight="z")
    with pytest.raises(ValueError, match="detail must be"):
        computation_graph(CHAIN, AT, detail="all")
    with pytest.raises(ValueError, match="cannot hide q"):
        computation_graph(CHAIN, AT, hide="q")
    with pytest.raises(ValueError, match=r"names among w1, x, b1, w2, b2, y, h, g, C$"):  # in this order, no more
        computation_graph(CHAIN, AT, hide="q")
    with pytest.raises(ValueError, match=r"the nodes are w1, x, b1, w2, b2, y, h, g, C$"):
        computation_graph(CHAIN, AT, highlight="q")
    with pytest.raises(ValueError, match=r"formulas have names.*'w\*x'"):
        computation_graph("w*x")


def test_nothing_to_highlight_is_no_highlight():
    assert computation_graph(CHAIN, AT, highlight=[]).svg == computation_graph(CHAIN, AT).svg


def test_a_tensor_draws_what_the_engine_recorded():
    x, y = Tensor(3.0, "x"), Tensor(2.0, "y")
    C = sin(x * y) + x / 2
    C.backward()
    picture = tensor_graph(C, local=True)
    assert f"x = 3, gradient {2 * np.cos(6) + 0.5:.4g}" in picture.alt
    assert "x·y from x (local derivative 2) and y (local derivative 3)" in picture.alt
    assert picture.svg == tensor_graph(C, local=True).svg


def test_arrays_are_shown_by_shape_and_unnamed_nodes_are_told_apart():
    w, a, b = Tensor(np.ones((3, 2)), "w"), Tensor(np.ones((2, 5)), "a"), Tensor(np.ones((3, 1)), "a")
    nodes, edges = from_tensor((linear(w, a, b) - 1) ** 2)
    assert len({node.id for node in nodes}) == len(nodes) == 6
    assert nodes[0].value == "3×2 array" and nodes[0].gradient is None
    assert [node.symbol for node in nodes][-2:] == ["−1", "( )²"]
    assert {edge.local for edge in edges} == {None}


def test_importing_the_package_loads_neither_matplotlib_nor_sympy():
    program = (
        "import sys, course_lib.drawing as d; d.computation_graph({'h': 'w*x'}, {'w': 1, 'x': 2});"
        "print([m for m in ('matplotlib', 'sympy', 'numpy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_wrong_name_is_answered_with_the_names_there_are():
    import course_lib.drawing as drawing

    with pytest.raises(AttributeError, match="computation_graph"):
        drawing.graf  # noqa: B018
    for name in drawing.__all__:
        assert callable(getattr(drawing, name)), name


def test_the_package_gives_the_function_after_its_module_was_loaded():
    import course_lib.drawing as drawing

    for name in drawing.__all__:
        getattr(drawing, name)
    assert all(callable(getattr(drawing, name)) for name in drawing.__all__)


def test_save_writes_the_svg_whole(tmp_path):
    picture = computation_graph(CHAIN)
    assert picture.save(tmp_path / "graph.svg").read_text(encoding="utf-8") == picture.svg
    assert [path.name for path in tmp_path.iterdir()] == ["graph.svg"]


def test_ids_are_unique():
    ids = re.findall(r' id="([^"]+)"', computation_graph(CHAIN, AT, local=True).svg)
    assert len(ids) == len(set(ids))


def test_a_graph_that_no_picture_can_show_is_refused():
    x = z = Tensor(0.5)
    for _ in range(2_500):
        z = z + x
    with pytest.raises(ValueError, match=r"has 2,501 nodes; a picture shows at most 300"):
        tensor_graph(z)
