"""Model files made anywhere, taken into a project; nothing in them is executed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.heavy.opened import open_file
from app.heavy.runs import keep_opened, weights_by_layer
from app.heavy.starting import load_tensorflow
from app.studio import Trained
from engine.data.info import DataInfo
from engine.errors import BadInput, quoted
from engine.spec.project import ProjectSpec
from engine.training.events import new_run_id
from engine.weights_kept import Kept, in_words

if TYPE_CHECKING:
    from engine.data.loaded import LoadedData


@dataclass(frozen=True)
class ImportedModel:
    """A model file taken into a project.

    Attributes
    ----------
    spec
        The project with the file's network.
    trained
        The network with the file's weights; None if nobody knows what it takes.
    sentence
        What was found, for the user.
    """

    spec: ProjectSpec
    trained: Trained | None
    sentence: str


def import_model(
    file: Path, spec: ProjectSpec, info: DataInfo | None, data: LoadedData | None, project: Path
) -> ImportedModel:
    """Open a model file made anywhere and take it into a project; nothing in the file is executed.

    One that can be asked is kept as a run of no steps, so that it is there when the project is opened again.

    Raises
    ------
    BadInput
        If the file is refused; the project is as it was.
    """
    from engine.sandbox import adoption
    from engine.sandbox.opener import restore as restore_model

    opened = open_file(file)
    load_tensorflow()
    model = restore_model(opened)
    outputs = [tuple(output.shape[1:]) for output in model.outputs]
    adopted = adoption.adopt(opened, outputs, spec, info)
    sentence = adoption.in_words(file.name, opened, outputs, adopted)
    asked = adopted.answering_spec
    if asked is None or adopted.info is None:
        return ImportedModel(adopted.spec, None, sentence)
    statistics = data.statistics if data is not None else None
    weights = weights_by_layer(model, asked, adopted.info, statistics)
    trained = Trained(new_run_id(), asked, adopted.info, statistics, weights, {}, opened=True)
    return ImportedModel(adopted.spec, trained, sentence + keep_opened(trained, project))


@dataclass(frozen=True)
class LoadedWeights:
    """Weights of a file in the layers of a network; ``sentence`` says in which."""

    trained: Trained
    sentence: str


def load_weights(
    file: Path, spec: ProjectSpec, info: DataInfo, data: LoadedData | None, project: Path
) -> LoadedWeights:
    """Put a file's weights into the layers that have their names; the other layers get new weights.

    The result is kept in the project as `import_model` keeps a model.

    Raises
    ------
    BadInput
        If the file is refused or no layer fits.
    """
    from engine.sandbox.file_weights import fill, read_weights

    found = read_weights(file)
    load_tensorflow()
    from engine.training.initial import fresh_model

    statistics = data.statistics if data is not None else None
    model = fresh_model(spec, info, statistics)
    filled = fill(model, found)
    fresh = tuple(
        layer.name for layer in model.layers if layer.weights and layer.name not in filled
    )
    name = quoted(file.name, 40)
    if not filled:
        raise BadInput(
            f'no layer has name and shapes of those in "{name}": use the network it was made for'
        )
    trained = Trained(
        new_run_id(), spec, info, statistics, tuple(model.get_weights()), {},
        opened=True, fresh=frozenset(fresh),
    )  # fmt: skip
    unkept = keep_opened(trained, project)
    words = in_words(Kept({each: each for each in filled}, fresh))
    return LoadedWeights(
        trained, f'"{name}": {words} Train the Opened Model goes on from here.{unkept}'
    )
