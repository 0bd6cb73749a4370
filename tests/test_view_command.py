"""`mmviz view`: what it opens, what its window can open, its keys, and how it ends."""

import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import mmviz.viewer
from mmviz import cli
from mmviz.builders.by_name import first_head, scene_named
from mmviz.errors import SourceError
from mmviz.machine.shipped import find_asset
from mmviz.pipeline import Scene
from mmviz.reports.verification import Wish, model_verification
from mmviz.scene.changes.refill import picks
from mmviz.values.text.default_prompts import TO_BE_SHOWN
from mmviz.viewer.commands import COMMANDS, keys_table
from mmviz.viewer.session.shown_scene import Opener
from mmviz.viewer.start.outside import First, Outside
from tests.processes import STRICT, ran, without
from tests.test_cli import Outcome
from tests.values.variants import save_variant

MODEL = "smollm2-135m-2layers"
LINKS = Path(__file__).parent / "mm" / "links.txt"


@dataclass
class Viewer:
    """Runs `mmviz view ...` in this process, without a window."""

    patch: pytest.MonkeyPatch
    printed: pytest.CaptureFixture[str]
    scenes: list[Scene] = field(default_factory=list)  # that a window was opened on
    openers: list[Opener] = field(default_factory=list)
    names: list[str] = field(default_factory=list)  # what was told while they were loaded; "" of the start page

    def view(self, *arguments: str) -> Outcome:
        def begin(first: First | None, outside: Outside) -> None:
            self.openers.append(outside.opener)
            self.names.append("" if first is None else first.name)
            if first is not None:
                scene = first.make()
                assert isinstance(scene, Scene)
                self.scenes.append(scene)

        self.patch.setattr(mmviz.viewer, "begin", begin)
        self.patch.setattr(sys, "argv", ["mmviz", "view", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        printed = self.printed.readouterr()
        return Outcome(ended.value.code, printed.out, printed.err)


@pytest.fixture
def viewer(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Viewer:
    monkeypatch.chdir(tmp_path)
    return Viewer(monkeypatch, capsys)


@pytest.fixture(scope="module")
def gpt2(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny model without a tokenizer."""
    return save_variant(tmp_path_factory.mktemp("models") / "tiny", "gpt2")


@pytest.mark.process
def test_the_keys_are_printed_without_a_scene_qt_or_torch(tmp_path: Path) -> None:
    code = (
        without("PySide6", "torch", "vtk") + "from mmviz.cli import main\n"
        "try:\n    main()\n"
        "finally:\n    print(*sorted({'PySide6', 'torch', 'vtk'} & set(sys.modules)), file=sys.stderr)"
    )
    done = ran(STRICT + code, "view", "--keys", folder=tmp_path)
    assert (done.code, done.out, done.err) == (0, f"{keys_table()}\n", "\n")


def test_every_key_of_a_command_is_in_the_table() -> None:
    lines = keys_table().splitlines()
    for command in COMMANDS:
        for key in command.keys:
            assert any(key in line and command.text.rstrip(" …") in line for line in lines), command.name


@pytest.mark.parametrize("name", ["matmul", "attention_head", "attention_head.yaml"])
def test_a_shipped_scene_is_viewed(viewer: Viewer, name: str) -> None:
    assert viewer.view(name) == Outcome(0, "", "")
    assert [scene.document for scene in viewer.scenes] == [Scene.load(name).document]


def test_a_scene_file_is_viewed(viewer: Viewer, tmp_path: Path) -> None:
    Scene("A @ B", {name: {"init": "eye", "shape": [2, 2]} for name in "AB"}, title="Mine").save(tmp_path / "a.yaml")
    assert viewer.view("a.yaml").code == 0
    assert viewer.view(str(tmp_path / "a.yaml")).code == 0
    assert [scene.document.title for scene in viewer.scenes] == ["Mine", "Mine"]


def test_a_link_of_mm_is_viewed(viewer: Viewer) -> None:
    link = next(line for line in LINKS.read_text().splitlines() if line.startswith("http"))
    assert viewer.view(link).code == 0
    assert viewer.scenes[0].document == Scene.from_mm(link).document


@pytest.mark.parametrize("how", ["name", "folder", "file", "relative"])
def test_a_models_first_head_is_viewed(viewer: Viewer, tmp_path: Path, how: str) -> None:
    folder = find_asset(MODEL)
    assert folder is not None
    (tmp_path / "linked").symlink_to(folder)
    what = {"name": MODEL, "folder": str(folder), "file": str(folder / "model.safetensors"), "relative": "linked"}[how]
    assert viewer.view(what) == Outcome(0, "", "")
    (scene,) = viewer.scenes
    assert picks(scene.document).layer == picks(scene.document).head == 0
    assert scene.document.model is not None
    assert scene.document.model.prompt == TO_BE_SHOWN
    assert "".join(scene.sources.token_texts) == TO_BE_SHOWN
    assert len(scene.evaluated.of) > 5


def test_a_model_without_a_tokenizer_reads_token_ids(gpt2: Path) -> None:
    scene = first_head(str(gpt2))
    assert scene.document.model is not None
    assert scene.document.model.tokens == tuple(range(16))
    assert scene.shapes.of[""] == (16, 48)


def test_a_model_with_a_broken_tokenizer_is_not_opened_as_if_it_had_none(gpt2: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(gpt2, tmp_path / "model"))
    (folder / "tokenizer.json").write_text("{broken")
    broken = "tokenizer.json: broken (key must be a string at line 1 column 2); a whole tokenizer.json is needed."
    for read in (first_head, lambda name: model_verification(Wish(name))):
        with pytest.raises(SourceError) as caught:
            read(str(folder))
        assert str(caught.value) == f"{folder}/{broken}"


def test_a_scene_of_a_relative_model_is_found_from_where_it_is_saved(
    gpt2: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(gpt2.parent)
    first_head("tiny").save(tmp_path / "head.yaml")
    monkeypatch.chdir(tmp_path)
    assert Scene.load("head.yaml").shapes.of[""] == (16, 48)


@pytest.mark.parametrize("command", ["view", "head"])
def test_the_window_can_open_scenes_links_and_models(viewer: Viewer, gpt2: Path, command: str) -> None:
    if command == "view":
        assert viewer.view("matmul").code == 0
        (opener,) = viewer.openers
    else:
        opener = scene_named
    for what, sort in (("chain", False), (str(gpt2), True), (f" {MODEL} ", True)):
        assert (opener(what).model_sizes is not None) == sort


def test_a_folder_does_not_hide_a_shipped_scene(viewer: Viewer, tmp_path: Path) -> None:
    (tmp_path / "matmul").mkdir()
    assert viewer.view("matmul").code == 0


@pytest.mark.parametrize(
    ("what", "message"),
    [
        (
            "nothing",
            "nothing: there is no such file or folder, and no scene or model of that name.\nScenes: alibi, all_heads, ",
        ),
        ("atention_head", "atention_head: there is no such file, and no scene of that name comes with mmviz; did you "),
        ("no/such.yaml", "no/such.yaml: there is no such file, and no scene of that name comes with mmviz.\n"),
        ("no/such.safetensors", "no/such.safetensors: no such file or folder; a folder with config.json and "),
        ("empty", "empty: is an empty folder; what can be opened: scenes (.yaml, .json), models (a folder, "),
        ("weights.pt", "{folder}/weights.pt: weights.pt is a pickle, which can run code and is never opened; "),
        ("https://example.org/mm/?nothing", "link"),
        (" ", "no name: there is no such file or folder, and no scene or model of that name.\n"),
    ],
)
def test_what_cannot_be_viewed_gets_one_message(viewer: Viewer, tmp_path: Path, what: str, message: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "weights.pt").write_bytes(b"\x80")
    outcome = viewer.view(what)
    assert (outcome.code, outcome.out, viewer.scenes) == (1, "", [])
    assert outcome.err.startswith(f"mmviz: {message}".format(folder=tmp_path))
    assert outcome.err.count("mmviz: ") == 1
    assert "Traceback" not in outcome.err


@pytest.mark.slow
def test_a_fetchable_model_that_is_not_here_says_how_to_get_it(
    viewer: Viewer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MMVIZ_CACHE", str(tmp_path / "cache"))
    outcome = viewer.view("smollm2-135m")
    assert outcome.code == 1
    assert "`mmviz fetch smollm2-135m` fetches it" in outcome.err


def test_view_without_a_name_opens_the_start_page(viewer: Viewer) -> None:
    assert viewer.view() == Outcome(0, "", "")
    assert (viewer.names, viewer.scenes) == ([""], [])
    assert viewer.view("matmul").code == 0
    assert viewer.names == ["", "matmul"]


def test_keys_cannot_be_set_of_no_scene(viewer: Viewer) -> None:
    outcome = viewer.view("--set", "style.seed=1")
    assert (outcome.code, viewer.names) == (2, [])
    assert "--set sets keys of a scene; name the scene." in " ".join(outcome.err.replace("│", "").split())


def test_a_scene_is_read_before_a_window_opens_and_a_model_after(
    viewer: Viewer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What cannot be read is told without a window that would flash; what takes long has one that says so."""
    (tmp_path / "broken.yaml").write_text("expr: A @")
    assert viewer.view("broken.yaml").code == 1
    assert viewer.names == []
    assert viewer.view("no/such/model").code == 1
    assert viewer.names == ["no/such/model"]
