"""Load an exported model without Netsmith, as another program would, and predict samples.

Run as a script by an interpreter of its own::

    python -I reload.py FORMAT MODEL SAMPLES.npz ANSWERS.npz BATCH_SIZE [NETWORK.keras]

``SAMPLES.npz`` holds ``x0, x1...`` (one array an input), ``ANSWERS.npz`` receives ``y0, y1...`` and
the milliseconds of one sample (``one_ms``) and of one batch (``batch_ms``). Weights alone need the
network: it is read from the last argument, and its weights are set to zero before they are loaded.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Arrays = list[npt.NDArray[Any]]
Answer = Callable[[Arrays], Arrays]
_TIMED_CALLS = 9


def _load(form: str, model: str, network: Sequence[str]) -> Answer:
    if form == "saved_model":
        return _saved_model(model)
    import keras

    if form == "keras":
        return _keras_model(keras.saving.load_model(model))
    loaded = keras.saving.load_model(network[0], compile=False)
    for variable in loaded.variables:
        variable.assign(np.zeros(variable.shape, variable.dtype))
    loaded.load_weights(model)
    return _keras_model(loaded)


def _keras_model(model: Any) -> Answer:
    def answer(inputs: Arrays) -> Arrays:
        outputs = model.predict_on_batch(inputs if len(inputs) > 1 else inputs[0])
        return [np.asarray(y) for y in (outputs if isinstance(outputs, list) else [outputs])]

    return answer


def _saved_model(folder: str) -> Answer:
    import tensorflow as tf

    loaded = tf.saved_model.load(folder)  # keep a reference: its variables are freed with it

    def answer(inputs: Arrays) -> Arrays:
        tensors = [tf.constant(x) for x in inputs]
        outputs = loaded.serve(tensors if len(tensors) > 1 else tensors[0])
        return [
            np.asarray(y) for y in (outputs if isinstance(outputs, (list, tuple)) else [outputs])
        ]

    return answer


def _milliseconds(answer: Answer, inputs: Arrays) -> float:
    answer(inputs)
    times = []
    for _ in range(_TIMED_CALLS):
        start = time.perf_counter()
        answer(inputs)
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


def _main(arguments: Sequence[str]) -> None:
    form, model, samples, answers, batch_size, *network = arguments
    with np.load(samples) as stored:
        inputs = [stored[f"x{number}"] for number in range(len(stored.files))]
    answer = _load(form, model, network)
    size = int(batch_size)
    batches = [
        answer([x[start : start + size] for x in inputs])
        for start in range(0, len(inputs[0]), size)
    ]
    outputs = [np.concatenate(parts) for parts in zip(*batches, strict=True)]
    one_ms = _milliseconds(answer, [x[:1] for x in inputs])
    batch_ms = _milliseconds(answer, [x[:size] for x in inputs])
    named: dict[str, Any] = {f"y{number}": y for number, y in enumerate(outputs)}
    np.savez(answers, **named, one_ms=one_ms, batch_ms=batch_ms)


if __name__ == "__main__":
    _main(sys.argv[1:])
