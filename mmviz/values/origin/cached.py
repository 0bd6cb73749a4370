"""What a path inside the Hugging Face cache means: a model's folder, or a file of it; downloads nothing."""

from pathlib import Path

from mmviz.errors import SourceError

MODEL = "models--"
OTHERS = ("datasets--", "spaces--")
BLOBS, SNAPSHOTS, REFS = "blobs", "snapshots", "refs"
BRANCH = "main"


def meant_in_cache(place: Path) -> Path:
    """The snapshot of a folder models--org--name, the named file of a blob; any other path as it is.

    Raises:
        SourceError: it is a part of the cache that is no model, or in which a model cannot be told from others.
    """
    if place.is_dir():
        whole = place.absolute()
        if whole.name == SNAPSHOTS and whole.parent.name.startswith(MODEL):
            whole = whole.parent
        if whole.name.startswith(MODEL):
            return _snapshot(whole)
        if whole.name.startswith(OTHERS):
            raise SourceError(f"{place}: is a data set or a space in the Hugging Face cache; a model is needed.")
        if models := sorted(inner.name for inner in whole.iterdir() if inner.name.startswith(MODEL)):
            raise SourceError(
                f"{place}: is a Hugging Face cache; give one of its models, such as {name_of(models[0])}."
            )
        return place
    parts = place.absolute().parent
    if parts.name == BLOBS and parts.parent.name.startswith(MODEL):
        return _named(place, parts.parent)
    return place


def name_of(folder: str) -> str:
    """The id of a model by the name of its folder in the cache."""
    return folder.removeprefix(MODEL).replace("--", "/", 1)


def id_of(place: Path) -> str | None:
    """The id of the model whose snapshot a folder is, or a file in it; None for any other path."""
    for folder in (place, *place.parents[:1]):
        if folder.parent.name == SNAPSHOTS and folder.parent.parent.name.startswith(MODEL):
            return name_of(folder.parent.parent.name)
    return None


def _snapshot(model: Path) -> Path:
    """The files of a model, those of its main branch, or the only ones."""
    snapshots = model / SNAPSHOTS
    reference = model / REFS / BRANCH
    try:
        commit = reference.read_text(encoding="utf-8").strip() if reference.is_file() else ""
        found = sorted(snapshots.iterdir()) if snapshots.is_dir() else []
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"{model}: cannot be read ({error}); a readable folder is needed.") from error
    of_main = [folder for folder in found if folder.name == commit]
    if len(of_main or found) == 1:
        return (of_main or found)[0]
    name = name_of(model.name)
    if not found:
        raise SourceError(f"{model}: the Hugging Face cache has no files of this model; {name} downloads them.")
    raise SourceError(
        f"{model}: the Hugging Face cache has {len(found)} revisions of this model, none of which is {BRANCH}; "
        f"give one of them, such as {found[0]}."
    )


def _named(blob: Path, model: Path) -> Path:
    """The file of a snapshot that lies in a blob, which has its name and its neighbours."""
    main = model / REFS / BRANCH
    commit = main.read_text(encoding="utf-8", errors="replace").strip() if main.is_file() else ""
    snapshots = sorted((model / SNAPSHOTS).glob("*"), key=lambda folder: (folder.name != commit, folder.name))
    for snapshot in snapshots:
        for file in sorted(snapshot.rglob("*")):
            if file.is_file() and file.resolve() == blob.resolve():
                return file
    return blob
