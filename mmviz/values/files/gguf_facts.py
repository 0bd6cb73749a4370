"""The metadata of a GGUF file, each key checked where it is asked for; knows no family's configuration."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from mmviz.errors import SourceError
from mmviz.values.families.key_reader import short
from mmviz.values.families.keys import suspicious
from mmviz.values.files.gguf_architectures import ARCHITECTURES, FOR_ALL

MOST_FLOAT32 = 3.4e38


class Facts:
    """The metadata, checked where it is asked for."""

    def __init__(self, metadata: Mapping[str, Any], path: Path) -> None:
        self._metadata = metadata
        self._path = path
        self.architecture = self._architecture()

    def _architecture(self) -> str:
        found = self._metadata.get("general.architecture")
        if not isinstance(found, str) or found not in ARCHITECTURES:
            named = "is missing" if found is None else f"{found!r} is not supported"
            raise SourceError(f"{self._path}, general.architecture: {named}; {', '.join(ARCHITECTURES)} are.")
        return found

    def check(self) -> None:
        """No key of the architecture that is not followed would change what is computed, by its name.

        Raises:
            SourceError: one would.
        """
        start, known = f"{self.architecture}.", (*FOR_ALL, *ARCHITECTURES[self.architecture].keys)
        for name, value in self._metadata.items():
            key = name.removeprefix(start)
            if name.startswith(start) and key not in known and suspicious(key.replace(".", "_"), value):
                raise self.error(
                    key,
                    f"is {short(value)}; by its name it would change what is computed, and it is not known here; a "
                    "file without it is needed.",
                )

    def get(self, key: str) -> Any:
        """A value of the architecture's own part, None where there is none."""
        return self._metadata.get(f"{self.architecture}.{key}")

    def whole(self, key: str, missing: int | None = None) -> int:
        """A whole number from 1 up.

        Raises:
            SourceError: it is something else, or missing where it must not be.
        """
        value = self.get(key)
        if value is None and missing is not None:
            return missing
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise self.error(key, f"{_found(value)}; a whole number from 1 up is needed.")
        return value

    def number(self, key: str, missing: float | None = None) -> float:
        """A finite number above 0, as short as its 32 bits can be written: 1e-05, not 9.99999974e-06.

        Raises:
            SourceError: it is something else, or missing where it must not be.
        """
        value = self.get(key)
        if value is None and missing is not None:
            return missing
        if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value < MOST_FLOAT32:
            raise self.error(key, f"{_found(value)}; a number above 0 is needed.")
        return float(str(np.float32(value)))

    def flag(self, key: str) -> bool:
        """True or false.

        Raises:
            SourceError: it is something else, or missing.
        """
        value = self.get(key)
        if not isinstance(value, bool):
            raise self.error(key, f"{_found(value)}; true or false is needed.")
        return value

    def error(self, key: str, words: str) -> SourceError:
        """What is wrong at a key."""
        return SourceError(f"{self._path}, {self.architecture}.{key}: {words}")


def _found(value: object) -> str:
    return "is missing" if value is None else f"is {str(value)[:80]}"
