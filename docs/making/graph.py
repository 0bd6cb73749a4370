"""A small drawing of a graph of arrows, written as in Mermaid (`a --> b`), as SVG that needs no script."""

import re

BOX, ROW, GAP, TALL = 96, 66, 24, 30
"""Width of a box, height of a row, space between two boxes and height of a box, in pixels."""


def graph_svg(text: str) -> str:
    """Boxes in rows, each below all that point to it, and a line for each arrow."""
    arrows = re.findall(r"(\w+) --> (\w+)", text)
    rows = _rows(arrows)
    width = max(map(len, rows)) * (BOX + GAP)
    places = {
        name: (round(width * (number + 0.5) / len(row)), ROW * height + TALL // 2 + 1)
        for height, row in enumerate(rows)
        for number, name in enumerate(row)
    }
    lines = [_arrow(places[start], places[end]) for start, end in arrows]
    boxes = [_box(name, *place) for name, place in places.items()]
    height = ROW * (len(rows) - 1) + TALL + 2
    told = "; ".join(f"{start} to {end}" for start, end in arrows)
    head = f'<svg viewBox="0 0 {width} {height}" width="{width}" role="img" aria-label="Arrows: {told}" class="graph">'
    return "\n".join([head, _TIP, *lines, *boxes, "</svg>"])


_TIP = (
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
    '<path d="M0 0 L8 4 L0 8 z" fill="currentColor"/></marker></defs>'
)


def _rows(arrows: list[tuple[str, str]]) -> list[list[str]]:
    """Names by the length of the longest way to them; those of a row below what points to them, from left to right."""
    depth = dict.fromkeys((name for arrow in arrows for name in arrow), 0)
    for _ in depth:
        for start, end in arrows:
            depth[end] = max(depth[end], depth[start] + 1)
    if max(depth.values()) >= len(depth):
        raise ValueError("the arrows go in a circle.")
    rows: list[list[str]] = [[] for _ in range(max(depth.values()) + 1)]
    for name, row in depth.items():
        rows[row].append(name)
    return rows


def _arrow(start: tuple[int, int], end: tuple[int, int]) -> str:
    (x, y), (to_x, to_y) = start, end
    y, to_y = y + TALL // 2, to_y - TALL // 2
    bend = (to_y - y) // 2
    way = f"M{x} {y} C{x} {y + bend} {to_x} {to_y - bend} {to_x} {to_y}"
    return f'<path d="{way}" fill="none" stroke="currentColor" opacity="0.6" marker-end="url(#tip)"/>'


def _box(name: str, x: int, y: int) -> str:
    left, top = x - BOX // 2, y - TALL // 2
    return (
        f'<rect x="{left}" y="{top}" width="{BOX}" height="{TALL}" rx="4" class="box"/>'
        f'<text x="{x}" y="{y + 5}" text-anchor="middle">{name}</text>'
    )
