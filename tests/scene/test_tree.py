"""From the written tree to the one that is drawn: paths, transposes at the leaves, worn functions, names."""

import pytest
from hypothesis import given

from mmviz.errors import ExpressionError
from mmviz.scene.language.building import build
from mmviz.scene.language.expression import Expression, Transpose
from mmviz.scene.language.grammar import parse
from mmviz.scene.language.tree import (
    ElementwiseNode,
    JoinNode,
    LeafNode,
    Node,
    ProductNode,
    Worn,
    arguments,
    child,
    find,
    root_of,
    tensors,
    walk,
)
from tests.scene.strategies import EXPRESSIONS


def outline(text: str) -> list[tuple[str, str]]:
    """(path, name) of every node, arguments first."""
    return [(node.path, node.name) for node in walk(root_of(build(parse(text))))]


@pytest.mark.parametrize(
    ("text", "nodes"),
    [
        ("A", [("", "A")]),
        ("A @ B", [("left", "A"), ("right", "B"), ("", "A @ B")]),
        (
            "A @ B @ C",
            [("left.left", "A"), ("left.right", "B"), ("left", "A @ B"), ("right", "C"), ("", "A @ B @ C")],
        ),
        (
            "A @ (B @ C)",
            [("left", "A"), ("right.left", "B"), ("right.right", "C"), ("right", "B @ C"), ("", "A @ (B @ C)")],
        ),
        ("relu(A @ B)", [("left", "A"), ("right", "B"), ("", "relu(A @ B)")]),
        ("out = relu(A) @ B", [("left", "relu(A)"), ("right", "B"), ("", "out")]),
        ("(x = A @ B).T", [("left", "B.T"), ("right", "A.T"), ("", "x.T")]),
        ("relu(x = A)", [("", "relu(x)")]),
        ("A @ A.T", [("left", "A"), ("right", "A.T"), ("", "A @ A.T")]),
    ],
)
def test_a_path_names_every_node_of_two_arguments(text: str, nodes: list[tuple[str, str]]) -> None:
    assert outline(text) == nodes


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("(A + B) @ C", "(A + B) @ C"),
        ("C @ relu(A)", "C @ relu(A)"),
        ("C @ (A @ relu(B))", "C @ (A @ relu(B))"),
        ("A - (B - C)", "A - (B - C)"),
        ("A - B @ C", "A - B @ C"),
        ("'my A' @ B", "my A @ B"),
        ("(A @ B).T", "B.T @ A.T"),
        ("((A + B) @ C).T", "C.T @ (A.T + B.T)"),
        ("(A @ B).T @ C", "B.T @ A.T @ C"),
        ("C @ (A @ B).T", "C @ (B.T @ A.T)"),
        ("softmax(A @ B).T", "softmax(A @ B).T"),
        ("softmax((A @ B).T)", "softmax(B.T @ A.T)"),
        ("rope(A, 100)", "rope(A)"),
        ("A.T.T", "A"),
        ("A * B @ C", "A * B @ C"),
        ("A * (B @ C)", "A * (B @ C)"),
        ("(A + B) * C", "(A + B) * C"),
        ("(A * B @ C).T", "C.T @ (A.T * B.T)"),
        ("(A @ B * C).T", "B.T @ A.T * C.T"),
        ("rmsnorm(A, w, 1e-5)", "rmsnorm(A)"),
    ],
)
def test_a_matrix_without_a_name_is_called_by_how_it_is_made(text: str, name: str) -> None:
    assert root_of(build(parse(text))).name == name


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("(A @ B).T", "B.T @ A.T"),
        ("(A @ B @ C).T", "C.T @ (B.T @ A.T)"),
        ("(A + B).T", "A.T + B.T"),
        ("(A - B).T", "A.T - B.T"),
        ("(A * B).T", "A.T * B.T"),
        ("(A * (B @ C)).T", "A.T * (C.T @ B.T)"),
        ("A.T.T", "A"),
        ("((A @ B).T @ C).T", "C.T @ (A @ B)"),
    ],
)
def test_transposes_are_pushed_to_the_leaves(text: str, same: str) -> None:
    assert root_of(build(parse(text))) == root_of(build(parse(same)))


def test_only_leaves_are_transposed() -> None:
    root = root_of(build(parse("(A @ B).T")))
    assert isinstance(root, ProductNode)
    assert root.left == LeafNode("left", "B.T", tensor="B", transposed=True)
    assert root.right == LeafNode("right", "A.T", tensor="A", transposed=True)


@given(EXPRESSIONS)
def test_transposing_twice_changes_nothing(expression: Expression) -> None:
    tree = built_or_none(expression)
    assert built_or_none(Transpose(Transpose(expression))) == tree


@given(EXPRESSIONS)
def test_every_path_is_one_node_and_is_found_by_it(expression: Expression) -> None:
    tree = built_or_none(expression)
    if tree is None:
        return
    nodes = list(walk(tree))
    assert len({node.path for node in nodes}) == len(nodes)
    assert nodes[-1] is tree
    for node in nodes:
        assert find(tree, node.path) is node
        sides = [f"part{n}" for n in range(len(arguments(node)))] if isinstance(node, JoinNode) else ["left", "right"]
        if not isinstance(node, LeafNode):
            assert [argument.path for argument in arguments(node)] == [child(node.path, side) for side in sides]


def built_or_none(expression: Expression) -> Node | None:
    try:
        return root_of(build(expression))
    except ExpressionError:
        return None


@pytest.mark.parametrize(
    ("text", "worn"),
    [
        ("relu(A)", (Worn("relu"),)),
        ("scale(relu(A), 2)", (Worn("relu"), Worn("scale", (2.0,)))),
        ("softmax(A @ B)", (Worn("softmax"),)),
        ("softmax(A @ B).T", (Worn("softmax", turned=True),)),
        ("softmax((A @ B).T)", (Worn("softmax"),)),
        ("relu(softmax(A).T)", (Worn("softmax", turned=True), Worn("relu"))),
        ("(x = tril(A + B)).T", (Worn("tril", turned=True),)),
        ("rmsnorm(A, w, 1e-5)", (Worn("rmsnorm", (1e-5,), vectors=("w",)),)),
        ("layernorm(A @ B, w, b).T", (Worn("layernorm", turned=True, vectors=("w", "b")),)),
    ],
)
def test_a_function_is_worn_by_its_matrix_and_turned_with_it(text: str, worn: tuple[Worn, ...]) -> None:
    root = root_of(build(parse(text)))
    assert root.path == ""
    assert root.worn == worn


def test_a_sum_keeps_its_sign_and_the_order_of_its_terms() -> None:
    root = root_of(build(parse("(A - B).T")))
    assert isinstance(root, ElementwiseNode)
    assert (root.left.name, root.sign, root.right.name) == ("A.T", "-", "B.T")


def test_the_tensors_of_a_tree_are_its_matrices_and_the_vectors_of_its_functions() -> None:
    assert tensors(build(parse("rmsnorm(A @ B.T, w) + bias(layernorm(A, v, b), w)"))) == {
        "A",
        "B",
        "w",
        "v",
        "b",
    }


def test_a_path_goes_before_a_name() -> None:
    root = root_of(build(parse("right @ left")))
    found = find(root, "left")
    assert found is not None
    assert found.name == "right"
    assert find(root, "nowhere") is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("(x = A) @ (x = B)", "x is assigned twice; every name stands for one matrix."),
        ("('x-1' = A) @ ('x-1' = B)", "'x-1' is assigned twice; every name stands for one matrix."),
        ("sdpa(A)", "sdpa(A): A is no product, so it has no inner size k to scale by."),
        ("sdpa(A.T).T", "sdpa(A.T): A.T is no product, so it has no inner size k to scale by."),
        ("sdpa(A + B)", "sdpa(A + B): A + B is no product, so it has no inner size k to scale by."),
        (
            "scale(A)",
            "scale(A): A is no product, so it has no inner size k to scale by; give a factor: scale(x, 0.125).",
        ),
    ],
)
def test_a_tree_that_means_nothing_gets_one_message(text: str, message: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        root_of(build(parse(text)))
    assert str(caught.value) == message


@pytest.mark.parametrize("text", ["scale(A, 0.5)", "scale(A @ B)", "sdpa(relu(A @ B))", "sdpa(x = A @ B)"])
def test_a_product_or_a_factor_is_all_that_scaling_needs(text: str) -> None:
    assert root_of(build(parse(text))).worn
