"""Generate a Python script that trains a project's model without Netsmith. Loads without TensorFlow."""

from __future__ import annotations

from typing import Final

from engine.code import data_code, training_code
from engine.code.network_code import further_inputs, named_formulas, network_code
from engine.code.writing import paragraphs
from engine.data.info import DataInfo
from engine.errors import SpecError
from engine.spec.project import ProjectSpec
from engine.training.procedures import procedure_of

ARCHIVE: Final = "data.npz"
MODEL: Final = "model.keras"
_HEADER: Final = '''\
"""Build, train and save a neural network with Keras; written by Netsmith.

Run it with a Python that has {libraries}.
"""
'''


def generate(spec: ProjectSpec, info: DataInfo, archive: str = ARCHIVE) -> str:
    """Return a script that builds, trains, tests and saves the project's model with Keras.

    It uses the same samples in the same order and the same initial weights, so that its losses equal those of
    Netsmith up to rounding.

    Parameters
    ----------
    archive
        Name of the archive with the samples, for data sets that no library provides; see
        `engine.code.archive.write_parts`.

    Raises
    ------
    SpecError
        If the description is invalid; names the place.
    """
    if not procedure_of(spec).answers:
        problem = "networks that learn against each other are not written as a script: export them"
        raise SpecError("training.stages", problem)
    network = network_code(spec.network, info)
    given = spec.training
    constants = f"SEED = {given.seed}\nEPOCHS = {given.epochs}\nBATCH_SIZE = {given.batch_size}\n"
    functions = (
        data_code.functions(spec.data, info),
        *training_code.functions(spec),
        further_inputs(spec.network),
        named_formulas(spec.network),
    )
    head = paragraphs((_HEADER.format(libraries=_libraries(spec)), _imports(spec), constants))
    defined = "\n\n\n".join(part.strip("\n") for part in functions if part)
    training = (
        training_code.weights_code(spec, info),
        training_code.answers_code(spec, info),
        training_code.training_code(spec, info, MODEL),
    )
    work = paragraphs(
        (
            f"# Data\n{data_code.data_code(spec.data, info, archive)}",
            f"# Network\nkeras.utils.set_random_seed(SEED)\n{network}",
            "# Training\n" + "\n".join(part for part in training if part),
        )
    )
    return f"{head}\n\n{defined}\n\n\n{work}"


def _imports(spec: ProjectSpec) -> str:
    system = "import sys\n" if data_code.needs_archive(spec.data) else ""
    others = "".join(f"{line}\n" for line in data_code.imports(spec.data))
    return f"import math\n{system}\nimport keras\nimport numpy as np\nfrom keras import layers\n{others}"


def _libraries(spec: ProjectSpec) -> str:
    return (
        "keras and tensorflow"
        if data_code.needs_archive(spec.data)
        else ("keras, tensorflow and scikit-learn")
    )
