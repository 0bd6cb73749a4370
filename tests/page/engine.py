"""The page's program in a JavaScript engine without a page: what it computes is asked from Python."""

import json
from functools import cache
from typing import Any

from py_mini_racer import MiniRacer

from mmviz.page.bundle import program

CALL = """
(name, told) => JSON.stringify(
  mmvizPage[name](...JSON.parse(told, (_, value) => value === "NaN" ? NaN : value)),
  (_, value) => ArrayBuffer.isView(value) ? Array.from(value) : value
)
"""


@cache
def engine() -> MiniRacer:
    """One engine for all tests of a process."""
    made = MiniRacer()
    made.eval(program())
    return made


def constant(name: str) -> Any:
    """What the page exports under a name."""
    return json.loads(str(engine().eval(f"JSON.stringify(mmvizPage.{name})")))


def call(name: str, *arguments: object) -> Any:
    """What an exported function gives for arguments that JSON can say; typed arrays come back as lists."""
    return json.loads(str(_caller()(name, json.dumps(arguments))))


@cache
def _caller() -> Any:
    return engine().eval(CALL)
