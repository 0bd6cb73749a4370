"""The reference of commands as Markdown, from the functions behind them; no command or option is named here."""

import inspect
from pathlib import Path
from types import NoneType
from typing import Any, Literal, get_args, get_origin

from typer import Typer
from typer.models import ArgumentInfo, CommandInfo
from typer.utils import get_params_from_function

Parameter = Any
"""What typer knows of an argument or option of a command."""

_WORDS: dict[Any, str] = {int: "whole number", float: "number", str: "text", Path: "path"}


def commands_page(program: Typer) -> str:
    """The whole page: every command of a program with its arguments, options, defaults and help."""
    intro = (
        "# Commands\n\nEvery command with its arguments and options, as `mmviz COMMAND --help` tells them. SCENE is a "
        "file or the name of a [scene that comes with mmviz](../scenes/index.md); what MODEL can be says "
        "[Models and heads](../guide/models.md). Bad input gets one message and exit code 1; wrong usage 2; Ctrl+C "
        "130, and no half-written file is left.\n"
    )
    return "\n".join([intro, *(_command_text(command) for command in program.registered_commands)])


def command_anchor(name: str, option: str = "") -> str:
    """What links to a command or to one of its options say."""
    return "-".join(["command", name, *([option.strip("-")] if option else [])])


def option_names(parameter: Parameter) -> tuple[str, ...]:
    """How an option is written on the command line; one that can be switched off has a name for that, too."""
    given: tuple[str, ...] = tuple(parameter.default.param_decls or ())
    plain = parameter.name.replace("_", "-")
    both = parameter.annotation is bool and not given
    declared = given or (f"--{plain}/--no-{plain}" if both else f"--{plain}",)
    return tuple(name for one in declared for name in one.split("/"))


def _command_text(command: CommandInfo) -> str:
    function: Any = command.callback
    name = command.name or function.__name__
    parameters = get_params_from_function(function).values()
    arguments = [one for one in parameters if isinstance(one.default, ArgumentInfo)]
    options = [one for one in parameters if not isinstance(one.default, ArgumentInfo) and not one.default.hidden]
    usage = ["mmviz", name, *(_argument_name(one) for one in arguments), *(["[OPTIONS]"] if options else [])]
    lines = [f"({command_anchor(name)})=", f"## `{name}`", "", inspect.getdoc(function) or "", ""]
    lines += ["```text", " ".join(usage), "```", ""]
    for one in arguments:
        lines += [f"`{_argument_name(one)}`", f": {one.default.help or ''}", ""]
    for one in options:
        spoken = option_names(one)
        shown = ", ".join(f"`{text}`" for text in spoken)
        facts = "; ".join(filter(None, (_kind(one), _default(one))))
        lines += [f"[{shown}]{{#{command_anchor(name, _long(spoken))}}}" + (f" *{facts}*" if facts else "")]
        lines += [f": {one.default.help or ''}", ""]
    return "\n".join(lines)


def _long(spoken: tuple[str, ...]) -> str:
    """The name of an option that is a word."""
    return next(name for name in spoken if name.startswith("--"))


def _argument_name(argument: Parameter) -> str:
    name = str(argument.default.metavar or argument.name.upper())
    return name if argument.default.default is ... else f"[{name}]"


def _kind(option: Parameter) -> str:
    """What an option wants after its name."""
    kinds = [option.annotation] if get_origin(option.annotation) is Literal else get_args(option.annotation)
    kind = next((one for one in kinds if one is not NoneType), option.annotation)
    if get_origin(kind) is list:
        return f"{option.default.metavar or _WORDS[get_args(kind)[0]]}, any number of times"
    if kind is bool:
        return ""
    if get_origin(kind) is Literal:
        return ", ".join(f"`{choice}`" for choice in get_args(kind))
    low, high = option.default.min, option.default.max
    if low is not None and high is not None:
        return f"{_WORDS[kind]}, {low} to {high}"
    return f"{_WORDS[kind]}, {low} or more" if low is not None else _WORDS[kind]


def _default(option: Parameter) -> str:
    value = option.default.default
    if value is ...:
        return "**needed**"
    if value is True:
        return f"default `{_long(option_names(option))}`"
    return "" if value is None or value is False else f"default `{value}`"
