"""The settings of the selected matrix: its source, its function, and how it is computed and laid out."""

from collections.abc import Callable
from functools import partial
from typing import Any, Literal, get_args

from mmviz.scene.keys.options import Counts, LayoutOptions, OwnAlgorithm
from mmviz.scene.keys.partition import axis_lengths, cut, letters
from mmviz.scene.keys.sources import LARGEST_SIDE, OWN_KEYS, RANDOM, SCALED, FormulaSource, Initializer, InitializerName
from mmviz.scene.language.functions import FUNCTIONS
from mmviz.scene.language.tree import LeafNode, Node, ProductNode, Tree, computed, find, roots, tensor_of
from mmviz.scene.language.worn_function import WITHOUT_ARGUMENTS
from mmviz.viewer.controls.fields import Choice, Control, Number, Switch, Text
from mmviz.viewer.controls.plain_words import label, plain
from mmviz.viewer.controls.setting_rows import SettingRows, choices, meaning, reach, tip, words
from mmviz.viewer.session.selection import Selection
from mmviz.viewer.session.shown_scene import Edit
from mmviz.viewer.session.undo import Desk
from mmviz.viewer.tabs.scene import node_edits as edits
from mmviz.viewer.tabs.scene.node_facts import tensor_source

AS_ABOVE = "as above it"
NO_MATRIX = "No matrix is selected: click one in the picture or in the tree"
PATTERN_TIP = "What the matrix is filled with"
FUNCTION_TIP = "The last function of the matrix; it becomes part of the expression"
ALGORITHM_TIP = "What a step of this product makes; by default it goes as the product that it is part of"
FORMULA_TIP = "Arithmetic over i (row), j (column), h (rows) and w (columns); Enter shows it"
OF_LAYOUT = ("scheme", "gap", "scatter", "polarity", "left", "right", "result")


class NodeSettings(SettingRows):
    """What can be changed of the selected matrix."""

    def __init__(self, desk: Desk, selection: Selection) -> None:
        super().__init__(desk)
        self._selection = selection
        self._of_source = self.section("What it is filled with")
        self._add_source()
        self._of_function = self.section("What is done to it")
        self._add_function()
        self._of_product = self.section("How it moves", "Of this product alone; the tab Motion has it for all")
        self._add_motion()
        self._of_place = self.section("Where it stands", "Of this product and what it is made of", folded=True)
        self._add_place()
        selection.changed.connect(self._another)
        self.follow()

    def follow(self) -> None:
        """Show what can be changed of the selected matrix, and what the scene says of it."""
        node = selected(self._desk, self._selection)
        if node is None or self._desk.changing:
            return
        self._show_rows(node)
        self._offer_functions(node)
        self._say_blocks(node)
        super().follow()

    def scope(self) -> str:
        """The matrix that is spoken of."""
        node = selected(self._desk, self._selection)
        return "" if node is None else f" of {node.name}"

    def _another(self, _path: object) -> None:
        self.calm()
        self.forget()
        self.follow()

    def _add_source(self) -> None:
        patterns = {name: name for name in (*get_args(InitializerName), "formula")}
        pattern = Choice(patterns, tip(PATTERN_TIP, "tensors.NAME.init"))
        write = lambda node, name: edits.set_pattern(_tensor(node), name)  # noqa: E731
        self._field("source", pattern, self._pattern, write, "tensors.init")
        formula = Text(tip(FORMULA_TIP, "tensors.NAME.formula"))
        self._source_field("formula", "formula", formula)
        sides: tuple[tuple[Literal[0, 1], str], ...] = (0, "rows"), (1, "columns")
        for side, name in sides:
            meant = tip(f"Number of {name} as the matrix is stored; its neighbours follow", "tensors.NAME.shape")
            control = Number(1, LARGEST_SIDE, meant)
            self._field(name, control, partial(self._size, side), partial(_resize, side), f"tensors.{name}")
        for name, key in (("from", "min"), ("to", "max")):
            meant = tip(meaning(Initializer, key), f"tensors.NAME.{key}")
            self._source_field(name, key, Number(*reach(Initializer, key, 3), meant, decimals=3))
        for key in OWN_KEYS:
            self._add_own(key)
        meant = tip(f"Of the random numbers. {meaning(Initializer, 'seed')}", "tensors.NAME.seed")
        self._field(
            "seed",
            Number(*reach(Initializer, "seed"), meant),
            lambda node: edits.seed_of(self._desk.scene.document, _tensor(node)),
            lambda node, seed: edits.set_source(_tensor(node), {"seed": seed}),
            "tensors.seed",
        )

    def _add_own(self, key: str) -> None:
        """What only one pattern has."""
        meant, decimals = tip(meaning(Initializer, key), f"tensors.NAME.{key}"), 3 if key == "value" else 0
        if Initializer.model_fields[key].annotation is bool:
            self._source_field(key, key, Switch(meant))
        else:
            self._source_field(key, key, Number(*reach(Initializer, key, decimals), meant, decimals=decimals))

    def _add_function(self) -> None:
        self._field(
            "function",
            Choice({"none": None}, tip(FUNCTION_TIP, "expr")),
            lambda node: edits.function_of(self._desk.scene.document, node.path),
            lambda node, function: edits.set_function(node.path, function),
            "expr",
        )

    def _add_motion(self) -> None:
        algorithms = {plain("animation.algorithm", word): word for word in words(OwnAlgorithm)}
        self._field(
            "algorithm",
            Choice(algorithms, tip(ALGORITHM_TIP, "animation.matrices")),
            lambda node: edits.algorithm_of(self._desk.scene.document, node, self._root),
            lambda node, algorithm: edits.set_algorithm(node, self._root, algorithm),
            "animation.algorithm",
        )
        for letter in "ikj":
            meant = f"Into how many blocks this axis is cut. {meaning(Counts, letter)}"
            self._field(
                f"blocks {letter}",
                Number(*reach(Counts, letter), tip(meant, f"partition.NAME.{letter}"), none="–"),
                partial(self._count, letter),
                partial(self._set_count, letter),
                f"partition.{letter}",
            )

    def _add_place(self) -> None:
        for key in OF_LAYOUT:
            meant = tip(meaning(LayoutOptions, key), f"layout.matrices.NAME.{key}")
            offered = {AS_ABOVE: None} | choices(LayoutOptions, key, f"layout.{key}")
            number = key in ("gap", "scatter")
            self._field(
                key,
                Number(*reach(LayoutOptions, key, 1), meant, decimals=1, none=AS_ABOVE)
                if number
                else Choice(offered, meant),
                partial(self._layout, key),
                partial(self._set_layout, key),
                f"layout.{key}",
            )

    def _field(
        self,
        name: str,
        control: Control,
        read: Callable[[Node], Any],
        write: Callable[[Node, Any], Edit],
        key: str,
    ) -> None:
        """A row about the selected matrix; it is only shown, and only speaks, while there is one."""
        self.add(name, control, lambda _scene: read(self._node), lambda value: write(self._node, value), label(key))

    def _source_field(self, name: str, key: str, control: Control) -> None:
        self._field(
            name,
            control,
            lambda node: getattr(self._desk.scene.document.tensors[_tensor(node)], key),
            lambda node, value: edits.set_source(_tensor(node), {key: value}),
            f"tensors.{key}",
        )

    def _show_rows(self, node: Node) -> None:
        source = tensor_source(node, self._desk.scene.document)
        shown = {"function", *(f"blocks {letter}" for letter in letters(node))}
        if source is not None:
            shown.add("source")
        if isinstance(source, Initializer | FormulaSource):
            shown |= {"rows", "columns"}
        if isinstance(source, FormulaSource):
            shown.add("formula")
        if isinstance(source, Initializer):
            shown |= {"from", "to"} if source.init in SCALED else set()
            shown |= {key for key, only in OWN_KEYS.items() if only == source.init}
            shown |= {"seed"} if source.init in RANDOM or source.dropout else set()
        match node:
            case LeafNode():
                pass
            case ProductNode():
                shown |= {"algorithm", *OF_LAYOUT}
            case _:
                shown |= set(OF_LAYOUT)
        self._of_source.setVisible(source is not None)
        self._of_product.setVisible(bool(shown & {"algorithm", "blocks i", "blocks k", "blocks j"}))
        self._of_place.setVisible(computed(node))
        for name, row in self.rows.items():
            row.setVisible(name in shown)

    def _say_blocks(self, node: Node) -> None:
        """Beside what is asked for, how many blocks are drawn where that is another number; one element is not cut."""
        for letter, length in axis_lengths(node, self._desk.scene.shapes.of).items():
            row, asked = self.rows[f"blocks {letter}"], self._count(letter, node)
            made = length if asked is None else cut(length, asked).count
            row.setEnabled(length > 1)
            if isinstance(row.control, Number):
                row.control.box.setSuffix("" if asked in (None, made) else f"  ({made} are drawn)")

    def _offer_functions(self, node: Node) -> None:
        """The functions that need nothing else, and the one that is worn now."""
        worn = edits.function_of(self._desk.scene.document, node.path)
        names = [*WITHOUT_ARGUMENTS, *([worn] if worn is not None and worn not in WITHOUT_ARGUMENTS else [])]
        control = self.rows["function"].control
        assert isinstance(control, Choice)  # noqa: S101  (it was made so)
        control.offer({"none": None} | {name: name for name in names}, ["", *(FUNCTIONS[n].meaning for n in names)])
        source = tensor_source(node, self._desk.scene.document)
        pattern = self.rows["source"].control
        if source is not None and isinstance(pattern, Choice):
            own = edits.pattern_of(self._desk.scene.document, _tensor(node))
            pattern.offer({name: name for name in dict.fromkeys((*get_args(InitializerName), "formula", own))})

    def _pattern(self, node: Node) -> str:
        return edits.pattern_of(self._desk.scene.document, _tensor(node))

    def _size(self, side: Literal[0, 1], node: Node) -> int:
        return self._desk.scene.shapes.tensors[_tensor(node)][side]

    def _count(self, letter: str, node: Node) -> int | None:
        return edits.count_of(self._desk.scene.document, node, self._root, letter)

    def _set_count(self, letter: str, node: Node, count: int | None) -> Edit:
        return edits.set_count(node, self._root, letter, count)

    def _layout(self, key: str, node: Node) -> Any:
        return edits.layout_of(self._desk.scene.document, node, self._root, key)

    def _set_layout(self, key: str, node: Node, value: Any) -> Edit:
        return edits.set_layout(node, self._root, key, value)

    @property
    def _node(self) -> Node:
        node = selected(self._desk, self._selection)
        return roots(self._root)[0] if node is None else node

    @property
    def _root(self) -> Tree:
        return self._desk.scene.root


def selected(desk: Desk, selection: Selection) -> Node | None:
    """The selected matrix of the scene."""
    node = None if selection.path is None else find(desk.scene.root, selection.path)
    return node if node is not None and node.path == selection.path else None


def _tensor(node: Node) -> str:
    return tensor_of(node) or ""


def _resize(side: Literal[0, 1], node: Node, size: int) -> Edit:
    return edits.resize(_tensor(node), side, size)
