"""The command spectra."""

from pathlib import Path
from typing import Annotated

import typer

from mmviz.cli.models import Device, Model
from mmviz.cli.stacks import Cross, Stack
from mmviz.cli.stopping import tell_at_the_end
from mmviz.machine.endings import ENDINGS


def spectra(
    model: Model,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="DIR", help="Write everything to this folder.")],
    layers: Annotated[str | None, typer.Option(help="Such as 4:8, which is 4 to 7, or 0,3,5; all by default.")] = None,
    heads: Annotated[str | None, typer.Option(help="Query heads, such as 0,3,5 or 4:8; all by default.")] = None,
    matrices: Annotated[
        str, typer.Option(help="Any of q, k, v, o, qk (W_Q W_K^T, without rotary positions) and ov (W_V W_O).")
    ] = "q,k,v,o",
    device: Device = "auto",
    force: Annotated[bool, typer.Option("--force", help="Start anew where other work was stopped.")] = False,
    stack: Stack = None,
    cross: Cross = False,
) -> None:
    """Write the singular values of every head's weights: a table, figures and a report of what stands out.

    Work that was stopped goes on with the same command.
    """
    from mmviz.machine.progress import progress_bar
    from mmviz.spectra import run
    from mmviz.spectra.selection import are_numbers

    for name, text in (("--layers", layers), ("--heads", heads)):
        if text is not None and not are_numbers(text):
            raise typer.BadParameter(f"{name} {text!r}: numbers such as 0,3,5 or a range such as 4:8 are needed.")
    work = run.prepare(run.Wish(model, output, layers, heads, matrices, device, force, stack or "", cross))
    count = len(work.selection.layers)

    def tell_kept() -> None:
        tell_at_the_end(f"{run.kept(work)} of {count} layers are kept; the same command goes on from there.")

    with ENDINGS.due(tell_kept), progress_bar("spectra, layers", count) as progress:
        left_out = run.compute(work, progress)
    for one in left_out:
        typer.echo(
            f"mmviz: note: {one.matrix} of layer {one.layer}, head {one.head} is left out: {one.reason}", err=True
        )
    typer.echo(f"{output}: {run.CSV}, {run.VALUES}, {run.FIGURES} and {run.REPORT} are there")
