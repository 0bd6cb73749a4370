"""`mmviz models`: prints which models can be drawn; opens none."""

from typing import Annotated

import typer

from mmviz.cli.output import tell


def models(as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False) -> None:
    """List the families of models that can be drawn, and those that are refused, with the reason."""
    from mmviz.reports.families_report import families_report, families_text

    tell(dict(families_report()), families_text(), as_json=as_json)
