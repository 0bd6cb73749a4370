"""The keywords of a scene in Python are the keys of scene files, and take what those take."""

from typing import get_type_hints

import pytest

from mmviz.scene.document import Document
from mmviz.scene.parts import Changes, Parts


def test_every_key_of_a_document_is_a_keyword_and_no_other() -> None:
    keys = set(Document.model_fields)
    assert Parts.__optional_keys__ == keys - {"expr", "tensors"}
    assert Changes.__optional_keys__ == keys
    assert not Parts.__required_keys__ | Changes.__required_keys__


@pytest.mark.parametrize("key", sorted(Parts.__optional_keys__))
def test_none_stands_for_the_default_of_every_part(key: str) -> None:
    assert type(None) in get_type_hints(Parts)[key].__args__


def test_a_part_may_be_what_the_document_itself_has_there() -> None:
    for key in ("layout", "animation", "style", "camera", "export"):
        field = Document.model_fields[key].annotation
        assert field in get_type_hints(Parts)[key].__args__, key
