"""The command spectra."""

from pathlib import Path
from typing import Annotated

import typer

from mmviz.cli.models import Device, Model
from mmviz.cli.stopping import Stopped


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
    work = run.prepare(run.Wish(model, output, layers, heads, matrices, device, force))
    try:
        with progress_bar("spectra, layers", len(work.selection.layers)) as progress:
            left_out = run.compute(work, progress)
    except Stopped:
        done, all_layers = run.kept(work), len(work.selection.layers)
        typer.echo(
            f"mmviz: note: {done} of {all_layers} layers are kept; the same command goes on from there.", err=True
        )
        raise
    for one in left_out:
        typer.echo(
            f"mmviz: note: {one.matrix} of layer {one.layer}, head {one.head} is left out: {one.reason}", err=True
        )
    typer.echo(f"{output}: {run.CSV}, {run.VALUES}, {run.FIGURES} and {run.REPORT} are there")
