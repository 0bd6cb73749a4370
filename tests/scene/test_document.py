"""Scene documents: what is read and written, and what is said of a broken one."""

import math
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from mmviz.errors import SceneError
from mmviz.scene.document import Document, from_mapping, load, save
from mmviz.scene.keys.options import (
    AnimationOptions,
    CameraOptions,
    CaptionOptions,
    ExportOptions,
    LayoutOptions,
    OwnAlgorithm,
    StyleOptions,
)
from mmviz.scene.keys.sources import (
    ActivationSource,
    FileSource,
    FormulaSource,
    Initializer,
    ModelSource,
    ValuesSource,
    WeightSource,
)
from mmviz.scene.language.calls import relu
from mmviz.scene.language.expression import names

ROOT = Path(__file__).parents[2]
SCENES = sorted((ROOT / "scenes").glob("*.yaml"))
BASE: dict[str, Any] = {
    "expr": "out = A @ B",
    "tensors": {"A": {"init": "rows", "shape": [3, 4]}, "B": {"init": "cols", "shape": [4, 5]}},
}
INITIALIZERS = (
    "'rows', 'cols', 'row major', 'col major', 'uniform', 'gaussian', 'pt linear', 'eye', 'diff', "
    "'tril mask', 'triu mask', 'zeros', 'ones', 'full', 'sinusoidal', 'alibi' or 't5 buckets'"
)
SOURCES = "needs one of the keys init, formula, values, file, weight, activation, url"


def known(model: type[BaseModel]) -> str:
    return f"known keys: {', '.join(sorted(model.model_fields))}."


KEYS = ", ".join(sorted(Document.model_fields))


def message(content: Any) -> str:
    with pytest.raises(SceneError) as caught:
        from_mapping(content, "scene.yaml")
    return str(caught.value)


# good documents


@pytest.mark.parametrize("path", SCENES, ids=lambda path: path.stem)
@pytest.mark.parametrize("suffix", [".yaml", ".json"])
def test_every_shipped_scene_round_trips(path: Path, suffix: str, tmp_path: Path) -> None:
    document = load(path)
    copy = tmp_path / f"copy{suffix}"
    save(document, copy)
    assert load(copy) == document


def test_the_smallest_scene_has_the_defaults_of_all_options() -> None:
    document = from_mapping({"expr": "A", "tensors": {"A": {"init": "eye"}}}, "scene")
    assert document.version == 1
    assert document.layout == LayoutOptions()
    assert document.animation == AnimationOptions()
    assert document.style == StyleOptions()
    assert document.camera == CameraOptions()
    assert document.export == ExportOptions()
    assert document.captions == ()


def test_an_expression_may_be_given_as_a_tree() -> None:
    a, b = names("A B")
    document = from_mapping(BASE | {"expr": relu(a @ b).named("out")}, "scene")
    assert document.expr == "out = relu(A @ B)"
    assert document.expression() == relu(a @ b).named("out")


def test_a_title_of_several_lines_becomes_one() -> None:
    assert from_mapping(BASE | {"title": " Two\n lines\n"}, "scene").title == "Two lines"


def test_what_equals_the_default_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "scene.yaml"
    save(from_mapping(BASE | {"layout": {"gap": "auto"}, "style": {"quantile": 0.5}}, "scene"), path)
    assert path.read_text(encoding="utf-8") == (
        "version: 1\nexpr: out = A @ B\ntensors:\n"
        "  A:\n    init: rows\n    shape: [3, 4]\n"
        "  B:\n    init: cols\n    shape: [4, 5]\n"
        "style:\n  quantile: 0.5\n"
    )


TEXTS = st.text(min_size=1, max_size=30)
LINES = st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=30).filter(str.strip)
TRICKY = st.sampled_from(["no", "1e-3", "0o17", "1:30", "2020-01-01", "~", "null", "- a", "a: b", "#", "'", "<<", "="])
HEADS = st.none() | st.integers(0, 30)
SHAPES = st.tuples(*[st.none() | st.integers(1, 1 << 24)] * 2)
REALS = st.floats(-1e30, 1e30)
UNITS = st.floats(-1, 1)
SIDES = st.integers(2, 16384)
ALGORITHMS: st.SearchStrategy[OwnAlgorithm] = st.sampled_from(get_args(OwnAlgorithm))
VALUES = (
    st.integers(1, 4)
    .flatmap(
        lambda width: st.lists(
            st.tuples(*[st.floats(width=32, allow_nan=False) | st.just(-math.inf)] * width), min_size=1, max_size=4
        )
    )
    .filter(lambda rows: all(abs(x) < 3e38 or math.isinf(x) for row in rows for x in row))
)
ANY_SOURCE = st.one_of(
    st.builds(Initializer, init=st.sampled_from(["rows", "pt linear"]), shape=SHAPES, min=REALS, max=REALS, seed=SIDES),
    st.builds(FormulaSource, formula=st.sampled_from(["i", "i < h / 2 ? sin(j) : 0", "- j"]), shape=SHAPES),
    st.builds(ValuesSource, values=VALUES.map(tuple)),
    st.builds(FileSource, file=LINES | TRICKY, key=st.none() | LINES),
    st.builds(WeightSource, weight=LINES | TRICKY, head=HEADS),
    st.builds(ActivationSource, activation=LINES, head=HEADS),
)
DOCUMENTS = st.builds(
    Document,
    title=LINES | TRICKY | st.just(""),
    expr=st.sampled_from(["out = A @ 'no'", "out =\n  A @ 'no'  \n", "relu(A) @ 'no'.T"]),
    model=st.builds(ModelSource, path=LINES, prompt=TEXTS, device=st.sampled_from(["auto", "cuda"])),
    tensors=st.fixed_dictionaries({"A": ANY_SOURCE, "no": ANY_SOURCE}),
    layout=st.builds(LayoutOptions, gap=st.floats(0, 1e4) | st.just("auto"), right=st.sampled_from(["top", "bottom"])),
    animation=st.builds(
        AnimationOptions, matrices=st.dictionaries(st.just(""), ALGORITHMS), speed=st.floats(0.01, 1000)
    ),
    style=st.builds(StyleOptions, quantile=st.floats(0.001, 1), names=st.booleans()),
    camera=st.builds(CameraOptions, direction=st.tuples(UNITS, UNITS, st.just(1.0)), inset=st.sampled_from([None, ""])),
    captions=st.lists(
        st.builds(CaptionOptions, start=st.sampled_from(["left", "right", ""]), text=LINES | TRICKY), max_size=3
    ).map(tuple),
    export=st.builds(ExportOptions, width=SIDES, height=SIDES, fps=st.integers(1, 240)),
)


@given(document=DOCUMENTS, suffix=st.sampled_from([".yaml", ".json"]))
def test_a_saved_document_is_read_as_it_was(
    document: Document, suffix: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / f"round_trip{suffix}"
    save(document, path)
    assert load(path) == document


# broken documents


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ({"layuot": {}}, f"scene.yaml: unknown key 'layuot'; known keys: {KEYS}."),
        (
            {"layout": {"gpa": 1}},
            f"scene.yaml, layout: unknown key 'gpa'; {known(LayoutOptions)}",
        ),
        (
            {"animation": {"fused": 1}},
            f"scene.yaml, animation: unknown key 'fused'; {known(AnimationOptions)}",
        ),
        (
            {"style": {"colour": 1}},
            f"scene.yaml, style: unknown key 'colour'; {known(StyleOptions)}",
        ),
        ({"camera": {"eye": 1}}, f"scene.yaml, camera: unknown key 'eye'; {known(CameraOptions)}"),
        (
            {"captions": [{"start": "A", "text": "a", "end": "B"}]},
            f"scene.yaml, captions.0: unknown key 'end'; {known(CaptionOptions)}",
        ),
        ({"export": {"size": 1}}, f"scene.yaml, export: unknown key 'size'; {known(ExportOptions)}"),
        (
            {"model": {"path": "m", "promt": "a"}},
            f"scene.yaml, model: unknown key 'promt'; {known(ModelSource)}",
        ),
        ({"bad\nkey": 1}, f"scene.yaml: unknown key 'bad\\u000akey'; known keys: {KEYS}."),
        ({"version": 2}, "scene.yaml, version: must be 1, got 2."),
        ({"title": 12}, "scene.yaml, title: must be text, in quotes where it looks like something else, got 12."),
        ({"title": "x" * 201}, f'scene.yaml, title: must have at most 200 characters, got "{"x" * 57}...".'),
        ({"title": "a\x07b"}, "scene.yaml, title: must not contain control characters."),
        ({"title": "\ud800"}, 'scene.yaml, title: must be text of whole characters, got "\\ud800".'),
        ({"layout": None}, "scene.yaml, layout: must be a mapping, got nothing."),
        ({"layout": {"gap": -1}}, "scene.yaml, layout.gap: must be 0 or more, got -1."),
        ({"layout": {"gap": "4"}}, 'scene.yaml, layout.gap: must be a number or auto, got "4".'),
        ({"layout": {"gap": True}}, "scene.yaml, layout.gap: must be a number or auto, got true."),
        ({"layout": {"gap": math.nan}}, "scene.yaml, layout.gap: must be a finite number, got NaN."),
        ({"layout": {"gap": math.inf}}, "scene.yaml, layout.gap: must be a finite number, got Infinity."),
        ({"layout": {"left": "up"}}, "scene.yaml, layout.left: must be 'left' or 'right', got \"up\"."),
        ({"animation": {"speed": 0}}, "scene.yaml, animation.speed: must be 0.01 or more, got 0."),
        ({"animation": {"hold": 61}}, "scene.yaml, animation.hold: must be 60 or less, got 61."),
        ({"animation": {"matrices": ["out"]}}, 'scene.yaml, animation.matrices: must be a mapping, got ["out"].'),
        (
            {"animation": {"matrices": {"": "rows"}}},
            "scene.yaml, animation.matrices.'': must be 'inherit', 'none', 'vmprod', 'mvprod', 'vvprod', 'dotprod', "
            "'dotprod-columns', 'axpy', 'whole' or 'blockwise', got \"rows\".",
        ),
        ({"style": {"quantile": 0}}, "scene.yaml, style.quantile: must be more than 0, got 0."),
        ({"style": {"names": "perhaps"}}, 'scene.yaml, style.names: must be true or false, got "perhaps".'),
        ({"camera": {"direction": 3}}, "scene.yaml, camera.direction: must be a list, got 3."),
        ({"camera": {"direction": [1, 2]}}, "scene.yaml, camera.direction: entry 2 is missing, got [1, 2]."),
        (
            {"camera": {"direction": [1, 2, 3, 4]}},
            "scene.yaml, camera.direction: must have 3 entries or fewer, got [1, 2, 3, 4].",
        ),
        (
            {"camera": {"direction": [0, 0, 0]}},
            "scene.yaml, camera.direction: the largest of its numbers must be between 0.000001 and 1000000, "
            "without sign.",
        ),
        ({"captions": [{"start": "A"}]}, "scene.yaml, captions.0.text: is missing."),
        ({"captions": [{"start": "A", "text": " "}]}, 'scene.yaml, captions.0.text: must not be empty, got " ".'),
        ({"export": {"fps": 29.97}}, "scene.yaml, export.fps: must be a whole number, got 29.97."),
        (
            {"export": {"fps": 10**5000}},
            "scene.yaml, export.fps: must be 240 or less, got a number of very many digits.",
        ),
        (
            {"export": {"width": 1, "height": 1, "fps": 0, "crf": 52}},
            "scene.yaml, export.width: must be 2 or more, got 1.\n"
            "scene.yaml, export.height: must be 2 or more, got 1.\n"
            "scene.yaml, export.fps: must be 1 or more, got 0.\n"
            "... and 1 more.",
        ),
    ],
)
def test_a_broken_part_gets_one_message(part: dict[str, Any], expected: str) -> None:
    assert message(BASE | part) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (5, f": {SOURCES}, got 5."),
        ({}, f": {SOURCES}, got an empty mapping."),
        ({"intt": "rows"}, f": {SOURCES}, got a mapping with the keys intt."),
        ([[1, 2]], f": {SOURCES}, got a list of length 1."),
        ({"init": "rowz"}, f'.init: must be {INITIALIZERS}, got "rowz".'),
        ({"init": "eye", "sead": 3}, f": unknown key 'sead'; {known(Initializer)}"),
        ({"init": "zeros", "value": 2}, ": 'zeros' has no key 'value'; only 'full' has it."),
        ({"init": "eye", "heads": 4}, ": 'eye' has no key 'heads'; only 'alibi' has it."),
        ({"init": "alibi", "causal": True}, ": 'alibi' has no key 'causal'; only 't5 buckets' has it."),
        ({"init": "alibi", "head": 8}, ": head 8 is beyond the last of 8 heads, which is 7."),
        ({"init": "alibi", "heads": 0}, ".heads: must be 1 or more, got 0."),
        (
            {"init": "eye", "formula": "i"},
            f": unknown key 'formula'; {known(Initializer)}",
        ),
        ({"init": "eye", "shape": [3]}, ".shape: entry 1 is missing, got [3]."),
        ({"init": "eye", "shape": [0, 3]}, ".shape.0: must be 1 or more, got 0."),
        ({"init": "eye", "seed": -1}, ".seed: must be 0 or more, got -1."),
        ({"init": "eye", "max": math.inf}, ".max: must be a finite number, got Infinity."),
        (
            {"formula": "i ^ 2"},
            ".formula: formula, column 3: expected an operator or the end, found '^' (a power is written with **).\n"
            "  i ^ 2\n    ^",
        ),
        (
            {"formula": "__import__('os')"},
            '.formula: formula, column 12: "\'" means nothing here (text is not a number).\n'
            "  __import__('os')\n             ^",
        ),
        ({"values": []}, ".values: must not be empty, got []."),
        ({"values": [[]]}, ".values: row 0 is empty; every row needs a number."),
        ({"values": [[1, 2], [3]]}, ".values: rows 0 and 1 have 2 and 1 numbers; all rows need the same length."),
        ({"values": [[1e39]]}, ".values: row 0 has the number 1e+39; numbers go up to 3e+38."),
        ({"values": [["x"]]}, '.values.0.0: must be a number, got "x".'),
        ({"file": ""}, '.file: must not be empty, got "".'),
        ({"file": "a\0b"}, ".file: must not contain control characters."),
        (
            {"weight": "w"},
            ": comes from a model, but the scene has no key 'model'; add it, for example "
            "model: {path: smollm2-135m-2layers}.",
        ),
        ({"weight": "w", "head": -1}, ".head: must be 0 or more, got -1."),
    ],
)
def test_a_broken_source_gets_one_message(source: Any, expected: str) -> None:
    assert message({"expr": "A", "tensors": {"A": source}}) == f"scene.yaml, tensors.A{expected}"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ({}, "scene.yaml, expr: is missing."),
        ({"expr": 5}, "scene.yaml, expr: must be text, in quotes where it looks like something else, got 5."),
        (
            {"expr": "A @"},
            "scene.yaml, expr: expression, column 4: expected a matrix name, a function or '(', found the end.\n"
            "  A @\n     ^",
        ),
        (
            {"expr": "x = A @ x"},
            "scene.yaml, expr: x is used within its own assignment; an assigned matrix can be used only further on, "
            "as in (x = A @ B) @ x.",
        ),
        (
            {"expr": "A"},
            "scene.yaml, tensors: A of expr has no source; add it, for example A: {init: gaussian, shape: [32, 32]}.",
        ),
        (
            {"expr": "'a b' @ B @ C", "tensors": {"C": {"init": "eye"}}},
            "scene.yaml, tensors: B, a b of expr have no source; add them, "
            "for example B: {init: gaussian, shape: [32, 32]}.",
        ),
        (
            {"expr": "rmsnorm(A, w)", "tensors": {"A": {"init": "eye"}}},
            "scene.yaml, tensors: w of expr has no source; add it, for example w: {init: gaussian, shape: [32, 32]}.",
        ),
        (
            {"expr": "rmsnorm(A, w)", "tensors": {name: {"init": "eye"} for name in "Awv"}},
            "scene.yaml, tensors.v: expr has no input of that name; it has A, w.",
        ),
        (
            {"expr": "x = A", "tensors": {"A": {"init": "eye"}, "x": {"init": "eye"}}},
            "scene.yaml, tensors.x: expr has no input of that name; it has A.",
        ),
        (
            BASE | {"animation": {"matrices": {"ot": "vmprod"}}},
            "scene.yaml, animation.matrices.ot: no product is named 'ot'; the products are out.",
        ),
        (
            BASE | {"animation": {"matrices": {"A": "vmprod"}}},
            "scene.yaml, animation.matrices.A: no product is named 'A'; the products are out.",
        ),
        (
            BASE | {"captions": [{"start": "A", "text": "a"}, {"start": "C", "text": "c"}]},
            "scene.yaml, captions.1.start: no matrix is named 'C'; the matrices are A, B, out.",
        ),
        (
            BASE | {"camera": {"inset": "C"}},
            "scene.yaml, camera.inset: no matrix is named 'C'; the matrices are A, B, out.",
        ),
        (
            {"expr": "A", "tensors": {"A": {"activation": "a"}}},
            "scene.yaml, tensors.A: comes from a model, but the scene has no key 'model'; add it, for example "
            "model: {path: smollm2-135m-2layers}.",
        ),
        (
            {"expr": "A", "tensors": {"A": {"activation": "a"}}, "model": {"path": "m"}},
            "scene.yaml, model: tensors.A is an activation, which needs a prompt (or tokens), and there is none.",
        ),
        (
            BASE | {"model": {"path": "m", "prompt": "a", "tokens": [1]}},
            "scene.yaml, model: has both a prompt and tokens; give one of them.",
        ),
        (
            BASE | {"model": {"path": "m", "prompt": ""}},
            'scene.yaml, model.prompt: must not be empty, got "".',
        ),
        (
            BASE | {"model": {"path": "m", "tokens": [1.5]}},
            "scene.yaml, model.tokens.0: must be a whole number, got 1.5.",
        ),
        (
            {"expr": "A", "tensors": {1: {"init": "eye"}}},
            "scene.yaml, tensors.1: must be text, in quotes where it looks like something else, got 1.",
        ),
        (
            {1: 2, "expr": "A"},
            "scene.yaml, 1: every key must be text, in quotes where it looks like something else, got 1.",
        ),
        ([], f"scene.yaml: a scene is a mapping with the keys {KEYS}; found []."),
        (None, f"scene.yaml: a scene is a mapping with the keys {KEYS}; found nothing."),
    ],
)
def test_a_broken_document_gets_one_message(content: Any, expected: str) -> None:
    assert message(content) == expected


def test_a_message_names_the_first_of_many_names() -> None:
    many = [f"m{n:02}" for n in range(30)]
    content = {"expr": " + ".join(many), "tensors": {}}
    listed = ", ".join(many[:20])
    assert message(content) == (
        f"scene.yaml, tensors: {listed}, ... (30 in all) of expr have no source; add them, "
        "for example m00: {init: gaussian, shape: [32, 32]}."
    )


def test_a_scene_in_a_script_is_checked_like_a_file() -> None:
    import mmviz

    with pytest.raises(mmviz.MmvizError) as caught:
        mmviz.Scene(expr="A", tensors={"A": {"init": "eye"}}, layout={"gpa": 1})
    assert str(caught.value) == (f"scene, layout: unknown key 'gpa'; {known(LayoutOptions)}")
