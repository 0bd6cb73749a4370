"""Handlers of Qt's events whose errors are reported, not raised: Qt cannot take an exception."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from PySide6.QtCore import SignalInstance

from mmviz.errors import MmvizError


class Reporting(Protocol):
    """Has handlers that may fail."""

    @property
    def failed(self) -> SignalInstance:
        """Something went wrong; the text is for the user."""


Owner = TypeVar("Owner", bound=Reporting)
Arguments = ParamSpec("Arguments")
Handler = Callable[Concatenate[Owner, Arguments], None]


def guarded(handler: Handler[Owner, Arguments]) -> Handler[Owner, Arguments]:
    """An event handler whose errors its owner reports."""

    @wraps(handler)
    def safe(owner: Owner, /, *args: Arguments.args, **kwargs: Arguments.kwargs) -> None:
        try:
            handler(owner, *args, **kwargs)
        except MmvizError as error:
            owner.failed.emit(str(error))
        except Exception as error:  # noqa: BLE001  (nothing may leave the handler)
            owner.failed.emit(f"{type(error).__name__}: {error}")

    return safe
