"""The reference of the Python API as reStructuredText directives, from what mmviz and its errors make public."""

import inspect
from collections.abc import Container
from types import ModuleType


def api_page(package: ModuleType, errors: ModuleType, results: tuple[type, ...], described: Container[str]) -> str:
    """The whole page.

    Args:
        package: Its `__all__` is documented.
        errors: Its classes are documented, those of `package` among them.
        results: Classes that methods of the package return.
        described: Names that have a reference of their own, on the page of functions.
    """
    public = {name: getattr(package, name) for name in package.__all__}
    families = [one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, Exception)]
    classes = [name for name, one in public.items() if inspect.isclass(one) and one not in families]
    functions = [name for name, one in public.items() if inspect.isfunction(one) and name not in described]
    parts = [
        "# Python\n",
        "What `import mmviz` gives, from its docstrings; [the guide](../guide/python.md) shows how it is used.\n",
        *(_class(f"{package.__name__}.{name}", name) for name in classes),
        "## Expressions\n",
        "[Every function of expressions](functions.md) is there under its own name, too: `mmviz.softmax(x)`.\n",
        *(_directive("autofunction", f"{package.__name__}.{name}") for name in functions),
        "## What a scene gives\n",
        *(_directive("autoclass", f"{one.__module__}.{one.__qualname__}", "members:") for one in results),
        "## Errors\n",
        *(_directive("autoexception", f"{one.__module__}.{one.__name__}", "show-inheritance:") for one in families),
    ]
    return "\n".join(parts)


def _class(path: str, name: str) -> str:
    members = _directive("autoclass", path, "members:", "inherited-members:")
    return f"## {name}\n\n{members}"


def _directive(kind: str, path: str, *options: str) -> str:
    lines = "".join(f"   :{option}\n" for option in options)
    return f"```{{eval-rst}}\n.. {kind}:: {path}\n{lines}```\n"
