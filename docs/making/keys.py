"""The reference of scene keys as Markdown, from the JSON Schema that `mmviz schema` prints; no key is named here."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Schema = dict[str, Any]

_TYPES = {"integer": "whole number", "number": "number", "string": "text", "boolean": "true or false", "null": "null"}


@dataclass(frozen=True, slots=True)
class Section:
    """The keys of one kind of mapping, and where in a scene file it stands first."""

    kind: str  # its name among the schema's definitions; "" for the scene as a whole
    path: str  # where it stands, such as animation.chapters[]; the shortest, if it stands in several places
    told_by: str  # the key by which it is told from its alternatives; "" where there are none
    schema: Schema

    @property
    def title(self) -> str:
        """As a heading, in Markdown."""
        if not self.path:
            return "The scene"
        return f"`{self.path}` with `{self.told_by}`" if self.told_by else f"`{self.path}`"

    @property
    def reference(self) -> str:
        """What a key says that holds such a mapping."""
        link = f"[`{self.told_by or self.path}`](#{self.anchor})"
        return f"mapping with {link}" if self.told_by else f"mapping, see {link}"

    @property
    def anchor(self) -> str:
        """What links to it say."""
        return f"keys-{_slug(self.path, self.told_by)}".rstrip("-")

    def anchor_of(self, key: str) -> str:
        """What links to one of its keys say: `key-animation-chapters-speed`."""
        return f"key-{_slug(self.path, self.told_by, key)}"


def sections(schema: Schema) -> tuple[Section, ...]:
    """All kinds of mappings of a schema in the order in which a scene file has them, each once."""
    found: dict[str, Section] = {}

    def visit(section: Section) -> None:
        known = found.get(section.kind)
        if known is None or section.path.count(".") < known.path.count("."):
            found[section.kind] = section
        if known is None:
            for key, value in section.schema["properties"].items():
                for kind, path, told in _mappings(value, f"{section.path}.{key}".lstrip(".")):
                    one = schema["$defs"][kind]
                    visit(Section(kind, path, one["required"][0] if told else "", one))

    visit(Section("", "", "", schema))
    return tuple(found.values())


def keys_page(schema: Schema) -> str:
    """The whole page."""
    all_sections = sections(schema)
    links = {section.kind: section.reference for section in all_sections}
    intro = (
        "# Scene keys\n\nEvery key of a scene file, from the schema that `mmviz schema` prints; `mmviz check` holds a "
        "file against it. Unknown keys are refused, and the message lists the known ones. NAME stands for a name of "
        "your own, most often that of a matrix in `expr`.\n"
    )
    return "\n".join([intro, *(_section_text(section, links, schema["$defs"]) for section in all_sections)])


def _slug(*parts: str) -> str:
    return "-".join(re.findall(r"\w+", " ".join(parts))).lower()


def _mappings(value: Schema, path: str) -> Iterator[tuple[str, str, bool]]:
    """The definitions that a value refers to: name, path, and whether it is one of several alternatives."""
    if "$ref" in value:
        yield value["$ref"].removeprefix("#/$defs/"), path, False
    for word in ("anyOf", "oneOf"):
        choices = value.get(word, [])
        several = sum("$ref" in choice for choice in choices) > 1
        for choice in choices:
            for kind, inner, told in _mappings(choice, path):
                yield kind, inner, told or several
    if isinstance(value.get("additionalProperties"), dict):
        yield from _mappings(value["additionalProperties"], f"{path}.NAME")
    if isinstance(value.get("items"), dict):
        yield from _mappings(value["items"], f"{path}[]")


def _section_text(section: Section, links: dict[str, str], schemas: Schema) -> str:
    needed = section.schema.get("required", [])
    one_of = [key for choice in section.schema.get("oneOf", ()) for key in choice.get("required", ())]
    lines = [f"({section.anchor})=", f"## {section.title}", "", section.schema.get("description", ""), ""]
    for key, value in section.schema["properties"].items():
        facts = [_value_text(value, links)]
        if key in needed:
            facts.append("**needed**")
        elif key in one_of:
            facts.append(f"**needed**, or {', '.join(f'`{other}`' for other in one_of if other != key)}")
        elif "default" in value and not isinstance(value["default"], dict) and value["default"] is not None:
            facts.append(f"default {_written(value['default'])}")
        told = value.get("description") or _described_elsewhere(value, schemas)
        lines += [f"[`{key}`]{{#{section.anchor_of(key)}}} *{'; '.join(facts)}*", f": {told}", ""]
    return "\n".join(lines)


def _described_elsewhere(value: Schema, schemas: Schema) -> str:
    """What is said of the mapping that a value refers to."""
    return str(schemas[value["$ref"].removeprefix("#/$defs/")]["description"]) if "$ref" in value else ""


def _value_text(value: Schema, links: dict[str, str]) -> str:
    """What may stand there, in words."""
    choices = [choice for word in ("anyOf", "oneOf") for choice in value.get(word, []) if choice != {"type": "null"}]
    if choices:
        head, *others = (_value_text(choice, links) for choice in choices)
        return " or ".join([head, *(re.sub(r"^mapping(, see| with) ", "", other) for other in others)])
    if "$ref" in value:
        return links[value["$ref"].removeprefix("#/$defs/")]
    if "enum" in value or "const" in value:
        return ", ".join(_written(choice) for choice in value.get("enum", [value.get("const")]))
    return _plain_text(value, links)


def _plain_text(value: Schema, links: dict[str, str]) -> str:
    """The same of a list, of a mapping whose keys are free, and of a single value."""
    match value.get("type"):
        case "array" if "prefixItems" in value:
            return f"[{', '.join(_value_text(item, links) for item in value['prefixItems'])}]"
        case "array":
            return f"list of {re.sub('^mapping', 'mappings', _value_text(value['items'], links))}"
        case "object":
            return f"NAME: {_value_text(value['additionalProperties'], links)}"
        case kind:
            return _TYPES.get(str(kind), "any value") + _range(value)


def _range(value: Schema) -> str:
    low, high = value.get("minimum"), value.get("maximum")
    above, below = value.get("exclusiveMinimum"), value.get("exclusiveMaximum")
    bounds = [
        f"{low:,} to {high:,}" if low is not None and high is not None else "",
        f"{low:,} or more" if low is not None and high is None else "",
        f"at most {high:,}" if high is not None and low is None else "",
        f"more than {above:,}" if above is not None else "",
        f"less than {below:,}" if below is not None else "",
        f"at most {value['maxLength']:,} characters" if "maxLength" in value else "",
    ]
    return "".join(f", {bound}" for bound in bounds if bound)


def _written(value: Any) -> str:
    """A value as a scene file says it."""
    match value:
        case bool():
            text = str(value).lower()
        case None:
            text = "null"
        case "":
            text = "''"
        case list():
            text = f"[{', '.join(_written(item).strip('`') for item in value)}]"
        case float():
            text = f"{value:g}"
        case _:
            text = str(value)
    return f"`{text}`"
