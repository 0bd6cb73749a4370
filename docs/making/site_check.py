"""Holds a built site against what Sphinx does not look at: links and anchors in finished pages, requests elsewhere.

python -m docs.making.site_check build/docs/html
"""

import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LOADED = {"link": "href", "script": "src", "img": "src", "video": "src", "source": "src", "iframe": "src"}
"""What a browser fetches by itself, by element and attribute; a link in the text it only follows when asked."""


class _Page(HTMLParser):
    """The anchors of a page, what it links to and what it loads."""

    def __init__(self) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[str] = []
        self.loads: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value for name, value in attrs if value is not None}
        self.anchors.add(given.get("id", ""))
        if tag in LOADED and LOADED[tag] in given and given.get("rel") not in ("canonical", "search"):
            self.loads.append(given[LOADED[tag]])
        elif tag == "a" and "href" in given:
            self.links.append(given["href"])


def problems(site: Path) -> list[str]:
    """A line for each dead link, and for each request to another host that a page or style sheet makes."""
    pages = {path: _read(path) for path in sorted(site.rglob("*.html"))}
    found = []
    for path, page in pages.items():
        name = path.relative_to(site)
        found += [f"{name}: loads {one} from elsewhere." for one in page.loads if _elsewhere(one)]
        near = [one for one in [*page.links, *page.loads] if not urlsplit(one).scheme and not _elsewhere(one)]
        found += [f"{name}: links to {one}, which is not there." for one in near if not _there(one, path, pages)]
    sheets = [path for path in sorted(site.rglob("*.css")) if _asks(path.read_text(encoding="utf-8"))]
    return found + [f"{path.relative_to(site)}: loads from elsewhere." for path in sheets]


def _read(path: Path) -> _Page:
    page = _Page()
    page.feed(path.read_text(encoding="utf-8"))
    return page


def _elsewhere(address: str) -> bool:
    return bool(urlsplit(address).netloc)


def _asks(sheet: str) -> bool:
    return "@import" in sheet or any(
        f"url({quote}{start}" in sheet for quote in ("", "'", '"') for start in ("http", "//")
    )


def _there(link: str, page: Path, pages: dict[Path, _Page]) -> bool:
    parts = urlsplit(link)
    target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
    if not parts.fragment or target not in pages:
        return target.exists()
    return unquote(parts.fragment) in pages[target].anchors


if __name__ == "__main__":
    sys.exit("\n".join(problems(Path(sys.argv[1]).resolve())) or 0)
