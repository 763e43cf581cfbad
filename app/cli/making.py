"""The verb that makes a project."""

from __future__ import annotations

import os
from pathlib import Path

from app import heavy
from app.cli.output import Output
from app.cli.shared import feature_facts, layer_facts, say
from engine.data.choice import describe, find, is_at_hand, recognised, settled
from engine.data.preprocessing import Scaling
from engine.data.readers import Reader
from engine.editing.layout import arrange
from engine.editing.settings import scaling_setting, with_settings
from engine.errors import BadInput, JobFailed, quoted
from engine.runs.project_folder import ProjectFolder
from engine.spec.data import DataSpec
from engine.spec.project import ProjectSpec
from engine.templates import new_project, propose

_USUAL = "digits"  # the data of a project for which none is named


def new(
    output: Output,
    folder: Path,
    template: str | None,
    data: str | None,
    source: Path | None,
    settings: list[str],
    model: Path | None = None,
) -> None:
    """Make a project; ``settings`` are of its data.

    Parameters
    ----------
    template
        None: the one proposed for the data.
    data
        Name of a data set or reader. None: the one that recognises ``source``, or the digits.
    model
        A model file made anywhere, whose network and weights the project takes over.
    """
    if model is not None and template is not None:
        raise BadInput("a model brings its own network: leave out --template or --model")
    data_set = _reader(data, source)
    path = str(source.resolve()) if source else None
    choice, scaling = _with_data_settings(DataSpec(reader=data_set.id, path=path), settings)
    info = describe(choice) if choice.path is None else None
    read = None
    # A file is read now: what does not fit makes no project. A model may need the numbers that scale its samples.
    if info is None or (model is not None and is_at_hand(choice)):
        read = heavy.load_data(choice)
        info, choice = read.info, settled(choice, read.info)
        say(output, heavy.data_notes(read))
    project = ProjectFolder(folder)
    name = quoted(project.path.name) or "Untitled"
    spec = new_project(template or propose(info).template, choice, info, name, scaling)
    if model is not None:
        spec, parameters, notes = _with_model(
            project, heavy.adopted(model, spec, info, read), model
        )
    else:
        project.create(spec)
        parameters = sum(fact.parameters for fact in layer_facts(spec, info).values())
        notes = ()
    words = f"{name}: {len(spec.network.layers)} layers, {parameters:,} parameters, {info.title}"
    output.summary(
        "\n".join((*notes, words)),
        project=str(project.path), reader=data_set.id, samples=sum(info.counts),
        inputs=[feature_facts(each) for each in info.inputs],
        targets=[feature_facts(each) for each in info.targets],
        layers=len(spec.network.layers), parameters=parameters,
        notes=[*(heavy.data_notes(read) if read is not None else ()), *notes],
    )  # fmt: skip


def _reader(data: str | None, source: Path | None) -> Reader:
    """Return the data set or reader of that name, or the one for a file or folder."""
    named = find(data) if data is not None else None
    if source is None:
        return named or find(_USUAL)
    if not os.path.exists(source):
        raise BadInput(
            f'there is no file or folder "{quoted(source.name, 60)}": check the path after --source'
        )
    found = named or recognised(source)
    if not found.takes_path:
        raise BadInput(
            f'"{found.id}" comes with the program: leave out --source, or use --data file'
        )
    return found


def _with_model(
    project: ProjectFolder, imported: heavy.ImportedModel, file: Path
) -> tuple[ProjectSpec, int, tuple[str, ...]]:
    """Make a project of an opened model; return its description, its parameters and what to say."""
    spec = imported.spec.but(canvas=arrange(imported.spec.network))
    project.create(spec)
    if imported.trained is None:
        return spec, imported.parameters, (imported.sentence,)
    unkept = heavy.keep_opened(imported.trained, project.path)
    if unkept:
        raise JobFailed(unkept.strip())
    if not imported.fits_data:
        return spec, imported.parameters, (imported.sentence,)
    notes = [f'The next training begins with the weights of "{quoted(file.name, 60)}".']
    if imported.scaled_by:
        notes.append(
            f"The file does not scale its samples, so a {imported.scaled_by} behind its input does: "
            "add --set data.scaling=none if it takes them as they are."
        )
    return spec, imported.parameters, tuple(notes)


def _with_data_settings(choice: DataSpec, settings: list[str]) -> tuple[DataSpec, Scaling | None]:
    """Return the choice of data with settings, and the scaling that they ask for."""
    scaling: Scaling | None = None
    for setting in settings:
        if not setting.strip().startswith("data."):
            raise BadInput(
                f'"{quoted(setting, 40)}" is no setting of the data: here only data.... can be set'
            )
        scaling = scaling_setting(setting) or scaling
    others = [setting for setting in settings if scaling_setting(setting) is None]
    return with_settings(ProjectSpec(data=choice), others).data, scaling
