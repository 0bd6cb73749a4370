"""The scenes to begin with: each is a whole scene that needs nothing else, says the keys that it should, and draws."""

from pathlib import Path

import pytest

from mmviz import Scene
from mmviz.scene import document as documents
from mmviz.scene.keys.sources import ActivationSource, FileSource, UrlSource, WeightSource
from mmviz.scene.templates import TEMPLATES, Template
from mmviz.scene.text import scene_file

EACH = pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.name)


def scene_of(template: Template) -> Scene:
    return Scene.of(documents.from_mapping(scene_file.parse(template.text, template.name), template.name), Path())


@EACH
def test_a_template_is_a_scene_that_draws_its_first_and_its_last_step(template: Template) -> None:
    scene = scene_of(template)
    made = scene.composition
    for moment in (0.0, float(made.timeline.steps)):
        assert made.at(moment, made.camera_at(moment, 16 / 9), 16 / 9).sheets


@EACH
def test_a_template_needs_no_file_and_no_model_and_is_small_enough_to_be_understood(template: Template) -> None:
    document = scene_of(template).document
    assert document.model is None
    elsewhere = FileSource | UrlSource | WeightSource | ActivationSource
    assert not any(isinstance(source, elsewhere) for source in document.tensors.values())
    assert scene_of(template).elements() < 10_000
    assert document.title == template.title
    assert scene_of(template).doubts() == ()


def test_templates_are_told_apart_by_their_names_titles_and_expressions() -> None:
    for words in ("name", "title", "sentence"):
        assert len({getattr(template, words) for template in TEMPLATES}) == len(TEMPLATES)
    assert len({scene_of(template).document.expr for template in TEMPLATES}) == len(TEMPLATES)
    assert all(template.name.isidentifier() for template in TEMPLATES), "a command line takes it as a word"
