"""What a person means by a name: a scene, a share link of mm, or a model, of which a head is shown; draws nothing."""

from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from mmviz.builders.opening import Reading
from mmviz.errors import MmvizError, SceneError
from mmviz.machine.shipped import find_scene, known_names, model_names, scene_names
from mmviz.pipeline import SUFFIXES, Scene
from mmviz.scene.mm.link import is_link
from mmviz.values.files.kind_of_file import kind_of
from mmviz.values.files.no_scene import check_may_be_opened

if TYPE_CHECKING:
    from mmviz.values.files.checkpoint import Checkpoint

OF_MODELS = (".safetensors", ".gguf", ".bin", ".ckpt", ".pt", ".pth", ".h5", ".msgpack")
"""Endings of weights, those that are never opened, too: a model's message says why."""
BESIDE_WEIGHTS = ("config.json", "model.safetensors.index.json", "adapter_config.json", "tokenizer.json")
"""Files of a model that end as scenes do."""
MOST_TOKENS = 16
"""Of a model without a tokenizer."""


def is_scene(target: str) -> bool:
    """Whether a name is a scene's: a file that is no model's, or nearly a shipped scene. A folder is a model.

    A file is a model's by its name or its first bytes.
    """
    place = Path(target)
    named = place.suffix.lower() in OF_MODELS or place.name.lower() in BESIDE_WEIGHTS
    if place.is_dir() or named or (place.suffix.lower() not in SUFFIXES and kind_of(place)):
        return False
    return place.exists() or place.suffix in SUFFIXES or bool(get_close_matches(target, known_names(), n=1))


def scene_named(what: str) -> Scene:
    """The scene that a person names: a scene file or a shipped scene, a share link of mm, or a model's first head.

    Raises:
        MmvizError: it is none of these, or cannot be read.
    """
    scene = scene_unless_model(what)
    return first_head(what) if scene is None else scene


def scene_unless_model(what: str) -> Scene | None:
    """The scene of `scene_named`; None where a model is named, which takes its time to be opened.

    Raises:
        MmvizError: it is neither, or the scene cannot be read.
    """
    from mmviz.values.origin.fetch import MODELS

    name = what.strip()
    known = is_link(name) or find_scene(name) is not None or name in (*model_names(), *MODELS)
    if not known and _exists(name):
        check_may_be_opened(Path(name).expanduser())
    if is_link(name) or find_scene(name) is not None or is_scene(name):
        return Scene.named(name)
    if not (name and (_exists(name) or "/" in name or "\\" in name or name in (*model_names(), *MODELS))):
        _check_one_word(name)
    return None


def scene_at_once(what: str) -> Scene | None:
    """The scene of `scene_to_view` where that takes no time; None of a model or a file of tensors.

    Raises:
        MmvizError: it is none of these, or the scene cannot be read.
    """
    try:
        return scene_unless_model(what)
    except MmvizError:
        if _exists(what) and Scene.holds_tensors(Path(what).expanduser()):
            return None
        raise


def scene_to_view(what: str) -> Scene:
    """As `scene_named`; of a file of tensors that is no model which can be drawn, the first matrix.

    Raises:
        MmvizError: it is none of these, or cannot be read.
    """
    try:
        return scene_named(what)
    except MmvizError as error:
        if not _exists(what):
            raise
        place = Path(what).expanduser()
        if not Scene.holds_tensors(place):
            raise
        try:
            return _first_matrix(place.absolute())
        except MmvizError as own:
            if place.suffix.lower() in OF_MODELS and not _is_broken(place):
                raise error from None  # says what is wrong with it as a model
            raise own from None


def _is_broken(file: Path) -> bool:
    """Whether a file of weights does not even hold a list of them."""
    if file.suffix.lower() != ".safetensors":
        return False  # what is wrong with others is said alike
    try:
        Scene.tensors_in(file)
    except MmvizError:
        return True
    return False


def _first_matrix(place: Path) -> Scene:
    """The first tensor of a file of which rows and columns can be taken, or its beginning where it is large."""
    from mmviz.scene.changes.of_tensors import alone, document_of

    for tensor in Scene.tensors_in(place).tensors:
        if offers := alone(tensor, (0,) * len(tensor.shape[:-2]) if tensor.stack else ()):
            document, folder = document_of(offers[0])
            return Scene.of(document, folder, str(place))
    raise SceneError(f"{place}: holds no matrix and no vector of numbers.")


def first_head(model: str) -> Scene:
    """Head 0 of layer 0 of a model, on a sentence, or on token ids where the model has no tokenizer.

    Raises:
        SourceError: there is no such model, or it cannot be opened.
    """
    from mmviz.builders.scenes import head_scene
    from mmviz.values.files.checkpoint import Checkpoint
    from mmviz.values.origin.locate import locate_model

    name = model.strip()
    path = name
    if _exists(name):
        locate_model(name, Path())  # says where an empty folder hides a model of that name
        path = str(Path(name).expanduser().absolute())  # found, too, from where the scene is written to
    checkpoint = Checkpoint.open(locate_model(path, Path()))
    return head_scene(_first_reading(path, checkpoint), 0, 0, checkpoint=checkpoint)


def _first_reading(path: str, checkpoint: "Checkpoint") -> Reading:
    """As much of a sentence as a model can read, or the first of its token ids where it cannot read text."""
    from mmviz.values.families.reading import read_model_config
    from mmviz.values.text.default_prompts import TO_BE_SHOWN, tokens_of

    config = read_model_config(checkpoint.config, str(checkpoint.where))
    ids = tokens_of(TO_BE_SHOWN, checkpoint, special_tokens=True)
    if ids and len(ids) <= config.positions:
        return Reading(path, TO_BE_SHOWN)
    ids = ids or tuple(range(min(MOST_TOKENS, config.vocabulary)))
    return Reading(path, tokens=ids[: config.positions])


def _check_one_word(name: str) -> None:
    """Nothing, if it is a model that the Hugging Face cache knows by one word, such as gpt2."""
    from mmviz.values.origin.fetch import MODELS
    from mmviz.values.origin.hub import HubId

    model = HubId.read(name)
    if model is not None and model.is_known:
        return
    models = dict.fromkeys((*model_names(), *MODELS))
    raise SceneError(
        f"{name or 'no name'}: there is no such file or folder, and no scene or model of that name.\n"
        f"Scenes: {', '.join(scene_names())}; `mmviz gallery` lists more.\n"
        f"Models: {', '.join(models)}, or organization/name of the Hugging Face Hub."
    )


def _exists(path: str) -> bool:
    try:
        return Path(path).expanduser().exists()
    except (OSError, RuntimeError, ValueError):  # too long, a user who is not there, a null character
        return False
