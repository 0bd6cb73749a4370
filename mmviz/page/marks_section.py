"""What a page has of all that is drawn besides matrices: lines, arrows, names, captions, insets; chooses nothing.

What a rule needs of numbers stands beside it in `rules`: the page has the arithmetic, and no constant of its own.
"""

from collections.abc import Iterator

import numpy as np

from mmviz.page.arrays import Arrays
from mmviz.page.cameras_section import ASPECTS
from mmviz.page.items import LookNumber, camera, caption, inset, lines, ticks, tight
from mmviz.page.matrices_section import Record
from mmviz.page.readings import readings_section
from mmviz.picture import composition as composing
from mmviz.picture.composition import Composition
from mmviz.picture.marks import (
    arrows,
    color_bar,
    current_row,
    emphasis,
    faces_seen,
    guides,
    labels,
    name_places,
    names,
    root_titles,
    sheet_before,
    writing,
)
from mmviz.picture.marks.captions import TITLE
from mmviz.picture.marks.letter_widths import length_of
from mmviz.picture.marks.narration import SEPARATOR
from mmviz.picture.marks.root_titles import RootTitle
from mmviz.picture.space.item_key import BEHIND, ItemKey, of_sheet_behind
from mmviz.picture.time.token_steps import SWEPT

UNTOLD = "caption"
"""Key of the line below the picture, whose text goes by the time."""
ANCHORED = 1 + name_places.EDGES * len(name_places.ALONG) + len(name_places.INSIDE)
"""Points of a name: the middle of its matrix, and those that its places are counted from."""


def marks_section(composition: Composition, arrays: Arrays, look: LookNumber) -> Record:
    """The section of the document.

    Args:
        composition: The scene.
        arrays: Where the numbers go.
        look: Which of the document's looks one is.
    """
    return {
        "rules": _rules(arrays),
        "lines": [
            {
                **lines(one, arrays),
                "path": one.key.path,
                "behind": one.key.part == BEHIND,
                "link": one.key.kind == "link",
            }
            for one in composition.standing_lines
        ],
        "behind": {path: str(of_sheet_behind(path)) for path in composition.behind.placements},
        "wholeBehind": composition.style.mm is not None,
        "arrows": _arrows(composition, arrays),
        "names": _names(composition, arrays),
        "titles": [_title(one, arrays) for one in composition.writing.titles],
        "headings": labels.largest_beside(composition.layout) if composition.style.names else 0.0,
        "tokens": _tokens(composition),
        "readings": readings_section(composition, arrays),
        "captions": [caption(one) for one in composition.captioned.at(UNTOLD)],
        "told": _told(composition),
        "inset": _inset(composition, arrays),
        "bars": [_bars(composition, aspect, arrays, look) for aspect in ASPECTS],
    }


def _rules(arrays: Arrays) -> Record:
    return {
        "names": {
            "along": list(name_places.ALONG),
            "rings": list(name_places.RINGS),
            "inside": [list(one) for one in name_places.INSIDE],
            "far": list(name_places.FAR),
            "around": name_places.AROUND.tolist(),
            "pad": name_places.PAD,
            "rise": name_places.RISE,
            "touching": name_places.TOUCHING,
            "nearest": faces_seen.NEAREST,
            "near": names.NEAR,
            "close": names.CLOSE,
            "passed": names.PASSED,
            "samples": names.SAMPLES.tolist(),
            "faintest": names.FAINTEST,
            "line": list(names.LINE),
            "width": names.WIDTH,
        },
        "largestSeen": writing.LARGEST_SEEN,
        "behind": {
            "near": sheet_before.NEAR,
            "close": sheet_before.CLOSE,
            "headOn": list(sheet_before.HEAD_ON),
            "large": list(sheet_before.LARGE),
            "faint": sheet_before.FAINT,
        },
        "arrows": {
            "shares": arrays.add(arrows.SHARES),
            "triangles": arrays.add(arrows.TRIANGLES.astype(np.int32)),
            "edges": arrays.add(arrows.EDGES.astype(np.int32)),
            "room": arrows.ROOM,
            "large": arrows.LARGE,
            "huge": arrows.HUGE,
            "shielded": arrows.SHIELDED,
            "gone": arrows.GONE,
            "steps": arrows.STEPS,
            "width": arrows.WIDTH,
        },
        "emphasis": {"dimmed": emphasis.DIMMED, "softly": emphasis.SOFTLY},
        "guides": {
            "margin": guides.MARGIN,
            "selected": list(guides.SELECTED),
            "around": guides.AROUND,
            "flying": list(guides.FLYING),
            "mark": guides.MARK,
            "stroke": guides.STROKE,
        },
        "titleRise": root_titles.RISE,
        "headings": {
            "texts": {kind: [text, shift] for kind, (text, shift) in labels.HEADINGS.items()},
            "ofColumn": labels.OF_COLUMN,
            "color": list(labels.SIZE),
        },
        "row": {
            "most": current_row.MOST,
            "least": current_row.LEAST,
            "space": current_row.SPACE,
            "away": current_row.AWAY,
            "gap": current_row.GAP,
            "ticks": current_row.TICKS,
            "sampled": current_row.SAMPLED,
            "named": list(current_row.NAMED),
            "leader": list(current_row.LEADER),
        },
        "insets": {"columns": list(composing.COLUMNS), "heading": composing.HEADING, "ground": list(composing.INSET)},
    }


def _arrows(composition: Composition, arrays: Arrays) -> Record:
    found = composition.arrows
    points = [[vane.points for vane in one.vanes] for one in found]
    return {
        "points": arrays.add(np.array(points, float).reshape(len(found), 2, 6, 3)),
        "all": [
            {
                "path": one.path,
                "vanes": [{"key": str(vane.key), "color": list(vane.color)} for vane in one.vanes],
                "outlines": [{"key": str(line.key), "color": list(line.color)} for line in one.outlines],
                "width": one.width,
                "length": one.length,
            }
            for one in found
        ],
    }


def _names(composition: Composition, arrays: Arrays) -> Record:
    """What may be written over matrices: each text with the points that its places are counted from."""
    plates = composition.writing.names()
    points = np.array([[one.middle, *one.anchors] for one in plates], float).reshape(len(plates), ANCHORED, 3)
    return {
        "points": tight(points, arrays),  # (names, 26, 3): the middle, and what its places are counted from
        "all": [
            {
                "key": str(one.key),
                "leader": str(ItemKey("leader", one.key.path, one.key)),
                "path": one.key.path,
                "text": one.text,
                "color": list(one.color),
                "width": one.width,
            }
            for one in plates
        ],
    }


def _title(one: RootTitle, arrays: Arrays) -> Record:
    """What is written over a root, wherever one looks from."""
    key = ItemKey("title", one.path)
    return {
        "key": str(key),
        "path": one.path,
        "text": one.text,
        "color": list(TITLE),
        "height": one.height,
        "corners": tight(one.corners, arrays),
    }


def _tokens(composition: Composition) -> Record:
    """By the name of axes what is written for what they count."""
    return {axis: _written(texts) for axis, texts in composition.token_texts.items()}


def _written(texts: tuple[str, ...]) -> Record:
    short = [current_row.short(text) for text in texts]
    return {"texts": list(texts), "short": short, "lengths": [length_of(text) for text in short]}


def _told(composition: Composition) -> Record:
    """What is said at which step: the scene's own words, and what its animation does; told where it changes."""
    narration = composition.narration
    steps: list[int] = []
    words: list[list[str]] = []
    for step in sorted(_changes(composition)):
        now = [narration.said(step), narration.done(step)]
        if not words or words[-1] != now:
            steps.append(step)
            words.append(now)
    return {"separator": SEPARATOR, "steps": steps, "words": words}


def _changes(composition: Composition) -> set[int]:
    """The steps at which something else may be said than at the step before."""
    timeline = composition.timeline
    count = max(len(composition.tokens), len(composition.source_tokens))
    found = {0, *composition.narration.starts()}
    for path, run in timeline.schedule.runs.items():
        found |= {run.start, run.end}
        if path in timeline.tilings:
            found |= set(range(run.start, run.end))
        elif run.algorithm in SWEPT:
            found |= set(range(run.start, min(run.start + count + 1, run.end)))
    return {step for step in found if step <= timeline.steps}


def _inset(composition: Composition, arrays: Arrays) -> Record | None:
    path = composition.inset_path
    return None if path is None else {"path": path, "views": list(_inset_views(composition, path, arrays))}


def _inset_views(composition: Composition, path: str, arrays: Arrays) -> Iterator[Record | None]:
    for aspect in ASPECTS:
        view = composition.cameras.shots(aspect).inset
        if view is None:
            yield None
            continue
        yield {
            "side": view.side,
            "camera": camera(view.camera),
            "ticks": [ticks(one, arrays) for one in view.ticks],
            "naming": view.naming,
            "caption": caption(composition.inset_caption(path, view)),
        }


def _bars(composition: Composition, aspect: float, arrays: Arrays, look: LookNumber) -> Record | None:
    """The colour bars, and how far they go to the right in a picture that is wider by 1."""
    for one in composition.bars.insets(aspect):
        at_the_right = abs(aspect - one.margin - one.across - color_bar.MARGIN) < 1e-9
        return {"slides": 1.0 if at_the_right else 0.5, "inset": inset(one, arrays, look)}
    return None
