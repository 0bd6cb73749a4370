"""`mmviz functions`: prints what an expression may call; opens nothing."""

from typing import Annotated

import typer


def functions(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="All about these; without a name, a list of all.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,
) -> None:
    """List the functions that an expression may call: how each is written, and what it computes."""
    import json

    from mmviz.reports.functions_report import chosen, functions_report, functions_text, whole_text

    shown = chosen(names or ())
    if as_json:
        typer.echo(json.dumps(functions_report(shown), indent=2, ensure_ascii=False))
    else:
        typer.echo("\n\n".join(map(whole_text, shown)) if names else functions_text(shown))
