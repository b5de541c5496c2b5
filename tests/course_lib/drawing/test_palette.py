"""Every color can be read on its own paper, and the hues stay apart for color-blind readers."""

import itertools

import numpy as np
import pytest

from course_lib.drawing.palette import DARK, LIGHT, SERIES, contrast, luminance, stylesheet

# Machado, Oliveira and Fernandes (2009): what the color-blind see, severity 1, in linear RGB.
BLIND = {
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
}


def linear(color):
    channels = np.array([int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def lab(rgb):
    """CIE L*a*b* of linear RGB (sRGB primaries, D65), in which distances are about what the eye sees."""
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    t = to_xyz @ np.clip(rgb, 0, 1) / [0.9505, 1.0, 1.089]
    f = np.where(t > 0.008856, np.cbrt(t), 7.787 * t + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def test_contrast_is_the_ratio_of_the_standard():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.478, abs=1e-3)  # the known grey that just fails
    assert luminance("#ff0000") == pytest.approx(0.2126)


@pytest.mark.parametrize(("colors", "background"), [(LIGHT, "#ffffff"), (DARK, "#111111")])
def test_text_and_lines_can_be_read_on_paper_and_on_cards(colors, background):
    assert colors["paper"] == background
    for ground in (background, colors["card"]):
        for name in ("ink", "muted", *SERIES):
            assert contrast(colors[name], ground) >= 4.5, (name, ground)
        assert contrast(colors["line"], ground) >= 3, ground


@pytest.mark.parametrize("colors", [LIGHT, DARK])
@pytest.mark.parametrize("kind", BLIND)
def test_values_and_gradients_stay_apart_for_color_blind_readers(colors, kind):
    seen = {name: lab(np.array(BLIND[kind]) @ linear(colors[name])) for name in SERIES}
    assert np.linalg.norm(seen["blue"] - seen["vermillion"]) > 40
    for a, b in itertools.combinations(SERIES[:3], 2):
        assert np.linalg.norm(seen[a] - seen[b]) > 20, (a, b)


def test_both_forms_name_the_same_colors_and_the_stylesheet_has_both():
    assert LIGHT.keys() == DARK.keys()
    css = stylesheet()
    light, dark = css.split("@media (prefers-color-scheme:dark)")
    assert all(f"--{name}:{LIGHT[name]}" in light and f"--{name}:{DARK[name]}" in dark for name in LIGHT)


def test_no_two_colors_are_the_same_so_that_each_can_be_found_in_a_figure():
    assert len(set(LIGHT.values())) == len(LIGHT)
