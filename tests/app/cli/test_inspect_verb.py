"""What inspect says of a model, and that it loads no TensorFlow where rules tell."""

import json
import subprocess
import sys
from pathlib import Path

import keras
import pytest
from keras import layers

from engine.importing.opener import open_model
from engine.importing.rebuild import summarize_by_keras
from engine.importing.summary import summarize_by_rules

ROOT = Path(__file__).resolve().parents[3]
ASKED = """
import sys
from app.cli.verbs import run_verb
status = run_verb(["inspect", sys.argv[1], "--json"])
print(status, sorted({"tensorflow", "keras", "sklearn", "scipy"} & sys.modules.keys()))
"""


def _convolutional():
    entry = keras.Input((28, 28, 1))
    x = layers.Rescaling(1 / 255)(entry)
    x = layers.Conv2D(16, 3, padding="same", activation="relu")(x)
    x = layers.BatchNormalization()(x)
    x = layers.MaxPooling2D()(x)
    x = layers.Add()([x, layers.Conv2D(16, 3, padding="same")(x)])
    x = layers.Dropout(0.3)(layers.GlobalAveragePooling2D()(x))
    return keras.Model(entry, layers.Dense(10, activation="softmax")(x))


def _recurrent():
    entry = keras.Input((None,), dtype="int32")
    x = layers.Embedding(50, 8, mask_zero=True)(entry)
    x = layers.Bidirectional(layers.LSTM(6, return_sequences=True))(x)
    x = layers.MultiHeadAttention(2, 4)(x, x)
    return keras.Model(entry, layers.Dense(1, "sigmoid")(layers.GRU(4)(x)))


def _two_ends():
    entries = [keras.Input((6,)), keras.Input((4,))]
    x = layers.Concatenate()([layers.Dense(5)(entry) for entry in entries])
    return keras.Model(entries, [layers.Dense(3)(x), layers.LayerNormalization()(x)])


MODELS = {"convolutional": _convolutional, "recurrent": _recurrent, "two ends": _two_ends}


@pytest.mark.parametrize("ending", [".keras", ".h5"])
@pytest.mark.parametrize("name", MODELS)
def test_rules_and_keras_say_the_same(tmp_path, name, ending):
    path = tmp_path / f"model{ending}"
    model = MODELS[name]()
    model.save(path)
    opened = open_model(path)
    found = summarize_by_rules(opened)
    assert found == summarize_by_keras(opened)
    assert found is not None
    assert found.parameters == model.count_params()


def test_inspect_loads_no_tensorflow(tmp_path):
    path = tmp_path / "model.keras"
    _convolutional().save(path)
    asked = subprocess.run(
        [sys.executable, "-c", ASKED, str(path)],
        check=True,
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    *lines, last = asked.stdout.splitlines()
    assert last == "0 []"
    assert json.loads(lines[-1])["parameters"] == _convolutional().count_params()
