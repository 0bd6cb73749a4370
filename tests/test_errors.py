"""A message is never longer than anyone reads."""

import pickle

from mmviz.errors import LONGEST, ExpressionError, SourceError


def test_a_message_is_told_as_it_is() -> None:
    assert str(SourceError("m: " + "x" * 2000)) == "m: " + "x" * 2000


def test_words_without_end_are_cut_and_what_stands_around_them_stays() -> None:
    error = SourceError(f"m.json, {'k' * 60_000}: is broken; {'a' * 100} is needed.")
    assert str(error) == f"m.json, {'k' * 40}...: is broken; {'a' * 100} is needed."


def test_many_words_are_cut_at_the_end() -> None:
    text = str(ExpressionError("no " * 5000, 3))
    assert text.startswith("no no ")
    assert text.endswith(" ...")
    assert len(text) == LONGEST + 4


def test_a_cut_message_survives_the_way_between_processes() -> None:
    error = SourceError("x" * 5000)
    assert str(pickle.loads(pickle.dumps(error))) == str(error) == "x" * 40 + "..."
