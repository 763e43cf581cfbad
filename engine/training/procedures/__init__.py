"""Ways of learning: each is a row of `PROCEDURES` and a `Program` that takes its steps."""

from engine.training.procedures.procedure import Procedure, Role
from engine.training.procedures.table import PROCEDURES, procedure_of

__all__ = ["PROCEDURES", "Procedure", "Role", "procedure_of"]
