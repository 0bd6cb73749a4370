"""A link is written through: it stays, and what it leads to is replaced or made, as a whole or not at all."""

from pathlib import Path

import pytest

from mmviz import Scene
from mmviz.errors import OutputError, SceneError
from mmviz.machine.output_files import check_output, whole_file
from mmviz.render.film.formats import segments
from mmviz.scene.text import scene_file
from tests.flipbook import Flipbook
from tests.test_workers import paint


@pytest.fixture
def link(tmp_path: Path) -> Path:
    """A link to a file in another folder, where it is not yet."""
    (tmp_path / "there").mkdir()
    (tmp_path / "here").mkdir()
    made = tmp_path / "here" / "x.png"
    made.symlink_to(Path("..") / "there" / "y.png")
    return made


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def write_half(path: Path) -> None:
    with whole_file(path) as part:
        part.write_text("half")
        raise KeyboardInterrupt


@pytest.mark.parametrize("old", [None, "old"])
def test_what_a_link_leads_to_is_made_or_replaced(link: Path, old: str | None, tmp_path: Path) -> None:
    target = tmp_path / "there" / "y.png"
    if old is not None:
        target.write_text(old)
    with pytest.raises(KeyboardInterrupt):
        write_half(link)
    assert (target.read_text() if target.exists() else None) == old
    with whole_file(link) as part:
        assert part.parent.parent == tmp_path / "there"  # on the disk of what it leads to
        part.write_text("new")
    assert link.is_symlink()
    assert target.read_text() == "new"
    assert (names(tmp_path / "here"), names(tmp_path / "there")) == (["x.png"], ["y.png"])


def refusal(path: Path) -> str:
    """The message, which must be the same up front and at the work."""
    with pytest.raises(OutputError) as early:
        check_output(path, (".png",))
    with pytest.raises(OutputError) as late, whole_file(path):
        pytest.fail("the work was begun")
    assert str(early.value) == str(late.value)
    return str(early.value)


def test_links_that_lead_nowhere_are_refused(tmp_path: Path) -> None:
    loop, gone, folder = (tmp_path / name for name in ("loop.png", "gone.png", "folder.png"))
    loop.symlink_to("loop.png")
    gone.symlink_to("not here/y.png")
    folder.symlink_to(tmp_path)
    assert refusal(loop) == f"{loop}: this is a link that leads back to itself; name a plain file."
    assert refusal(gone) == (
        f"{gone}: this is a link to {tmp_path}/not here/y.png, whose folder does not exist; create it first."
    )
    assert refusal(folder) == f"{folder}: this is a folder; name a file in it."
    assert names(tmp_path) == ["folder.png", "gone.png", "loop.png"]


def test_a_scene_is_saved_to_what_a_link_leads_to(tmp_path: Path) -> None:
    scene = Scene("A", {"A": {"init": "eye", "shape": [2, 2]}})
    for name in ("x.yaml", "x.json"):
        (tmp_path / name).symlink_to(f"target_of_{name}")
        for title in ("One", "Two"):
            scene.changed(title=title).save(tmp_path / name)
            assert (tmp_path / name).is_symlink()
            assert Scene.load(tmp_path / f"target_of_{name}").document.title == title
    (tmp_path / "loop.yaml").symlink_to("loop.yaml")
    with pytest.raises(OutputError, match="leads back to itself"):
        scene.save(tmp_path / "loop.yaml")


def test_the_text_of_a_scene_is_written_to_what_a_link_leads_to(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").symlink_to("y.yaml")
    scene_file.write({"a": 1}, tmp_path / "x.yaml")
    assert (tmp_path / "x.yaml").is_symlink()
    assert scene_file.read(tmp_path / "y.yaml") == {"a": 1}
    (tmp_path / "loop.yaml").symlink_to("loop.yaml")
    with pytest.raises((SceneError, OutputError), match="leads back to itself"):
        scene_file.write({}, tmp_path / "loop.yaml")


@pytest.mark.parametrize("ending", ["mp4", "gif"])
def test_a_film_is_written_to_what_a_link_leads_to(ending: str, tmp_path: Path) -> None:
    (tmp_path / f"x.{ending}").symlink_to(f"y.{ending}")
    paint(Flipbook(3), tmp_path / f"x.{ending}")
    assert (tmp_path / f"x.{ending}").is_symlink()
    assert not (tmp_path / f"y.{ending}").is_symlink()
    assert names(tmp_path) == [f"x.{ending}", f"y.{ending}"]


@pytest.mark.parametrize("there", [False, True])
def test_pictures_are_written_into_the_folder_that_a_link_leads_to(there: bool, tmp_path: Path) -> None:
    (tmp_path / "x").symlink_to("y")
    if there:
        (tmp_path / "y").mkdir()
    paint(Flipbook(3), f"{tmp_path}/x/")
    assert (tmp_path / "x").is_symlink()
    assert len(names(tmp_path / "y")) == segments(3)[-1].last == 3
    assert names(tmp_path) == ["x", "y"]
