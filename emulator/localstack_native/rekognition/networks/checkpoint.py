"""Reader of PyTorch checkpoints, without PyTorch.

The format is that of ``torch.save`` before 1.6: four pickles (a magic number, the protocol version,
system information, the tensors by name), the keys of the storages, and the storages, each after
its length. A tensor is a view of a storage. A pickle can call any function that it names: this
reader allows five names and refuses all others.
"""

import pickle
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

type Weights = dict[str, NDArray[np.float32]]

_MAGIC = 0x1950A86A20F9469CFC6C
_DTYPES: dict[str, np.dtype[Any]] = {
    "FloatStorage": np.dtype("<f4"),
    "LongStorage": np.dtype("<i8"),
}


def read(path: Path) -> Weights:
    """Return the float tensors by name. Raises ValueError for another kind of file."""
    with path.open("rb") as file:
        if _Reader(file).load() != _MAGIC:
            raise ValueError(f"{path} is not a PyTorch checkpoint in the format before 1.6.")
        _Reader(file).load()
        _Reader(file).load()
        reader = _Reader(file)
        tensors = reader.load()
        for key in _Reader(file).load():
            storage = reader.storages[key]
            length = int.from_bytes(file.read(8), "little")
            content = file.read(length * storage.dtype.itemsize)
            storage.values = np.frombuffer(content, storage.dtype)
    return {
        name: tensor.array()
        for name, tensor in tensors.items()
        if tensor.storage.dtype == np.float32
    }


@dataclass
class _Storage:
    dtype: np.dtype[Any]
    values: NDArray[Any] = field(default_factory=lambda: np.empty(0))


@dataclass(frozen=True)
class _Tensor:
    storage: _Storage
    offset: int
    shape: Sequence[int]
    strides: Sequence[int]

    def array(self) -> NDArray[Any]:
        size = self.storage.dtype.itemsize
        return np.lib.stride_tricks.as_strided(
            self.storage.values[self.offset :],
            self.shape,
            [stride * size for stride in self.strides],
            writeable=False,
        )


def _tensor(
    storage: _Storage, offset: int, shape: Sequence[int], strides: Sequence[int], *_: object
) -> _Tensor:
    return _Tensor(storage, offset, shape, strides)


class _Reader(pickle.Unpickler):
    def __init__(self, file: BinaryIO) -> None:
        super().__init__(file)
        self.storages: dict[str, _Storage] = {}

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _tensor
        if module == "torch" and name in _DTYPES:
            return name
        raise pickle.UnpicklingError(f"A checkpoint must not use {module}.{name}.")

    def persistent_load(self, pid: Any) -> _Storage:
        _, kind, key, *_ = pid
        return self.storages.setdefault(key, _Storage(_DTYPES[kind]))
