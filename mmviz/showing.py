"""A scene in the window: opened, waited for or not, and given back as it was left; knows nothing of Qt itself."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, Self, cast, overload

from mmviz.computed import Computed

if TYPE_CHECKING:
    from mmviz.viewer.held_window import OpenWindow
    from mmviz.viewer.session.models_here import ModelHere
    from mmviz.viewer.session.shown_scene import BuildAgain, Opener, Shown


class Shows(Computed):
    """What is computed of a scene, and shown. A scene of any kind can be made of what a person names."""

    @classmethod
    def named(cls, what: str) -> Self:
        """The scene of what a person names."""
        raise NotImplementedError

    @overload
    def show(
        self, opener: "Opener | None" = None, build_again: "BuildAgain | None" = None, *, block: Literal[True] = True
    ) -> Self: ...

    @overload
    def show(
        self, opener: "Opener | None" = None, build_again: "BuildAgain | None" = None, *, block: Literal[False]
    ) -> "OpenWindow[Self]": ...

    def show(
        self, opener: "Opener | None" = None, build_again: "BuildAgain | None" = None, *, block: bool = True
    ) -> "Self | OpenWindow[Self]":
        """Open the scene in a window, and return when it is closed.

        Args:
            opener: Makes a scene of what a user of the window names; `Scene.named` by default.
            build_again: Builds another layer, head or model of a scene that says what it was made by; by default its
                sources are others, and its expression stays.
            block: False: return at once. Somebody must run a Qt event loop then: IPython and Jupyter do after
                `%gui qt`.

        Returns:
            The scene as it was left, with all that was changed, and how the window looked at it in its `view`. With
            `block=False` the window: its `scene` is the scene as it is now, `closed` says whether it was closed, and
            `close()` closes it.

        Raises:
            MmvizError: as `values`; or there is no screen, nobody could close the window, no event loop goes on
                beside it, or the viewer is not installed.

        Example:
            >>> changed = scene.show()  # doctest: +SKIP
            >>> window = changed.show(block=False)  # doctest: +SKIP
            >>> window.scene.save("mine.yaml")  # doctest: +SKIP
        """
        from mmviz import viewer
        from mmviz.viewer.session.shown_scene import built_by_nobody

        viewer.check_screen()  # before the numbers are computed
        (viewer.check_seen if block else viewer.check_loop)()
        _ = self.composition
        show = viewer.open_window if block else viewer.keep_open
        shown = show(
            cast("Shown", self),
            cast("Opener", type(self).named) if opener is None else opener,
            build_again=build_again or built_by_nobody,
            models=models_here,
        )
        return cast("Self | OpenWindow[Self]", shown)


def models_here() -> "Sequence[ModelHere]":
    """The models on this machine that need no path, as the window lists them; asks no network."""
    from mmviz.values.origin import here

    return here.models_here()
