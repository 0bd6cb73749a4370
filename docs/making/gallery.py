"""The pages of the gallery, a page for each section, written of what its scenes say of themselves.

`python -m docs.making.gallery` writes them anew; a test says when that is due.
"""

import os
import sys
from pathlib import Path

from mmviz.scene.gallery import SECTIONS, Entry, Section, entries, entry
from mmviz.viewer.start.examples import picture_in_gallery

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "gallery"

_INTRO = """\
# Gallery

Each of these scenes teaches one thing, in a film of 10 to 40 seconds and at most 25 lines that one can read and change.

```sh
mmviz gallery                                        # lists them
mmviz gallery dot                                    # opens one in the window
mmviz gallery --films FOLDER --stills --pages        # makes a film, a picture and a page of each
mmviz new dot -o mine.yaml                           # makes a copy of one's own
```

The films are not in the repository: the third command makes them all, and goes on where it was stopped; with names of
scenes or sections behind `gallery` it makes those.
"""


def gallery_pages() -> dict[str, str]:
    """The text of each page by its file name."""
    return {"index.md": _index()} | {f"{section.word}.md": _page(section) for section in SECTIONS}


def _index() -> str:
    parts = [_INTRO]
    for section in SECTIONS:
        parts.append(f"## [{section.title}]({section.word}.md)\n\n::::{{container}} gallery\n")
        parts += [_card(section, entry(name)) for name in section.scenes]
        parts.append("::::\n")
    words = "\n".join(section.word for section in SECTIONS)
    parts.append(f"```{{toctree}}\n:hidden:\n\n{words}\n```\n")
    return "\n".join(parts)


def _card(section: Section, one: Entry) -> str:
    link = f"{section.word}.md#{_anchor(one)}"
    picture = f"[![{_plain(one.title)}]({_picture(one)})]({link})"
    return f":::{{container}} card\n{picture}\n\n[`{one.name}`]({link}) {one.learn}\n:::\n"


def _page(section: Section) -> str:
    return "\n".join([f"# {section.title}\n", *(_told(entry(name)) for name in section.scenes)])


def _told(one: Entry) -> str:
    tries = "".join(f"- {text}\n" for text in one.tries)
    return (
        f"({_anchor(one)})=\n"
        f"## {one.title}\n\n"
        f"![{_plain(one.learn)}]({_picture(one)})\n\n"
        f"{one.learn}\n\n"
        + (f"To try:\n\n{tries}\n" if tries else "")
        + f"```sh\nmmviz gallery {one.name}\nmmviz movie {one.name} -o {one.name}.mp4 -ql\n```\n\n"
        f"```{{literalinclude}} ../../scenes/gallery/{one.name}.yaml\n:language: yaml\n```\n"
    )


def with_films(text: str, films: Path) -> str:
    """A page with the films of its scenes below their pictures, as far as a folder has them as NAME.mp4."""
    for _, one in entries():
        if not (films / f"{one.name}.mp4").is_file():
            continue
        picture = f"]({_picture(one)})\n\n{one.learn}\n"
        video = f'<video src="../_static/{one.name}.mp4" controls loop muted playsinline preload="none"></video>'
        text = text.replace(picture, f"{picture}\n```{{raw}} html\n{video}\n```\n", 1)
    return text


def _anchor(one: Entry) -> str:
    return f"scene-{one.name.replace('_', '-')}"


def _picture(one: Entry) -> str:
    return Path(os.path.relpath(picture_in_gallery(one.name), FOLDER)).as_posix()


def _plain(text: str) -> str:
    return text.replace("[", "(").replace("]", ")")


def main() -> None:
    """Write all pages, and remove those of sections that are gone."""
    pages = gallery_pages()
    FOLDER.mkdir(exist_ok=True)
    for stale in {path.name for path in FOLDER.glob("*.md")} - set(pages):
        (FOLDER / stale).unlink()
    for name, text in pages.items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    sys.stdout.write(f"{len(pages)} pages in {FOLDER}\n")


if __name__ == "__main__":
    main()
