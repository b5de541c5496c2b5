"""The benchmarks run and compare gradients before they time anything. Their times are nobody's test."""

import numpy as np
import pytest

from benchmarks import __main__ as runner
from benchmarks import growth, w1_moons, w2_digits, w3_wide, w4_nodes
from benchmarks.harness import Claim, assert_same_gradients, interleave, ratio

pytestmark = [pytest.mark.slow, pytest.mark.calm]


def test_workloads_run_and_fill_their_page():
    results = [w1_moons.run(1), w2_digits.run(1, m=100)]
    for result in results:
        assert result.claims and all(np.isfinite(claim.value) and claim.value > 0 for claim in result.claims)
        assert all(seconds > 0 for seconds in result.seconds.values())
    text = runner.page(results, 1)
    assert "| W1 | Tensor, in times of hand-tuned NumPy |" in text and "Measured on:" in text


def test_hand_written_gradients_of_the_wide_network_are_right():
    from course_lib.network import Network

    network = Network([5, 4, 3], "relu", output="identity")
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(5, 6)), rng.normal(size=(3, 6))
    expected = network.backprop(x, y).as_list()
    assert_same_gradients(expected, {"by hand": lambda: w3_wide.by_hand(network.parameters, x, y)})


def test_a_contender_with_a_wrong_gradient_is_not_timed():
    g = [np.ones(3)]
    with pytest.raises(AssertionError, match="fast and wrong"):
        assert_same_gradients(g, {"fast and wrong": lambda: [np.array([1, 1, 1.001])]})


def test_memory_is_measured_by_the_node():
    assert 200 < w4_nodes.memory_per_node(2000) < 1000


def test_the_scalar_engine_is_the_one_of_notebook_2():
    Value = w4_nodes.reference_value()
    x = Value(3.0)
    (2 * x * x + x).backward()
    assert x.grad == 13


def test_bare_numbers_find_the_same_gradient():
    assert w4_nodes.floor(10) == 11  # of x^11 at 1


def test_harness():
    times = interleave({"a": lambda: None, "b": lambda: None}, 3, {"a": 2})
    assert [len(t) for t in times.values()] == [3, 3]
    assert ratio({"a": [2.0, 9.0, 4.0], "b": [1.0, 3.0, 4.0]}, "a", "b") == 2
    assert [Claim("", v, 2.0, least).verdict for v, least in ((1, False), (3, False), (1, True), (3, True))] == [
        "met",
        "missed",
        "missed",
        "met",
    ]
    assert Claim("", 1.0).verdict == ""


def test_the_plot_is_the_same_every_time(tmp_path):
    result = runner.w1_moons.Result("W1", "")
    result.beats({"us": [1.0], "them": [3.0], "others": [40.0]}, "us", {"them": 3, "others": 20})
    for name in ("one.svg", "two.svg"):
        runner.save(lambda: runner.bars([result]), tmp_path / name)
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["one.svg", "two.svg"]


def test_growth_is_measured_drawn_and_told(tmp_path, monkeypatch):
    monkeypatch.setattr(growth, "SECONDS", 0.001)  # what the numbers are is not looked at
    growths = growth.measure(small=True)
    assert [g.along for g in growths] == ["weights", "layers", "examples", "nodes"]
    for curve in (curve for g in growths for curve in g.curves.values()):
        assert len(curve.sizes) == len(curve.seconds) == 2 and min(curve.seconds) > 0
        assert curve.extrapolated or min(curve.memory) > 0
    text = runner.page([], 1, growths)
    assert "| weights | n-n-10, batch 32 | finite differences (extrapolated) | 162 | 442 |" in text
    runner.save(lambda: growth.draw(growths), tmp_path / "growth.svg")
    assert (tmp_path / "growth.svg").read_text(encoding="utf-8").count("<!-- Tensor: slope") == 8


def test_a_slope_is_the_exponent():
    sizes = [1, 10, 100, 1000, 10_000]
    assert growth.slope(sizes, [5 * n**2 for n in sizes]) == pytest.approx(2)
    hidden = [1e4 + n for n in sizes]  # a constant cost hides the growth at first
    assert growth.slope(sizes, hidden) > np.polyfit(np.log(sizes), np.log(hidden), 1)[0]


def test_memory_at_its_highest_is_seen():
    assert 8e6 < growth.peak(lambda: np.ones(10**6)) < 9e6
