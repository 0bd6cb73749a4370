"""The bundle that is shipped is the one that its sources give, and nothing in it asks for the network."""

import hashlib
import re
import zlib
from pathlib import Path

import mmviz
from mmviz.page.bundle import program

FRONT = Path(mmviz.__file__).parent / "page" / "front"
FIXED = ("build.mjs", "package-lock.json", "package.json", "tsconfig.json")
TOLD = re.compile(r"^/\* mmviz page, built from sources ([0-9a-f]{64}) \*/\n")


def digest_of_sources() -> str:
    """As build.mjs computes it: of every file's name and text, in the order of the names."""
    typed = (path.relative_to(FRONT).as_posix() for path in (FRONT / "src").rglob("*.ts"))
    found = hashlib.sha256()
    for name in sorted([*FIXED, *typed]):
        text = (FRONT / name).read_text(encoding="utf-8")
        found.update(f"{name}\n{text}".encode())
    return found.hexdigest()


def test_the_bundle_was_built_from_the_sources_that_lie_beside_it() -> None:
    told = TOLD.match(program())
    assert told is not None
    assert told[1] == digest_of_sources(), "run `npm ci && npm run build` in mmviz/page/front and commit page.js"


def test_the_program_neither_fetches_nor_evaluates_text() -> None:
    words = ("fetch(", "XMLHttpRequest", "WebSocket", "importScripts", "eval(", "new Function", "innerHTML", "://")
    assert [word for word in words if word in program()] == []


def test_the_program_is_at_most_250_kilobytes_compressed() -> None:
    assert len(zlib.compress(program().encode(), 9)) <= 250_000


def test_no_address_of_a_registry_stands_in_the_lock() -> None:
    assert '"resolved"' not in (FRONT / "package-lock.json").read_text(encoding="utf-8")
