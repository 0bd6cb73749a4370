"""Numbers in a text: Python's own reader of floats is the reference, and what can be read in two ways is refused."""

import csv
import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmviz.errors import SourceError
from mmviz.values.tensors.number_table import read_table


def read(folder: Path, text: str, encoding: str = "utf-8") -> list[list[float]]:
    (folder / "x.csv").write_bytes(text.encode(encoding))
    found = read_table(folder / "x.csv")
    assert found.ndim == 2
    rows: list[list[float]] = found.tolist()
    return rows


def refusal(folder: Path, text: str) -> str:
    with pytest.raises(SourceError) as caught:
        read(folder, text)
    return str(caught.value).replace(str(folder / "x.csv"), "F")


tables = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(st.floats(), min_size=width, max_size=width), min_size=1, max_size=4)
)


@given(rows=tables, mark=st.sampled_from([",", ";", "\t", " ", " , "]), end=st.sampled_from(["\n", "\r\n"]))
def test_what_python_writes_is_read_to_the_last_bit(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[float]], mark: str, end: str
) -> None:
    text = end.join(mark.join(map(repr, row)) for row in rows)
    found = np.array(read(tmp_path_factory.getbasetemp(), text))
    np.testing.assert_array_equal(found, np.array(rows))
    np.testing.assert_array_equal(np.signbit(found) & ~np.isnan(found), np.signbit(np.array(rows)) & ~np.isnan(found))


@given(rows=tables)
def test_quotes_and_decimal_commas_change_nothing(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[float]]
) -> None:
    out = io.StringIO()
    csv.writer(out, delimiter=";", quoting=csv.QUOTE_ALL).writerows(
        [[repr(number).replace(".", ",") for number in row] for row in rows]
    )
    np.testing.assert_array_equal(np.array(read(tmp_path_factory.getbasetemp(), out.getvalue())), np.array(rows))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_names_in_any_alphabet_are_left_out_in_every_encoding(tmp_path: Path, encoding: str) -> None:
    assert read(tmp_path, "größe,東\n1,2\n3,4\n", encoding) == [[1, 2], [3, 4]]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("sep=,\n1,2\n", [[1, 2]]),
        ('"sep=;"\n1;2\n', [[1, 2]]),
        ("sep=|\n1|2\n3|4\n", [[1, 2], [3, 4]]),
        ("1\n2\n", [[1], [2]]),
        ("a\n1\n", [[1]]),  # one column has a name, and is no index
        ("# a remark\n  # another\n1 2\n", [[1, 2]]),
        ("1, 2\n3 ,4\n", [[1, 2], [3, 4]]),
        (",a,b\nx,1,2\n", [[1, 2]]),
        (";a;b\nx;1,5;2\n", [[1.5, 2]]),
        (",0,1\n7,1,2\n", [[1, 2]]),  # of pandas: names that count, and an index that is left out
        ("1,2,\n3,4,\n", [[1, 2], [3, 4]]),
        ("1,2,  \n3,4, \n", [[1, 2], [3, 4]]),
        ("1 2 \n", [[1, 2]]),
        ("true,FALSE\n1,0\n", [[1, 0], [1, 0]]),
        ('"1","2"\n', [[1, 2]]),
        ('"1,5","2"\n', [[1.5, 2]]),
        ('1,"2"\n', [[1, 2]]),
        ("1\t2,5\n", [[1, 2.5]]),
        ('\ta\t"b c"\nx\t1\t2\n', [[1, 2]]),
        ("+1,-.5e-3,1.\n", [[1, -0.0005, 1]]),
    ],
)
def test_how_a_text_parts_its_numbers_is_seen_from_its_first_lines(
    tmp_path: Path, text: str, rows: list[list[float]]
) -> None:
    assert read(tmp_path, text) == rows


@pytest.mark.parametrize(
    ("text", "line", "shown"),
    [
        ("a,b\n1,2,\n3,4,\n", 2, "1,2,"),  # behind some lines only a comma is an empty cell
        ("1 2,5\n", 1, "1 2,5"),
        ("'1,2\n", 1, "'1,2"),
        ("1;2\t3\n", 1, "1;2\t3"),
        ('\t"1"\t2\n', 1, '\t"1"\t2'),  # before the first tab is an empty cell, with quotes and without
        (",0,2\n7,1,2\n", 1, ",0,2"),  # names that do not count are numbers behind an empty cell
    ],
)
def test_what_is_parted_in_another_way_is_refused(tmp_path: Path, text: str, line: int, shown: str) -> None:
    assert refusal(tmp_path, text) == f"F, line {line}: numbers separated by commas are needed, got {shown!r}."


@pytest.mark.parametrize("text", ["0,1,2\n0.5,1.5,2.5\n", "0,1\n1e3,nan\n", "0,1\n.5,inf\n"])
def test_whole_numbers_in_order_above_others_may_be_names(tmp_path: Path, text: str) -> None:
    first = text.partition("\n")[0]
    assert refusal(tmp_path, text) == (
        f"F, line 1: {first!r} may be the columns' names or numbers; leave the names out, or write the numbers as the "
        "others are, such as 0.0."
    )


@pytest.mark.parametrize(
    "text",
    [
        "0,1,2\n0,1.5,2.5\n",
        "0,1\n-7,-8\n",
        "0,1\n+7,0\n",
        "0,1,2\n",
        "1,2,3\n0.5,1.5,2.5\n",
        "0\n0.5\n",
        "0,2\n.5,.5\n",
    ],
)
def test_numbers_that_can_be_nothing_else_are_numbers(tmp_path: Path, text: str) -> None:
    expected = [[float(cell) for cell in line.split(",")] for line in text.splitlines()]
    assert read(tmp_path, text) == expected


def test_a_long_line_is_shown_by_its_beginning(tmp_path: Path) -> None:
    line = "1," + "x" * 100
    assert refusal(tmp_path, f"1,2\n{line}\n") == (
        f"F, line 2: numbers separated by commas are needed, got {line[:60]!r}."
    )
    numbered = ",".join(map(str, range(40)))
    assert numbered[:60] != numbered
    assert f"{numbered[:60]!r} may be" in refusal(tmp_path, f"{numbered}\n{','.join(['0.5'] * 40)}\n")


def test_the_line_that_is_named_is_that_of_the_file(tmp_path: Path) -> None:
    assert refusal(tmp_path, "# one\n\n1,2\n\n# five\nx,2\n") == (
        "F, line 6: numbers separated by commas are needed, got 'x,2'."
    )
    assert refusal(tmp_path, "a,b\n\n1,2,3\n") == "F, line 3: 3 numbers, but the first line has 2 names."
    assert refusal(tmp_path, ",a,b\nx,1,2\ny,1\n") == "F, line 3: 1 numbers, but the first line has 2 names."


def test_a_text_of_nothing_but_a_separator_is_empty(tmp_path: Path) -> None:
    for text in ("sep=;\n", "# a remark\n", "   \n"):
        assert refusal(tmp_path, text) == "F: is empty; at least one row of numbers is needed."
