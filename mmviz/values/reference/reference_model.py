"""Loads the model of Hugging Face transformers that belongs to one of ours: same files, no network, no code of others.

What transformers says on the way, warnings and progress bars, does not reach the user; an error becomes one message.
"""

import io
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import Any

import torch
from safetensors.torch import load_file

from mmviz.errors import SourceError
from mmviz.machine.installing import pip_install
from mmviz.values.families.layouts import UNEMBEDDING
from mmviz.values.families.names import parameters, parameters_of_both
from mmviz.values.families.reading import read_model_config
from mmviz.values.families.registry import kind_of, names_of
from mmviz.values.files.checkpoint import bare_name, with_new_norms
from mmviz.values.files.safetensors_file import INDEX, SINGLE
from mmviz.values.model.model import Model
from mmviz.values.quantized.said_in import SAID_IN
from mmviz.values.reference.handed_over import with_our_weights
from mmviz.values.reference.merged_by_peft import merge_by_peft
from mmviz.values.reference.of_gguf import why_not_this_architecture, why_not_this_file
from mmviz.values.reference.of_quantized import dequantizing, packages_for, why_not_by_itself

NEEDED = f"verify needs transformers: {pip_install('mmviz[verify]')}"
EAGER: Mapping[str, str] = {"attn_implementation": "eager", "experts_implementation": "eager"}
"""By which program transformers computes: no other shows patterns, or takes every size of an expert."""
OF_A_RUN = (
    *("return_dict", "use_return_dict", "output_attentions", "output_hidden_states", "use_cache", "torchscript"),
    *("attn_implementation", "_attn_implementation", "_attn_implementation_internal", "_attn_implementation_autoset"),
    *("dtype", "torch_dtype", "use_bfloat16", "gradient_checkpointing", "cache_implementation", "pad_token_id"),
    *("id2label", "label2id", "num_labels", "problem_type", "chunk_size_feed_forward", "auto_map"),
)
"""Keys of config.json that say how a model is run or trained, or belong to heads of other tasks; not what it is."""
PASSED_OVER: Mapping[str, tuple[str, ...]] = {
    "d_head": ("head_dim",),
    "rope": ("rope_parameters", "original_max_position_embeddings"),
    "sliding_rope": ("rope_parameters",),
    "score_scale": ("query_pre_attn_scalar",),
    "score_cap": ("attn_logit_softcapping",),
    "logit_cap": ("final_logit_softcapping",),
    "sliding": ("layer_types",),
    "window": ("sliding_window",),
    "experts": ("moe_intermediate_size", "shared_expert_intermediate_size"),
}
"""Of a GGUF file: what transformers 5.24.0 does not always read, and what config.json calls it. See
findings/gguf-rope-scaling.sh."""
PADDING = "pad_token_id"
"""Where it is outside the vocabulary, transformers makes no embedding."""
LONGEST_REASON = 300
"""Letters of what a library says that are repeated in a message."""


def load_reference(model: Model) -> tuple[Any, str, str]:
    """The model of transformers on the same device and with the same dtype as ours.

    Its attention is eager: no other shows its weights. See findings/sdpa-no-attentions.sh. Peft merges an adapter.

    Returns:
        It, what it is called with its version, "transformers 5.23.0" or "transformers 5.23.0 and peft 0.21.2", and what
        it had to be told of a GGUF file; and what is to be told of the adapter, or "".

    Raises:
        SourceError: transformers is not installed, cannot load the files, or finds other parameters in them.
    """
    name = f"transformers {transformers_library().__version__}"
    checkpoint = model.checkpoint
    by_gguf = bool(checkpoint.metadata) and not _why_other_architecture(model)
    with quietly():
        try:
            read = _from_gguf if by_gguf else _from_configuration
            theirs, missing, told = read(model, bool(why_handed_over(model)))
        except SourceError:
            raise
        except ImportError as error:
            more = packages_for(checkpoint)
            needed = f"verify needs more for these weights: {pip_install('mmviz[verify]', *more)}" if more else NEEDED
            raise SourceError(f"{needed} ({in_short(error)})") from error
        except Exception as error:  # whatever a library raises that was written by others
            raise SourceError(f"{checkpoint.path}: {name} cannot load this model ({in_short(error)}).") from error
        if missing:
            raise SourceError(
                f"{checkpoint.path}: {name} finds no {min(missing)} in this model, and would make up random numbers "
                "for it; a whole model is needed."
            )
        if by_gguf:
            _check_all_is_read(model, theirs, name)
        name, note = _with_adapter(model, theirs, name)
        name += f" (told {', '.join(told)}, which it does not read in a GGUF file)" if told else ""
        return theirs.to(model.device, model.dtype).eval(), name, note


def why_handed_over(model: Model) -> str:
    """Why transformers is handed our weights, so that how they are decoded is not compared; "" where it is not.

    Raises:
        SourceError: transformers is not installed.
    """
    name, checkpoint = f"transformers {transformers_library().__version__}", model.checkpoint
    if not checkpoint.metadata:
        return why_not_by_itself(checkpoint, name)
    return _why_other_architecture(model) or why_not_this_file(checkpoint, name)


def _why_other_architecture(model: Model) -> str:
    """Why a model is made by what we read of a GGUF file, and not by what transformers does; "" where it is not.

    Raises:
        SourceError: no configuration of transformers can say what the file says.
    """
    checkpoint = model.checkpoint
    if not checkpoint.metadata:
        return ""
    from transformers.modeling_gguf_pytorch_utils import GGUF_SUPPORTED_ARCHITECTURES

    name = f"transformers {transformers_library().__version__}"
    found = why_not_this_architecture(checkpoint, model.config, GGUF_SUPPORTED_ARCHITECTURES, name)
    if found and model.config.rope is not None and model.config.rope.kind == "factors":
        raise SourceError(
            f"{checkpoint.where}: {name} does not read the scaling of rotary positions of a GGUF file; the model's "
            "safetensors are needed."
        )
    return found


@contextmanager
def quietly() -> Iterator[None]:
    """Without the warnings, remarks and progress bars of transformers; what was set before is set again."""
    settings = transformers_library().utils.logging
    level, bars = settings.get_verbosity(), settings.is_progress_bar_enabled()
    settings.set_verbosity(settings.CRITICAL)
    settings.disable_progress_bar()
    try:
        with warnings.catch_warnings(), redirect_stderr(io.StringIO()), redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        settings.set_verbosity(level)
        if bars:
            settings.enable_progress_bar()


def _with_adapter(model: Model, theirs: Any, name: str) -> tuple[str, str]:
    """Merge the adapter of ours into theirs; what both libraries are called, and what is to be told."""
    if model.adapter is None:
        return name, ""
    try:
        merged_by, note = merge_by_peft(model.adapter, theirs)
    except SourceError:
        raise
    except Exception as error:  # whatever a library raises that was written by others
        place = model.checkpoint.path
        raise SourceError(f"{model.adapter}: peft cannot apply it to {place} ({in_short(error)}).") from error
    return f"{name} and {merged_by}", note


def transformers_library() -> Any:
    """The module transformers.

    Raises:
        SourceError: it is not installed.
    """
    try:
        import transformers
    except ImportError as error:
        raise SourceError(f"{NEEDED}.") from error
    return transformers


def _from_configuration(model: Model, handed: bool) -> tuple[Any, set[str], tuple[str, ...]]:
    """From a folder, or, where transformers does not know the names of its files or weights, from all of its files.

    Or from the configuration alone, with our weights, where they are handed over.
    """
    checkpoint, library = model.checkpoint, transformers_library()
    options: dict[str, Any] = {**EAGER, "dtype": model.dtype, "output_loading_info": True}
    said = {key: value for key, value in checkpoint.config.items() if key not in OF_A_RUN or key == PADDING}
    if handed:
        said = {key: value for key, value in said.items() if key not in SAID_IN}
    else:
        options |= dequantizing(checkpoint)
    config = library.CONFIG_MAPPING[model.config.kind].from_dict(said)
    if PADDING not in said:
        _without_padding_outside(config, model.config.vocabulary)
    names = names_of(model.config)
    kind = kind_of(model.config)
    loader = getattr(library, kind.loader or ("AutoModelForMaskedLM" if kind.masked else "AutoModelForCausalLM"))
    if model.config.kind == "gpt2":
        config.n_positions = model.config.positions  # old files say n_ctx, which transformers does not read
    beyond = set() if model.config.unembeds else {UNEMBEDDING, names.unembedding, *names.unembedding_biases}
    beyond |= set() if model.config.unembeds else names.of_head
    if handed:
        theirs, missing = with_our_weights(model, _class_of(loader, config), config, options)
        return theirs, missing - beyond, ()
    if _is_usual(model, lambda: _class_of(loader, config).base_model_prefix):
        local = {"local_files_only": True, "trust_remote_code": False}
        theirs, found = loader.from_pretrained(checkpoint.path, config=config, use_safetensors=True, **options, **local)
    else:
        ours = {bare_name(name): name for name in parameters_of_both(model.config)}
        of_files = (each for file in checkpoint.files for each in load_file(file).items())
        stored = {ours.get(bare_name(name), bare_name(name)): weight for name, weight in of_files}
        theirs, found = _class_of(loader, config).from_pretrained(None, config=config, state_dict=stored, **options)
    return theirs, set(found["missing_keys"]) - beyond, ()


def _class_of(loader: Any, config: Any) -> Any:
    with torch.device("meta"):
        return type(loader.from_config(config))


def _is_usual(model: Model, base: Callable[[], str]) -> bool:
    """Whether transformers finds a folder's files and the weights in them by itself.

    Args:
        model: Ours.
        base: What transformers puts before names that lack it, which is not what a Llama 4 has there.
    """
    folder, prefix = model.checkpoint.path, names_of(model.config).prefix
    known = any((folder / name).is_file() for name in (SINGLE, INDEX))
    ours = {bare_name(name): name.removeprefix(prefix) for name in parameters_of_both(model.config)}
    names = {name: bare_name(name) for name in model.checkpoint.names}
    found = known and all(
        with_new_norms(name.removeprefix(prefix)) == ours.get(names[name], names[name]) for name in names
    )
    return found and (any(name.startswith(prefix) for name in names) or f"{base()}." == prefix)


def _from_gguf(model: Model, handed: bool) -> tuple[Any, set[str], tuple[str, ...]]:
    """By the functions that transformers reads GGUF files with; its from_pretrained would need accelerate as well.

    Returns:
        The model, the parameters that are missing, and the keys that it had to be told.
    """
    from transformers import modeling_gguf_pytorch_utils

    reader: Any = modeling_gguf_pytorch_utils
    library, file = transformers_library(), model.checkpoint.where
    config = library.AutoConfig.from_pretrained(file.parent, gguf_file=file.name, local_files_only=True)
    config.vocab_size = model.config.vocabulary  # some files leave it out; a wrong size does not load
    if config.model_type == "gpt2":
        config.n_positions = model.config.positions  # transformers does not read it
    said = {key: model.checkpoint.config[key] for key in not_read_of_gguf(model, config)}
    if by_factors := _factors_as_longrope(model, config):
        said["rope_parameters"] = by_factors
    if said:
        config = type(config).from_dict({**config.to_dict(), "rope_scaling": None, **said})
    _without_padding_outside(config, model.config.vocabulary)
    loader = library.AutoModelForCausalLM
    if handed:
        config.tie_word_embeddings = model.config.tied  # by the first part alone it cannot be told
        options = {**EAGER, "dtype": model.dtype, "output_loading_info": True}
        theirs, missing = with_our_weights(model, _class_of(loader, config), config, options)
        return theirs, missing, tuple(said)
    theirs = loader.from_config(config, **EAGER)
    stored = reader.load_gguf_checkpoint(str(file), return_tensors=True, model_to_load=theirs)["tensors"]
    missing = set(theirs.load_state_dict(stored, strict=False).missing_keys)
    theirs.tie_weights()
    return theirs, missing - ({"lm_head.weight"} if config.tie_word_embeddings else set()), tuple(said)


def _without_padding_outside(config: Any, vocabulary: int) -> None:
    """Without the padding of the real models, a token that a small one does not have."""
    if (getattr(config, PADDING, None) or 0) >= vocabulary:
        setattr(config, PADDING, None)


def not_read_of_gguf(model: Model, config: Any) -> list[str]:
    """The keys that transformers passes over in a GGUF file, so that it has to be told them.

    Args:
        model: As we read the file.
        config: As transformers reads it.
    """
    if model.config.kind != config.model_type:
        return []  # it is another model, and no reference in any case: see _check_all_is_read
    read = read_model_config(config.to_dict(), str(model.checkpoint.where))
    passed = (field for field in PASSED_OVER if field != "rope" or not _factors_as_longrope(model, config))
    other = (field for field in passed if getattr(read, field) != getattr(model.config, field))
    return [key for field in other for key in PASSED_OVER[field] if key in model.checkpoint.config]


def _factors_as_longrope(model: Model, config: Any) -> dict[str, Any]:
    """The scaling of rotary positions that a GGUF file says pair by pair, as transformers can be told it; {}: none.

    Its longrope divides frequencies by factors of long or of short prompts, the same here, and grows scores by none.
    """
    rope = model.config.rope
    if rope is None or rope.kind != "factors" or model.config.kind != config.model_type:
        return {}
    return {
        "rope_type": "longrope",
        "rope_theta": rope.theta,
        "short_factor": list(rope.factors),
        "long_factor": list(rope.factors),
        "factor": 1.0,
        "attention_factor": 1.0,
        "original_max_position_embeddings": model.config.positions,
    }


def _check_all_is_read(model: Model, theirs: Any, name: str) -> None:
    """Transformers passes over some of what a GGUF file can say, and then is no reference for it."""
    file, prefix = model.checkpoint.where, f"{theirs.base_model_prefix}."
    read = {parameter.removeprefix(prefix) for parameter in theirs.state_dict()}
    names = names_of(model.config)
    apart, stacked = (set(parameters(model.config, each)) for each in (names, names.stacked))
    if {parameter.removeprefix(prefix) for parameter in stacked - apart} <= read:  # what it has in stacks
        read |= {parameter.removeprefix(prefix) for parameter in apart - stacked}
    over = [f"the weight {stored}" for stored in model.checkpoint.names if stored.removeprefix(prefix) not in read]
    rope = model.config.rope
    if rope is not None and rope.kind == "factors" and not _factors_as_longrope(model, theirs.config):
        over.append("the scaling of rotary positions")
    if not model.config.causal:
        over.append("that there is no causal mask")
    if over:
        raise SourceError(f"{file}: {name} does not read {over[0]} of a GGUF file; the model's safetensors are needed.")


def in_short(error: Exception) -> str:
    """What a library says, on one line."""
    text = " ".join(str(error).split()).rstrip(".") or type(error).__name__
    return text if len(text) <= LONGEST_REASON else f"{text[:LONGEST_REASON]}..."
