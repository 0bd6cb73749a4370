"""Installed fonts, as fontconfig tells them, or as they lie in the folders of a system."""

import os
import stat
import sys
from pathlib import Path

import pytest

from mmviz.render.text import system_fonts
from mmviz.render.text.fonts import font_of, has, opened, shipped
from mmviz.render.text.letters import fonts_of
from mmviz.render.text.system_fonts import FontFile, in_folders, installed
from tests.render.text.conftest import Install
from tests.render.text.made_font import write_font


def command(folder: Path, says: str) -> None:
    """Put a program in a folder that tells its arguments to a file, and says something."""
    program = folder / "fc-match"
    program.write_text(f'#!/bin/sh\nprintf "%s" "$4$5" >"{folder}/asked"\ncat <<END\n{says}\nEND\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)


@pytest.mark.skipif(os.name != "posix", reason="fontconfig is a program of other systems")
@pytest.mark.parametrize(("language", "asked"), [("ja", "sans:lang=ja"), ("", "sans")])
def test_fontconfig_is_asked_for_the_fonts_of_a_language(
    language: str, asked: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command(tmp_path, "/fonts/a b.ttf|0\n/fonts/c.ttc|65538\n/fonts/d.pcf.gz|0\nnonsense")
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    found = installed.__wrapped__(language)
    assert found == (FontFile(Path("/fonts/a b.ttf")), FontFile(Path("/fonts/c.ttc"), 2))
    assert (tmp_path / "asked").read_text().strip() == asked


def test_without_fontconfig_the_folders_are_looked_through(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "below").mkdir()
    for name in ("Zeta-Bold.ttf", "Zeta-Regular.otf", "below/Alpha-Bold.TTC", "readme.txt"):
        (tmp_path / name).touch()
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(system_fonts, "font_folders", lambda: (tmp_path, tmp_path / "no such folder"))
    names = [font.path.name for font in installed.__wrapped__("")]
    assert names == ["Zeta-Regular.otf", "Alpha-Bold.TTC", "Zeta-Bold.ttf"] or sys.platform != "linux"


def test_good_fonts_of_a_system_come_first_and_those_of_a_language_before_them(tmp_path: Path) -> None:
    for name in ("arial.ttf", "msyh.ttc", "YuGothR.ttc", "Regular.ttf", "malgun.ttf"):
        (tmp_path / name).touch()

    def names(language: str) -> list[str]:
        return [path.name for path in in_folders((tmp_path,), language, "win32")]

    assert names("") == ["msyh.ttc", "YuGothR.ttc", "malgun.ttf", "Regular.ttf", "arial.ttf"]
    assert names("ko") == ["malgun.ttf", "msyh.ttc", "YuGothR.ttc", "Regular.ttf", "arial.ttf"]


def test_files_that_are_no_fonts_have_no_letters(tmp_path: Path) -> None:
    (tmp_path / "broken.ttf").write_bytes(b"no font at all" * 9)
    (tmp_path / "empty.ttf").touch()
    for name in ("broken.ttf", "empty.ttf", "missing.ttf"):
        assert opened(FontFile(tmp_path / name)) is None
        assert not has(FontFile(tmp_path / name), "a")


def test_letters_that_belong_together_are_of_one_font_where_any_has_them_all(tmp_path: Path, install: Install) -> None:
    some = FontFile(write_font(tmp_path / "some.ttf", "क"))
    whole = FontFile(write_font(tmp_path / "whole.ttf", "किख"))
    install(some, whole)
    assert fonts_of("क", "") == (some,)
    assert fonts_of("कि", "") == (whole, whole)
    assert fonts_of("ख\u200dZ", "") == (whole, whole, shipped()[0])
    assert font_of("e", "") == shipped()[0]
    assert fonts_of("我", "") == (None,)
