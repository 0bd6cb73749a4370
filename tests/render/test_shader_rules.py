"""The numbers of the shader's colour rules are those of mmviz.picture.look, digit by digit in float32."""

import re

import numpy as np
import pytest

from mmviz.picture.look.color import LEAST
from mmviz.picture.look.mm_color import LEAST_LIGHT, radius
from mmviz.picture.look.palette import BLUE_ORANGE, PALETTE, SEQUENTIAL, Color, MmLook, Palette
from mmviz.render.glsl.rules import rule
from mmviz.scene.keys.options import MmColors

FUNCTIONS = ("float sphere_radius(float x)", "vec3 sphere_color(float x)", "bool capped(float x)")


def floats(text: str) -> dict[str, np.float32]:
    return {name: np.float32(value) for name, value in re.findall(r"const float (\w+) = ([^;]+);", text)}


def color(text: str) -> list[Color]:
    return [tuple(map(float, one.split(", "))) for one in re.findall(r"vec3\(([^()]+)\)", text)]  # type: ignore[misc]


def told(name: str, text: str) -> list[Color]:
    found = re.search(rf"const vec3 {name}(?:\[3\])? = (.+);", text)
    assert found is not None
    return color(found[1])


@pytest.mark.parametrize("look", [PALETTE, BLUE_ORANGE, SEQUENTIAL, Palette(curve="log", decades=2)])
def test_a_palette_is_told_in_full(look: Palette) -> None:
    text = rule(look)
    assert floats(text) == {
        "SMALLEST": np.float32(look.smallest),
        "LARGEST": np.float32(look.largest),
        "DECADES": np.float32(look.decades),
        "LEAST": np.float32(LEAST),
    }
    assert f"const int CURVE = {['sqrt', 'linear', 'log'].index(look.curve)};" in text
    assert told("ZERO", text) == [look.zero]
    assert told("NOT_A_NUMBER", text) == [look.nan]
    assert told("INFINITE", text) == [look.infinite]
    assert told("POSITIVE", text) == list(look.positive)
    assert told("NEGATIVE", text) == list(look.negative)


@pytest.mark.parametrize(
    "colors", [MmColors(), MmColors(min_size=0.3, elem_scale=0.7, zero_hue=0.1, hue_gap=0.2, hue_spread=0.3)]
)
def test_the_colours_of_mm_are_told_in_full(colors: MmColors) -> None:
    found = floats(rule(MmLook(colors, 0.0, 1.0)))
    assert min(found["FULL_RADIUS"], 0.5) == np.float32(radius(1.0, 0.0, 1.0, colors)), "the shader takes half a cell"
    expected = {
        "MIN_SIZE": colors.min_size,
        "DARK": max(colors.min_light, LEAST_LIGHT),
        "BRIGHT": colors.max_light,
        "ZERO_HUE": colors.zero_hue,
        "HUE_GAP": colors.hue_gap,
        "HUE_SPREAD": colors.hue_spread,
    }
    assert {name: found[name] for name in expected} == {name: np.float32(one) for name, one in expected.items()}


def test_light_is_never_less_than_the_least_and_bright_never_darker_than_dark() -> None:
    found = floats(rule(MmLook(MmColors(min_light=0.0, max_light=0.0), 0.0, 1.0)))
    assert found["DARK"] == found["BRIGHT"] == np.float32(LEAST_LIGHT)
    found = floats(rule(MmLook(MmColors(min_light=0.6, max_light=0.2), 0.0, 1.0)))
    assert found["DARK"] == found["BRIGHT"] == np.float32(0.6)


def test_sheets_whose_numbers_differ_share_a_program_under_the_colours_of_mm() -> None:
    assert rule(MmLook(MmColors(), 0.0, 1.0)) == rule(MmLook(MmColors(), 2.0, 300.0))


@pytest.mark.parametrize("look", [PALETTE, MmLook(MmColors(), 0.0, 1.0)])
def test_each_rule_gives_the_three_functions_after_the_numbers_that_they_use(look: Palette | MmLook) -> None:
    text = rule(look)
    places = [text.index(function) for function in FUNCTIONS]
    assert places == sorted(places)
    assert all(text.count(function) == 1 for function in FUNCTIONS)
    assert text.rindex("const ") < places[0]
    after = text[text.rindex("const ") :].partition("\n")[2]
    used = set(re.findall(r"\b[A-Z][A-Z_]+\b", after))
    assert used == set(re.findall(r"const \w+ (\w+)", text))
