"""Every layer, activation, loss, optimizer, metric, initializer... that Keras offers."""

from engine.catalog.values import (
    catalog,
    check_parameters,
    check_value,
    choosable,
    clean_parameters,
    default_parameters,
    nested_field,
    normal_value,
    require_parameters,
)

__all__ = [
    "catalog",
    "check_parameters",
    "check_value",
    "choosable",
    "clean_parameters",
    "default_parameters",
    "nested_field",
    "normal_value",
    "require_parameters",
]
