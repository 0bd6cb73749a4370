"""The story of mmviz in a page: a scene becomes numbers and a layout, then frames, then pictures, films or a window.

    scene    what is multiplied                      mmviz.scene
    values   a number for every element              mmviz.values     torch
    picture  where, when and in which colour         mmviz.picture    numpy
    render   pixels and films                        mmviz.render     VTK, PyAV
    viewer   the window                              mmviz.viewer     Qt

Heavy libraries are imported where they are first needed, so that `import mmviz` is quick.
"""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self, Unpack, cast

from mmviz.errors import MmvizError, SceneError
from mmviz.machine.derived import ALWAYS, forget, take_over
from mmviz.machine.shipped import locate_scene
from mmviz.scene import document as documents
from mmviz.scene.changes.doubts import doubts
from mmviz.scene.changes.edits import Dropped, dropped, edited
from mmviz.scene.changes.reach import outside
from mmviz.scene.changes.refill import picks, refilled, why_no_other_layer, why_no_other_model
from mmviz.scene.changes.relative_paths import moved
from mmviz.scene.document import Document
from mmviz.scene.keys.scale_groups import unheard
from mmviz.scene.keys.sources import FileSource
from mmviz.scene.language.shapes import Shapes
from mmviz.scene.language.written import Written
from mmviz.scene.mm.importer import document_from_mm
from mmviz.scene.mm.link import is_link, read_link
from mmviz.scene.parts import Changes, Parts, Tensors
from mmviz.scene.summary import told
from mmviz.showing import Shows
from mmviz.values.tensors.arrays import check_rows, sources_of

SUFFIXES = (".yaml", ".yml", ".json")
"""Of scene files that are written."""
MOST_GONE = 100
"""Tensors that a scene remembers which its expression has no more."""


class Scene(Shows):
    """A scene and everything that can be made of it. It never changes; what was computed once is kept.

    Args:
        expr: The expression, as text or as a tree; or a list of such, statements that use the names of those before; or
            a mapping of titles to several, which stand side by side.
        tensors: name -> where its numbers come from, as in a scene file, or the numbers themselves: a numpy array, a
            torch tensor of any type and device, a frame or series of pandas, nested lists. One dimension is a row.
        folder: What relative paths start from; the working folder by default.
        **parts: The other parts of a scene document, by the keys of `mmviz.scene.parts.Parts`: title, roots, model,
            rank, checks, partition, layout, animation, style, camera, captions, export, view.

    Raises:
        SceneError: the parts break a rule of the format, or an array is no matrix of real numbers.

    Example:
        >>> import mmviz
        >>> small = {"A": [[1, -2], [3, 0]], "B": {"init": "eye", "shape": [2, 3]}}
        >>> scene = mmviz.Scene("out = relu(A @ B)", small)
        >>> scene
        Scene("out = relu(A @ B)", A 2x2, B 2x3, out 2x3)
    """

    def __init__(
        self,
        expr: Written | Mapping[str, Written] | None = None,
        tensors: Tensors | None = None,
        *,
        folder: Path | str = ".",
        **parts: Unpack[Parts],
    ) -> None:
        given = {key: part for key, part in parts.items() if part is not None}
        sources, rows = sources_of(tensors, "scene")
        key = "roots" if isinstance(expr, Mapping) else "expr"
        if key in given:
            raise SceneError("scene, roots: stand in the first argument already; give them once.")
        said = {} if expr is None else {key: expr}
        document = documents.from_mapping({**said, "tensors": sources, **given}, "scene")
        check_rows(rows, document.tree(), "scene")
        self._take(document, Path(folder), "scene")

    _file: Path | None = None  # that it was read from or written to; only its comments are read again

    _gone: Mapping[str, Dropped] = MappingProxyType({})  # tensors that its expression had before

    _titled: str | None = None  # the expression that title and captions were written for, where that is another one

    def _take(self, document: Document, folder: Path, where: str) -> None:
        vars(self).update(document=document, folder=folder, where=where)

    def __setattr__(self, name: str, value: object) -> None:
        """Refuse what would make the scene another one, whose numbers are still those of this one."""
        if name in ("document", *ALWAYS):
            raise AttributeError(f"{name}: a scene never changes; scene.changed(...) makes another one.")
        super().__setattr__(name, value)

    @classmethod
    def load(cls, path: Path | str) -> Self:
        """Read a scene file, or a scene that comes with mmviz by its name.

        Raises:
            SceneError: there is no such scene, it is a file of another kind, or it breaks a rule of the format.

        Example:
            >>> mmviz.Scene.load("matmul").document.expr
            'L @ R'
        """
        from mmviz.values.files.no_scene import check_may_be_scene

        place = locate_scene(path)
        check_may_be_scene(place)
        scene = cls.of(documents.load(place), place.parent, str(place))
        scene._file = place
        return scene

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

        Example:
            >>> left, right = {"name": "A", "h": 4, "w": 3}, {"name": "B", "h": 3, "w": 2}
            >>> mmviz.Scene.from_mm({"left": left, "right": right}).shapes.of[""]
            (4, 2)
        """
        params = read_link(source) if isinstance(source, str) else source
        folder = None if csv_folder is None else Path(csv_folder)
        return cls.of(document_from_mm(params, csv_folder=folder, missing=missing), Path())

    @classmethod
    def named(cls, what: str) -> Self:
        """The scene of what a person names: a file, a scene that comes with mmviz, or a share link of mm.

        Raises:
            MmvizError: it is none of these, or cannot be read.

        Example:
            >>> mmviz.Scene.named("chain").document.title != ""
            True
        """
        return cls.from_mm(what) if isinstance(what, str) and is_link(what) else cls.load(what)

    @classmethod
    def of(cls, document: Document, folder: Path, where: str = "scene") -> Self:
        """A scene of a document that was checked already; `where` is what messages call it.

        Example:
            >>> mmviz.Scene.of(scene.document, scene.folder).document == scene.document
            True
        """
        scene = cls.__new__(cls)
        scene._take(document, folder, where)
        return scene

    def __repr__(self) -> str:
        """The expression, and the shapes of its inputs and its result where they can be had without a model."""
        return told(self.document, self._known_shapes())

    def _known_shapes(self) -> Shapes | None:
        """The shapes, if they are known or need no model; no reason to raise."""
        if "shapes" in vars(self):
            return self.shapes
        if self.document.model is not None or any(isinstance(s, FileSource) for s in self.document.tensors.values()):
            return None
        try:
            return self.shapes
        except MmvizError:
            return None

    def __reduce__(self) -> tuple[Any, ...]:
        """Another process gets the document and what is remembered, and computes the numbers itself."""
        remembered = {"_gone": dict(self._gone), "_titled": self._titled}
        return type(self).of, (self.document, self.folder.absolute(), self.where), remembered

    def edited(self, expr: Written) -> Self:
        """The scene of another expression, with the sources and settings of all matrices that stay.

        A matrix that is new is 32 x 32, and patterns and formulas take the sizes that fit. One that was there some
        expressions ago gets its numbers back, if they fit.

        Raises:
            MmvizError: the expression cannot be read.

        Example:
            >>> scene.edited("out = A @ B @ C")
            Scene("out = A @ B @ C", A 2x2, B 2x3, C 3x32, out 2x32)
        """
        try:
            known = self.shapes.tensors
        except MmvizError:
            known = {}  # what cannot be read now has no size to keep
        scene = type(self).of(edited(self.document, expr, known, self._gone), self.folder, self.where)
        scene._keep(self)
        if scene._titled is None:
            scene._titled = self.document.text()
        return scene

    def changed(self, **parts: Unpack[Changes]) -> Self:
        """The scene with other parts of its document, as a scene file would say them: layout, style, model ...

        What was computed and is the same for both is not computed again. `made_by` only says where a scene comes from:
        another head is made by `another`.

        Args:
            **parts: As `Scene` takes them, and expr and tensors; None stands for the default.

        Raises:
            SceneError: the parts break a rule of the format.

        Example:
            >>> scene.changed(layout={"gap": 8}, title="Small").document.title
            'Small'
        """
        said: dict[str, Any] = dict(parts)
        said["tensors"], rows = sources_of(parts.get("tensors"), self.where)
        document = documents.with_parts(self.document, {key: said[key] for key in parts}, self.where)
        check_rows(rows, document.tree(), self.where)
        scene = type(self).of(document, self.folder, self.where)
        scene._keep(self)
        return scene

    def another(
        self,
        *,
        layer: int | None = None,
        head: int | None = None,
        prompt: str | None = None,
        target: str | None = None,
        model: str | None = None,
    ) -> Self:
        """The same scene of another layer, head, prompt or model: other sources, and words that say which.

        The expression stays; `mmviz head` and `mmviz layer` make one for any model and layer.

        Args:
            layer: From 0, instead of the one layer that is shown.
            head: The query head, from 0, instead of the one that is shown.
            prompt: What the model reads.
            target: What its decoder has been given, where that is shown; "": nothing yet.
            model: A folder, a file, a name or a Hugging Face id.

        Raises:
            MmvizError: the scene shows no model, or several layers or heads; or the expression is another one there.

        Example:
            >>> mmviz.Scene.load("attention_head").another(head=4).document.tensors["wQ"].head
            4
        """
        parts = refilled(self.document, layer=layer, head=head, prompt=prompt, target=target, model=model)
        sizes = self.model_sizes if layer not in (None, picks(self.document).layer) or model is not None else None
        if layer is not None and sizes is not None and (reason := why_no_other_layer(self.document, sizes)):
            raise SceneError(f"layer: {reason}.")
        other = self.changed(**cast("Changes", parts))
        theirs = None if model is None else other.model_sizes
        if sizes is not None and theirs is not None and (reason := why_no_other_model(self.document, sizes, theirs)):
            raise SceneError(f"model: {reason}.")
        return other

    def _keep(self, other: Self) -> None:
        """Be what another scene has become by a change: of the same file, with what it remembers and has computed."""
        self._file = other._file
        if self.document.title == other.document.title:
            self._titled = other._titled
        shapes = other.shapes.tensors if "shapes" in vars(other) else {}
        gone = {**other._gone, **dropped(other.document, self.document, shapes)}
        gone = {name: one for name, one in gone.items() if name not in self.document.tensors}
        self._gone = dict(list(gone.items())[-MOST_GONE:])
        self.reuse(other)

    @property
    def is_computed(self) -> bool:
        """Whether its numbers and its first picture are there."""
        return "composition" in vars(self)

    def elements(self) -> int:
        """Of all its matrices together.

        Raises:
            MmvizError: as `shapes`.

        Example:
            >>> scene.elements()  # A 2x2, B 2x3, out 2x3
            16
        """
        return sum(rows * columns for rows, columns in self.shapes.of.values())

    def forget(self) -> None:
        """Give up what was computed, and its memory; whatever is asked for is computed again.

        Example:
            >>> scene.forget()
            >>> scene.is_computed
            False
        """
        forget(self)

    def reuse(self, other: Self) -> None:
        """Take from another scene what it has read and computed, as far as it was made of what both have in common.

        Example:
            >>> _, again = scene.shapes, mmviz.Scene.of(scene.document, scene.folder)
            >>> again.reuse(scene)
            >>> again.shapes is scene.shapes
            True
        """
        take_over(self, other)
        mine, theirs = self.document.model, other.document.model
        if mine is None or theirs is None or "sources" in vars(self):
            return
        if "sources" in vars(other):
            self.sources.share(other.sources)
        elif mine.alone() == theirs.alone() and self.folder == other.folder:
            self.opened = other.opened

    def doubts(self) -> tuple[str, ...]:
        """Titles, captions and a `made_by` that may no longer be true, and files outside its folder: a line for each.

        A title may be untrue after an edit of the expression; and words that name a layer or a head which no number of
        the scene is taken from are. Scales mean nothing under the colours of mm. Files outside its folder are told of a
        scene that lies in a file itself.

        Example:
            >>> scene.changed(title="A product").edited("A + A").doubts()
            ('title: may no longer be true, it was written for out = relu(A @ B)',)
        """
        read = () if self._file is None else outside(self.document, self.folder)
        return (*doubts(self.document, self._titled), *unheard(self.document.style), *read)

    def save(self, path: Path | str) -> str | None:
        """Write a scene file; loading it gives an equal scene. Relative paths in it are kept valid.

        Where the scene was read from a YAML file, its comments and the order and form of what is in it stay, and only
        what is otherwise now is changed; likewise where any scene is written over a file that is there. A comment goes
        with the matrix that it stands above or behind.

        Args:
            path: Ends in .yaml, .yml or .json.

        Returns:
            A line for the user where a YAML file, or a key of it, had comments and had to be written anew without
            them; else None.

        Raises:
            OutputError: the file cannot be written.
            SceneError: it would be larger than a scene file may be.

        Example:
            >>> scene.save("small.yaml")
            >>> mmviz.Scene.load("small.yaml").document == scene.document
            True
        """
        from mmviz.machine.output_files import check_no_folder, check_output
        from mmviz.scene.changes.saving import save_over

        check_no_folder(path)
        place = Path(path)
        check_output(place, SUFFIXES)
        note = save_over(moved(self.document, self.folder, place.parent), place, self._file)
        self._file = place
        return note
