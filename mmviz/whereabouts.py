"""Where a scene's model and files of tensors lie on this machine, and what computes it; reads no numbers."""

from abc import ABC, abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING

from mmviz.machine.homes import ModelCache
from mmviz.scene.document import Document

if TYPE_CHECKING:
    from mmviz.values.tensors.below import Below
    from mmviz.values.tensors.sources import Sources
    from mmviz.values.tensors.tensor_list import TensorList


class Whereabouts(ABC):
    """Anything with a document, a folder and the sources of its tensors."""

    document: Document
    folder: Path  # what relative paths start from

    @property
    @abstractmethod
    def sources(self) -> "Sources":
        """Where the numbers of the scene's tensors come from."""

    def computed_on(self) -> tuple[str, str]:
        """The device that numbers are computed on, and what activations are computed with.

        Example:
            >>> scene.computed_on()[1]
            'float32'
        """
        return self.sources.device.type, self.document.model.dtype if self.document.model else "float32"

    def read_first(self) -> "Below | None":
        """How many layers, and how much of them, are read before its numbers are there; None where that is little.

        Raises:
            SourceError: its model cannot be opened.

        Example:
            >>> scene.read_first() is None
            True
        """
        from mmviz.values.tensors.below import below

        return None if "evaluated" in vars(self) else below(self.document.tensors.values(), self.sources)

    def model_caches(self) -> tuple[ModelCache, ...]:
        """The folders in which models, and what they computed, are kept on this machine.

        Example:
            >>> [cache.name for cache in scene.model_caches()]
            ['Fetched by mmviz', 'Hugging Face', 'Computed by mmviz']
        """
        from mmviz.values.origin.caches import model_caches

        return model_caches()

    @staticmethod
    def holds_tensors(path: Path) -> bool:
        """Whether the tensors of a file may be listed, by its first bytes or its name; a folder is asked for its files.

        Example:
            >>> from pathlib import Path
            >>> mmviz.Scene.holds_tensors(Path("nothing.npz"))
            False
        """
        from mmviz.values.tensors.tensor_list import holds_tensors

        return holds_tensors(path)

    @staticmethod
    def tensors_in(path: Path) -> "TensorList":
        """The tensors of a .npy, .npz, .csv, .pt, .safetensors or .gguf file, of an index or of a folder, from headers.

        Raises:
            SourceError: it holds none, or cannot be read.

        Example:
            >>> import numpy
            >>> from pathlib import Path
            >>> numpy.save("three.npy", numpy.eye(3))
            >>> mmviz.Scene.tensors_in(Path("three.npy")).tensors[0].shape
            (3, 3)
        """
        from mmviz.values.tensors.tensor_list import TensorList

        return TensorList.open(path)

    def model_place(self) -> Path | None:
        """The file or folder of the scene's model; None where it has none.

        Raises:
            SourceError: there is no such model.

        Example:
            >>> scene.model_place() is None
            True
        """
        from mmviz.values.origin.locate import locate_model

        return None if self.document.model is None else locate_model(self.document.model.path, self.folder)
