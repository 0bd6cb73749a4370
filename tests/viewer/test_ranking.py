"""What a typed text may mean: whole words before parts, parts before spread letters, and what was chosen last first."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmviz.viewer.commands import COMMANDS
from mmviz.viewer.menus.ranking import Candidate, ranked

COMMAND_CHOICES = [Candidate(f"command:{c.name}", "command", c.text, c.menu, ", ".join(c.keys)) for c in COMMANDS]
OTHERS = [
    Candidate("matrix:left", "matrix", "attn", "left  ·  64 × 64"),
    Candidate("matrix:left.left.left", "matrix", "Q", "left.left.left  ·  64 × 64  ·  blocks.1.attn.hook_q"),
    Candidate("tab:Explain", "tab", "Explain tab", "Panel"),
    Candidate("file:/a/export.yaml", "file", "Open export.yaml", "/a"),
]
CHOICES = [*COMMAND_CHOICES, *OTHERS]
LETTERS = st.text(alphabet="abcdefghijklmnoprstuvwxyz +", max_size=8)


def keys(typed: str, recent: tuple[str, ...] = ()) -> list[str]:
    return [hit.candidate.key for hit in ranked(CHOICES, typed, recent)]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("reset", "command:reset"),
        ("rtv", "command:reset"),  # the first letters of its words
        ("exp", "command:export"),  # before the tab that is as like
        ("explain", "tab:Explain"),
        ("screen", "command:screenshot"),
        ("full scr", "command:full_screen"),
        ("SAVE AS", "command:save_as"),
        ("save", "command:save"),
        ("ctrl+shift+s", "command:save_as"),
        ("attn", "matrix:left"),
        ("hook_q", "matrix:left.left.left"),
        ("left.left.left", "matrix:left.left.left"),
        ("@q", "matrix:left.left.left"),
        ("> open", "command:open"),
        ("yaml", "file:/a/export.yaml"),
        ("  undo ", "command:undo"),
    ],
)
def test_a_text_means_first_what_a_person_means_by_it(typed: str, first: str) -> None:
    assert keys(typed)[0] == first


def test_nothing_typed_means_everything_in_its_order_after_what_was_chosen_last() -> None:
    assert keys("") == [candidate.key for candidate in CHOICES]
    recent = ("tab:Explain", "command:loop", "gone")
    assert keys("", recent)[:3] == ["tab:Explain", "command:loop", CHOICES[0].key]
    assert sorted(keys("", recent)) == sorted(keys(""))


def test_what_was_chosen_last_comes_first_among_what_is_as_like() -> None:
    assert keys("step")[:2] == ["command:step_on", "command:step_back"]
    assert keys("step", ("command:step_back",))[0] == "command:step_back"
    assert keys("export", ("file:/a/export.yaml",))[0] == "command:export", "a better name weighs more"


def test_prefixes_keep_one_kind_only() -> None:
    assert {key.partition(":")[0] for key in keys(">")} == {"command"}
    assert {key.partition(":")[0] for key in keys("@")} == {"matrix"}
    assert keys("@export") == keys(">attn") == []


def test_letters_that_were_typed_are_told_where_they_stand() -> None:
    (hit,) = ranked([Candidate("a", "command", "Reset the view")], "rtv")
    assert {hit.candidate.text[place] for place in hit.letters} == {"R", "t", "v"}
    assert hit.letters == {0, 6, 10}
    (hit,) = ranked([Candidate("a", "command", "Reset the view", "View menu")], "menu vi")
    assert hit.letters == {10, 11}, "what stands beside the name is not lit"


@given(LETTERS, st.lists(st.sampled_from([candidate.key for candidate in CHOICES]), max_size=4))
def test_whoever_types_on_finds_fewer_and_never_others(typed: str, recent: list[str]) -> None:
    before: set[str] | None = None
    for end in range(len(typed) + 1):
        now = keys(typed[:end], tuple(recent))
        assert len(now) == len(set(now))
        assert before is None or set(now) <= before
        before = set(now)


@given(st.sampled_from(CHOICES), st.data())
def test_every_part_of_a_name_finds_it_and_lights_just_what_was_typed(
    candidate: Candidate, data: st.DataObject
) -> None:
    begin = data.draw(st.integers(0, len(candidate.text) - 1))
    end = data.draw(st.integers(begin + 1, len(candidate.text)))
    typed = candidate.text[begin:end].strip()
    if typed and typed[0] not in ">@":
        hit = next(hit for hit in ranked(CHOICES, typed) if hit.candidate is candidate)
        lit = {candidate.text[place].lower() for place in hit.letters}
        assert lit <= set(typed.lower())
