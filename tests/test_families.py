"""`mmviz models`, the guide and the README list every family, each model_type once, from one catalogue."""

import json

import pytest
from transformers.models.auto.configuration_auto import CONFIG_MAPPING_NAMES
from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES

from mmviz.cli.families import models
from mmviz.reports.families_report import (
    families_markdown,
    families_report,
    families_text,
    is_read_from_gguf,
    quantized_markdown,
)
from mmviz.values.families.catalogue import DRAWN, REFUSED, drawn_types, why_refused
from mmviz.values.families.registry import KINDS
from mmviz.values.files.gguf_architectures import ARCHITECTURES
from mmviz.values.quantized.known import KNOWN
from tests.families_tables import PAGES, ROOT, with_tables

BY_OTHERS = {"kimi_k2"}
"""Model types that transformers does not have: they come with their own files."""


def test_every_family_whose_keys_are_read_is_listed_and_no_other() -> None:
    assert set(drawn_types()) == set(KINDS)
    assert all(kind.model_type == key for key, kind in KINDS.items())


def test_every_kind_of_gguf_file_that_is_read_belongs_to_a_family_of_the_list() -> None:
    assert set(ARCHITECTURES) <= {kind for one in DRAWN for kind in one.gguf}
    assert is_read_from_gguf(DRAWN[0])


def test_no_model_type_is_listed_twice_and_all_are_known_to_transformers() -> None:
    listed = [*drawn_types(), *(kind for one in REFUSED for kind in one.types)]
    assert len(listed) == len(set(listed))
    assert set(listed) - BY_OTHERS <= set(CONFIG_MAPPING_NAMES)


def test_every_decoder_of_transformers_is_drawn_or_refused_with_a_reason() -> None:
    unknown = {kind for kind in MODEL_FOR_CAUSAL_LM_MAPPING_NAMES if kind not in KINDS}
    assert {kind for kind in unknown if why_refused(kind) == why_refused("x")} == {"gpt-sw3"}  # its files say gpt2


def test_a_reason_is_given_for_a_model_type_of_the_list_and_for_any_other() -> None:
    assert why_refused("phimoe").startswith("experts that are chosen, stored or put together in another way")
    assert why_refused("x") == why_refused(None) == "it is none of the families that are known here"


def test_the_command_lists_both_for_people_and_for_scripts(capsys: pytest.CaptureFixture[str]) -> None:
    models()
    lines = capsys.readouterr().out.splitlines()
    for drawn in DRAWN:
        assert any(line.startswith(f"{drawn.name}  ") and drawn.types[0] in line for line in lines)
    for method, has in KNOWN.items():
        assert any(line.startswith(f"{method}  ") and line.endswith(has) for line in lines)
    for refused in REFUSED:
        assert any(line.startswith(refused.name) and line.endswith(refused.why) for line in lines)
    assert max(map(len, lines)) <= 130
    models(as_json=True)
    assert json.loads(capsys.readouterr().out) == families_report()
    assert families_text().splitlines() == lines


@pytest.mark.parametrize("page", PAGES)
def test_the_tables_of_the_pages_are_made_of_the_same(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    assert families_markdown() in text, "python -m tests.families_tables writes it"
    assert with_tables(text) == text, "python -m tests.families_tables writes it"


def test_the_table_of_quantized_files_is_in_the_guide() -> None:
    assert quantized_markdown() in (ROOT / "docs/guide/models.md").read_text(encoding="utf-8")
