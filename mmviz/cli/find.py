"""The command find."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from mmviz.cli.delivery import Wanted
from mmviz.cli.models import Bare, Device, Dtype, Force, Model, Output, Prompt, Tokens
from mmviz.cli.output import tell
from mmviz.cli.settings import Settings, with_settings
from mmviz.cli.stacks import Cross, Stack, Target, TargetTokens, of_stack, token_ids
from mmviz.cli.weight_forms import AdapterFolder

if TYPE_CHECKING:
    from mmviz.builders.found_heads import Found
    from mmviz.builders.opening import Reading
    from mmviz.picture.look.head_kinds import ScoredHead
    from mmviz.pipeline import Scene

MUCH = 1_000_000_000
"""Bytes of layers that are told before they are read."""
EACH, OF_ONE = 3, 10
"""How many heads are listed: of each kind, and of one that is asked for."""

KindName = Literal["previous", "duplicate", "induction", "sink", "local", "uniform"]
Kind = Annotated[
    KindName | None,
    typer.Option(
        help="previous: looks at the token before; duplicate: at the same token further up; induction: at what stood "
        "behind it; sink: at the first token; local: near; uniform: everywhere alike. All by default."
    ),
]


def find(
    model: Model,
    kind: Kind = None,
    prompt: Prompt = None,
    tokens: Tokens = None,
    bare: Bare = False,
    top: Annotated[
        int | None, typer.Option(min=1, help="How many heads are listed; 10 of one kind, else 3 of each.")
    ] = None,
    number: Annotated[
        int | None, typer.Option("--open", min=1, metavar="N", help="Open number N of the list in a window.")
    ] = None,
    output: Output = None,
    force: Force = False,
    stack: Stack = None,
    cross: Cross = False,
    target: Target = None,
    target_tokens: TargetTokens = None,
    adapter: AdapterFolder = None,
    device: Device = "auto",
    dtype: Dtype = "float32",
    as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,
    settings: Settings = None,
) -> None:
    """Find the heads of a model that are worth knowing: every head, scored on one prompt in one forward pass.

    Of a pattern A, whose row i is what token i attends to, and tokens t, each score is a mean over the tokens i that
    may look at two tokens or more and have such a token to look at. previous: A(i, i-1) (Elhage et al. 2021, Olsson et
    al. 2022). duplicate: the sum of A(i, j) over j < i with t(j) = t(i) (Wang et al. 2022). induction: the sum of
    A(i, j+1) over j < i-1 with t(j) = t(i) (Olsson et al. 2022). sink: A(i, 0) (Xiao et al. 2023, Gu et al. 2024).
    local: |i - j|, weighed by A(i, j), the least first (Vig and Belinkov 2019). uniform: the entropy of row i over the
    logarithm of how many tokens i may look at (Clark et al. 2019). Beside each stands what a head would score that
    gives the same to all of them.

    --kind induction without a prompt reads 25 tokens drawn at random, twice: always the same ones. With -o the scene
    of the first head of the list, or of that of --open, is written, and its caption says the score.
    """
    reading = _reading(model, kind, prompt, tokens, device, dtype)
    reading = replace(reading, adapter=adapter, special_tokens=not bare)
    reading = of_stack(reading, stack, target, target_tokens, cross=cross)
    listed = top or (EACH if kind is None else OF_ONE)
    opens = number is not None or output is not None
    if kind is None and opens:
        raise typer.BadParameter("--open and -o are of a list of one kind; give --kind, too.")
    if settings and not opens:
        raise typer.BadParameter("--set is for keys of the scene that -o writes or --open opens; give one of them.")
    if number is not None and number > listed:
        raise typer.BadParameter(f"--open {number}: {listed} heads are listed; --top {number} lists as many.")
    wanted = Wanted(output, force, None, None, None, number is not None)
    if opens:
        wanted.check()
    found = _found(reading, kind)
    _tell(found, listed, as_json=as_json)
    if kind is not None and opens:
        wanted.deliver(with_settings(_scene(found, kind, number or 1), settings))


def _reading(
    model: str,
    kind: str | None,
    prompt: str | None,
    tokens: str | None,
    device: Literal["auto", "cpu", "cuda", "mps"],
    dtype: Literal["float32", "float64"],
) -> "Reading":
    from mmviz.builders.opening import Reading

    if prompt is None and tokens is None and kind != "induction":
        raise typer.BadParameter(
            "what the model reads is missing: give --prompt TEXT, or --tokens 1,2,3; only --kind induction has tokens "
            "of its own."
        )
    return Reading(model, prompt, token_ids(prompt, tokens), device, dtype)


def _scene(found: "Found", kind: KindName, number: int) -> "Scene":
    """Of one of the heads, from 1 in the order in which they are listed."""
    from mmviz.builders.found_heads import found_scene
    from mmviz.errors import SourceError
    from mmviz.picture.look.head_kinds import best

    ranked = best(found.heads, kind)
    if len(ranked) < number:
        raise SourceError(f"{found.model}: there is no head number {number}; {len(ranked)} have a score.")
    return found_scene(found, kind, ranked[number - 1])


def _found(reading: "Reading", kind: KindName | None) -> "Found":
    """All heads with their scores; how much is read for them is told where it is much, and how far it is."""
    from mmviz.builders.found_heads import find_heads, repeated
    from mmviz.machine.progress import progress_bar

    drawn = 0
    if reading.prompt is None and reading.tokens is None:
        reading, drawn = repeated(reading)
    with ExitStack() as shown:

        def begin(layers: int, size: int) -> Callable[[int], None]:
            if size >= MUCH:
                typer.echo(f"mmviz: note: all {layers} layers are read: {size / 1e9:,.1f} GB.", err=True)
            return shown.enter_context(progress_bar("heads, layers", layers))

        return find_heads(reading, kind, begin, drawn)


def _tell(found: "Found", listed: int, *, as_json: bool) -> None:
    from mmviz.builders.found_heads import command
    from mmviz.reports.heads_report import heads_report, heads_text

    def opening(head: "ScoredHead") -> tuple[str, ...]:
        return command(found, head)

    report = heads_report(found.model, (found.tokens, found.drawn), found.heads, found.chance, opening, listed)
    tell(report, heads_text(report, found.without), as_json=as_json)
