"""What a way of learning is, without TensorFlow."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.catalog.model import Field


@dataclass(frozen=True)
class Role:
    """What one of several networks does in a procedure.

    Attributes
    ----------
    id
        Key of `StageSpec.networks` and of `Program.networks`.
    takes_noise
        Its input is random numbers; otherwise samples.
    gives_samples
        Its output is a sample; otherwise one number.
    """

    id: str
    title: str
    takes_noise: bool = False
    gives_samples: bool = False


@dataclass(frozen=True)
class Procedure:
    """A way of learning.

    Attributes
    ----------
    help
        One sentence.
    series
        Names of what each step gives, as in `Program.series`.
    program
        ``"module:function"`` that makes the `Program` of a run from the project, the built model of its whole
        canvas and the data. It is named, not imported: it loads TensorFlow.
    roles
        Of the networks that learn together; () where there is one network.
    options
        What `StageSpec.options` may hold.
    figures
        Names of an epoch's other figures, where they do not follow from the project's metrics.
    """

    id: str
    title: str
    help: str
    series: tuple[str, ...]
    program: str
    roles: tuple[Role, ...] = ()
    options: tuple[Field, ...] = ()
    figures: tuple[str, ...] = ()

    @property
    def answers(self) -> bool:
        """The trained model answers to a sample: it can be evaluated and asked."""
        return not self.roles

    @property
    def generator(self) -> Role | None:
        """The role whose network makes samples, None if none does."""
        return next((role for role in self.roles if role.gives_samples), None)

    def make(self, *given: Any) -> Any:
        """Return the program of a run; errors as the function that ``program`` names."""
        module, _, function = self.program.partition(":")
        return getattr(importlib.import_module(module), function)(*given)

    def option_values(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """Return the value of each option, its default where it has none; a number that may be a fraction as one."""
        found = {field.name: options.get(field.name, field.default) for field in self.options}
        numbers = [field.name for field in self.options if field.type == "float"]
        return found | {name: float(found[name]) for name in numbers if found[name] is not None}
