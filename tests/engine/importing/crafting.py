"""Model files made by hand, good and hostile, without Keras."""

import io
import json
import zipfile

import h5py
import numpy as np

METADATA = {"keras_version": "3.15.1", "date_saved": "2026-11-21@10:00:00"}
LOADED_MARK = "marker.txt"


def layer(kind, name, config=None, *, module="keras.layers", source=None, registered=None, **more):
    """One stored layer of a functional model, connected to ``source``."""
    value = {
        "module": module,
        "class_name": kind,
        "config": {"name": name, "trainable": True, **(config or {})},
        "registered_name": registered,
        "name": name,
        "inbound_nodes": [] if source is None else [call(source)],
    }
    return {**value, **more}


def tensor(name, index=0, node=0):
    return {
        "class_name": "__keras_tensor__",
        "config": {"shape": [None, 3], "dtype": "float32", "keras_history": [name, node, index]},
    }


def call(source, **kwargs):
    return {"args": [tensor(source)], "kwargs": kwargs}


def input_layer(name="input", shape=(3,), **config):
    stored = {"batch_shape": [None, *shape], "dtype": "float32", "sparse": False, **config}
    return layer("InputLayer", name, stored)


def dense(name="dense", units=2, source="input", **config):
    return layer("Dense", name, {"units": units, "activation": "linear", **config}, source=source)


def functional(*layers, output=None, name="model"):
    return {
        "module": "keras.src.models.functional",
        "class_name": "Functional",
        "config": {
            "name": name,
            "trainable": True,
            "layers": list(layers),
            "input_layers": ["input", 0, 0],
            "output_layers": [output or layers[-1]["name"], 0, 0],
        },
        "registered_name": "Functional",
    }


def sequential(*layers, name="chain"):
    return {
        "module": "keras",
        "class_name": "Sequential",
        "config": {"name": name, "layers": [input_layer(), *layers]},
        "registered_name": None,
    }


def plain_config():
    return functional(input_layer(), dense())


def weights_bytes(fill=None):
    """An HDF5 file as Keras writes weights: by default those of `plain_config`."""
    content = io.BytesIO()
    with h5py.File(content, "w") as file:
        if fill is None:
            group = file.create_group("layers/dense/vars")
            group.attrs["name"] = "dense"
            group["0"] = np.arange(6, dtype=np.float32).reshape(3, 2)
            group["1"] = np.ones(2, dtype=np.float32)
        else:
            fill(file)
    return content.getvalue()


def keras_file(path, config=None, *, weights=None, metadata=None, extra=(), compressed=False):
    """Write a ``.keras`` archive; ``config`` may be bytes."""
    method = zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED
    content = config if isinstance(config, bytes) else json.dumps(config or plain_config()).encode()
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("metadata.json", json.dumps(METADATA if metadata is None else metadata))
        archive.writestr("config.json", content)
        archive.writestr("model.weights.h5", weights_bytes() if weights is None else weights)
        for name, member in extra:
            archive.writestr(name, member)
    return path


def h5_file(path, config=None, *, fill=None):
    """Write a whole-model HDF5 file as older Keras versions do; ``config`` has no modules."""
    with h5py.File(path, "w") as file:
        if config is not None:
            file.attrs["model_config"] = json.dumps(config)
        file.attrs["keras_version"] = "2.15.0"
        weights = file.create_group("model_weights")
        (fill or old_dense_weights)(weights)
    return path


def old_dense_weights(weights):
    weights.attrs["layer_names"] = [b"dense"]
    group = weights.create_group("dense")
    group.attrs["weight_names"] = [b"dense/kernel:0", b"dense/bias:0"]
    group["dense/kernel:0"] = np.arange(6, dtype=np.float32).reshape(3, 2)
    group["dense/bias:0"] = np.ones(2, dtype=np.float32)


def old_dense(kind="Dense", **config):
    """A stored layer as Keras 2 wrote it, first in its chain."""
    settings = {"name": "dense", "trainable": True, "batch_input_shape": [None, 3], **config}
    if kind == "Dense":
        settings = {
            "dtype": "float32",
            "units": 2,
            "activation": "relu",
            "use_bias": True,
            "kernel_initializer": {"class_name": "GlorotUniform", "config": {"seed": None}},
            "bias_initializer": {"class_name": "Zeros", "config": {}},
            "kernel_regularizer": None,
            **settings,
        }
    return {"class_name": kind, "config": settings}


def old_chain(*layers):
    return {"class_name": "Sequential", "config": {"name": "sequential", "layers": list(layers)}}
