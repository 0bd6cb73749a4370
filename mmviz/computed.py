"""What is computed of a scene, stage by stage: its tree, shapes, numbers, layout, timeline and composition.

Each stage declares which parts of the document it reads and which other stages it uses, and can see no others; so a
scene takes over from the one that it was made of just what was made of equal parts. See `machine.derived`.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mmviz.errors import SceneError, ShapeError
from mmviz.export import Exports
from mmviz.machine.derived import stage
from mmviz.picture.composition import Composition
from mmviz.picture.look.looks import Looks, looks
from mmviz.picture.look.scale_words import Scale
from mmviz.picture.marks.sheet_before import Before, sheet_names
from mmviz.picture.space.head_grid import note_on_grid
from mmviz.picture.space.layout import Layout, lay_out
from mmviz.picture.time.chapters import chapters_of, whole_of
from mmviz.picture.time.scales import numbers_of
from mmviz.picture.time.schedule import schedule
from mmviz.picture.time.timeline import Timeline
from mmviz.scene.document import Document
from mmviz.scene.keys.folding import folding
from mmviz.scene.keys.model_sizes import ModelSizes
from mmviz.scene.keys.options import LayoutOptions
from mmviz.scene.keys.origin import in_words
from mmviz.scene.keys.partition import Blocks, partition
from mmviz.scene.keys.ranks import check_ranks, cut_told, ranks_told
from mmviz.scene.keys.sources import ActivationSource, WeightSource
from mmviz.scene.language.shapes import Shapes, infer
from mmviz.scene.language.shortened import shortened
from mmviz.scene.language.tree import Tree, roots, walk
from mmviz.values.reference.certificate import Certificate, certify, check_shapes
from mmviz.whereabouts import Whereabouts

if TYPE_CHECKING:
    from mmviz.values.files.checkpoint import Checkpoint
    from mmviz.values.model.adapter import Adapter
    from mmviz.values.tensors.evaluate import Values
    from mmviz.values.tensors.head_patterns import HeadPatterns
    from mmviz.values.tensors.sources import Sources

LONGEST_FORMULA = 150
"""Letters of an expression that are written over a picture, where it can be told in so few."""
MOST_LETTERS = 600
"""Letters of one that cannot: it goes on in more lines."""
LOOKS = (
    *("style.quantile", "style.palette", "style.patterns", "style.mm"),
    *("style.scale", "style.scales", "style.curve", "style.decades"),
)
"""What colours and sizes go by besides the numbers."""


def written(document: Document) -> str:
    """What is multiplied, as it is written over a picture."""
    several = len(roots(document.tree())) > 1
    text = shortened(document.text(), LONGEST_FORMULA, LONGEST_FORMULA if several else MOST_LETTERS)
    return text.replace(" | ", "   |   ") if several else text


class Computed(Exports, Whereabouts):
    """A document, and everything that is computed of it, once and when it is first asked for."""

    document: Document
    folder: Path  # what relative paths start from
    where: str  # what messages call it
    _opened: "tuple[Checkpoint, Adapter | None] | None" = None

    @property
    def opened(self) -> "tuple[Checkpoint, Adapter | None] | None":
        """Its model, where somebody has opened it already, so that it is not read twice."""
        return self._opened

    @opened.setter
    def opened(self, model: "tuple[Checkpoint, Adapter | None] | None") -> None:
        self._opened = model

    # scene: what is multiplied

    @stage("expr", "roots")
    def root(self) -> Tree:
        """The tree of the expression."""
        return self.document.tree()

    @stage("expr", "roots", "rank", "checks", uses=("root", "sources"))
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

    @stage("partition", uses=("root", "shapes"))
    def blocks(self) -> dict[str, tuple[Blocks, Blocks]]:
        """The blocks of the rows and of the columns of every matrix, by path.

        Raises:
            MmvizError: as `shapes`; or the partition names no axis, or cuts one in two ways.
        """
        return partition(self.root, self.shapes.of, self.shapes.axes, self.document.partition, self.where)

    # values: how much

    @stage("model", "tensors", "rank", beside=("opened", "_opened"))
    def sources(self) -> "Sources":
        """Where the numbers of the scene's tensors come from."""
        from mmviz.values.tensors.sources import Sources

        sources = Sources(self.document, self.folder, self.where)
        if self.opened is not None:
            sources.take(*self.opened)
        return sources

    @stage("model", "tensors", uses=("sources",))
    def model_sizes(self) -> ModelSizes | None:
        """The sizes of the model that its numbers come from, by its configuration; None where there is none.

        Raises:
            MmvizError: the model cannot be opened.
        """
        of_model = WeightSource | ActivationSource
        if self.document.model is None or not any(isinstance(s, of_model) for s in self.document.tensors.values()):
            return None
        return self.sources.sizes

    @stage("tensors", "rank", uses=("model_sizes",))
    def origins(self) -> dict[str, str]:
        """In words where the numbers of each tensor come from, by its name.

        Raises:
            MmvizError: as `model_sizes`.
        """
        sizes, ranks = self.model_sizes, self.document.rank
        model = "the model" if sizes is None else sizes.name
        told = self.document.tensors.items()
        return {name: in_words(source, model, name, sizes) + cut_told(ranks, name) for name, source in told}

    @stage("model", uses=("sources",))
    def special_tokens(self) -> tuple[str, ...]:
        """What the model's tokenizer puts around the prompt, such as <s>; empty where it is not to, or puts nothing.

        Raises:
            MmvizError: the model or its tokenizer cannot be opened.
        """
        model = self.document.model
        return self.sources.special_tokens if model is not None and model.special_tokens else ()

    @stage("model", "made_by", uses=("sources",))
    def head_patterns(self) -> "HeadPatterns":
        """What all heads of its model attend to on its prompt; raises where it has none. Computes nothing by itself."""
        from mmviz.values.tensors.head_patterns import HeadPatterns

        made = self.document.made_by
        return HeadPatterns(self.sources, across=made is not None and made.cross)

    @stage("style.before", uses=("root", "sources", "shapes"))
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

        Example:
            >>> scene.values()[""].tolist()
            [[1.0, 0.0, 0.0], [3.0, 0.0, 0.0]]
        """
        return dict(self.evaluated.of)

    @stage("expr", "roots", "checks", uses=("root", "sources", "shapes", "evaluated"))
    def certificate(self) -> Certificate:
        """How far the matrices named in `checks` are from what transformers computes.

        Raises:
            MmvizError: as `values`; or there are no checks, or transformers is not there or cannot run the model.
        """
        return certify(self.document, self.root, lambda: self.evaluated, self.sources, self.where)

    def notes(self) -> tuple[str, ...]:
        """What is odd about the scene, a line for each.

        A matrix that it is made of has NaN or infinities, a mask leaves nothing of some rows of a softmax, no font of
        this machine has some letters of its texts, or nothing stands in the grid that its style asks for.

        Raises:
            MmvizError: as `values`.

        Example:
            >>> mmviz.Scene("x", {"x": [[1, float("nan")]]}).notes()
            ('x: 1 of 2 numbers is NaN, the first at [0, 1].',)
        """
        from mmviz.render.text.letters import notes_on_letters
        from mmviz.values.tensors.odd_numbers import notes_on

        captions = [caption.text for caption in self.document.captions]
        captions += [chapter.caption or "" for chapter in self.document.animation.chapters]
        tokens = (*self.sources.token_texts, *self.sources.source_texts)
        texts = (self.document.title, self.document.text(), *captions, *tokens)
        grid = note_on_grid(self.document.style.heads, self.placed.grids)
        return (*notes_on(self.root, self.evaluated), *notes_on_letters(texts), *grid)

    # picture: where, when, which colour

    def layout(self) -> Layout:
        """The placement of every matrix by its path, in cells.

        Raises:
            MmvizError: as `shapes`; or the partition names no axis, or a matrix would stand too far away.

        Example:
            >>> scene.layout()["left"].element(1, 0).shape  # where row 1, column 0 of A stands
            (3,)
        """
        return self.placed

    @stage("layout", "style.heads", "beside_for", uses=("root", "shapes", "blocks"))
    def placed(self) -> Layout:
        """As `layout`."""
        shapes, blocks, options = self.shapes, self.blocks, self.document.layout
        thicker = shapes.of if options.gap == "auto" else None
        folds = folding(self.root, shapes.axes, options.fold, self.where, thicker)
        try:
            grid, toward = self.document.style.heads == "grid", self.document.beside_for
            return lay_out(self.root, shapes.of, options, blocks, folds, grid=grid, toward=toward)
        except SceneError as error:
            raise SceneError(f"{self.where}, {error}") from None

    def timeline(self) -> Timeline:
        """The animation: `steps` and `frame(t)`.

        Raises:
            MmvizError: as `values`.

        Example:
            >>> timeline = scene.timeline()
            >>> timeline.steps
            2
            >>> timeline.frame(0)[""].visible.tolist()
            [[True, True, True], [False, False, False]]
        """
        self.check_film()  # before any number is computed
        return self.played

    @stage("animation", uses=("root", "evaluated", "placed"))
    def played(self) -> Timeline:
        """As `timeline`, of chapters and keyframes that fit."""
        values = self.evaluated
        return Timeline(self.root, values.of, self.placed, self.document.animation, values.finish, values.logits)

    @stage(*LOOKS, "animation", uses=("root", "shapes", "blocks", "evaluated"))
    def looks(self) -> Looks:
        """Look and scale of each matrix, by path, and of each product's planes.

        They go by numbers alone, wherever these stand: those of any layout are those of all.
        """
        values = self.evaluated
        anywhere = lay_out(self.root, self.shapes.of, LayoutOptions(), self.blocks)
        timeline = Timeline(self.root, values.of, anywhere, self.document.animation, values.finish, values.logits)
        return looks(self.root, numbers_of(values.of, values.masked, timeline), self.document.style)

    def check_film(self) -> None:
        """Refuse chapters and keyframes that do not fit the steps of the animation; no number is computed.

        Raises:
            MmvizError: as `layout`; or one of them ends before it begins, lies beyond the end or comes too early.

        Example:
            >>> scene.check_film()
        """
        _ = self.film_checked

    @stage("animation", "camera.keyframes", uses=("root", "placed"))
    def film_checked(self) -> bool:
        """As `check_film`; True, or it raises."""
        document, cubes = self.document, self.placed.cubes  # whose own errors say where they are already
        try:
            plan = schedule(self.root, cubes, document.animation)
            chapters_of(self.root, plan, document.animation)
            whole_of(self.root, plan, document.animation, document.camera.keyframes)
        except SceneError as error:
            raise SceneError(f"{self.where}, {error}") from None
        return True

    @stage(
        "title",
        "expr",
        "roots",
        "rank",
        "animation",
        "style",
        "camera",
        "captions",
        uses=(
            *("root", "sources", "origins", "shapes", "evaluated", "certificate"),
            *("placed", "film_checked", "played", "looks"),
        ),
    )
    def composition(self) -> Composition:
        """Layout, timeline, style and camera together: a draw list for every time."""
        self.check_film()  # before any number is computed
        values, document = self.evaluated, self.document
        return Composition(
            root=self.root,
            layout=self.placed,
            timeline=self.played,
            values=values.of,
            masked=values.masked,
            axes=self.shapes.axes,
            style=document.style,
            eye=document.camera,
            title=document.title or ("" if any(document.titles()) else written(document)),
            subtitle="   ·   ".join(
                filter(
                    None,
                    (
                        ranks_told(document.rank),
                        self.sources.dequantized,
                        written(document) if document.title or any(document.titles()) else "",
                    ),
                )
            ),
            titles=document.titles(),
            animation=document.animation,
            captions=document.captions,
            tokens=self.sources.token_texts,
            raw_tokens=self.sources.token_pieces if document.style.tokens == "raw" else (),
            source_tokens=self.sources.source_texts,
            raw_source_tokens=self.sources.source_pieces if document.style.tokens == "raw" else (),
            badge=self.certificate.badge if document.style.badge else "",
            before=Before.of(sheet_names(self.root, document.style), values.before),
            origins=self.origins,
            around=values.around,
            ingredients=values.ingredients,
            cancelled=values.cancelled,
            known_looks=self.looks,
        )

    def scales(self) -> dict[str, Scale]:
        """Which `|x|` of every matrix is drawn at full size, and why, by path.

        Example:
            >>> scene.scales()["left"].full
            3.0
        """
        return dict(self.composition.scales)

    def colors(self) -> dict[str, NDArray[np.float64]]:
        """The colour of every element by path, before light and shade; (rows, columns, 3) each, RGB 0..1.

        Example:
            >>> scene.colors()["left"].shape
            (2, 2, 3)
        """
        return self.composition.colors()

    def sizes(self) -> dict[str, NDArray[np.float64]]:
        """The size of every element by path, (rows, columns) each: radius in cells, or in mm's unit under style.mm.

        Example:
            >>> scene.sizes()["left"].shape
            (2, 2)
        """
        return self.composition.sizes()
