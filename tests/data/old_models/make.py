"""Make the collection of old models: each file by the Keras that it is of, with that Keras's answers.

    python make.py VENVS [release ...]

makes or reuses one virtual environment for each TensorFlow in the folder VENVS (about 1.5 GB each), lays each Keras
over it, and writes ``<release>.<model>.<suffix>`` with ``<release>.<model>.<suffix>.npz`` beside this script: samples
``x0``, ``x1`` ... and answers ``y0``, ``y1`` ... No TensorFlow for today's Pythons runs Keras 1, so its files are
written array by array as it stored them, and their answers computed with NumPy.
"""

from __future__ import annotations

import importlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import venv
import zipfile
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
SEED = 11


class Release(NamedTuple):
    """One Keras: the package, its version, and the TensorFlow under it."""

    package: str
    version: str
    tensorflow: str
    files: tuple[str, ...]


RELEASES = {
    f"{package}-{version}": Release(package, version, tensorflow, tuple(files.split()))
    for package, version, tensorflow, files in (
        ("keras", "2.12.0", "2.12.1", "chain.h5 picture.keras words.h5 inside.keras adapted.h5 operators.h5"),
        ("keras", "2.13.1", "2.13.1", "picture.h5 words.keras"),
        ("keras", "2.14.0", "2.14.1", "chain.keras inside.h5"),
        ("keras", "2.15.0", "2.15.1", "picture.h5 words.keras attention.h5 operators.keras twice.h5"),
        ("tf_keras", "2.16.0", "2.16.2", "chain.h5 picture.keras words.h5"),
        ("tf_keras", "2.18.0", "2.18.1", "inside.h5 attention.keras"),
        ("tf_keras", "2.21.0", "2.21.0", "picture.h5 words.keras chain.keras"),
        ("keras", "3.0.5", "2.16.2", "chain.keras picture.keras words.keras operators.keras twice.keras"),
        ("keras", "3.3.3", "2.16.2", "attention.keras words.keras"),
        ("keras", "3.6.0", "2.18.1", "picture.h5 adapted.keras inside.keras"),
        ("keras", "3.10.0", "2.18.1", "words.keras attention.h5 operators.keras"),
        ("keras", "3.12.0", "2.21.0", "picture.keras inside.h5"),
        ("keras", "3.15.1", "2.21.0", "chain.keras words.h5 twice.keras"),
    )
}  # fmt: skip


# ---- Models; `keras` is whichever version runs this ----


def chain(keras):
    """A chain whose first layer tells the shape, or an InputLayer, with the activations of then."""
    layers = keras.layers
    first = (
        layers.InputLayer(input_shape=(6,)) if keras.__version__ < "3" else layers.InputLayer((6,))
    )
    slope = {"alpha": 0.2} if keras.__version__ < "3" else {"negative_slope": 0.2}
    model = keras.Sequential(
        [
            first,
            layers.Dense(5, kernel_initializer="he_normal", kernel_regularizer="l2"),
            layers.LeakyReLU(**slope),
            layers.BatchNormalization(),
            layers.Dense(4, activation="hard_sigmoid"),
            layers.Activation("hard_sigmoid"),
            layers.Dropout(0.3),
            layers.GaussianNoise(0.1),
            layers.Dense(4, activation="swish", kernel_constraint="max_norm"),
            layers.ELU(),
            layers.Dense(3, activation="softmax"),
        ]
    )
    model.compile("adam", "categorical_crossentropy", ["accuracy"])
    return model


def picture(keras):
    layers = keras.layers
    data = keras.Input((8, 8, 3))
    x = layers.Rescaling(1 / 2.0)(data)
    x = layers.Conv2D(4, 3, padding="same", use_bias=False)(x)
    x = layers.ReLU(6.0)(layers.BatchNormalization()(x))
    x = layers.DepthwiseConv2D(3, padding="same", depth_multiplier=2)(x)
    x = layers.SeparableConv2D(4, 3, strides=2, padding="same", activation="elu")(x)
    kept = x
    x = layers.PReLU(shared_axes=[1, 2])(layers.ZeroPadding2D(((0, 1), (1, 0)))(x))
    x = layers.AveragePooling2D(2, strides=1)(x)
    x = layers.Concatenate()([layers.Add()([x, kept]), kept])
    x = layers.UpSampling2D(2)(layers.MaxPooling2D()(x))
    x = layers.Conv2DTranspose(2, 3, strides=2)(x)
    x = layers.Dense(3)(layers.Flatten()(layers.LayerNormalization()(x)))
    return keras.Model(data, layers.Softmax()(x))


def words(keras):
    layers = keras.layers
    data = keras.Input((7,), dtype="int32")
    x = layers.Embedding(20, 4, mask_zero=True)(data)
    x = layers.Bidirectional(layers.LSTM(3, return_sequences=True))(x)
    x = layers.LSTM(3, recurrent_activation="hard_sigmoid", return_sequences=True)(x)
    x = layers.GRU(
        3, reset_after=False, recurrent_activation="hard_sigmoid", return_sequences=True
    )(x)
    x = layers.TimeDistributed(layers.Dense(3, activation="tanh"))(x)
    x = layers.GRU(3, return_sequences=True)(x)
    return keras.Model(data, layers.Dense(1, "sigmoid")(layers.SimpleRNN(2)(x)))


def inside(keras):
    """Models inside a model, a frozen one among them; two inputs and two outputs."""
    layers = keras.layers
    base = keras.Sequential(
        [keras.Input((6, 6, 1)), layers.Conv2D(2, 3, name="look"), layers.BatchNormalization()],
        name="base",
    )
    base.trainable = False
    given = keras.Input((4,))
    side = keras.Model(given, [layers.Dense(3)(given), layers.Dense(2, "relu")(given)], name="side")
    seen, told = keras.Input((6, 6, 1), name="seen"), keras.Input((4,), name="told")
    one, other = side(told)
    x = layers.GlobalMaxPooling2D()(base(seen))
    x = layers.Concatenate()([x, one, layers.Multiply()([x, other])])
    return keras.Model([seen, told], [layers.Dense(2, name="b")(x), layers.Dense(1, name="a")(x)])


def adapted(keras):
    np = importlib.import_module("numpy")
    layers = keras.layers
    learned = layers.Normalization()
    learned.adapt(np.arange(12, dtype="float32").reshape(4, 3) ** 1.5)
    data = keras.Input((3,))
    x = layers.Reshape((3, 1))(learned(data))
    x = layers.Conv1D(4, 2, padding="causal", dilation_rate=2)(x)
    x = layers.MaxPooling1D(2, 1, "same")(layers.Permute((2, 1))(x))
    return keras.Model(data, layers.Dense(2)(layers.GlobalAveragePooling1D()(x)))


def attention(keras):
    layers = keras.layers
    data = keras.Input((6, 4))
    x = layers.Add()([layers.MultiHeadAttention(2, 3)(data, data), data])
    x = layers.LayerNormalization(epsilon=1e-6)(x)
    x = layers.Dense(4, activation="gelu")(x)
    x = layers.Attention(use_scale=True)([x, layers.Dense(4)(data)])
    return keras.Model(data, layers.Dense(2)(layers.GlobalMaxPooling1D()(x)))


def operators(keras):
    """Sums and products between layers, written as arithmetic."""
    layers = keras.layers
    data = keras.Input((4,))
    x = layers.Dense(4)(data) * 2.0 + 1.0 - data
    y = layers.Dense(4)(data) + x
    return keras.Model(data, (3.0 - y) / 2.0)


def twice(keras):
    """Layers without weights used in two places."""
    layers = keras.layers
    one, other = keras.Input((4, 4, 1)), keras.Input((4, 4, 1))
    flat, bend = layers.Flatten(), layers.Activation("tanh")
    x = layers.Subtract()([bend(flat(one)), bend(flat(other))])
    return keras.Model([one, other], layers.Dense(2)(x))


# ---- Inside a release's environment ----


def make_with(release_id: str) -> None:
    """Build, weigh, save and ask every model of this release."""
    release = RELEASES[release_id]
    keras = importlib.import_module(release.package)
    np = importlib.import_module("numpy")
    if not keras.__version__ == release.version:
        raise SystemExit(f"this is {keras.__version__}, not {release.version}")
    for file in release.files:
        rng = np.random.default_rng(SEED)
        model = globals()[file.split(".")[0]](keras)
        for variable in model.weights:
            name = getattr(variable, "path", variable.name)
            if not is_adapted(name):
                variable.assign(rng.uniform(0.1, 0.7, variable.shape) * rng.choice([1, -0.6]))
            if "variance" in name and "batch" in name:
                variable.assign(rng.uniform(0.4, 0.9, variable.shape))
        samples = [
            rng.integers(1, 9, (3, *t.shape[1:])).astype("int32")
            if "int" in str(t.dtype)
            else rng.normal(size=(3, *t.shape[1:])).astype("float32")
            for t in model.inputs
        ]
        if file.startswith("words"):
            samples[0][1, 4:] = 0
        answers = model.predict(samples if len(samples) > 1 else samples[0], verbose=0)
        answers = answers if isinstance(answers, list) else [answers]
        path = HERE / f"{release_id}.{file}"
        model.save(path, **how_to_save(keras, file))
        if zipfile.is_zipfile(path):
            pack(path)
        if file == "chain.h5":
            name_rate_as_before(path)
        keep(path, samples, answers)


def how_to_save(keras, file: str) -> dict:
    """Return what ``model.save`` is told; Keras 2.12 untold writes HDF5 under every name."""
    if file == "picture.keras" and keras.__version__.startswith("2.12"):
        return {"save_format": "keras_v3"}
    return {"include_optimizer": file == "chain.h5"} if file.endswith("h5") else {}


def is_adapted(name: str) -> bool:
    """Tell whether a weight of this name was learned by ``adapt``, which alone can set it."""
    return name in ("mean:0", "variance:0", "count:0") or name.startswith("normalization")


def pack(path: Path) -> None:
    """Write an archive anew, compressed; its members stay what Keras wrote."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def name_rate_as_before(path: Path) -> None:
    """Call the optimizer's ``learning_rate`` ``lr``, as it was until Keras 2.3."""
    with importlib.import_module("h5py").File(path, "r+") as file:
        training = file.attrs["training_config"]
        file.attrs["training_config"] = training.replace('"learning_rate"', '"lr"')


def keep(path: Path, samples: list, answers: list) -> None:
    np = importlib.import_module("numpy")
    arrays = {f"x{n}": x for n, x in enumerate(samples)} | {
        f"y{n}": y for n, y in enumerate(answers)
    }
    np.savez_compressed(f"{path}.npz", **arrays)


# ---- Keras 1, by hand ----


def write_keras_1(name: str, config: dict, groups: list, x, y, *, version: str = "1.2.2") -> None:
    h5py = importlib.import_module("h5py")
    np = importlib.import_module("numpy")
    path = HERE / f"keras-1.2.2.{name}.h5"
    with h5py.File(path, "w") as file:
        file.attrs["keras_version"] = version.encode()
        file.attrs["model_config"] = json.dumps(config).encode()
        weights = file.create_group("model_weights")
        weights.attrs["layer_names"] = [group.encode() for group, _ in groups]
        for group, arrays in groups:
            held = weights.create_group(group)
            held.attrs["weight_names"] = np.array([key.encode() for key in arrays], dtype="S")
            for key, array in arrays.items():
                held.create_dataset(key, data=np.asarray(array, dtype="float32"))
    keep(path, [x], [y])


def keras_1_layer(kind: str, name: str, **config) -> dict:
    return {"class_name": kind, "config": {"name": name, "trainable": True, **config}}


def old_dense(name: str, units: int, activation: str, **more) -> dict:
    return keras_1_layer(
        "Dense", name, output_dim=units, init="glorot_uniform", activation=activation, bias=True,
        W_regularizer={"name": "WeightRegularizer", "l1": 0.0, "l2": 0.01}, b_regularizer=None,
        activity_regularizer=None, W_constraint=None, b_constraint=None, input_dim=None, **more,
    )  # fmt: skip


def make_keras_1() -> None:
    """Write Keras 1 files and compute what they answer."""
    np = importlib.import_module("numpy")
    rng = np.random.default_rng(SEED)

    def numbers(*shape):
        return rng.normal(size=shape).astype("float32") * np.float32(0.5)

    def softmax(z):
        e = np.exp(z - z.max(-1, keepdims=True))
        return e / e.sum(-1, keepdims=True)

    def hard(z):
        return np.clip(0.2 * z + 0.5, 0, 1)

    x, w1, b1, w2, b2 = numbers(3, 5), numbers(5, 4), numbers(4), numbers(4, 3), numbers(3)
    chain_config = {
        "class_name": "Sequential",
        "config": [
            old_dense("dense_1", 4, "relu", batch_input_shape=[None, 5], input_dtype="float32"),
            keras_1_layer("Dropout", "dropout_1", p=0.5),
            old_dense("dense_2", 3, "softmax"),
        ],
    }
    write_keras_1(
        "chain", chain_config,
        [("dense_1", {"dense_1_W": w1, "dense_1_b": b1}), ("dropout_1", {}),
         ("dense_2", {"dense_2_W": w2, "dense_2_b": b2})],
        x, softmax(np.maximum(x @ w1 + b1, 0) @ w2 + b2),
    )  # fmt: skip

    x, kernel, bias = numbers(2, 6, 6, 2), numbers(3, 3, 2, 4), numbers(4)
    gamma, beta, mean, variance = numbers(4), numbers(4), numbers(4), np.abs(numbers(4)) + 0.5
    w, b = numbers(16, 2), numbers(2)
    picture_config = {
        "class_name": "Sequential",
        "config": [
            keras_1_layer(
                "Convolution2D", "convolution2d_1", nb_filter=4, nb_row=3, nb_col=3, init="glorot_uniform",
                activation="relu", border_mode="valid", subsample=[1, 1], dim_ordering="tf", bias=True,
                W_regularizer=None, b_regularizer=None, activity_regularizer=None, W_constraint=None,
                b_constraint=None, batch_input_shape=[None, 6, 6, 2], input_dtype="float32",
            ),
            keras_1_layer("BatchNormalization", "batchnormalization_1", epsilon=0.001, mode=0, axis=-1, momentum=0.99,
                          gamma_regularizer=None, beta_regularizer=None),
            keras_1_layer("MaxPooling2D", "maxpooling2d_1", pool_size=[2, 2], strides=[2, 2], border_mode="valid",
                          dim_ordering="tf"),
            keras_1_layer("Flatten", "flatten_1"),
            old_dense("dense_1", 2, "hard_sigmoid"),
        ],
    }  # fmt: skip
    seen = np.zeros((2, 4, 4, 4), "float32")
    for row in range(4):
        for column in range(4):
            patch = x[:, row : row + 3, column : column + 3]
            seen[:, row, column] = np.maximum(np.tensordot(patch, kernel, 3) + bias, 0)
    seen = gamma * (seen - mean) / np.sqrt(variance + 0.001) + beta
    pooled = seen.reshape(2, 2, 2, 2, 2, 4).max((2, 4))
    held = [
        ("convolution2d_1", {"convolution2d_1_W": kernel, "convolution2d_1_b": bias}),
        ("batchnormalization_1", {
            "batchnormalization_1_gamma": gamma, "batchnormalization_1_beta": beta,
            "batchnormalization_1_running_mean": mean, "batchnormalization_1_running_std": variance,
        }),
        ("maxpooling2d_1", {}), ("flatten_1", {}), ("dense_1", {"dense_1_W": w, "dense_1_b": b}),
    ]  # fmt: skip
    write_keras_1("picture", picture_config, held, x, hard(pooled.reshape(2, 16) @ w + b))

    x = rng.integers(0, 9, (3, 5)).astype("int32")
    table = numbers(9, 3)
    gates = {g: (numbers(3, 2), numbers(2, 2), numbers(2)) for g in "icfo"}
    words_config = {
        "class_name": "Sequential",
        "config": [
            keras_1_layer("Embedding", "embedding_1", input_dim=9, output_dim=3, init="uniform", input_length=5,
                          mask_zero=False, W_constraint=None, dropout=0.0,
                          batch_input_shape=[None, 5], input_dtype="int32"),
            keras_1_layer("LSTM", "lstm_1", output_dim=2, init="glorot_uniform", inner_init="orthogonal",
                          forget_bias_init="one", activation="tanh", inner_activation="hard_sigmoid",
                          W_regularizer=None, U_regularizer=None, b_regularizer=None, dropout_W=0.0, dropout_U=0.0,
                          return_sequences=False, go_backwards=False, stateful=False, unroll=False,
                          consume_less="cpu", input_dim=3, input_length=None),
        ],
    }  # fmt: skip
    h, c = np.zeros((3, 2)), np.zeros((3, 2))
    for step in range(5):
        z = {g: table[x[:, step]] @ wx + h @ wh + wb for g, (wx, wh, wb) in gates.items()}
        c = hard(z["f"]) * c + hard(z["i"]) * np.tanh(z["c"])
        h = hard(z["o"]) * np.tanh(c)
    held = {
        f"lstm_1_{letter}_{g}": array
        for g, arrays in gates.items()
        for letter, array in zip("WUb", arrays, strict=True)
    }
    write_keras_1(
        "words", words_config, [("embedding_1", {"embedding_1_W": table}), ("lstm_1", held)], x, h
    )

    x, w1, b1, w2, b2 = numbers(3, 4), numbers(4, 2), numbers(2), numbers(4, 2), numbers(2)

    def placed(layer, *sources):
        inbound = [[[name, 0, 0] for name in sources]] if sources else []
        return {**layer, "name": layer["config"]["name"], "inbound_nodes": inbound}

    merged_config = {
        "class_name": "Model",
        "config": {
            "name": "model_1",
            "layers": [
                placed({"class_name": "InputLayer", "config": {
                    "name": "input_1", "batch_input_shape": [None, 4], "input_dtype": "float32", "sparse": False}}),
                placed(old_dense("dense_1", 2, "linear"), "input_1"),
                placed(old_dense("dense_2", 2, "linear"), "input_1"),
                placed({"class_name": "Merge", "config": {
                    "name": "merge_1", "mode": "concat", "mode_type": "raw", "concat_axis": -1, "dot_axes": -1,
                    "output_shape": None, "output_shape_type": "raw", "output_mask": None, "output_mask_type": "raw",
                    "arguments": {}}}, "dense_1", "dense_2"),
            ],
            "input_layers": [["input_1", 0, 0]],
            "output_layers": [["merge_1", 0, 0]],
        },
    }  # fmt: skip
    held = [("input_1", {}), ("dense_1", {"dense_1_W": w1, "dense_1_b": b1}),
            ("dense_2", {"dense_2_W": w2, "dense_2_b": b2}), ("merge_1", {})]  # fmt: skip
    write_keras_1("merged", merged_config, held, x, np.concatenate([x @ w1 + b1, x @ w2 + b2], -1))


# ---- Files that were made well and stored oddly ----


def make_quirks() -> None:
    """Copy a file of the collection as another system stored it."""
    source = HERE / "keras-2.12.0.picture.keras"
    _with_backslashes(source, HERE / "quirk.windows-paths.keras")
    shutil.copyfile(f"{source}.npz", HERE / "quirk.windows-paths.keras.npz")


def _with_backslashes(source: Path, target: Path) -> None:
    """Name groups and members as Keras 2.12 did on Windows."""
    h5py = importlib.import_module("h5py")
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(source) as archive:
        archive.extractall(folder)
        weights = Path(folder, "model.weights.h5")
        turned = Path(folder, "turned.h5")
        with h5py.File(weights) as old, h5py.File(turned, "w") as new:

            def copy(path, member):
                if isinstance(member, h5py.Group) and path.endswith("vars"):
                    outer = path.rpartition("/")[0].replace("/", "\\")
                    old.copy(member, new.create_group(outer) if outer else new, "vars")

            old.visititems(copy)
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
            packed.write(Path(folder, "metadata.json"), "metadata.json")
            packed.write(Path(folder, "config.json"), "config.json")
            packed.write(turned, "model.weights.h5")
            packed.writestr("assets\\words\\readme.txt", "")


# ---- Outside: environments ----


def environment(folder: Path, release: Release) -> tuple[Path, dict[str, str]]:
    """Return the interpreter of a release's TensorFlow, and the variables that lay its Keras over it."""
    root = folder / f"tf-{release.tensorflow}"
    python = root / "bin" / "python"
    if not (root / "ready").exists():
        venv.create(root, with_pip=True)
        subprocess.run(
            [python, "-m", "pip", "install", "-q", f"tensorflow-cpu=={release.tensorflow}"],
            check=True,
        )
        (root / "ready").touch()
    laid = folder / f"{release.package}-{release.version}"
    if not laid.exists():
        wanted = f"{release.package}=={release.version}"
        subprocess.run(
            [python, "-m", "pip", "install", "-q", "--no-deps", "--target", laid, wanted],
            check=True,
        )
        if release.package == "keras" and release.version >= "3":
            more = [
                "dm-tree",
                "namex",
                "optree",
                "rich",
            ]  # what its versions need beside TensorFlow
            subprocess.run([python, "-m", "pip", "install", "-q", *more], check=True)
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "", "KERAS_BACKEND": "tensorflow"}
    return python, os.environ | quiet | {"PYTHONPATH": str(laid)}


def main() -> None:
    """Make every release's files, or those of the releases that are named."""
    if sys.argv[1] == "--inside":
        make_with(sys.argv[2])
        return
    if sys.argv[1] == "--by-hand":
        make_keras_1()
        make_quirks()
        importlib.import_module("make_cudnn").main()
        return
    folder, chosen = Path(sys.argv[1]).absolute(), sys.argv[2:] or list(RELEASES)
    for release_id in chosen:
        python, variables = environment(folder, RELEASES[release_id])
        run = subprocess.run([python, __file__, "--inside", release_id], env=variables, check=False)
        print(release_id, "made" if run.returncode == 0 else "FAILED", flush=True)
    subprocess.run([python, __file__, "--by-hand"], env=variables, check=True)


if __name__ == "__main__":
    main()
