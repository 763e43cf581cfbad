"""The entries of the catalogue, shared by forms, validation and builder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, TypeAlias

from engine.spec.network import MODEL_KIND

NO_DEFAULT: Final = "required"  # default of a required argument

Family: TypeAlias = Literal[
    "layer", "activation", "initializer", "regularizer", "constraint", "loss", "optimizer", "metric"
]
FieldType: TypeAlias = Literal[
    "int",
    "float",
    "bool",
    "text",
    "choice",  # one of ``choices``
    "ints",  # ``length`` integers, or one for all; any number of them if ``length`` is 0
    "floats",
    "shape",  # integers, None for a free size
    "activation",  # name of an activation
    "initializer",  # {"kind": ..., "parameters": {...}} of that family, as are the next three
    "regularizer",
    "constraint",
    "layer",
    "formula",  # an expression as `engine.formula` reads it
    "json",  # any JSON; edited as text
    "network",  # a network inside a layer, see `engine.spec.inner`; shown, not edited
]


@dataclass(frozen=True)
class Field:
    """One constructor argument, or one setting of a layer's call.

    Attributes
    ----------
    default
        JSON value that Keras uses if the argument is absent; meaningless if ``required``.
    optional
        Whether None is allowed.
    minimum, maximum
        Inclusive bounds, None for none; for each number in ``ints`` and ``floats``.
    length
        Number of values of ``ints``; 0 for any.
    advanced
        Whether it is shown folded away.
    help
        Help in one sentence, "" if there is none.
    unit
        ``"pixels"``, ``"share"``..., "" if none.
    of_call
        Whether it belongs to the layer's call rather than its constructor, like ``use_causal_mask``.
    from_data
        Whether the data gives it where it is absent, see `engine.data.preprocessing`.
    """

    name: str
    type: FieldType
    default: Any = None
    required: bool = False
    optional: bool = False
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    length: int = 0
    advanced: bool = False
    help: str = ""
    unit: str = ""
    of_call: bool = False
    from_data: bool = False


@dataclass(frozen=True)
class Kind:
    """One public Keras class (or activation function).

    Attributes
    ----------
    name
        Public class name, ``"Conv2D"``; of an activation, its function name, ``"relu"``.
    group
        Where the palette shows a layer: ``"Basic"``, ``"Convolution"``...
    inputs
        (least, most) input wires of a layer; most is None for any number.
    input_names
        Names of the ports where they matter, ``("query", "value", "key")``; empty otherwise.
    ranks
        Ranks of one sample (batch axis excluded) that a layer accepts: ``(3,)`` for Conv2D; empty: any.
    common
        Whether it is listed first.
    unsupported
        Why it cannot be added, "" if it can.
    call_arguments
        (name, default) of the arguments of ``call``, in order: ``(("inputs", "required"), ("mask", None))``.
    """

    name: str
    family: Family
    group: str
    fields: tuple[Field, ...]
    help: str = ""
    inputs: tuple[int, int | None] = (1, 1)
    input_names: tuple[str, ...] = ()
    ranks: tuple[int, ...] = ()
    common: bool = False
    icon: str = ""
    unsupported: str = ""
    call_arguments: tuple[tuple[str, Any], ...] = ()

    @property
    def as_part(self) -> Kind:
        """The kind as a part of another object, without call settings."""
        fields = tuple(field for field in self.fields if not field.of_call)
        return self if len(fields) == len(self.fields) else replace(self, fields=fields)

    @property
    def can_stand(self) -> bool:
        """Whether a network may contain it: it can be added, or comes with an opened model."""
        return not self.unsupported or self.name == MODEL_KIND

    def field(self, name: str) -> Field:
        """Return the field with this name; KeyError if there is none."""
        for field in self.fields:
            if field.name == name:
                return field
        raise KeyError(name)


@dataclass(frozen=True)
class Catalog:
    """Everything the installed Keras offers, by family and name.

    Attributes
    ----------
    keras_version
        Version that was inspected.
    """

    keras_version: str
    kinds: Mapping[Family, Mapping[str, Kind]]

    def family(self, family: Family) -> Mapping[str, Kind]:
        """All kinds of a family, by name, common ones first."""
        return self.kinds[family]

    def layer(self, name: str) -> Kind:
        """Return a layer's entry; KeyError if Keras has none of that name."""
        return self.kinds["layer"][name]
