"""Choose whether XLA compiles a network's steps.

XLA rounds differently, and equal seeds must give equal results. So the choice depends on the layers alone
(`by_kind`), or, if the caller gives a folder, on a measurement that is made once for a network on this machine and
stored there (`read_measurement`, `decided`).
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal, TypeAlias, get_args

from engine import storage
from engine.errors import JobFailed

Variant: TypeAlias = Literal["plain", "xla"]
Speeds: TypeAlias = Mapping[Variant, float]
VARIANTS: Final[tuple[Variant, ...]] = get_args(Variant)

# Samples a second under XLA over without, batch 32, two CPU cores: dense 784-128-10 3.6, four inputs to eight
# units 8.6, LSTM 4.1, GRU 2.7, bidirectional LSTM on words 1.4, attention 2.2, batch normalisation 3.0.
# Convolutions run 2.3 to 60 times slower, random numbers (Dropout) 2.3 times: they are not here.
# fmt: off  # as a block of words, not a column
_FASTER: Final = frozenset(
    {
        "InputLayer",
        "Dense",
        "EinsumDense",
        "Flatten",
        "Reshape",
        "Permute",
        "RepeatVector",
        "Identity",
        "Rescaling",
        "Normalization",
        "Masking",
        "Embedding",
        "LSTM",
        "GRU",
        "SimpleRNN",
        "Bidirectional",
        "TimeDistributed",
        "MultiHeadAttention",
        "Attention",
        "AdditiveAttention",
        "Activation",
        "Softmax",
        "ReLU",
        "LeakyReLU",
        "PReLU",
        "ELU",
        "BatchNormalization",
        "LayerNormalization",
        "RMSNormalization",
        "UnitNormalization",
        "Add",
        "Average",
        "Concatenate",
        "Dot",
        "Maximum",
        "Minimum",
        "Multiply",
        "Subtract",
        "ActivityRegularization",
        "GlobalAveragePooling1D",
        "GlobalMaxPooling1D",
    }
)
# fmt: on
# XLA runs a loop as many small tasks for its threads, which takes 20 to 90 us a step of a tiny network and 300 to 1,000
# of a tiny recurrent one; or, where a turn of the loop reads and writes no more bytes than this, as one piece of code:
# 1 to 10, and 20 to 400. XLA's own limit is 1024, which no training stays under; beyond 128 KiB its matrix products
# are quicker as tasks.
_SMALL_LOOP_BYTES: Final = 65_536
_XLA_OPTIONS: Final = MappingProxyType(
    {
        "--xla_backend_extra_options": f"xla_cpu_small_while_loop_byte_threshold={_SMALL_LOOP_BYTES}",
        # XLA gives every matrix product to YNNPACK, which hands its parts to other threads and lets those spin until
        # the next: of 2 processors 1.8 to 2.2 were busy with tiny dense and recurrent networks, 1.2 to 1.4 are with
        # Eigen, its other way, which takes threads for large products only. Speeds: dense 64-32-10 1.1, GRU 1.09,
        # LSTM 0.97, table 0.91 times as high; dense 784-512-512-10 at batch 128 0.82, the price.
        "--xla_cpu_experimental_ynn_fusion_type": "-individual_dot",
    }
)
_WRAPPED: Final = ("layer", "forward_layer", "backward_layer")  # where wrappers keep what they wrap
_RANDOM: Final = ("dropout", "recurrent_dropout")
_MOST_LAYERS: Final = 100  # compiling takes about 30 ms a layer
# The kind's choice stands unless the other one is this much faster: near a tie a new measurement, after an
# update for instance, must not change the numbers.
_CLEARLY: Final = 1.1
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Choice:
    """How the steps run.

    Attributes
    ----------
    reason
        A sentence for the user.
    steps_per_second
        What was measured, by variant; empty if the layers' kinds decided.
    """

    variant: Variant
    reason: str
    steps_per_second: Speeds = field(default_factory=lambda: MappingProxyType({}))


def xla_flags(given: str = "") -> str:
    """Return what ``XLA_FLAGS`` must hold before TensorFlow compiles anything; a user's own options come first."""
    ours = (f"{name}={value}" for name, value in _XLA_OPTIONS.items() if name not in given)
    return " ".join([given, *ours]).strip()


# ---- By the layers ----


def by_kind(model: Any, device: str) -> Choice:
    """Return the choice that follows from the layers of a Keras model."""
    if device != "cpu":
        return Choice("plain", "On a GPU the steps run without XLA.")
    if len(model.layers) > _MOST_LAYERS:
        return Choice(
            "plain", f"Without XLA: to compile {len(model.layers)} layers takes too long."
        )
    slower = sorted({type(layer).__name__ for layer in model.layers if not _faster(layer)})
    if slower:
        return Choice("plain", f"Without XLA: it is not known to help {_listed(slower)}.")
    return Choice("xla", "With XLA: it makes every layer of this network faster.")


def worth_measuring(model: Any, device: str) -> bool:
    """Tell whether either variant may win: XLA is far behind on a CPU where there are convolutions."""
    if device != "cpu":
        return True
    slow = any("Conv" in type(layer).__name__ for layer in _all_layers(model))
    return not slow and len(model.layers) <= _MOST_LAYERS


def _listed(kinds: list[str]) -> str:
    shown = ", ".join(kinds[:3])
    return f"{shown} and {len(kinds) - 3} other kinds" if len(kinds) > 3 else shown


def _faster(layer: Any) -> bool:
    if type(layer).__name__ not in _FASTER:
        return False
    if any(getattr(layer, name, 0) for name in _RANDOM):
        return False
    return all(_faster(inner) for inner in _inner(layer))


def _inner(layer: Any) -> list[Any]:
    wrapped = [getattr(layer, name, None) for name in _WRAPPED]
    return [inner for inner in wrapped if inner is not None]


def _all_layers(model: Any) -> list[Any]:
    """Return the layers, what wrappers wrap and what models within the model hold."""
    found = []
    waiting = list(model.layers)
    while waiting:
        layer = waiting.pop()
        found.append(layer)
        waiting += [*_inner(layer), *getattr(layer, "layers", ())]
    return found


# ---- By a measurement ----


def decided(usual: Choice, speeds: Speeds) -> Choice:
    """Return the faster variant; the usual one if the other is hardly faster or could not be measured."""
    best = max(speeds, key=lambda variant: speeds[variant], default=usual.variant)
    if usual.variant not in speeds:
        return usual
    if speeds[best] < _CLEARLY * speeds[usual.variant]:
        best = usual.variant
    return Choice(best, _measured(best, speeds), speeds)


def _measured(variant: Variant, speeds: Speeds) -> str:
    if len(speeds) < len(VARIANTS):
        return "Without XLA: it cannot compile this network."
    words = {"xla": "With XLA", "plain": "Without XLA"}
    ways = f"{speeds['xla']:,.0f} steps a second with it and {speeds['plain']:,.0f} without"
    return f"{words[variant]}: measured on this computer, {ways}."


def measurement_file(
    folder: Path, model: Any, batch_size: int, device: str, arrays: Sequence[Any]
) -> Path | None:
    """Return where the measurement of this network, batch, device and machine is kept; None if it has no name.

    Parameters
    ----------
    arrays
        Samples and labels as the steps get them: their types and shapes count, their number does not.
    """
    if getattr(model, "optimizer", None) is None:
        return None  # several networks: what a step of theirs does, the model does not say
    try:
        described = json.loads(model.to_json())
        compiled = described.pop("compile_config")
        # Its kind only: a learning rate changed in mid-run must not ask for another measurement.
        compiled["optimizer"] = type(model.optimizer).__name__
    except (NotImplementedError, KeyError, TypeError, ValueError) as error:
        _log.info("a network that cannot be described is not measured: %s", error)
        return None
    # Named alike on the device and off it: samples that stream must take the choice of those that do not.
    kinds = [(tuple(each.shape[1:]), f"<dtype: '{each.dtype.name}'>") for each in arrays]
    machine = (platform.node(), platform.machine(), platform.processor(), os.cpu_count())
    network = _without_names([described, compiled])
    key = repr(
        (network, batch_size, device, kinds, machine, _releases(), os.environ.get("XLA_FLAGS"))
    )
    return folder / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.json"


def _without_names(description: Any) -> Any:
    """Return a Keras configuration with numbers for names: Keras counts on at every network it makes."""
    numbers: dict[str, str] = {}

    def renamed(value: Any) -> Any:
        if isinstance(value, dict):
            name = value.get("name")
            if isinstance(name, str):
                numbers.setdefault(name, str(len(numbers)))
            return {key: renamed(each) for key, each in value.items()}
        if isinstance(value, list):
            return [renamed(each) for each in value]
        return numbers.get(value, value) if isinstance(value, str) else value

    return renamed(description)


def _releases() -> tuple[str, ...]:
    from importlib.metadata import version

    return version("tensorflow"), version("keras")


def read_measurement(path: Path) -> Speeds | None:
    """Return a stored measurement; None if there is none or the file is invalid."""
    try:
        content = json.loads(path.read_text("utf-8"))
        speeds: dict[Variant, float] = {
            variant: float(content[variant]) for variant in VARIANTS if variant in content
        }
    except (OSError, ValueError, TypeError):
        return None
    return speeds if "plain" in speeds and all(speed > 0 for speed in speeds.values()) else None


def keep_measurement(path: Path, speeds: Speeds) -> None:
    """Write a measurement; if that fails, the next run measures again."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        storage.write_text(path, json.dumps(dict(speeds)))
    except (OSError, JobFailed) as error:
        _log.warning("the measurement of a network was not kept: %s", error)
