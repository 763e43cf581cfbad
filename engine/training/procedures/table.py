"""Every way of learning by its id."""

from __future__ import annotations

from typing import Final

from engine.catalog.model import Field
from engine.errors import BadInput, quoted
from engine.spec.project import ProjectSpec
from engine.training.procedures.procedure import Procedure, Role

_ROWS: Final = (
    Procedure(
        "supervised", "Supervised", "The network learns the answer to each sample.",
        series=("loss",), program="engine.training.procedures.supervised:make",
    ),
    Procedure(
        "adversarial", "Adversarial (GAN)",
        "A generator makes samples from noise; a discriminator learns to tell them from real ones.",
        series=("generator_loss", "discriminator_loss"), program="engine.training.procedures.adversarial:make",
        roles=(
            Role("generator", "Generator", takes_noise=True, gives_samples=True),
            Role("discriminator", "Discriminator"),
        ),
        options=(
            Field(
                "loss", "choice", "least_squares", choices=("least_squares", "non_saturating"),
                help="least_squares: squared distance from 1 (real) and 0 (made); non_saturating: cross-entropy.",
            ),
            Field(
                "r1", "float", 0.0, minimum=0.0, maximum=1000.0,
                help="Penalty on the discriminator's gradient at real samples (R1); 0 for none.",
            ),
            Field(
                "average", "float", 0.995, minimum=0.0, maximum=0.99999,
                help="Decay of the moving average of the generator's weights, which makes the samples; 0 for none.",
            ),
        ),
        figures=("discriminator_accuracy",),
    ),
)  # fmt: skip
PROCEDURES: Final[dict[str, Procedure]] = {row.id: row for row in _ROWS}


def procedure_of(spec: ProjectSpec) -> Procedure:
    """Return the way a project learns.

    Raises
    ------
    BadInput
        If there is no such row.
    """
    chosen = spec.training.stage.procedure
    if chosen not in PROCEDURES:
        known = ", ".join(PROCEDURES)
        raise BadInput(f'there is no procedure "{quoted(chosen, 40)}": choose {known}')
    return PROCEDURES[chosen]
