"""Every scene of the gallery is whole: it is read, written, short, and told in a film of 10 to 40 seconds."""

from pathlib import Path

import pytest

from mmviz.machine.shipped import gallery_names, scene_names
from mmviz.pipeline import Scene
from mmviz.scene.gallery import SECTIONS, entries, entry, meant
from mmviz.scene.keys.about import AboutOptions
from mmviz.scene.keys.sources import FileSource
from tests.gallery.loaded import scene

NAMES = gallery_names()
LINES = 25
"""Of a scene, at most."""
LETTERS = {"title": 88, "caption": 100, "learn": 160}
"""That stand on one line of a film, two at most, and of a list."""
FPS = 10

every_scene = pytest.mark.parametrize("name", NAMES)


def test_every_scene_is_in_the_index_once_and_has_a_name_of_its_own() -> None:
    named = [name for section in SECTIONS for name in section.scenes]
    assert sorted(named) == list(NAMES)
    assert not set(NAMES) & set(scene_names())
    words = [section.word for section in SECTIONS]
    assert len(set(words)) == len(words)
    assert not set(words) & {*NAMES, *scene_names()}


@every_scene
def test_it_says_what_one_learns_and_what_to_try_in_at_most_25_lines(name: str) -> None:
    document, one = scene(name).document, entry(name)
    assert one.file.read_text("utf-8").count("\n") <= LINES
    about = document.about
    assert about != AboutOptions()
    assert (one.title, one.learn, one.tries, one.still) == (document.title, about.learn, about.tries, about.still)
    assert 0 < len(one.title) <= LETTERS["title"]
    assert one.title.startswith(one.short)
    assert 0 < len(one.learn) <= LETTERS["learn"]
    assert one.learn.endswith(".")
    assert one.tries


@every_scene
def test_it_comes_back_from_another_folder_as_it_was(name: str, tmp_path: Path) -> None:
    first, copy = scene(name), tmp_path / "copy.yaml"
    again = Scene.of(first.document, first.folder)
    again.save(copy)
    loaded = Scene.load(copy)
    where = None if loaded.document.model is None else first.document.model
    tensors = {
        name: first.document.tensors[name] if isinstance(source, FileSource) else source  # another path to it
        for name, source in loaded.document.tensors.items()
    }
    assert loaded.document.model_copy(update={"model": where, "tensors": tensors}) == first.document
    assert (loaded.document.model is None) == (first.document.model is None)
    assert loaded.shapes == first.shapes


@every_scene
def test_its_film_takes_10_to_40_seconds_and_says_something_all_the_time(name: str) -> None:
    one = scene(name)
    one.check_film()
    assert one.doubts() == ()
    assert 10 <= len(one.film(FPS)) / FPS <= 40
    document = one.document
    texts = [caption.text for caption in document.captions]
    texts += [chapter.caption for chapter in document.animation.chapters if chapter.caption is not None]
    assert texts
    assert max(map(len, texts)) <= LETTERS["caption"]


def test_words_stand_for_scenes_and_sections() -> None:
    first = SECTIONS[0]
    assert meant([first.word]) == list(first.scenes)
    assert meant([first.scenes[1], first.word, first.scenes[1]]) == [
        first.scenes[1],
        first.scenes[0],
        *first.scenes[2:],
    ]
    assert meant([]) == [one.name for _, one in entries()]
