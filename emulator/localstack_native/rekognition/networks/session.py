"""Inference sessions of networks, which are loaded in the background or at their first use."""

import importlib.util
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from localstack_native.rekognition.errors import missing_extra
from localstack_native.rekognition.workers import return_large_memory

type Tensor = NDArray[np.float32]


class Network:
    """A model whose one input is an image or a batch of images. It is thread-safe."""

    def __init__(self, model: Callable[[], bytes | Path]) -> None:
        self._model = model
        self._session: Any = None
        self._input = ""
        self._lock = Lock()

    def run(self, images: Tensor) -> list[Tensor]:
        """Return the outputs."""
        self.load()
        return list(self._session.run(None, {self._input: images}))

    def metadata(self) -> dict[str, str]:
        """Return the model's metadata."""
        self.load()
        return dict(self._session.get_modelmeta().custom_metadata_map)

    def load(self) -> None:
        """Load the model, unless it is loaded."""
        with self._lock:
            if self._session is None:
                self._load()

    def _load(self) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        # Requests run in parallel, beside Lambda functions.
        options.intra_op_num_threads = 1
        # Memory is returned after each image: the next may come hours later.
        options.enable_cpu_mem_arena = False
        options.log_severity_level = 3
        model = self._model()
        source = str(model) if isinstance(model, Path) else model
        self._session = onnxruntime.InferenceSession(
            source, options, providers=["CPUExecutionProvider"]
        )
        self._input = self._session.get_inputs()[0].name
        # Loading has made copies of the weights.
        del model, source
        return_large_memory()


def file_of(package: str, path: str, extra: str = "vision") -> Path:
    """Return a file of an installed package without importing it, as it has large dependencies.

    Raises an error that names the extra if the package is not installed.
    """
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise missing_extra(extra)
    return Path(spec.submodule_search_locations[0]) / path
