"""Small problems and a training that a test can follow event by event."""

import itertools
import queue

import numpy as np

from engine.data.info import DataInfo
from engine.data.loaded import LoadedData, Part, Statistics
from engine.spec.base import ObjectSpec
from engine.spec.network import LayerSpec, NetworkSpec, WireSpec
from engine.spec.project import ProjectSpec
from engine.spec.training import TrainingSpec
from engine.training.live.events import EpochsEnded
from tests.patience import PATIENCE_S

XOR_X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32)
XOR_Y = np.array([0, 1, 1, 0], np.int32)


def chain(*layers):
    """Return a network of (id, kind, parameters) in a row after an input."""
    placed = [LayerSpec(id="input", kind="InputLayer")]
    placed += [LayerSpec(id=name, kind=kind, parameters=values) for name, kind, values in layers]
    wires = tuple(
        WireSpec(source=one.id, target=next_one.id) for one, next_one in itertools.pairwise(placed)
    )
    return NetworkSpec(layers=tuple(placed), wires=wires)


def points(task="classification", labels=("no", "yes"), features=2):
    return DataInfo.single("test", "Test", "point", task, (features,), labels, value_range=None)


def picture_info():
    """Return what is known of 6 by 6 grey pictures of two kinds."""
    return DataInfo.single(
        "test", "Test", "picture", "classification", (6, 6, 1), ("a", "b"), "uint8", (0.0, 16.0)
    )


def series_info():
    """Return what is known of series of five times three numbers, of two kinds."""
    return DataInfo.single("test", "Test", "sequence", "classification", (5, 3), ("a", "b"))


def loaded(info, training, validation=None, test=None):
    """Return data from (x, y) pairs; a missing part is empty."""
    x, y = training
    empty = (x[:0], y[:0])
    parts = [Part(*pair) for pair in (training, validation or empty, test or empty)]
    features = x.shape[-1]
    return LoadedData(info, *parts, Statistics(np.zeros(features), np.ones(features)))


def adam(rate):
    return ObjectSpec(kind="Adam", parameters={"learning_rate": rate})


MLP = chain(
    ("hidden", "Dense", {"units": 8, "activation": "tanh"}),
    ("output", "Dense", {"units": 2, "activation": "softmax"}),
)


def project(network=MLP, **training):
    training = {"optimizer": adam(0.05), "epochs": 2, "batch_size": 4, "device": "cpu", **training}
    return ProjectSpec(network=network, training=TrainingSpec(**training))


def xor_data(repeats=1, **parts):
    x, y = np.tile(XOR_X, (repeats, 1)), np.tile(XOR_Y, repeats)
    return loaded(points(), (x, y), **parts)


def epoch_ended(number=None):
    """Return a predicate: an epoch is over, or the one of a number."""
    return lambda event: (
        isinstance(event, EpochsEnded)
        and (number is None or any(end.epoch == number for end in event.ends))
    )


class Follower:
    """Takes events on the training thread; a test reads them and may act from within."""

    def __init__(self):
        self.events = []
        self._arrived = queue.SimpleQueue()
        self.reactions = []  # (predicate, action): the action is called once, on the training thread

    def emit(self, event):
        self.events.append(event)
        for pair in list(self.reactions):
            if pair[0](event):
                self.reactions.remove(pair)
                pair[1]()
        self._arrived.put(event)

    def when(self, predicate, action):
        self.reactions.append((predicate, action))

    def wait_for(self, predicate):
        while True:
            event = self._arrived.get(timeout=PATIENCE_S)
            if predicate(event):
                return event

    def of(self, kind):
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def epoch_ends(self):
        return [end for event in self.of(EpochsEnded) for end in event.ends]

    @property
    def ended(self):
        return self.events[-1]
