"""What a ready network is: a picture of it, a sentence, and the data it suits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from engine.data.features import FEATURES, kind_of
from engine.data.info import DataInfo
from engine.data.preprocessing import scaling_blocks, usual_scaling
from engine.editing.preprocessing import with_usual_preprocessing
from engine.spec.named_network import NamedNetwork
from engine.spec.network import NetworkSpec
from engine.spec.training import TrainingSpec

EVERY_KIND: Final[frozenset[str]] = frozenset({"picture", "number", "point", "text", "sequence"})
SEQUENCES: Final[frozenset[str]] = frozenset({"text", "sequence", "picture"})
PICTURES: Final[frozenset[str]] = frozenset({"picture"})
TABLES: Final[frozenset[str]] = frozenset({"number", "point"})

_TYPICAL: Final[Mapping[str, DataInfo]] = {
    "picture": DataInfo.single(
        "", "", "picture", "classification", (32, 32, 3), tuple("0123456789")
    ),
    "number": DataInfo.single("", "", "number", "classification", (8,), tuple("012")),
    "point": DataInfo.single("", "", "point", "classification", (2,), tuple("01")),
    "text": DataInfo.single(
        "", "", "text", "classification", (100,), tuple("01"), vocabulary_size=1000
    ),
    "sequence": DataInfo.single("", "", "sequence", "regression", (20, 1), ("next",)),
}
_REDRAWN: Final = DataInfo.single("", "", "picture", "regression", (16, 16, 1), (), n_targets=256)


@dataclass(frozen=True)
class Template:
    """A ready network.

    Attributes
    ----------
    help
        One sentence: what it is and what it is good for.
    kinds
        The kinds of data it suits.
    build
        Returns the network for a data set that it suits, output layer included, without preprocessing.
    training
        Returns hyperparameters that suit the network; None: the usual ones for the data.
    group
        Heading under which it is shown.
    least_side
        Pixels that pictures must have along each side.
    answers_picture
        It suits only data whose answers are pictures, as large as the inputs.
    networks
        Returns which layers belong to which network; None: all are one network.
    count
        Returns how many layers `build` makes; None: it is quick enough to be asked.
    """

    id: str
    title: str
    help: str
    kinds: frozenset[str]
    build: Callable[[DataInfo], NetworkSpec]
    training: Callable[[DataInfo], TrainingSpec] | None = None
    group: str = ""
    least_side: int = 0
    answers_picture: bool = False
    networks: Callable[[NetworkSpec], tuple[NamedNetwork, ...]] | None = None
    count: Callable[[DataInfo], int] | None = None

    def layers(self, info: DataInfo) -> int:
        """Return of how many layers the network for a data set that it suits is."""
        if self.count is None:
            return len(self.network(info).layers)
        return self.count(info) + len(scaling_blocks(usual_scaling(info), info))

    def network(self, info: DataInfo) -> NetworkSpec:
        """Return the network for a data set that it suits, with the preprocessing that such data usually gets."""
        return with_usual_preprocessing(self.build(info), info)

    def why_not(self, info: DataInfo | None) -> str:
        """Return in a sentence why it does not suit the data, "" if it does."""
        if info is None:
            return "Choose the data first."
        if info.kind not in self.kinds:
            fitting = [row.title for row in FEATURES.values() if row.id in self.kinds]
            return f"It is for {_listed(fitting)}, not for {kind_of(info.inputs[0]).title}."
        if info.kind == "picture" and min(info.input_shape[:2]) < self.least_side:
            return f"It is for pictures of at least {self.least_side} × {self.least_side} pixels."
        if self.answers_picture and info.answer_shape is None:
            return "It is for data whose answer is a picture, such as Digits to clean."
        return ""

    def example(self, info: DataInfo | None) -> NetworkSpec:
        """Return the network as it is for the data, or for data that it suits; for its picture."""
        if info is not None and not self.why_not(info):
            return self.network(info)
        if self.answers_picture:
            return self.build(_REDRAWN)
        return self.build(next(_TYPICAL[kind] for kind in _TYPICAL if kind in self.kinds))


def _listed(words: list[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else words[0]
