"""Model files made anywhere, taken into a project; nothing in them is executed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from engine.data.info import DataInfo
from engine.errors import BadInput, quoted
from engine.importing.model_file import open_file
from engine.models.transfer import Kept, transfer_text
from engine.runs.checkpoints import keep_opened, weights_by_layer
from engine.runs.trained import Trained
from engine.spec.project import ProjectSpec
from engine.training.live.events import new_run_id
from engine.training.loop.tensorflow_start import load_tensorflow

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
    parameters
        Numbers in its weights.
    fits_data
        It can be trained further on the project's data.
    scaled_by
        As in `engine.importing.adoption.Adoption`.
    """

    spec: ProjectSpec
    trained: Trained | None
    sentence: str
    parameters: int = 0
    fits_data: bool = False
    scaled_by: str = ""


def import_model(
    file: Path, spec: ProjectSpec, info: DataInfo | None, data: LoadedData | None, project: Path
) -> ImportedModel:
    """Open a model file as `adopted`; one that can be asked is kept as a run of no steps.

    So it is there when the project is opened again.
    """
    imported = adopted(file, spec, info, data)
    if imported.trained is None:
        return imported
    unkept = keep_opened(imported.trained, project)
    return replace(imported, sentence=imported.sentence + unkept)


def adopted(
    file: Path, spec: ProjectSpec, info: DataInfo | None, data: LoadedData | None
) -> ImportedModel:
    """Open a model file made anywhere for a project; nothing in the file is executed and nothing is written.

    Raises
    ------
    BadInput
        If the file is refused.
    """
    from engine.importing import adoption
    from engine.importing.opener import restore as restore_model

    opened = open_file(file)
    load_tensorflow()
    model = restore_model(opened)
    outputs = [tuple(output.shape[1:]) for output in model.outputs]
    taken = adoption.adopt(opened, outputs, spec, info)
    sentence = adoption.adoption_text(file.name, opened, outputs, taken)
    parameters = sum(layer.count_params() for layer in model.layers)
    asked = taken.answering_spec
    if asked is None or taken.info is None:
        return ImportedModel(taken.spec, None, sentence, parameters)
    statistics = data.statistics if data is not None else None
    weights = weights_by_layer(model, asked, taken.info, statistics)
    trained = Trained(new_run_id(), asked, taken.info, statistics, weights, {}, opened=True)
    return ImportedModel(
        taken.spec, trained, sentence, parameters, taken.fits_data, taken.scaled_by
    )


@dataclass(frozen=True)
class LoadedWeights:
    """Weights of a file in the layers of a network; ``sentence`` says in which."""

    trained: Trained
    sentence: str


def load_weights(
    file: Path, spec: ProjectSpec, info: DataInfo, data: LoadedData | None, project: Path
) -> LoadedWeights:
    """Fill a network as `filled` does, and keep the result in the project as `import_model` keeps a model."""
    loaded = filled(file, spec, info, data)
    unkept = keep_opened(loaded.trained, project)
    sentence = f"{loaded.sentence} Train the Opened Model goes on from here.{unkept}"
    return replace(loaded, sentence=sentence)


def filled(file: Path, spec: ProjectSpec, info: DataInfo, data: LoadedData | None) -> LoadedWeights:
    """Put a file's weights into the layers that have their names; the other layers get new weights.

    Raises
    ------
    BadInput
        If the file is refused or no layer fits.
    """
    from engine.importing.keras.file_weights import fill, read_weights

    found = read_weights(file)
    load_tensorflow()
    from engine.training.loop.initial import fresh_model

    statistics = data.statistics if data is not None else None
    model = fresh_model(spec, info, statistics)
    got_theirs = fill(model, found)
    fresh = tuple(
        layer.name for layer in model.layers if layer.weights and layer.name not in got_theirs
    )
    name = quoted(file.name, 40)
    if not got_theirs:
        raise BadInput(
            f'no layer has name and shapes of those in "{name}": use the network it was made for'
        )
    trained = Trained(
        new_run_id(), spec, info, statistics, tuple(model.get_weights()), {},
        opened=True, fresh=frozenset(fresh),
    )  # fmt: skip
    words = transfer_text(Kept({each: each for each in got_theirs}, fresh))
    return LoadedWeights(trained, f'"{name}": {words}')
