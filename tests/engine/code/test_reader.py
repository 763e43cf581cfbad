import pytest

from engine.code.reader import LARGEST_LETTERS, parse
from engine.code.values import NotUnderstood
from engine.errors import LONGEST_MESSAGE
from engine.spec.base import ObjectSpec

MLP = [("input", "InputLayer"), ("flatten", "Flatten"), ("dense", "Dense"), ("dense_2", "Dense")]
# Eight ways in which people write the same network.
SAME = {
    "sequential": """
from tensorflow import keras
from tensorflow.keras import layers
model = keras.Sequential([
    layers.Flatten(input_shape=(28, 28)),
    layers.Dense(128, activation='relu'),
    layers.Dense(10, activation="softmax"),
])
""",
    "added": """
import tensorflow as tf
model = tf.keras.models.Sequential()
model.add(tf.keras.Input((28, 28)))
model.add(tf.keras.layers.Flatten())
model.add(tf.keras.layers.Dense(128, activation=tf.nn.relu))
model.add(tf.keras.layers.Dense(units=10, activation=tf.keras.activations.softmax))
""",
    "functional": """
from keras.models import Model
from keras.layers import Input, Dense, Flatten
UNITS, CLASSES = 64 * 2, 10
inputs = Input(shape=(28, 28))
x = Flatten()(inputs)
x = Dense(UNITS, "relu")(x)
model = Model(inputs=inputs, outputs=Dense(CLASSES, activation="softmax")(x))
""",
    "star": """
from keras.models import *
from keras.layers import *
model = Sequential([InputLayer(input_shape=(28, 28)), Flatten(), Dense(128, "relu")])
model.add(Dense(10, activation="softmax"))
""",
    "function": """
import keras
from keras import layers as L

def block(x, units, activation="relu"):
    return L.Dense(units, activation=activation)(x)

def build(shape=(28, 28), classes=10):
    inputs = keras.Input(shape)
    x = block(L.Flatten()(inputs), 128)
    return keras.Model(inputs, block(x, classes, activation="softmax"))

if __name__ == "__main__":
    model = build()
""",
    "loop": """
import keras
model = keras.Sequential([keras.Input(shape=(28, 28)), keras.layers.Flatten()])
for units, activation in zip([128, 10], ["relu", "softmax"]):
    model.add(keras.layers.Dense(units, activation=activation))
""",
    "passed_on": """
import keras
from somewhere import Tuner
def build_model():
    model = keras.Sequential([keras.Input(shape=(28, 28)), keras.layers.Flatten()])
    model.add(keras.layers.Dense(128, activation="relu"))
    model.add(keras.layers.Dense(10, activation="softmax"))
    return model
Tuner(build_model).search()
""",
    "inlined": """
import keras
inputs = keras.Input(shape=(28, 28))
front = keras.Sequential([keras.layers.Flatten()])
hidden = keras.layers.Dense(128, activation="relu")
outputs = keras.layers.Dense(10, activation="softmax")(hidden(front(inputs)))
model = keras.Model(inputs, outputs)
""",
}


@pytest.mark.parametrize("way", SAME)
def test_the_ways_of_writing_a_network(way):
    network = parse(SAME[way]).network
    assert [(layer.id, layer.kind) for layer in network.layers] == MLP
    assert [layer.parameters for layer in network.layers] == [
        {"shape": (28, 28)},
        {},
        {"units": 128, "activation": "relu"},
        {"units": 10, "activation": "softmax"},
    ]
    assert [(wire.source, wire.target) for wire in network.wires] == [
        ("input", "flatten"), ("flatten", "dense"), ("dense", "dense_2"),
    ]  # fmt: skip


def test_branches_merges_and_attention():
    network = parse("""
import keras
from keras import layers
a = keras.Input((8, 4), name="words")
b = layers.Conv1D(4, 3, padding="same")(a)
c = a + b
d = layers.concatenate([a, b, c], axis=1)
e = layers.MultiHeadAttention(2, 4, name="look")(d, value=a)
f, g = layers.Dense(2)(e), layers.Dense(3)(e)
keras.Model(a, [g, f])
""").network
    into = {layer.id: [w.source for w in network.wires_into(layer.id)] for layer in network.layers}
    assert into["add"] == ["words", "conv1d"]
    assert into["concatenate"] == ["words", "conv1d", "add"]
    assert into["look"] == ["concatenate", "words"]
    assert [layer.parameters["units"] for layer in network.outputs] == [3, 2]
    assert network.layer("concatenate").parameters == {"axis": 1}


def test_a_model_inside_another_becomes_its_layers():
    network = parse("""
import keras
from keras import layers
i = keras.Input((8,))
encoder = keras.Model(i, layers.Dense(2, name="code")(i))
j = keras.Input((2,))
decoder = keras.Model(j, layers.Dense(8, name="picture")(j))
k = keras.Input((8,), name="whole")
autoencoder = keras.Model(k, decoder(encoder(k)))
autoencoder.compile(loss="mse")
print(encoder(1), encoder.predict(2))
""").network
    assert [(wire.source, wire.target) for wire in network.wires] == [
        ("whole", "code"), ("code", "picture"),
    ]  # fmt: skip
    assert len(network.layers) == 3


def test_values_in_keras_own_ways_of_writing_them():
    network = parse("""
import keras
from keras import layers, regularizers
keras.Sequential([
    keras.Input((16, 16, 3)),
    layers.ZeroPadding2D(((1, 2), (3, 4))),
    layers.ZeroPadding2D((1, 2)),
    layers.MaxPool2D(),
    layers.Conv2D(4, 3, kernel_initializer="he_normal", kernel_regularizer=regularizers.l2(0.01),
                  trainable=False),
    layers.Bidirectional(layers.LSTM(8, activation=None)),
    layers.RandomBrightness(0.2),
])
""").network
    _, first, second, pool, conv, both, bright = (layer.parameters for layer in network.layers)
    assert first == {"padding": (1, 2, 3, 4)}
    assert second == {"padding": (1, 1, 2, 2)}
    assert pool == {}
    assert conv["kernel_size"] == (3, 3)
    assert conv["kernel_initializer"] == {"kind": "HeNormal", "parameters": {}}
    assert conv["kernel_regularizer"] == {"kind": "L2", "parameters": {}}
    assert not network.layer("conv2d").trainable
    assert both["layer"]["parameters"] == {"units": 8, "activation": "linear"}
    assert bright["value_range"] == (0, 255)  # what Keras takes, not what Netsmith takes


def test_compile_and_fit_become_settings():
    understood = parse("""
import keras, numpy as np
EPOCHS = 7
x, y = np.load("x.npy"), np.load("y.npy")
keras.utils.set_random_seed(3)
model = keras.Sequential([keras.layers.Rescaling(1 / 255), keras.layers.Dense(2)])
model.compile(optimizer=keras.optimizers.SGD(0.1, momentum=0.9), loss="mse",
              metrics=["accuracy", keras.metrics.AUC(name="auc")])
stop = keras.callbacks.EarlyStopping("val_loss", patience=4)
model.fit(x, y, batch_size=16, epochs=EPOCHS, callbacks=[stop])
""")
    training = understood.training
    assert training["optimizer"] == ObjectSpec(
        kind="SGD", parameters={"learning_rate": 0.1, "momentum": 0.9}
    )
    assert training["loss"] == ObjectSpec(kind="MeanSquaredError")
    assert [metric.kind for metric in training["metrics"]] == ["auto", "AUC"]
    assert (training["epochs"], training["batch_size"], training["seed"]) == (7, 16, 3)
    assert training["early_stopping"].patience == 4
    assert not training["early_stopping"].restore_best
    assert understood.network.layer("input").parameters == {}


def test_what_a_setting_says_in_another_way_is_named():
    understood = parse("""
import keras, mine
model = keras.Sequential([keras.layers.Dense(2)])
model.compile(optimizer=mine.optimizer(), loss="mse")
model.fit(mine.data, epochs=mine.epochs)
""")
    assert set(understood.training) == {"loss"}
    assert understood.left == ("optimizer", "epochs")


REFUSED = {
    "lambda": (4, "layers.Lambda(lambda x: x)(i)"),
    "own_class": (5, "class Mine(layers.Layer): pass\nMine()(i)"),
    "unknown_number": (4, "layers.Dense(int(input()))(i)"),
    "unknown_choice": (4, "if input(): layers.Dense(3)(i)"),
    "while": (4, "while True: i = layers.Dense(3)(i)"),
    "shared": (6, "d = layers.Dense(4)\nj = d(i)\nd(j)"),
    "shared_model": (6, "m = keras.Model(i, layers.Dense(4)(i))\nj = m(i)\nm(j)"),
    "tensor_function": (4, "import tensorflow as tf; tf.reshape(i, (2, 2))"),
    "arithmetic": (4, "i & 2"),
    "bad_formula": (4, "j = keras.ops.mean(i)"),
    "unknown_function": (4, "keras.ops.sigmoyd(i)"),
    "unknown_factor": (4, "i * len"),
    "no_such_layer": (4, "layers.Densse(3)(i)"),
    "no_such_argument": (4, "layers.Dense(3, colour='red')(i)"),
    "misfit": (4, "layers.Dense(-3)(i)"),
    "too_large": (4, "layers.Dense(10**10**10)(i)"),
    "called_on_data": (4, "layers.Dense(3)(what)"),
    "in_call": (4, "layers.LSTM(3)(i, mask=i)"),
    "not_python": (4, "model = ("),
    "name_twice": (
        5,
        "j = layers.Dense(3, name='a')(i)\nkeras.Model(i, layers.Dense(3, name='a')(j))",
    ),
    "odd_name": (4, "keras.Model(i, layers.Dense(3, name='a/b')(i))"),
    "recursion": (4, "def f(x): return f(layers.Dense(3)(x))\nf(i)"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refusals_name_the_line_and_fit_one_sentence(case):
    line, code = REFUSED[case]
    text = f"import keras\nfrom keras import layers\ni = keras.Input((4, 4))\n{code}\n"
    with pytest.raises(NotUnderstood) as refused:
        parse(text)
    assert refused.value.line == line
    assert str(refused.value).startswith(f"line {line}: ")
    assert len(str(refused.value)) <= LONGEST_MESSAGE


@pytest.mark.parametrize("text", ["", "print('no network')", "import keras\nkeras.Sequential([])"])
def test_no_network_is_said(text):
    with pytest.raises(NotUnderstood):
        parse(text)


HOSTILE = {
    "long": "a = 1\n" * (LARGEST_LETTERS // 6 + 1),
    "brackets": "(" * 100_000,
    "minus": "a = " + "-" * 100_000 + "1",
    "sum": "a = " + "1+" * 100_000 + "1",
    "attributes": "a" + ".b" * 100_000,
    "power": "a = 9**9**9**9**9\nb = a * a",
    "digits": "a = " + "9" * 100_000,
    "doubling": "a = [0]\n" + "a = a + a\n" * 40,
    "text": "a = 'x' * 10**9\nb = f'{a}{a}'",
    "loops": "for a in range(9999):\n for b in range(9999):\n  for c in range(9999): d = 1",
    "endless": "import keras\nm = keras.Sequential()\nl = [0]\nfor a in l: l.append(m.add(a))",
    "layers": "import keras\nm = keras.Sequential()\n"
    "for a in range(9999): m.add(keras.layers.Dense(1))",
    "zip": "a = [0] * 9999\nb = zip(a, range(10**18), reversed(range(10**18)))",
    "self": "a = [0]\na.append(a)\nimport keras\nkeras.layers.Dense(a)(keras.Input((1,)))",
    "nul": "a = 1\0",
    "surrogate": "a = '\ud800'",
    "functions": "def f(): f(); f(); f()\nf()",
    "nested": "\n".join(" " * n + "if 1:" for n in range(99)),
    "import": "import os\nos.system('touch /tmp/never')\n__import__('os').abort()\nexec('1/0')\n1/0",
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_scripts_are_refused_and_never_run(case):
    with pytest.raises(NotUnderstood) as refused:
        parse(HOSTILE[case])
    assert len(str(refused.value)) <= LONGEST_MESSAGE
