"""The pages of the gallery are those that its scenes make."""

from pathlib import Path

from docs.making.gallery import FOLDER, gallery_pages, with_films
from mmviz.scene.gallery import entries
from mmviz.viewer.start.examples import PICTURES, picture_in_gallery

AGAIN = "python -m docs.making.gallery writes them anew"


def test_the_pages_are_as_the_scenes_say() -> None:
    written = {path.name: path.read_text("utf-8") for path in FOLDER.glob("*.md")}
    assert written == gallery_pages(), AGAIN


def test_every_scene_stands_on_the_page_of_its_section_with_its_picture_and_its_text() -> None:
    pages = gallery_pages()
    for section, one in entries():
        page = pages[f"{section.word}.md"]
        picture = picture_in_gallery(one.name)
        assert picture.is_relative_to(PICTURES)
        assert f"/gallery/{one.name}.webp)" in page
        assert f"../../scenes/gallery/{one.name}.yaml\n" in page
        assert one.learn in page
        assert all(text in page for text in one.tries)


def test_the_films_that_are_there_stand_below_their_pictures(tmp_path: Path) -> None:
    page = gallery_pages()["pitch.md"]
    assert with_films(page, tmp_path) == page
    (tmp_path / "dot.mp4").touch()
    lines = with_films(page, tmp_path).splitlines()
    (at,) = [number for number, line in enumerate(lines) if line.startswith("<video ")]
    assert 'src="../_static/dot.mp4"' in lines[at]
    above = next(line for line in reversed(lines[:at]) if line.startswith("!["))
    assert above.endswith("/gallery/dot.webp)")
    assert "".join(lines[: at - 2] + lines[at + 2 :]) == "".join(page.splitlines())
