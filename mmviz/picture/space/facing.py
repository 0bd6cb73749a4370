"""On which faces of its cuboid a product wears its matrices, and how that follows from its consumer."""

from dataclasses import dataclass, replace

from mmviz.scene.keys.options import LayoutOptions, MatrixLayout, Scheme


@dataclass(frozen=True, slots=True)
class Facing:
    """On which faces of its cuboid a product wears its three matrices, and which way k runs."""

    positive: bool = False  # k runs along +z, from the near face to the far one
    left_at_right: bool = False
    right_at_bottom: bool = False
    result_at_back: bool = False

    def overlaid(self, own: LayoutOptions | MatrixLayout) -> "Facing":
        """The same with what options say of it."""
        return Facing(
            positive=self.positive if own.polarity is None else own.polarity == "positive",
            left_at_right=self.left_at_right if own.left is None else own.left == "right",
            right_at_bottom=self.right_at_bottom if own.right is None else own.right == "bottom",
            result_at_back=self.result_at_back if own.result is None else own.result == "back",
        )

    def of_left(self, scheme: Scheme = "blocks") -> "Facing":
        """The facing of a left argument.

        In blocks and zigzag the argument's result touches this cuboid and polarity alternates; the side of the
        argument's input that would point back turns away, the other one flips (blocks) or stays (zigzag). In wheel
        an argument faces as its consumer does; and so it does in custom, where it says nothing else itself.
        """
        if scheme in ("wheel", "custom"):
            return self
        return Facing(
            positive=not self.positive,
            left_at_right=self.positive != self.result_at_back,
            right_at_bottom=self.right_at_bottom != (scheme == "blocks"),
            result_at_back=self.positive == self.left_at_right,
        )

    def of_right(self, scheme: Scheme = "blocks") -> "Facing":
        """The facing of a right argument: `of_left` with the two sides exchanged."""
        return self.exchanged().of_left(scheme).exchanged()

    def exchanged(self) -> "Facing":
        """Left and right argument exchanged."""
        return replace(self, left_at_right=self.right_at_bottom, right_at_bottom=self.left_at_right)
