"""The experts of a sparse MLP, as a configuration says them: how many, which of them a token goes through; no torch."""

from dataclasses import dataclass
from typing import Literal

from mmviz.errors import SourceError
from mmviz.values.families.key_reader import Keys


@dataclass(frozen=True, slots=True)
class Experts:
    """MLPs of which a router chooses some for each token; by default there are none."""

    count: int = 0
    chosen: int = 0  # of them, for each token: those with the largest scores
    d_expert: int = 0  # numbers inside each
    layers: frozenset[int] = frozenset()  # that have them in the place of one MLP
    normalized: bool = False  # the weights of the chosen ones add up to 1; else each is its share of all
    biased: bool = False  # router and experts have biases
    limit: float = 0.0  # gates are at most it, and the other branch lies between -limit and limit; 0: nothing is cut
    scoring: Literal["softmax", "sigmoid"] = "softmax"  # what makes shares of scores: of all experts, or of each
    corrected: bool = False  # those are chosen whose share and a number of their own are largest together
    scales_inputs: bool = False  # an expert reads what its weight multiplies, and what it gives counts as it is
    factor: float = 1.0  # what the weights of the chosen ones are multiplied by
    d_shared: int = 0  # numbers inside the MLP that every token goes through beside those it chooses; 0: there is none
    shared_gated: bool = False  # what that gives is multiplied by a number of each token
    sharpness: float = 0.0  # gates are x * sigmoid(sharpness * x), and let through 1 more than the other branch; 0: no


NO_EXPERTS = Experts()


def check_chosen(keys: Keys, experts: Experts, key: str) -> Experts:
    """The same, if no token chooses more than there are.

    Args:
        keys: Of the configuration.
        experts: What it says.
        key: That says how many are chosen.

    Raises:
        SourceError: it does.
    """
    if experts.chosen > experts.count:
        raise keys.problem(key, f"is {experts.chosen}; at most the {experts.count} experts are needed.")
    return experts


def sparse_layers(keys: Keys, layers: int) -> frozenset[int]:
    """The layers with experts: every so many, but for those that are named, as Qwen's models say it.

    Raises:
        SourceError: mlp_only_layers is no list of numbers.
    """
    every, dense = keys.whole("decoder_sparse_step"), keys.given("mlp_only_layers") or []
    if not isinstance(dense, list) or not all(isinstance(one, int) and not isinstance(one, bool) for one in dense):
        raise _no_list(keys, dense)
    return frozenset(layer for layer in range(layers) if layer not in dense and (layer + 1) % every == 0)


def _no_list(keys: Keys, found: object) -> SourceError:
    return keys.problem("mlp_only_layers", f"is {found!r}; a list of layers is needed.")
