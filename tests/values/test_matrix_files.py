"""Matrices out of files, and one message for every file that is none; nothing in a file is ever run."""

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from mmviz.errors import SourceError
from mmviz.values.tensors.matrix_files import read_matrix, read_shape

MATRIX = np.arange(6, dtype=np.float32).reshape(2, 3) / 4


def message(path: Path, key: str | None = None, index: tuple[int, ...] = ()) -> str:
    """What is said about a file that cannot be read, the same when only its shape is asked for."""
    with pytest.raises(SourceError) as caught:
        read_matrix(path, key, index)
    with pytest.raises(SourceError) as asked_for_shape:
        read_shape(path, key, index)
    assert str(caught.value) == str(asked_for_shape.value)
    return str(caught.value)


def check(path: Path, expected: Any, key: str | None = None, index: tuple[int, ...] = ()) -> None:
    found = read_matrix(path, key, index)
    assert found.dtype == np.float32
    assert found.shape == read_shape(path, key, index)
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("dtype", ["f2", "f4", ">f4", "f8", "i1", "u2", "i8", "?"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_npy_of_every_real_type(tmp_path: Path, dtype: str, order: Any) -> None:
    matrix = np.array([[0, 1, 1], [1, 0, 1]], dtype, order=order)
    np.save(tmp_path / "x.npy", matrix)
    check(tmp_path / "x.npy", matrix.astype(np.float32))


def test_a_vector_is_one_row(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", MATRIX[0])
    save_file({"x": torch.from_numpy(MATRIX[0].copy())}, tmp_path / "x.safetensors")
    (tmp_path / "x.csv").write_text("0, 0.25, 0.5")
    for name in ("x.npy", "x.csv", "x.safetensors"):
        check(tmp_path / name, MATRIX[:1])


@pytest.mark.parametrize(
    "text",
    [
        "0,.25,0.5\n0.75,1,1.25\n",
        "\ufeff0,0.25,0.5\r\n0.75,1.0,125e-2",
        "\n 0 , 0.25,\t0.5 \n\n0.75,1,1.25\n\n",
        "0;0.25;0.5\n0.75;1;1.25\n",
        "0;0,25;0,5\r\n0,75;1;1,25\r\n",  # a spreadsheet where decimals have a comma
        '"0";"0,25";"0,5"\n"0,75";"1";"1,25"\n',
        '0,"0,25","0,5"\n"0,75",1,"1,25"\n',
        "sep=;\n0;0,25;0,5\n0,75;1;1,25\n",
        "0\t0.25\t0.5\n0.75\t1\t1.25\n",
        "0\t0,25\t0,5\n0,75\t1\t1,25\n",
        "0.0e+00 2.5e-01 5e-1\n 7.5E-1  1  1.25\n",  # np.savetxt
        "# two rows\n0,0.25,0.5\n0.75,1,1.25\n",
        "q,k,v\n0,0.25,0.5\n0.75,1,1.25\n",
        "größe;breite, tiefe;höhe\n0;0,25;0,5\n0,75;1;1,25\n",
        ",0,1,2\n0,0,0.25,0.5\n1,0.75,1,1.25\n",  # pandas, to_csv
        ",q,k,v\nthe,0,0.25,0.5\ncat,0.75,1,1.25\n",
        '"","V1","V2","V3"\n"1",0,0.25,0.5\n"2",0.75,1,1.25\n',  # R, write.csv
        "0,0.25,0.5,\n0.75,1,1.25,\n",
        "a,b,c,\n0,0.25,0.5,\n0.75,1,1.25,\n",
        "False,0.25,0.5\n0.75,TRUE,1.25\n",
    ],
)
def test_csv_as_people_write_it(tmp_path: Path, text: str) -> None:
    for encoding in ("utf-8", "utf-16"):
        if encoding == "utf-16" and text.startswith("\ufeff"):
            continue
        (tmp_path / "x.csv").write_bytes(text.encode(encoding))
        check(tmp_path / "x.csv", MATRIX)


@pytest.mark.parametrize("name", ["x.CSV", "x.tsv", "x.txt"])
def test_a_text_of_numbers_by_other_endings(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("0\t0.25\t0.5\n0.75\t1\t1.25\n")
    check(tmp_path / name, MATRIX)


def test_a_table_of_pandas_is_read_as_pandas_reads_it(tmp_path: Path) -> None:
    import pandas

    frame = pandas.DataFrame(np.array([[0.1, 1e-40, 3.0], [np.inf, -2.5, 1e300]]), columns=["a", "b", "c"])
    ways: tuple[dict[str, Any], ...] = (
        {},
        {"index": False},
        {"header": False, "index": False},
        {"sep": ";", "decimal": ","},
    )
    for number, options in enumerate(ways):
        path = tmp_path / f"{number}.csv"
        frame.to_csv(path, **options)
        with np.errstate(over="ignore"):
            check(path, frame.to_numpy().astype(np.float32))


def test_numbered_columns_of_pandas_are_not_taken_for_a_row(tmp_path: Path) -> None:
    import pandas

    path = tmp_path / "x.csv"
    pandas.DataFrame(MATRIX).to_csv(path, index=False)
    assert message(path) == (
        f"{path}, line 1: '0,1,2' may be the columns' names or numbers; leave the names out, or write the numbers as "
        "the others are, such as 0.0."
    )


def test_a_thousand_with_a_comma_is_not_taken_for_one(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text('a,b\n"-1,000",2\n"12,500",3\n')
    assert message(path) == (
        f'{path}, line 2: "-1,000" may be more than a thousand or have three places behind a comma; '
        "write numbers with a point and without quotes, such as 1000 or 1.000."
    )
    path.write_text('"1,500"\n"2,500"\n')
    assert message(path).startswith(f'{path}, line 1: "1,500" may be more than a thousand or ')
    path.write_text('"1,250",2\n"0,125",3\n')  # a number that is no thousand tells what all of them are
    check(path, [[1.25, 2], [0.125, 3]])
    path.write_text("1,250;2\n")  # beside a semicolon there are no thousands with a comma
    check(path, [[1.25, 2]])


def test_numbers_smaller_than_the_smallest_normal_one_are_no_zeros(tmp_path: Path) -> None:
    small = np.array([[1e-39, -1e-40], [1e-44, 1e-30]])
    np.save(tmp_path / "x.npy", small)
    np.savetxt(tmp_path / "x.csv", small, delimiter=",")
    save_file({"x": torch.from_numpy(small)}, tmp_path / "x.safetensors")
    for name in ("x.npy", "x.csv", "x.safetensors"):
        check(tmp_path / name, small.astype(np.float32))
        assert read_matrix(tmp_path / name, None).all()


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float32, torch.float64, torch.int32])
def test_safetensors_of_every_type(tmp_path: Path, dtype: torch.dtype) -> None:
    tensor = torch.tensor([[1.0, -2.0, 3.0], [0.0, 5.0, 96.0]]).to(dtype)
    save_file({"x": tensor, "y": tensor.mT.contiguous()}, tmp_path / "x.safetensors")
    check(tmp_path / "x.safetensors", tensor.float(), "x")
    check(tmp_path / "x.safetensors", tensor.mT.float(), "y")


def test_the_only_tensor_of_a_file_needs_no_key(tmp_path: Path) -> None:
    save_file({"x": torch.from_numpy(MATRIX.copy())}, tmp_path / "x.safetensors")
    check(tmp_path / "x.safetensors", MATRIX)


def test_infinite_and_missing_numbers_are_read_and_what_is_too_large_is_infinite(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("nan,inf,-inf,1e300\n")
    np.save(tmp_path / "x.npy", np.array([[np.nan, np.inf, -np.inf, 1e300]]))
    with np.errstate(all="raise"):
        for name in ("x.csv", "x.npy"):
            check(tmp_path / name, [[np.nan, np.inf, -np.inf, np.inf]])


def test_only_the_header_is_read_for_the_shape(tmp_path: Path) -> None:
    side = 1 << 18  # 256 GiB of numbers that are not there: the file is a hole
    header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({side}, {side}), }}".ljust(117) + "\n"
    with (tmp_path / "x.npy").open("wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode())
        try:
            file.truncate(file.tell() + 4 * side * side)
        except OSError:
            pytest.skip("this disk has no files with holes")
    assert read_shape(tmp_path / "x.npy", None) == (side, side)


class Bomb:
    """An object that runs code when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return Path.touch, (self.mark,)  # type: ignore[return-value]


def test_a_pickle_in_an_npy_file_is_refused_and_not_run(tmp_path: Path) -> None:
    mark, path = tmp_path / "it ran", tmp_path / "x.npy"
    np.save(path, np.array([[Bomb(mark)]], object), allow_pickle=True)
    assert message(path) == (
        f"{path}: holds Python objects, a pickle, which can run code and is never opened; real numbers are needed."
    )
    assert not mark.exists()


@pytest.mark.parametrize("suffix", [".npy", ".safetensors"])
@pytest.mark.parametrize("size", [0, 5, 90, 130])
def test_a_file_that_is_cut_off(tmp_path: Path, suffix: str, size: int) -> None:
    whole, path = tmp_path / f"whole{suffix}", tmp_path / f"x{suffix}"
    if suffix == ".npy":
        np.save(whole, MATRIX)
    else:
        save_file({"a tensor with rather a long name": torch.zeros(20, 30)}, whole)
    path.write_bytes(whole.read_bytes()[:size])
    assert message(path) == f"{path}: is cut off or no {suffix} file ({size} bytes); a whole one is needed."


@pytest.mark.parametrize(
    ("matrix", "found"),
    [
        (
            np.zeros((2, 3, 4)),
            "holds 2x3x4; a matrix of rows and columns is needed: "
            "index: [0] takes the first of this stack of matrices.",
        ),
        (np.zeros((0, 3)), "holds 0x3; a matrix of rows and columns is needed."),
        (np.zeros(()), "holds a single number; a matrix of rows and columns is needed."),
        (np.zeros((2, 2), complex), "holds complex128; real numbers are needed."),
        (np.array([["a"]]), "holds <U1; real numbers are needed."),
    ],
)
def test_an_npy_file_without_a_real_matrix(tmp_path: Path, matrix: Any, found: str) -> None:
    path = tmp_path / "x.npy"
    np.save(path, matrix)
    assert message(path) == f"{path}: {found}"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (b"", ": is empty; at least one row of numbers is needed."),
        (b"\n\n", ": is empty; at least one row of numbers is needed."),
        (b"a,b\n", ": has a line of names and no numbers; at least one row of numbers is needed."),
        (b"a,1\n1,2\n", ", line 1: numbers separated by commas are needed, got 'a,1'."),
        (b"a,b\n1,2,3\n", ", line 2: 3 numbers, but the first line has 2 names."),
        (b"my matrix\n1,2\n", ", line 2: 2 numbers, but the first line has 1 names."),
        (b"1_0,2\n", ", line 1: numbers separated by commas are needed, got '1_0,2'."),
        ("1,٣\n".encode(), ", line 1: numbers separated by commas are needed, got '1,٣'."),
        (b"1;1.500,5\n", ", line 1: numbers separated by commas are needed, got '1;1.500,5'."),
        (b"0,5;1.5\n", ", line 1: numbers separated by commas are needed, got '0,5;1.5'."),
        (b"1;1,234,567\n", ", line 1: numbers separated by commas are needed, got '1;1,234,567'."),
        (b"1,NA\n", ", line 1: numbers separated by commas are needed, got '1,NA'."),
        (b"1,,2\n", ", line 1: numbers separated by commas are needed, got '1,,2'."),
        (b"1,2\n\n3;4\n", ", line 3: numbers separated by commas are needed, got '3;4'."),
        (b"1,2\n3,\n", ", line 2: numbers separated by commas are needed, got '3,'."),
        (b"1,2\n3\n", ", line 2: 1 numbers, but the first row has 2."),
        (b"1\n__import__('os')\n", """, line 2: numbers separated by commas are needed, got "__import__('os')"."""),
        (b"1,\xff\n", ": is no text; rows of numbers separated by commas are needed, in UTF-8."),
    ],
)
def test_a_csv_file_without_numbers(tmp_path: Path, text: bytes, found: str) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(text)
    assert message(path) == f"{path}{found}"


@pytest.mark.parametrize(
    ("key", "found"),
    [
        ("c", "has the tensors a, b; the key must name one of them, got 'c'."),
        (None, "has the tensors a, b; the key must name one of them, got None."),
        (
            "b",
            "holds 2x2x2; a matrix of rows and columns is needed: "
            "index: [0] takes the first of this stack of matrices.",
        ),
    ],
)
def test_a_safetensors_file_without_that_matrix(tmp_path: Path, key: str | None, found: str) -> None:
    path = tmp_path / "x.safetensors"
    save_file({"a": torch.zeros(2, 2), "b": torch.zeros(2, 2, 2)}, path)
    assert message(path, key) == f"{path}: {found}"


def test_a_safetensors_file_of_complex_numbers(tmp_path: Path) -> None:
    path = tmp_path / "x.safetensors"
    save_file({"a": torch.zeros(2, 2, dtype=torch.complex64)}, path)
    assert message(path) == f"{path}: holds complex64; real numbers are needed."


@pytest.mark.parametrize("name", ["x.npy", "x.csv"])
def test_a_key_where_there_are_no_names(tmp_path: Path, name: str) -> None:
    np.save(tmp_path / "x.npy", MATRIX)
    (tmp_path / "x.csv").write_text("1")
    assert (
        message(tmp_path / name, "a") == f"{tmp_path / name}: holds one matrix without a name; leave the key 'a' out."
    )


@pytest.mark.parametrize("name", ["x.pt", "x.pkl", "x.txt", "x", "x.npy", "x.npz", "x.safetensors"])
def test_a_pickle_is_not_opened_whatever_it_is_called(tmp_path: Path, name: str) -> None:
    mark, path = tmp_path / "it ran", tmp_path / name
    path.write_bytes(pickle.dumps(Bomb(mark)))
    needed = ".npy, .npz, .safetensors, or .pt as torch.save has written it since version 1.6, is needed"
    assert message(path) == f"{path}: is a pickle, which can run code and is never opened; {needed}."
    assert not mark.exists()


@pytest.mark.parametrize("name", ["x.mat", "x"])
def test_a_file_of_another_kind_is_not_opened(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"something else")
    kind = "of kind '.mat'" if path.suffix else "without an ending"
    assert (
        message(path) == f"{path}: files {kind} are not read; give one of .npy, .npz, .csv, .safetensors, .gguf, .pt."
    )


def test_a_file_that_is_not_there_or_is_a_folder(tmp_path: Path) -> None:
    (tmp_path / "folder.npy").mkdir()
    for name in ("x.npy", "folder.npy", "a\0b.npy"):
        assert message(tmp_path / name) == f"{tmp_path / name}: there is no such file."


@pytest.mark.parametrize("suffix", [".npy", ".csv", ".safetensors"])
def test_a_file_that_may_not_be_read(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"x{suffix}"
    path.write_bytes(b"")
    path.chmod(0)
    try:
        path.open("rb").close()
        pytest.skip("this user reads everything")
    except PermissionError:
        assert message(path) == f"{path}: cannot be read (Permission denied); a readable file is needed."
