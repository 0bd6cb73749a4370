"""The story of mmviz in a page: a scene becomes numbers and a layout, then frames, then pictures, films or a window.

    scene    what is multiplied                      mmviz.scene
    values   a number for every element              mmviz.values     torch
    picture  where, when and in which colour         mmviz.picture    numpy
    render   pixels and films                        mmviz.render     VTK, PyAV
    viewer   the window                              mmviz.viewer     Qt

Heavy libraries are imported where they are first needed, so that `import mmviz` is quick.
"""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from mmviz.errors import MmvizError, SceneError, ShapeError
from mmviz.export import Exports
from mmviz.machine.shipped import locate_scene
from mmviz.picture.composition import Composition
from mmviz.picture.look.looks import Looks
from mmviz.picture.marks.sheet_before import Before, sheet_names
from mmviz.picture.space.layout import Layout, lay_out
from mmviz.picture.time.chapters import chapters_of, whole_of
from mmviz.picture.time.schedule import schedule
from mmviz.picture.time.timeline import Timeline
from mmviz.scene import document as documents
from mmviz.scene.document import Document
from mmviz.scene.edits import edited
from mmviz.scene.expression import Expression
from mmviz.scene.mm.importer import document_from_mm
from mmviz.scene.mm.link import read_link
from mmviz.scene.model_sizes import ModelSizes
from mmviz.scene.partition import Blocks, partition
from mmviz.scene.ranks import check_ranks, ranks_told
from mmviz.scene.relative_paths import moved
from mmviz.scene.shapes import Shapes, infer
from mmviz.scene.sources import ActivationSource, WeightSource
from mmviz.scene.tree import Node, plain, walk
from mmviz.values.reference.certificate import Certificate, certify, check_shapes

if TYPE_CHECKING:
    from mmviz.values.tensors.evaluate import Values
    from mmviz.values.tensors.sources import Sources
    from mmviz.viewer.session.shown_scene import Opener

SUFFIXES = (".yaml", ".yml", ".json")
"""Of scene files that are written."""


class Scene(Exports):
    """A scene and everything that can be made of it. It never changes; what was computed once is kept.

    Args:
        expr: The expression, as text or as a tree.
        tensors: name -> where its numbers come from, as in a scene file.
        folder: What relative paths start from; the working folder by default.
        **parts: The other parts of a scene document: title, model, checks, partition, layout, animation, style,
            camera, captions, export.

    Raises:
        SceneError: the parts break a rule of the format.
    """

    def __init__(
        self,
        expr: str | Expression,
        tensors: Mapping[str, Any] | None = None,
        *,
        folder: Path | str = ".",
        **parts: Any,
    ) -> None:
        content = {"expr": expr, "tensors": dict(tensors or {}), **parts}
        self._take(documents.from_mapping(content, "scene"), Path(folder), "scene")

    _looks: Looks | None = None  # of a scene with the same numbers, style and animation

    def _take(self, document: Document, folder: Path, where: str) -> None:
        self.document = document
        self.folder = folder
        self.where = where

    @classmethod
    def load(cls, path: Path | str) -> Self:
        """Read a scene file, or a scene that comes with mmviz by its name.

        Raises:
            SceneError: there is no such scene, or it breaks a rule of the format.
        """
        place = locate_scene(path)
        return cls.of(documents.load(place), place.parent, str(place))

    @classmethod
    def from_mm(
        cls, source: str | Mapping[str, Any], *, csv_folder: Path | str | None = None, missing: str | None = None
    ) -> Self:
        """The scene of a share link of mm (bhosmer/mm), or of its parameters. Nothing is fetched or executed.

        Args:
            source: A link, plain or packed, its query alone, the parameters as JSON, or the parameters themselves.
            csv_folder: Where copies of the CSV files lie that the link names by address.
            missing: The initializer that stands in for a file that is not there; without it the scene keeps the
                address, and asks for another source when its numbers are needed.

        Raises:
            MmvizError: this is no link of mm, or a value in it is not what it must be.
        """
        params = read_link(source) if isinstance(source, str) else source
        folder = None if csv_folder is None else Path(csv_folder)
        return cls.of(document_from_mm(params, csv_folder=folder, missing=missing), Path())

    @classmethod
    def named(cls, what: str) -> Self:
        """The scene of what a person names: a file, a scene that comes with mmviz, or a share link of mm.

        Raises:
            MmvizError: it is none of these, or cannot be read.
        """
        is_link = what.lstrip().startswith(("http://", "https://", "?", "{"))
        return cls.from_mm(what) if is_link else cls.load(what)

    @classmethod
    def of(cls, document: Document, folder: Path, where: str = "scene") -> Self:
        """A scene of a document that was checked already; `where` is what messages call it."""
        scene = cls.__new__(cls)
        scene._take(document, folder, where)
        return scene

    def __reduce__(self) -> tuple[Any, ...]:
        """Another process gets the document, and computes the numbers itself."""
        return type(self).of, (self.document, self.folder.absolute(), self.where)

    def edited(self, expr: str | Expression) -> Self:
        """The scene of another expression, with the sources and settings of all matrices that stay.

        A matrix that is new is 32 x 32, and patterns and formulas take the sizes that fit.

        Raises:
            MmvizError: the expression cannot be read.
        """
        try:
            known = self.shapes.tensors
        except MmvizError:
            known = {}  # what cannot be read now has no size to keep
        scene = type(self).of(edited(self.document, expr, known), self.folder, self.where)
        scene._keep(self)
        return scene

    def changed(self, **parts: Any) -> Self:
        """The scene with other parts of its document, as a scene file would say them: layout, style, model ...

        What was computed and is the same for both is not computed again.

        Raises:
            SceneError: the parts break a rule of the format.
        """
        content = documents.to_mapping(self.document) | parts
        scene = type(self).of(documents.from_mapping(content, self.where), self.folder, self.where)
        scene._keep(self)
        return scene

    def _keep(self, other: Self) -> None:
        """Use what another scene has read and computed, as far as both have it in common."""
        mine, before = self.document, other.document
        if mine.model is not None and before.model is not None and "sources" in vars(other):
            self.sources.share(other.sources)
        same_tensors = (mine.expr, mine.tensors, mine.model, mine.rank) == (
            before.expr,
            before.tensors,
            before.model,
            before.rank,
        )
        if same_tensors and mine.style.before == before.style.before and mine.checks == before.checks:
            kept: dict[str, Any] = {
                name: vars(other)[name] for name in ("sources", "shapes", "evaluated") if name in vars(other)
            }
            vars(self).update(kept)
            same = (mine.style, mine.animation, mine.partition) == (before.style, before.animation, before.partition)
            self._looks = vars(other.composition).get("looks") if same and "composition" in vars(other) else None

    def save(self, path: Path | str) -> None:
        """Write a scene file; loading it gives an equal scene. Relative paths in it are kept valid.

        Args:
            path: Ends in .yaml, .yml or .json.

        Raises:
            OutputError: the file cannot be written.
        """
        from mmviz.machine.output_files import check_output, whole_file

        check_output(Path(path), SUFFIXES)
        with whole_file(Path(path)) as part:
            documents.save(moved(self.document, self.folder, Path(path).parent), part)

    # scene: what is multiplied

    @cached_property
    def root(self) -> Node:
        """The tree of the expression."""
        return self.document.tree()

    @cached_property
    def shapes(self) -> Shapes:
        """The shape of every matrix; reads headers, no weights.

        Raises:
            MmvizError: a source is missing, or matrices do not fit together.
        """
        from mmviz.values.arithmetic.functions import check_shape

        try:
            shapes = infer(self.root, self.sources.shapes(), self.sources.axes())
            for node in walk(self.root):
                for worn in node.worn:
                    check_shape(worn, shapes.of[node.path])
        except ShapeError as error:
            raise ShapeError(f"{self.where}: {error}") from error
        check_ranks(self.document.rank, shapes.tensors, self.where)
        check_shapes(self.document, self.root, shapes.of, self.sources, self.where)
        return shapes

    @cached_property
    def blocks(self) -> dict[str, tuple[Blocks, Blocks]]:
        """The blocks of the rows and of the columns of every matrix, by path.

        Raises:
            MmvizError: as `shapes`; or the partition names no axis, or cuts one in two ways.
        """
        return partition(self.root, self.shapes.of, self.shapes.axes, self.document.partition, self.where)

    # values: how much

    @cached_property
    def sources(self) -> "Sources":
        """Where the numbers of the scene's tensors come from."""
        from mmviz.values.tensors.sources import Sources

        return Sources(self.document, self.folder, self.where)

    @cached_property
    def model_sizes(self) -> ModelSizes | None:
        """The sizes of the model that its numbers come from, by its configuration; None where there is none.

        Raises:
            MmvizError: the model cannot be opened.
        """
        of_model = WeightSource | ActivationSource
        if self.document.model is None or not any(isinstance(s, of_model) for s in self.document.tensors.values()):
            return None
        return self.sources.sizes

    @property
    def special_tokens(self) -> tuple[str, ...]:
        """What the model's tokenizer puts around the prompt, such as <s>; empty where it is not to, or puts nothing.

        Raises:
            MmvizError: the model or its tokenizer cannot be opened.
        """
        model = self.document.model
        return self.sources.special_tokens if model is not None and model.special_tokens else ()

    @cached_property
    def evaluated(self) -> "Values":
        """The numbers of all matrices, with their masks.

        Raises:
            MmvizError: as `shapes`; or a tensor cannot be read.
        """
        from mmviz.values.tensors.evaluate import evaluate

        before = sheet_names(self.root, self.document.style)
        return evaluate(self.root, self.sources.tensors(self.shapes.tensors), self.sources.device, before)

    def values(self) -> dict[str, NDArray[np.float32]]:
        """The number of every element by path, (rows, columns) each, after the functions that a matrix wears.

        Raises:
            MmvizError: a source is missing or broken, or matrices do not fit together.
        """
        return dict(self.evaluated.of)

    @cached_property
    def certificate(self) -> Certificate:
        """How far the matrices named in `checks` are from what transformers computes.

        Raises:
            MmvizError: as `values`; or there are no checks, or transformers is not there or cannot run the model.
        """
        return certify(self.document, self.root, lambda: self.evaluated, self.sources, self.where)

    def notes(self) -> tuple[str, ...]:
        """What is odd about the numbers that the scene is made of: a line for each matrix with NaN or infinities.

        Raises:
            MmvizError: as `values`.
        """
        from mmviz.values.tensors.odd_numbers import odd_numbers

        paths = {node.name: node.path for node in plain(self.root)}
        return tuple(note for name, path in paths.items() for note in odd_numbers(name, self.evaluated.of[path]))

    # picture: where, when, which colour

    def layout(self) -> Layout:
        """The placement of every matrix by its path, in cells.

        Raises:
            MmvizError: as `shapes`; or the partition names no axis, or a matrix would stand too far away.
        """
        shapes, blocks = self.shapes.of, self.blocks
        try:
            return lay_out(self.root, shapes, self.document.layout, blocks)
        except SceneError as error:
            raise SceneError(f"{self.where}, {error}") from None

    def timeline(self) -> Timeline:
        """The animation: `steps` and `frame(t)`.

        Raises:
            MmvizError: as `values`.
        """
        return self.composition.timeline

    def check_film(self) -> None:
        """Refuse chapters and keyframes that do not fit the steps of the animation; no number is computed.

        Raises:
            MmvizError: as `layout`; or one of them ends before it begins, lies beyond the end or comes too early.
        """
        cubes, document = self.layout().cubes, self.document
        try:
            plan = schedule(self.root, cubes, document.animation)
            chapters_of(self.root, plan, document.animation)
            whole_of(self.root, plan, document.animation, document.camera.keyframes)
        except SceneError as error:
            raise SceneError(f"{self.where}, {error}") from None

    @cached_property
    def composition(self) -> Composition:
        """Layout, timeline, style and camera together: a draw list for every time."""
        self.check_film()  # before any number is computed
        layout, values, document = self.layout(), self.evaluated, self.document
        return Composition(
            root=self.root,
            layout=layout,
            timeline=Timeline(self.root, values.of, layout, document.animation, values.finish, values.logits),
            values=values.of,
            masked=values.masked,
            axes=self.shapes.axes,
            style=document.style,
            eye=document.camera,
            title=document.title or document.expr,
            subtitle="   ·   ".join(filter(None, (ranks_told(document.rank), document.title and document.expr))),
            animation=document.animation,
            captions=document.captions,
            tokens=self.sources.token_texts,
            raw_tokens=self.sources.token_pieces if document.style.tokens == "raw" else (),
            badge=self.certificate.badge if document.style.badge else "",
            before=Before.of(sheet_names(self.root, document.style), values.before),
            around=values.around,
            known_looks=self._looks,
        )

    def colors(self) -> dict[str, NDArray[np.float64]]:
        """The colour of every element by path, before light and shade; (rows, columns, 3) each, RGB 0..1."""
        return self.composition.colors()

    def sizes(self) -> dict[str, NDArray[np.float64]]:
        """The size of every element by path, (rows, columns) each: radius in cells, or in mm's unit under style.mm."""
        return self.composition.sizes()

    # render: pixels, films and meshes: see Exports

    # viewer: the window

    def show(self, opener: "Opener | None" = None) -> None:
        """Open the scene in a window, and return when it is closed.

        Args:
            opener: Makes a scene of what a user of the window names; `Scene.named` by default.

        Raises:
            MmvizError: as `values`; or there is no screen, or the viewer is not installed.
        """
        from mmviz.viewer import check_screen, open_window

        check_screen()  # before the numbers are computed
        _ = self.composition
        open_window(self, type(self).named if opener is None else opener)
