"""Running networks: loaded when first used, by whoever comes first."""

import importlib.util
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from darkroom_emulator.rekognition.errors import missing_extra
from darkroom_emulator.rekognition.workers import return_large_memory

type Tensor = NDArray[np.float32]


class Network:
    """A model of one input, which is a picture or a batch of them. Any thread may use it."""

    def __init__(self, model: Callable[[], bytes | Path]) -> None:
        self._model = model
        self._session: Any = None
        self._input = ""
        self._lock = Lock()

    def run(self, pictures: Tensor) -> list[Tensor]:
        """Return the outputs."""
        with self._lock:
            if self._session is None:
                self._load()
        return list(self._session.run(None, {self._input: pictures}))

    def metadata(self) -> dict[str, str]:
        """Return what the makers wrote into the model."""
        with self._lock:
            if self._session is None:
                self._load()
        return dict(self._session.get_modelmeta().custom_metadata_map)

    def _load(self) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        # Requests are served side by side, and a Lambda function wants a core, too.
        options.intra_op_num_threads = 1
        # Memory goes back after a picture: there may be hours until the next.
        options.enable_cpu_mem_arena = False
        options.log_severity_level = 3
        model = self._model()
        source = str(model) if isinstance(model, Path) else model
        self._session = onnxruntime.InferenceSession(
            source, options, providers=["CPUExecutionProvider"]
        )
        self._input = self._session.get_inputs()[0].name
        # Some copies of the weights were made on the way.
        del model, source
        return_large_memory()


def file_of(package: str, path: str, extra: str = "vision") -> Path:
    """Return a file of an installed package, which is not imported: its own needs are large.

    Raises the error that names the extra if the package is not there.
    """
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise missing_extra(extra)
    return Path(spec.submodule_search_locations[0]) / path
