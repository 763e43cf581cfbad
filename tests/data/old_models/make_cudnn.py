"""Write models with the cuDNN layers of Keras 2 as Keras 2.2.4 stored them, with what cuDNN answers.

Those layers ran on NVIDIA cards alone. So the files are written array by array, and the answers computed with NumPy
from the equations in cuDNN's manual: it takes a gate's numbers one after the other as a matrix (units, features).
"""

import json
from pathlib import Path

import h5py
import numpy as np

HERE = Path(__file__).parent
SEED = 11


class Cudnn:
    """One layer: its arrays as Keras 2 kept them, and what cuDNN makes of them."""

    def __init__(self, rng, kind, features, units):
        self.kind, self.units = kind, units
        self.gates = {"CuDNNLSTM": 4, "CuDNNGRU": 3}[kind]
        shapes = (
            (features, self.gates * units),
            (units, self.gates * units),
            (2 * self.gates * units,),
        )
        self.arrays = [rng.normal(size=shape).astype("float32") * 0.6 for shape in shapes]

    def config(self, name, *, all_steps, **more):
        def made(kind, **config):
            return {"class_name": kind, "config": config}

        config = {
            "name": name, "trainable": True, "return_sequences": all_steps, "return_state": False,
            "go_backwards": False, "stateful": False, "units": self.units,
            "kernel_initializer": made("VarianceScaling", scale=1.0, mode="fan_avg", distribution="uniform", seed=None),
            "recurrent_initializer": made("Orthogonal", gain=1.0, seed=None), "bias_initializer": made("Zeros"),
            "kernel_regularizer": None, "recurrent_regularizer": None, "bias_regularizer": None,
            "activity_regularizer": None, "kernel_constraint": None, "recurrent_constraint": None,
            "bias_constraint": None, **more,
        }  # fmt: skip
        if self.kind == "CuDNNLSTM":
            config["unit_forget_bias"] = True
        return made(self.kind, **config)

    def held(self, place):
        """The arrays by their names in the file."""
        return dict(
            zip(
                [f"{place}/{part}:0" for part in ("kernel", "recurrent_kernel", "bias")],
                self.arrays,
                strict=True,
            )
        )

    def states(self, x):
        """All states, (n, steps, units), of samples (n, steps, features)."""
        n, steps, features = x.shape
        units, kernel, recurrent = self.units, *self.arrays[:2]
        cuts = [slice(k * units, (k + 1) * units) for k in range(self.gates)]
        w = [kernel[:, cut].ravel().reshape(units, features) for cut in cuts]
        r = [recurrent[:, cut].ravel().reshape(units, units) for cut in cuts]
        bw, br = self.arrays[2].reshape(2, self.gates, units)
        h = c = np.zeros((n, units))
        made = []
        for step in range(steps):
            told = [x[:, step] @ w[k].T + bw[k] for k in range(self.gates)]
            kept = [h @ r[k].T + br[k] for k in range(self.gates)]
            if self.kind == "CuDNNLSTM":  # input, forget, new, output
                i, f, new, o = (a + b for a, b in zip(told, kept, strict=True))
                c = sigmoid(f) * c + sigmoid(i) * np.tanh(new)
                h = sigmoid(o) * np.tanh(c)
            else:  # update, reset, new
                z, reset = sigmoid(told[0] + kept[0]), sigmoid(told[1] + kept[1])
                h = (1 - z) * np.tanh(told[2] + reset * kept[2]) + z * h
            made.append(h)
        return np.stack(made, axis=1)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def wrapper(kind, name, inner, **config):
    settings = {"name": name, "trainable": True, "layer": inner, **config}
    return {"class_name": kind, "config": settings}


def write(name, layers, groups, x, y):
    """Write a chain, its samples and its answers."""
    path = HERE / f"keras-2.2.4.{name}.h5"
    config = {"class_name": "Sequential", "config": {"name": "sequential_1", "layers": layers}}
    with h5py.File(path, "w") as file:
        file.attrs["keras_version"] = b"2.2.4"
        file.attrs["backend"] = b"tensorflow"
        file.attrs["model_config"] = json.dumps(config).encode()
        weights = file.create_group("model_weights")
        weights.attrs["layer_names"] = [group.encode() for group in groups]
        for group, arrays in groups.items():
            held = weights.create_group(group)
            held.attrs["weight_names"] = np.array([key.encode() for key in arrays], dtype="S")
            for key, array in arrays.items():
                held[key] = array
    np.savez_compressed(f"{path}.npz", x0=x, y0=y.astype("float32"))


def main():
    """Write the files: layers one behind the other, both ways, for every part, and in a model inside."""
    rng = np.random.default_rng(SEED)
    x = rng.normal(size=(3, 5, 3)).astype("float32")
    first = {"batch_input_shape": [None, 5, 3], "dtype": "float32"}

    one, two = Cudnn(rng, "CuDNNLSTM", 3, 4), Cudnn(rng, "CuDNNGRU", 4, 2)
    write(
        "cudnn_chain",
        [one.config("a", all_steps=True, **first), two.config("b", all_steps=False)],
        {"a": one.held("a"), "b": two.held("b")},
        x,
        two.states(one.states(x))[:, -1],
    )

    there, back = Cudnn(rng, "CuDNNGRU", 3, 2), Cudnn(rng, "CuDNNGRU", 3, 2)
    left, right = Cudnn(rng, "CuDNNLSTM", 4, 3), Cudnn(rng, "CuDNNLSTM", 4, 3)
    both = wrapper(
        "Bidirectional", "both", there.config("g", all_steps=True), merge_mode="concat", **first
    )
    last = wrapper("Bidirectional", "last", left.config("l", all_steps=False), merge_mode="sum")
    seen = np.concatenate([there.states(x), back.states(x[:, ::-1])[:, ::-1]], axis=-1)
    write(
        "cudnn_both_ways",
        [both, last],
        {
            "both": there.held("both/forward_g") | back.held("both/backward_g"),
            "last": left.held("last/forward_l") | right.held("last/backward_l"),
        },
        x,
        left.states(seen)[:, -1] + right.states(seen[:, ::-1])[:, -1],
    )

    x = rng.normal(size=(3, 2, 5, 3)).astype("float32")
    part, inner = Cudnn(rng, "CuDNNLSTM", 3, 3), Cudnn(rng, "CuDNNGRU", 3, 4)
    parts = wrapper(
        "TimeDistributed",
        "parts",
        part.config("p", all_steps=False),
        batch_input_shape=[None, 2, 5, 3],
        dtype="float32",
    )
    inside = {
        "class_name": "Sequential",
        "config": {
            "name": "inside",
            "layers": [inner.config("g", all_steps=False, batch_input_shape=[None, 2, 3], dtype="float32")],
        },
    }  # fmt: skip
    seen = part.states(x.reshape(6, 5, 3))[:, -1].reshape(3, 2, 3)
    groups = {"parts": part.held("parts"), "inside": inner.held("g")}
    write("cudnn_inside", [parts, inside], groups, x, inner.states(seen)[:, -1])


if __name__ == "__main__":
    main()
