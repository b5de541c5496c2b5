"""The guess comes before the answer: the first picture does not tell, and both have the same size."""

import pytest

from course_lib.drawing import predict_graph

CHAIN = {"h": "w1*x + b1", "C": "sin(h)"}
AT = {"x": 2, "w1": 0.61, "b1": -1}


def test_the_question_hides_the_gradients_and_keeps_the_values():
    both = predict_graph(CHAIN, AT, hide=["h", "w1"], detail="names", local=True)
    answer = "1.952"  # 2 · cos(0.22), the gradient at w1
    assert answer in both.answer.svg
    assert answer not in both.question.svg + both.question.alt
    assert "0.22" in both.question.svg
    assert both.question.width == both.answer.width


def test_the_answer_is_behind_a_fold():
    page = predict_graph(CHAIN, AT, hide="x")._repr_html_()
    question, fold = page.split("<details>")
    assert question.count("<img") == fold.count("<img") == 1
    assert repr(predict_graph(CHAIN, AT, hide="x")) == predict_graph(CHAIN, AT, hide="x").question.alt


def test_a_name_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match="cannot hide q"):
        predict_graph(CHAIN, AT, hide="q")
