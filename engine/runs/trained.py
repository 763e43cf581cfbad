"""A trained model as plain values; loads without TensorFlow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from engine.data.info import DataInfo
from engine.errors import BadInput
from engine.runs.origin import Origin
from engine.spec.project import ProjectSpec
from engine.training.procedures import procedure_of

if TYPE_CHECKING:
    from engine.data.loaded import Statistics

NO_ANSWERS: Final = "these networks make samples and give no answers: use generate"


@dataclass(frozen=True)
class Trained:
    """A trained model as plain values; heavy code builds the Keras model from them.

    Attributes
    ----------
    spec
        The description the run used; the document may have moved on.
    weights
        As ``keras.Model.get_weights()`` gives them.
    figures
        The run's last figures, ``test_accuracy`` among them.
    opened
        The weights come from a file; nothing was trained here.
    fresh
        Layers whose weights nobody trained: the file had none for them.
    number
        Of the run, as the user knows it; 0 if it is not recorded.
    data_key
        Which samples it learned from, as in `engine.models.card.ModelCard`; "" if not known.
    epochs
        Done when the weights were written; None: not known.
    """

    run: str
    spec: ProjectSpec
    info: DataInfo
    statistics: Statistics | None
    weights: tuple[Any, ...]
    figures: Mapping[str, float]
    opened: bool = False
    fresh: frozenset[str] = frozenset()
    number: int = 0
    data_key: str = ""
    epochs: int | None = None

    @property
    def answers(self) -> bool:
        """It answers to samples: it can be measured and asked."""
        return procedure_of(self.spec).answers

    def refuse_questions(self) -> None:
        """Raise `BadInput` unless it answers to samples."""
        if not self.answers:
            raise BadInput(NO_ANSWERS)

    @property
    def origin(self) -> Origin:
        """What its figures and answers are of."""
        return Origin(self.run, self.number, self.spec, self.info, self.opened)
