"""`mmviz doctor`: prints what works on this machine; examines nothing itself."""

from typing import Annotated

import typer

from mmviz.cli.output import tell


def doctor(as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False) -> None:
    """Say what works on this machine, what is missing, and the command that mends it.

    Exit code 0: pictures and films can be made; 1: they cannot.
    """
    from mmviz.reports.doctor_report import doctor_report, doctor_text, examine, is_fine

    findings = examine()
    tell(doctor_report(findings), doctor_text(findings), as_json=as_json)
    if not is_fine(findings):
        raise typer.Exit(1)
