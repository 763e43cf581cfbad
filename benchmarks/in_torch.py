"""The same case in PyTorch's usual eager loop, where PyTorch is installed; nothing else needs it.

A batch is a slice of a shuffled index into tensors in memory, which is quicker than a ``DataLoader``. Of PyTorch's
own number of threads and one thread the quicker is taken: small networks, or a busy computer, are quicker with one.
"""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Sequence
from typing import Any

from benchmarks.cases import SEED, WORDS, Case
from engine.build.shapes import ShapeCache
from engine.data.loaded import LoadedData
from engine.spec.network import INPUT_KIND, LayerSpec

_TRIAL_BATCHES = 20


def is_here() -> bool:
    """Tell whether PyTorch is installed."""
    return importlib.util.find_spec("torch") is not None


class Torch:
    """PyTorch, eager."""

    def __init__(self, case: Case, data: LoadedData, seconds: float) -> None:
        import torch

        torch.manual_seed(SEED)
        self._torch = torch
        self._batch_size = case.batch_size
        self._x, self._y = _tensors(torch, case, data)
        self._model = _model(torch, case, data)
        self._optimizer = torch.optim.Adam(self._model.parameters())
        classes = data.info.task == "classification"
        self._loss = torch.nn.CrossEntropyLoss() if classes else torch.nn.MSELoss()
        self._choose_threads()
        batches = -(-len(self._x) // self._batch_size)
        trial = min(_TRIAL_BATCHES, batches)
        epoch_s = self._train(1, trial) * batches / trial
        self._epochs = max(1, round(seconds / max(epoch_s, 1e-6)))

    def measure(self) -> float:
        """Return samples a second."""
        return len(self._x) * self._epochs / self._train(self._epochs)

    def _choose_threads(self) -> None:
        usual = self._torch.get_num_threads()
        seconds = {}
        for threads in (usual, 1):
            self._torch.set_num_threads(threads)
            self._train(1, 2)
            seconds[threads] = self._train(1, _TRIAL_BATCHES)
        self._torch.set_num_threads(min(seconds, key=seconds.__getitem__))

    def _train(self, epochs: int, most_batches: int | None = None) -> float:
        """Train for some epochs, or on the first batches of each; return the seconds it took."""
        started = time.perf_counter()
        for _ in range(epochs):
            total = 0.0
            batches = self._torch.randperm(len(self._x)).split(self._batch_size)
            for rows in batches[:most_batches]:
                self._optimizer.zero_grad()
                loss = self._loss(self._model(self._x[rows]), self._y[rows])
                loss.backward()
                self._optimizer.step()
                total += loss.item()
        return time.perf_counter() - started


def _tensors(torch: Any, case: Case, data: LoadedData) -> tuple[Any, Any]:
    part = data.training
    x, y = torch.tensor(part.x), torch.tensor(part.y)
    if data.info.kind == "picture":
        x = (x.float() / 255.0).permute(0, 3, 1, 2).contiguous()
    elif case.scaling == "standard":
        x = (x - torch.tensor(data.statistics.mean)) / torch.tensor(data.statistics.variance).sqrt()
    return x, y.long() if data.info.task == "classification" else y


def _model(torch: Any, case: Case, data: LoadedData) -> Any:
    """Return the network of a case; the softmax at its end is part of PyTorch's loss."""
    facts = ShapeCache().facts(case.network, data.info)
    nodes: list[tuple[Any, list[int]]] = []
    place: dict[str, int] = {}
    for name in case.network.order():
        layer = case.network.layer(name)
        sources = [wire.source for wire in case.network.wires_into(name)]
        shape = facts[sources[0]].output_shape if sources else None
        last = not case.network.wires_from(name)
        if layer.kind != INPUT_KIND:
            nodes.append(
                (_module(torch, layer, shape or (), last=last), [place[s] for s in sources])
            )
        place[name] = len(nodes)

    class Graph(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.parts = torch.nn.ModuleList(module for module, _ in nodes)
            self.plan = [(module, sources) for module, sources in nodes]

        def forward(self, x: Any) -> Any:
            values = [x]
            for module, sources in self.plan:
                values.append(module(*[values[source] for source in sources]))
            return values[-1]

    return Graph()


def _module(torch: Any, layer: LayerSpec, shape: Sequence[int | None], *, last: bool) -> Any:
    nn, given = torch.nn, layer.parameters
    channels = shape[-1]
    activation = nn.ReLU() if given.get("activation") == "relu" else nn.Identity()

    class Sum(nn.Module):  # type: ignore[misc]
        def forward(self, first: Any, second: Any) -> Any:
            return first + second

    class MeanOverPlace(nn.Module):  # type: ignore[misc]
        def forward(self, x: Any) -> Any:
            return x.mean((2, 3))

    class LastOf(nn.Module):  # type: ignore[misc]
        def __init__(self, inner: Any) -> None:
            super().__init__()
            self.inner = inner

        def forward(self, x: Any) -> Any:
            return self.inner(x)[0][:, -1]

    def sequence(module: Any) -> Any:
        return (
            module
            if last or isinstance(activation, nn.Identity)
            else nn.Sequential(module, activation)
        )

    makers = {
        "Dense": lambda: sequence(nn.Linear(channels, given["units"])),
        "Conv2D": lambda: sequence(nn.Conv2d(channels, given["filters"], 3, padding="same")),
        "MaxPooling2D": lambda: nn.MaxPool2d(2),
        "GlobalAveragePooling2D": MeanOverPlace,
        "Flatten": nn.Flatten,
        "BatchNormalization": lambda: nn.BatchNorm2d(channels),
        "Activation": nn.ReLU,
        "Add": Sum,
        "Embedding": lambda: nn.Embedding(WORDS, given["output_dim"]),
        "LSTM": lambda: LastOf(nn.LSTM(channels, given["units"], batch_first=True)),
        "GRU": lambda: LastOf(nn.GRU(channels, given["units"], batch_first=True)),
    }
    return makers[layer.kind]()
