"""Arrays that numpy wrote, read as numpy reads them, and headers that numpy itself would trip over."""

import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from mmviz.errors import SourceError
from mmviz.values.tensors.npy_file import CHUNK, MAGIC, MOST_AXES, MOST_HEADER, Archive, open_npy

STACK = np.arange(24, dtype="<f4").reshape(2, 3, 4)


def written(path: Path, header: str, numbers: bytes = b"", version: int = 1, length: int | None = None) -> Path:
    """A file with this header, whatever it says."""
    said = header.encode("latin1")
    wide = 2 if version == 1 else 4
    count = len(said) if length is None else length
    path.write_bytes(MAGIC + bytes([version, 0]) + count.to_bytes(wide, "little") + said + numbers)
    return path


def says(descr: str = "'<f4'", order: str = "False", shape: str = "(2,)") -> str:
    return f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}"


def refusal(path: Path) -> str:
    with pytest.raises(SourceError) as caught:
        open_npy(path)
    return str(caught.value).replace(str(path), "F")


def broken(path: Path) -> str:
    return f"F: is cut off or no .npy file ({path.stat().st_size} bytes); a whole one is needed."


@pytest.mark.parametrize("version", [(1, 0), (2, 0), (3, 0)])
@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (2, 0), (2, 3, 4)])
@pytest.mark.parametrize("order", ["C", "F"])
def test_every_version_shape_and_order_is_read_as_numpy_reads_it(
    tmp_path: Path, version: tuple[int, int], shape: tuple[int, ...], order: Any
) -> None:
    array = np.asarray(np.arange(np.prod(shape, dtype=int), dtype=">i2").reshape(shape), order=order)
    with (tmp_path / "x.npy").open("wb") as file:
        np.lib.format.write_array(file, array, version)
    found, expected = open_npy(tmp_path / "x.npy"), np.load(tmp_path / "x.npy")
    np.testing.assert_array_equal(found, expected, strict=True)
    assert found.flags.f_contiguous == expected.flags.f_contiguous


def test_what_is_mapped_can_not_be_written_to(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", STACK)
    with pytest.raises(ValueError, match="read-only"):
        open_npy(tmp_path / "x.npy")[0, 0, 0] = 1.0


def test_the_whole_numbers_of_python_2_have_an_l_behind_them(tmp_path: Path) -> None:
    path = written(tmp_path / "x.npy", says(shape="(2L, 3L)"), STACK[0, :2, :3].tobytes())
    np.testing.assert_array_equal(open_npy(path), STACK[0, :2, :3])


@pytest.mark.parametrize(
    "header",
    [
        says("'<f4'", "0"),  # order
        says(shape="[2]"),
        says(shape="(2.0,)"),
        says(shape="(True, 2)"),
        says(shape="(-2,)"),
        says(shape=f"({1 << 60},)"),
        says(shape=f"({'1, ' * (MOST_AXES + 1)})"),
        says("7"),
        says("'<f3'"),
        says("'f4f4'"),
        "{'descr': '<f4', 'fortran_order': False}",
        "[1, 2]",
        "{'descr': ",
        "__import__('os')",
        "(" * 3000,
        " ",
    ],
)
def test_a_header_that_says_no_array_is_a_broken_file(tmp_path: Path, header: str) -> None:
    path = written(tmp_path / "x.npy", header, bytes(8))
    assert refusal(path) == broken(path)


@pytest.mark.parametrize("count", [0, 1, MOST_HEADER + 1, 1 << 31])
def test_a_header_of_another_length_than_it_has_is_a_broken_file(tmp_path: Path, count: int) -> None:
    path = written(tmp_path / "x.npy", says(), bytes(8), version=2, length=count)
    assert refusal(path) == broken(path)


def test_the_longest_header_that_numpy_believes_is_believed(tmp_path: Path) -> None:
    path = written(tmp_path / "x.npy", says().ljust(MOST_HEADER), np.array([1, 2], np.float32).tobytes(), version=2)
    np.testing.assert_array_equal(open_npy(path), np.load(path))
    longer = written(
        tmp_path / "y.npy", says().ljust(MOST_HEADER + 1), np.array([1, 2], np.float32).tobytes(), version=2
    )
    assert refusal(longer) == broken(longer)
    with pytest.raises(ValueError, match="is large"):
        np.load(longer)


@pytest.mark.parametrize("version", [0, 4, 255])
def test_a_version_that_is_not_known_is_a_broken_file(tmp_path: Path, version: int) -> None:
    path = written(tmp_path / "x.npy", says(), bytes(8), version)
    assert refusal(path) == broken(path)


@pytest.mark.parametrize("change", [-1, 1])
def test_a_file_that_is_longer_or_shorter_than_its_header_says_is_broken(tmp_path: Path, change: int) -> None:
    path = written(tmp_path / "x.npy", says(), bytes(8 + change))
    assert refusal(path) == broken(path)


@pytest.mark.parametrize(
    ("descr", "found"),
    [
        ("[('a', '<f4')]", "holds a table of named columns; real numbers are needed."),
        (
            "'|O'",
            "holds Python objects, a pickle, which can run code and is never opened; real numbers are needed.",
        ),
        (
            "'|V2'",
            "holds raw bytes ('|V2'), as np.save writes bfloat16 and other small floats; save them as float32.",
        ),
        (
            "'<f1'",
            "holds raw bytes ('<f1'), as np.save writes bfloat16 and other small floats; save them as float32.",
        ),
        ("'<c8'", "holds complex64; real numbers are needed."),
        ("'<U1'", "holds <U1; real numbers are needed."),
        ("'<M8[s]'", "holds datetime64[s]; real numbers are needed."),
    ],
)
def test_what_holds_no_real_numbers_is_told(tmp_path: Path, descr: str, found: str) -> None:
    assert refusal(written(tmp_path / "x.npy", says(descr), bytes(8))) == f"F: {found}"


@given(array=arrays(np.int16, array_shapes(max_dims=4, max_side=4)), order=st.sampled_from("CF"), choose=st.data())
def test_a_part_of_an_archive_is_what_numpy_cuts_out(
    tmp_path_factory: pytest.TempPathFactory, array: Any, order: Any, choose: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("npz") / "x.npz"
    np.savez_compressed(path, a=np.asarray(array, order=order))
    depth = choose.draw(st.integers(0, array.ndim - 1))
    index = tuple(choose.draw(st.integers(0, side - 1)) for side in array.shape[:depth])
    archive = Archive(path)
    assert (archive.names, archive.shape("a")) == (("a",), array.shape)
    np.testing.assert_array_equal(archive.part("a", index), array[index], strict=True)


def test_what_lies_behind_a_megabyte_of_an_archive_is_found(tmp_path: Path) -> None:
    array = np.arange(3 * CHUNK // 8 + 30, dtype="<i8").reshape(-1, 6)  # a row never ends where a chunk does
    np.savez_compressed(tmp_path / "x.npz", a=array)
    for row in (0, CHUNK // 48 + 1, len(array) - 1):
        np.testing.assert_array_equal(Archive(tmp_path / "x.npz").part("a", (row,)), array[row])


def test_names_of_an_archive_are_those_of_numpy_and_other_files_in_it_are_none(tmp_path: Path) -> None:
    path = tmp_path / "x.npz"
    np.savez(path, first=STACK, **{"a.npy": STACK[0]})
    with zipfile.ZipFile(path, "a") as file:
        file.writestr("read me.txt", "hello")
    assert Archive(path).names == ("first", "a.npy")
    np.testing.assert_array_equal(Archive(path).part("a.npy", ()), STACK[0])


def test_a_broken_array_of_an_archive_is_told_with_the_size_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "x.npz"
    whole = io.BytesIO()
    np.save(whole, STACK)
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("short.npy", whole.getvalue()[:-1])
        file.writestr("odd.npy", b"no array")
    archive = Archive(path)
    for ask in (archive.shape, lambda name: archive.part(name, ())):
        for name in ("short", "odd", "not there"):
            with pytest.raises(SourceError) as caught:
                ask(name)
            size = path.stat().st_size
            assert str(caught.value) == f"{path}: is cut off or no .npz file ({size} bytes); a whole one is needed."


def test_what_an_array_of_an_archive_holds_is_told_by_its_name(tmp_path: Path) -> None:
    np.savez(tmp_path / "x.npz", good=STACK, bad=np.array(["a"]))
    archive = Archive(tmp_path / "x.npz")
    assert archive.shape("good") == (2, 3, 4)
    with pytest.raises(SourceError) as caught:
        archive.part("bad", ())
    assert str(caught.value) == f"{tmp_path / 'x.npz'}, bad: holds <U1; real numbers are needed."
