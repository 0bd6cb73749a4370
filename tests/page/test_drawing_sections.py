"""What a page is told of how things are drawn: each look once, the renderer's constants, letters in their places."""

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmviz.page.arrays import Arrays, Ref
from mmviz.page.letters_section import Letters
from mmviz.page.looks_section import Looks
from mmviz.picture.eye.camera import Camera
from mmviz.picture.ground import light_look
from mmviz.picture.look.palette import PALETTE, SEQUENTIAL, MmLook, Palette
from mmviz.render.glsl import captions, letters
from mmviz.render.looking import clipping
from mmviz.render.text.atlas import Atlas
from mmviz.render.text.captions import OPACITY
from mmviz.render.text.fonts import CAPITAL
from mmviz.render.text.shaping import shaped
from mmviz.scene.keys.options import MmColors
from tests.page.engine import call

ARABIC = "\u0645\u0631\u062d\u0628\u0627 hello \u0628\u0643"


def test_every_look_is_told_once_with_the_same_on_a_light_ground() -> None:
    looks = Looks(Arrays())
    ranges = [MmLook(MmColors(), 0.0, high) for high in (1.0, 2.0)]
    asked: list[Palette | MmLook] = [PALETTE, SEQUENTIAL, PALETTE, *ranges]
    assert [looks.number(look) for look in asked] == [0, 1, 0, 2, 3]
    section = looks.section()
    assert [look["light"] for look in section["looks"]] == [4, 5, 2, 3, 4, 5], "those of mm stay as they are"
    assert looks.number(light_look(PALETTE)) == 4
    assert section["looks"][2]["rule"] == section["looks"][3]["rule"], "a range needs no program of its own"
    assert section["looks"][3]["range"] == (0.0, 2.0)
    json.dumps(section)


def test_depths_that_are_drawn_are_those_of_python() -> None:
    camera = Camera(np.array([3.0, 4.0, 30.0]), np.array([1.0, 0.0, 0.0]), np.array([0.0, 1.0, 0.0]))
    for extent in (np.random.default_rng(2).uniform(-9, 9, (8, 3)), np.array([[0.0, 0.0, 40.0]])):
        told = {"position": [3, 4, 30], "target": [1, 0, 0], "up": [0, 1, 0], "viewAngle": 30}
        laws = Looks(Arrays()).section()["drawing"]
        np.testing.assert_allclose(call("clipping", told, extent.ravel().tolist(), laws), clipping(camera, extent))


def found(arrays: Arrays, ref: Ref) -> NDArray[Any]:
    """The array that a section refers to."""
    return arrays._arrays[ref["array"]]


def test_letters_in_space_are_those_of_the_picture_of_letters() -> None:
    arrays = Arrays()
    texts = Letters(arrays)
    for text in ("Q @ K", "", "i = 64", "Q @ K"):
        texts.add(text)
    section, atlas = texts.section(), Atlas()
    told = section["texts"]["i = 64"]
    expected = [atlas.quads(text) for text in ("Q @ K", "", "i = 64")][2]
    of_text = slice(told["first"], told["first"] + told["count"])
    np.testing.assert_allclose(found(arrays, section["places"])[of_text], expected.places, rtol=1e-6)
    shapes = found(arrays, section["shapes"])[found(arrays, section["letters"])[of_text]]
    np.testing.assert_array_equal(shapes, np.hstack([expected.sizes, expected.corners]))
    np.testing.assert_array_equal(found(arrays, section["picture"]), atlas.picture())
    assert section["texts"][""]["count"] == 0


def test_a_caption_is_its_pieces_or_where_letters_depend_on_others_its_lines() -> None:
    texts = Letters(Arrays())
    for text in ("each row travels", ARABIC):
        texts.add_caption(text)
    section = texts.section()
    plain, turned = section["captions"].values()
    assert plain["lines"] is None
    assert [len(piece["letters"]) for piece in plain["pieces"]] == [4, 3, 7]
    assert abs(sum(piece["length"] for piece in plain["pieces"]) - shaped("each row travels").length) < 1e-5
    assert turned["lines"] is not None
    assert set(turned["lines"]) == {"0 1", "0 2", "0 3", "1 2", "1 3", "2 3"}
    assert section["laws"]["capital"] == CAPITAL


def test_rims_are_as_wide_as_in_pictures() -> None:
    assert Looks(Arrays()).section()["drawing"]["rim"] == letters.RIM


def test_the_shader_of_captions_hides_as_much_as_pictures_do() -> None:
    assert f"OPACITY = {OPACITY:.6f}" in captions.fragment()
