"""An explanation in words, as the small HTML that Qt's labels show; knows no widget."""

from collections.abc import Mapping
from html import escape

from mmviz.picture.cell.element_names import short
from mmviz.picture.cell.explanation import (
    Again,
    Explanation,
    Products,
    Reduced,
    Selected,
    Source,
    Terms,
)
from mmviz.picture.stages import Stage
from mmviz.scene.language.expression import Reduction

_HINT = (
    "<p><b>Click a cell in the picture</b> to see how its number comes about: every product that is summed up to it, "
    "the largest first, and what functions such as softmax make of the sum.</p>"
    "<p class='quiet'>From there a double click goes on to the numbers that it is made of. "
    "{stop}, or a click beside everything, lets go.</p>"
)


def hint(keys: Mapping[str, str]) -> str:
    """How one gets an explanation.

    Args:
        keys: What gives a command, by its name.
    """
    return _HINT.format(stop=escape(keys["stop"]))


NAMES_OF_REDUCTIONS: Mapping[Reduction, str] = {
    "sum": "sum",
    "mean": "mean",
    "max": "largest",
    "min": "least",
    "argmax": "place of the largest",
}


def heading(explanation: Explanation) -> str:
    """The element and its number."""
    value = "masked" if explanation.masked else short(explanation.value)
    return f"{escape(explanation.name)} = <b>{value}</b>"


def story(explanation: Explanation) -> str:
    """In one line how the number comes about once the animation has finished it."""
    origin = explanation.origin
    match origin:
        case Products(k=k):
            start = f"the sum of {len(k):,} products" if len(k) != 1 else "one product"
        case Terms(sign=sign):
            start = {"+": "a sum", "-": "a difference", "*": "a product of two elements", "/": "a quotient"}[sign]
        case Again():
            start = "shown here once more"
        case Selected(why=why):
            start = f"taken over, {why}"
        case Reduced(function=function, line=line):
            start = f"the {NAMES_OF_REDUCTIONS[function]} of {line}"
        case Source():
            start = "given"
    functions = [stage.function for stage in explanation.stages]
    return escape(f"{start}, then {', '.join(functions)}" if functions else start)


def origin_lines(explanation: Explanation) -> str:
    """The number before the first function, and where it is from."""
    origin = explanation.origin
    match origin:
        case Products(total=total):
            return f"Sum of all products: <b>{short(total)}</b>"
        case Terms(left, right, sign, total, masked):
            left_number, right_number = (
                "masked" if masked and operand.masked else _bracketed(operand.value) for operand in (left, right)
            )
            named = f"{escape(left.name)} {sign} {escape(right.name)}"
            return f"{named}<br>= {left_number} {sign} {right_number} = <b>{'masked' if masked else short(total)}</b>"
        case Again(target, before, total):
            when = f", before {before}" if before else ""
            return f"The same number as {escape(target.name)}{when}: <b>{short(total)}</b>"
        case Selected(target, why, total):
            return f"The number of {escape(target.name)}, {escape(why)}: <b>{short(total)}</b>"
        case Reduced(function, line, count, _, _, target, total):
            what = f"The {NAMES_OF_REDUCTIONS[function]} of {escape(line)}, {count:,} numbers"
            where = "" if target is None else f", at {escape(target.name)} = {short(target.value)}"
            return f"{what}{where}: <b>{short(total)}</b>"
        case Source(tensor, words, i, j, total):
            where = f"Row {i}, column {j} of {escape(tensor)}"
            return f"{where}{f': {escape(words)}' if words else ''}<br>Its number: <b>{short(total)}</b>"


def scale_line(explanation: Explanation) -> str:
    """What its size and colour are measured by."""
    return escape(f"Drawn to the scale of its matrix: {explanation.scale}.") if explanation.scale else ""


def stage_lines(stages: tuple[Stage, ...]) -> str:
    """Function by function, with the numbers that each meets on its way."""
    return "".join(_stage(stage) for stage in stages)


def _stage(stage: Stage) -> str:
    after = "masked" if stage.masked else short(stage.after)
    rows = "".join(
        f"<tr><td class='quiet' style='padding-right:10px'>{escape(quantity.name)}</td>"
        f"<td align='right'>{short(quantity.value)}</td></tr>"
        for quantity in stage.quantities
    )
    table = f"<table cellspacing='0' cellpadding='1'>{rows}</table>" if rows else ""
    formula = f"<div class='quiet'>{escape(stage.formula)}</div>"
    numbers = f"x = {short(stage.before)} → <b>{after}</b>"
    return f"<div style='margin-top:9px'><b>{escape(stage.function)}</b>: {numbers}</div>{formula}{table}"


def _bracketed(number: float) -> str:
    """A number as an operand; a negative one in brackets."""
    return f"({short(number)})" if number < 0 else short(number)
