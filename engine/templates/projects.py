"""Projects that start from a ready network."""

from __future__ import annotations

import difflib
from dataclasses import replace

from engine.data.choice import option_values
from engine.data.info import DataInfo
from engine.data.preprocessing import Scaling
from engine.editing.layout import arrange
from engine.editing.preprocessing import with_scaling
from engine.errors import BadInput, quoted
from engine.spec.data import DataSpec
from engine.spec.project import ProjectSpec
from engine.templates.hyperparameters import default_training
from engine.templates.table import TEMPLATES

_MOST_NAMED = 10


def new_project(
    template_id: str,
    data: DataSpec,
    info: DataInfo,
    name: str = "Untitled",
    scaling: Scaling | None = None,
) -> ProjectSpec:
    """Return a project that can be trained at once; preprocessing and hyperparameters follow the kind of data.

    Parameters
    ----------
    scaling
        What scales the samples; None: what is usual for the data.

    Raises
    ------
    BadInput
        If there is no such template, or it does not suit the data.
    """
    template = TEMPLATES.get(template_id)
    if template is None:
        near = difflib.get_close_matches(template_id.lower()[:40], TEMPLATES, _MOST_NAMED)
        raise BadInput(
            f'there is no template "{quoted(template_id, 30)}": '
            f"choose {_fitting_names(tuple(near), info)}"
        )
    problem = template.why_not(info)
    if problem:
        reason = problem.removesuffix(".").replace("It is", "is", 1)
        raise BadInput(f'"{template_id}" {reason}: choose {_fitting_names((), info)}')
    network = template.network(info)
    if scaling is not None:
        network = with_scaling(network, scaling, info)
    return ProjectSpec(
        name=name,
        network=network,
        networks=template.networks(network) if template.networks is not None else (),
        data=data,
        training=(template.training or default_training)(_counted(data, info)),
        canvas=arrange(network),
    )


def _counted(data: DataSpec, info: DataInfo) -> DataInfo:
    """Return the data with how many samples will be trained on, where that is known before loading."""
    try:
        samples = option_values(data).get("samples", 0)
    except BadInput:
        samples = 0
    if sum(info.counts) or not samples:
        return info
    split = data.split
    validation, test = (round(samples * share) for share in (split.validation, split.test))
    return replace(info, counts=(samples - validation - test, validation, test))


def _fitting_names(first: tuple[str, ...], info: DataInfo) -> str:
    fitting = (each.id for each in TEMPLATES.values() if not each.why_not(info))
    names = list(dict.fromkeys((*first, *fitting)))
    more = ", ..." if len(names) > _MOST_NAMED else ""
    return ", ".join(names[:_MOST_NAMED]) + more
