"""What becomes of a scene that a command has made of a model: a scene file, a picture, a film, a page, a window."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from mmviz.cli.output import check_new, compute_deep, film, show, tell_notes

if TYPE_CHECKING:
    from mmviz.orders.order import FilmOrder, Order
    from mmviz.pipeline import Scene


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person asked for; None and False: not that."""

    output: Path | None  # the scene file
    force: bool  # it may be there already
    picture: Path | None
    movie: str | None
    page: Path | None
    window: bool

    def check(self) -> None:
        """Refuse what cannot be written, before any number is computed.

        Raises:
            BadParameter: nothing is asked for.
            MmvizError: the scene file cannot be written.
        """
        if not self.window and all(one is None for one in (self.output, self.picture, self.movie, self.page)):
            raise typer.BadParameter(
                "nothing to do: give -o scene.yaml, --render image.png, --movie film.mp4, --page page.html or --view."
            )
        if self.output is not None:
            check_new(self.output, force=self.force)

    def deliver(self, scene: "Scene", way_out: str = "") -> None:
        """Write and show it.

        Args:
            scene: What was made.
            way_out: What else the user can do where much is read, in a few words.

        Raises:
            MmvizError: something cannot be written, drawn or computed.
        """
        made, filmed = self._orders(scene)
        for order in (*made, *filmed):
            scene.check_order(order)
        if self.output is not None:
            note = scene.save(self.output)
            if note is not None:
                typer.echo(note, err=True)
        if made or filmed or self.window:
            compute_deep(scene, way_out)
        for order in made:
            scene.make(order)
        for order in filmed:
            film(scene, order)
        if made and not filmed:
            tell_notes(scene)
        if self.window:
            show(scene)

    def _orders(self, scene: "Scene") -> tuple[list["Order"], list["FilmOrder"]]:
        """What is made at once, and the film, which has a progress bar."""
        from mmviz.orders.order import FilmOrder, PageOrder, PictureOrder

        export = scene.document.export
        made: list[Order] = [] if self.picture is None else [PictureOrder.of(export, self.picture)]
        made += [] if self.page is None else [PageOrder.of(export, self.page)]
        return made, [] if self.movie is None else [FilmOrder.of(export, self.movie)]
