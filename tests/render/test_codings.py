"""How films are coded, against what PyAV says of FFmpeg's encoders, pixels and files."""

import pytest
from av import ContainerFormat, VideoFormat
from av.codec import Codec
from av.video.reformatter import ColorRange, Colorspace

from mmviz.orders.order import FilmOrder
from mmviz.render.film.codings import Coding, coding_of

CODINGS: dict[str, Coding] = {
    "mp4": coding_of(FilmOrder("x.mp4")),
    "lossless mp4": coding_of(FilmOrder("x.mp4", lossless=True)),
    "mov": coding_of(FilmOrder("x.mov")),
    "clear mov": coding_of(FilmOrder("x.mov", ground="transparent")),
    "webm": coding_of(FilmOrder("x.webm")),
    "clear webm": coding_of(FilmOrder("x.webm", ground="transparent")),
}


def has_alpha(pixels: str) -> bool:
    return any(component.is_alpha for component in VideoFormat(pixels).components)


@pytest.mark.parametrize("name", CODINGS)
def test_the_encoder_takes_the_pixels_and_the_file_has_the_ending(name: str) -> None:
    coding = CODINGS[name]
    formats = Codec(coding.codec, "w").video_formats
    assert formats is not None
    assert coding.pixels in {one.name for one in formats}
    assert name.rsplit(maxsplit=1)[-1] in ContainerFormat(coding.container, "w").extensions


@pytest.mark.parametrize("name", CODINGS)
def test_what_is_transparent_has_alpha_all_the_way_and_nothing_else_has(name: str) -> None:
    coding = CODINGS[name]
    assert has_alpha(coding.pixels) == has_alpha(coding.taken) == name.startswith("clear")
    halved = VideoFormat(coding.pixels).chroma_width(64) < 64
    assert coding.halved == (halved and has_alpha(coding.pixels))


@pytest.mark.parametrize("name", CODINGS)
def test_colours_are_those_of_bt709_or_the_screens_own(name: str) -> None:
    coding = CODINGS[name]
    is_rgb = VideoFormat(coding.pixels).is_rgb
    assert is_rgb == name.startswith("lossless")
    assert coding.matrix == (0 if is_rgb else Colorspace.ITU709), "in the numbers of ITU-T H.273"
    assert coding.span == (ColorRange.JPEG if is_rgb else ColorRange.MPEG)


def test_each_kind_of_film_has_its_encoder_and_a_file_of_no_kind_is_an_mp4() -> None:
    assert [CODINGS[name].codec for name in ("mp4", "mov", "webm")] == ["libx264", "prores_ks", "libvpx-vp9"]
    assert coding_of(FilmOrder("x")) == CODINGS["mp4"]


@pytest.mark.parametrize(("asked", "x264", "vp9"), [(0, "1", "0"), (1, "1", "1"), (18, "18", "22"), (51, "51", "63")])
def test_a_crf_of_h264_is_the_same_share_of_the_range_of_vp9_and_never_without_loss(
    asked: int, x264: str, vp9: str
) -> None:
    assert coding_of(FilmOrder("x.mp4", crf=asked)).options["crf"] == x264
    assert coding_of(FilmOrder("x.webm", crf=asked)).options["crf"] == vp9
    assert coding_of(FilmOrder("x.mp4", crf=asked, lossless=True)).options["crf"] == "0"


@pytest.mark.parametrize(
    ("width", "repeatable"),
    [(1920, True), (1280, True), (3840, True), (640, True), (960, False), (854, False), (1000, False)],
)
def test_x264_keeps_its_macroblock_tree_where_films_are_the_same_each_time(width: int, repeatable: bool) -> None:
    options = coding_of(FilmOrder("x.mp4", width=width)).options
    assert options.get("x264-params") == (None if repeatable else "mbtree=0")
