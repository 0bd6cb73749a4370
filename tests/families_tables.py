"""The tables of families in README and guide, written anew from the catalogue: `python -m tests.families_tables`."""

import re
from pathlib import Path

from mmviz.reports.families_report import families_markdown, quantized_markdown

ROOT = Path(__file__).resolve().parents[1]
PAGES = ("README.md", "docs/guide/models.md")


def with_tables(text: str) -> str:
    """A page with its tables as they are to be: each begins with the same first line, and ends with an empty one."""
    for table in (families_markdown(), quantized_markdown()):
        first = re.escape(table.splitlines()[0])
        old = re.search(rf"^{first}\n(?:\|.*\n)*", text, re.MULTILINE)
        text = text.replace(old[0], f"{table}\n") if old else text
    return text


if __name__ == "__main__":
    for page in PAGES:
        place = ROOT / page
        place.write_text(with_tables(place.read_text(encoding="utf-8")), encoding="utf-8")
