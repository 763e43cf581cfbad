"""Hostile model files; the ids name the attacks, each row says what the user must be told."""

import base64
import json
import marshal
import os
import stat
import zipfile

import h5py
import numpy as np

from tests.engine.importing.crafting import (
    LOADED_MARK,
    call,
    dense,
    functional,
    h5_file,
    input_layer,
    keras_file,
    layer,
    old_chain,
    old_dense,
    old_dense_weights,
    plain_config,
    sequential,
    tensor,
    weights_bytes,
)


def _payload(x):
    import pathlib

    pathlib.Path(LOADED_MARK).touch()
    return x


def _bytecode():
    code = base64.b64encode(marshal.dumps(_payload.__code__)).decode()
    config = {"code": code, "defaults": None, "closure": None}
    return {"class_name": "__lambda__", "config": config}


def _lambda(function, source="input"):
    return layer("Lambda", "lambda", {"function": function, "arguments": {}}, source=source)


def _function(module, name, registered="function"):
    return {
        "module": module,
        "class_name": "function",
        "config": name,
        "registered_name": registered,
    }


def _object(module, kind, **config):
    return {"module": module, "class_name": kind, "config": config, "registered_name": None}


def _network(*middle):
    return functional(input_layer(), *middle)


def _nested(depth):
    inner = functional(input_layer(), dense(), name="inner")
    for level in range(depth):
        name = f"level{level}"
        outer = {**inner, "name": name, "inbound_nodes": [call("input", mask=None)]}
        inner = functional(input_layer(), outer, output=name)
    return inner


def _deep_json(depth):
    return b'{"a":' * depth + b"1" + b"}" * depth


def _changed(**changes):
    config = plain_config()
    config["config"]["layers"][1]["config"].update(changes)
    return config


def _named(name):
    return functional(input_layer(), dense(name))


def _doubled(levels):
    """A model that calls the one inside it twice, over and over: steps double at each level."""
    inner = functional(input_layer(), dense(), name="inner")
    for level in range(levels):
        name = f"level{level}"
        nodes = [call("input"), {"args": [tensor(name, node=1)], "kwargs": {}}]
        inner = functional(input_layer(), {**inner, "name": name, "inbound_nodes": nodes})
        inner["config"]["output_layers"] = [name, 2, 0]  # a model's calls count from 1
    return inner


def _used_twice(stored):
    """A model that calls a layer on its input and on what it gave."""
    name = stored["name"]
    nodes = [call("input"), {"args": [tensor(name)], "kwargs": {}}]
    last = layer("Flatten", "last", inbound_nodes=[{"args": [tensor(name, node=1)], "kwargs": {}}])
    return functional(input_layer(), {**stored, "inbound_nodes": nodes}, last)


def _used_often(uses):
    again = [{"args": [tensor("dense", node=number)], "kwargs": {}} for number in range(uses)]
    return functional(input_layer(), {**dense(units=3), "inbound_nodes": [call("input"), *again]})


def _calling(number):
    """A model that names a call of a shared layer that it does not hold."""
    config = _used_twice(dense(units=3))
    config["config"]["layers"][-1]["inbound_nodes"] = [
        {"args": [tensor("dense", node=number)], "kwargs": {}}
    ]
    return config


CONFIGS = {
    "A50 Lambda used twice": (_used_twice(_lambda(_bytecode())), "Lambda"),
    "A51 custom class used twice": (
        _used_twice(layer("Tower", "tower", module="towers", registered="Custom>Tower")),
        "towers.Tower",
    ),
    "A52 Lambda in a tower used twice": (
        _used_twice({**functional(input_layer(), _lambda(_bytecode())), "name": "tower"}),
        "Lambda",
    ),
    "A53 another module's model used twice": (
        _used_twice({**plain_config(), "name": "tower", "module": "os"}),
        "os.Functional",
    ),
    "E17 used 6,000 times": (_used_often(6000), "several places"),
    "E18 too large, used twice": (_used_twice(dense(units=2**40)), "units"),
    "F60 a call that is not there": (_calling(7), "several places"),
    "A01 bytecode": (_network(_lambda(_bytecode())), "Lambda"),
    "A02 bytecode in a chain": (sequential(_lambda(_bytecode())), "Lambda"),
    "A03 bytecode inside": (
        _network(layer("TimeDistributed", "td", {"layer": _lambda(_bytecode())}, source="input")),
        "Lambda",
    ),
    "A10 os.system": (_network(_lambda(_function("os", "system"))), "Lambda"),
    "A11 class os.system": (
        _network(
            layer("system", "x", {"command": "touch marker.txt"}, module="os", source="input")
        ),
        "os.system",
    ),
    "A12 Popen": (
        _network(layer("Popen", "x", {"args": ["touch"]}, module="subprocess", source="input")),
        "subprocess.Popen",
    ),
    "A13 activation exec": (
        _network(dense(activation=_function("builtins", "exec", "builtins>exec"))),
        "exec",
    ),
    "A14 initializer": (
        _network(dense(kernel_initializer=_object("keras.utils", "get_file", origin="http://x"))),
        "get_file",
    ),
    "A15 argument of a call": (
        functional(
            input_layer(),
            {**dense(), "inbound_nodes": [call("input", training=_object("os", "system"))]},
        ),
        "os.system",
    ),
    "A16 regularizer": (
        _network(dense(kernel_regularizer=_object("builtins", "eval", expr="1"))),
        "builtins.eval",
    ),
    "A17 in a plain list": (
        _network(
            layer("Rescaling", "r", {"scale": [_object("os", "system")]}, source="input"),
        ),
        "os.system",
    ),
    "A20 load_model": (
        _network(layer("load_model", "x", {}, module="keras.models", source="input")),
        "load_model",
    ),
    "A21 alias": (
        _network(layer("Dense", "d", {"units": 2}, module="keras.src.utils", source="input")),
        "keras.src.utils.Dense",
    ),
    "A23 unsafe switch": (
        _network(
            layer("enable_unsafe_deserialization", "x", {}, module="keras.config", source="input")
        ),
        "enable_unsafe_deserialization",
    ),
    "A30 TFSMLayer": (
        _network(layer("TFSMLayer", "x", {"filepath": "/tmp/evil"}, source="input")),
        "TFSMLayer",
    ),
    "A31 TFSMLayer in a Lambda": (
        _network(_lambda(_object("keras.layers", "TFSMLayer", filepath="evil"))),
        "Lambda",
    ),
    "A32 TFSMLayer as activation": (
        _network(dense(activation=_object("keras.layers", "TFSMLayer", filepath="gs://evil"))),
        "TFSMLayer",
    ),
    "A33 TFSMLayer wrapped": (
        _network(
            layer(
                "TimeDistributed",
                "td",
                {"layer": _object("keras.layers", "TFSMLayer", filepath="x")},
                source="input",
            )
        ),
        "TFSMLayer",
    ),
    "A34 TFSMLayer beside the file": (
        sequential(layer("TFSMLayer", "x", {"filepath": "evil", "call_endpoint": "serve"})),
        "TFSMLayer",
    ),
    "A37 TFSMLayer on the net": (
        _network(layer("TFSMLayer", "x", {"filepath": "gs://evil/model"}, source="input")),
        "TFSMLayer",
    ),
    "A40 keras_hub": (
        _network(layer("Backbone", "x", {}, module="keras_hub.models", source="input")),
        "keras_hub.models.Backbone",
    ),
    "A41 registered": (
        _network(
            layer("Dense", "d", {"units": 2}, registered="Custom>Dense", source="input"),
        ),
        "Dense",
    ),
    "A42 registered model": ({**plain_config(), "registered_name": "Custom>M"}, "Functional"),
    "B01 vocabulary path": (
        _network(layer("StringLookup", "s", {"vocabulary": "/etc/passwd"}, source="input")),
        "outside the model",
    ),
    "B02 vocabulary address": (
        _network(layer("TextVectorization", "s", {"vocabulary": "http://x/y"}, source="input")),
        "outside the model",
    ),
    "B03 vocabulary in a list": (
        _network(layer("IntegerLookup", "s", {"vocabulary": None}, source="input")),
        "separate file",
    ),
    "B07 weights path": (
        _network(dense(weights="/etc/passwd")),
        '"weights=/etc/passwd"',
    ),
    "B09 download": (
        _network(layer("load_data", "x", {}, module="keras.datasets.mnist", source="input")),
        "keras.datasets.mnist.load_data",
    ),
    "D01 set_floatx": (_network(_lambda(_function("keras.config", "set_floatx"))), "Lambda"),
    "D02 set_floatx as activation": (
        _network(dense(activation=_function("keras.config", "set_floatx"))),
        "set_floatx",
    ),
    "D03 policy": (
        _network(dense(dtype=_object("keras.config", "set_dtype_policy", name="float32"))),
        "set_dtype_policy",
    ),
    "E01 40 GB": (
        functional(
            input_layer(shape=(100_000,)),
            {**dense(units=100_000), "build_config": {"input_shape": [None, 100_000]}},
        ),
        "40 GB",
    ),
    "E02 2^40 units": (_network(dense(units=2**40)), "units"),
    "E03 embedding": (
        _network(
            layer("Embedding", "e", {"input_dim": 10**9, "output_dim": 2**13}, source="input")
        ),
        "GB of memory",
    ),
    "E05 doubled": (_doubled(11), "5,000 layers; it was probably made to freeze"),
    "E06 too many layers": (
        sequential(*(layer("Dropout", f"d{n}", {"rate": 0.1}) for n in range(5001))),
        "5,000",
    ),
    "E07 150 deep": (_nested(40), "deep"),
    "E16 kernel": (
        _network(
            layer("Conv2D", "c", {"filters": 100_000, "kernel_size": [1000, 1000]}, source="input")
        ),
        "GB of memory",
    ),
    "F05 null": (b"null", "damaged"),
    "F06 list": (b"[]", "damaged"),
    "F07 no JSON": (b"{'a': 1", "damaged"),
    "F08 cycle": (
        functional(input_layer(), dense("a", source="b"), dense("b", source="a")),
        "circle",
    ),
    "F09 unknown layer": (_network(layer("Warp", "w", {}, source="input")), "keras.layers.Warp"),
    "F10 NaN": (json.dumps(_changed(units=float("nan"))).encode(), "damaged"),
    "F11 units as text": (_changed(units="many"), "units"),
    "F12 negative units": (_changed(units=-1), "units"),
    "F13 huge number": (json.dumps(_changed(units=10**400)).encode(), "damaged"),
    "F14 markup": (_named("<b>bold</b>"), "letters that no name needs"),
    "F15 turned writing": (_named("a\u202eb"), "letters that no name needs"),
    "F16 path as name": (_named("../../x"), "letters that no name needs"),
    "F17 long name": (_named("x" * 1_000_000), "longer than"),
    "F17b half a letter": (
        json.dumps(_named("x")).replace('"x"', '"\\ud800"').encode(),
        "damaged",
    ),
    "F18 newer": (_changed(quantum=3), '"quantum=3"'),
    "F19 a lone layer": (dense(), "single layer"),
    "F20 a name twice": (b'{"a": 1, "a": 2}', "damaged"),
    "F21 two alike": (functional(input_layer(), dense("a"), dense("a")), "two layers"),
    "F22 nowhere": (functional(input_layer(), dense(source="missing")), '"missing"'),
    "F23 a further output": (
        functional(
            input_layer(),
            {**dense(), "inbound_nodes": [{"args": [tensor("input", 3)], "kwargs": {}}]},
        ),
        "further output",
    ),
    "F24 loose end": (
        functional(input_layer(), dense("loose"), dense("end")),
        "leads nowhere",
    ),
    "F25 other precision": (_changed(dtype="int8"), "int8"),
    "F26 no layers": ({**plain_config(), "config": {"name": "m", "layers": []}}, "damaged"),
    "F26b a second tensor": (
        functional(
            input_layer(),
            dense("a"),
            {
                **dense("b"),
                "inbound_nodes": [{"args": [tensor("a"), tensor("input")], "kwargs": {}}],
            },
        ),
        'called with "training"',
    ),
    "F26c a state": (
        functional(
            input_layer(),
            dense("a"),
            {**dense("b"), "inbound_nodes": [call("a", initial_state=tensor("input"))]},
        ),
        "initial_state",
    ),
    "F27 mask of its own": (
        functional(
            input_layer(),
            layer(
                "NotEqual",
                "ne",
                {},
                module="keras.src.ops.numpy",
                inbound_nodes=[{"args": [tensor("input"), 5], "kwargs": {}}],
            ),
            {**dense(), "inbound_nodes": [call("input", mask=tensor("ne"))]},
        ),
        '"mask" of its own',
    ),
}


# ---- archives ----


def _with_member(name, content=b"x"):
    return lambda path: keras_file(path, extra=[(name, content)])


def _with_link(path):
    entry = zipfile.ZipInfo("assets/link")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    return keras_file(path, extra=[(entry, b"/etc/passwd")])


def _with_two_configs(path):
    keras_file(path)
    with zipfile.ZipFile(path, "a") as archive:
        archive._didModify = True
        archive.writestr("assets/x", b"1")
        archive.filelist[-1].filename = "config.json"
    return path


def _overlapping(path):
    keras_file(path)
    with zipfile.ZipFile(path, "a") as archive:
        for number in range(100):
            archive.writestr(f"assets/{number}", b"")
            weights = archive.getinfo("model.weights.h5")
            copy = archive.filelist[-1]
            copy.header_offset = weights.header_offset
            copy.file_size = weights.file_size
            copy.compress_size = weights.compress_size
    return path


def _wrong_checksum(path):
    keras_file(path)
    content = bytearray(path.read_bytes())
    place = content.index(b'"units"')
    content[place + 1] ^= 1
    path.write_bytes(content)
    return path


def _cut(path):
    keras_file(path)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    return path


def _without_weights(path):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("metadata.json", "{}")
        archive.writestr("config.json", json.dumps(plain_config()))
    return path


def _bytes(content):
    def write(path):
        path.write_bytes(content)
        return path

    return write


def _pipe(path):
    os.mkfifo(path)
    return path


def _folder(path):
    path.mkdir()
    return path


FILES = {
    "C01 zip slip": (_with_member("assets/../../slip.txt"), "outside its own folder"),
    "C02 absolute": (_with_member("/slip.txt"), "outside its own folder"),
    "C03 link": (_with_link, "outside its own folder"),
    "C04 two configs": (_with_two_configs, "twice"),
    "C05 backslash": (_with_member("assets\\..\\slip.txt"), "outside its own folder"),
    "C06 stranger": (_with_member("setup.py"), "no part of a model"),
    "E08 deep JSON": (lambda path: keras_file(path, _deep_json(300)), "deeper"),
    "E09 very deep JSON": (lambda path: keras_file(path, _deep_json(1_000_000)), "deeper"),
    "E10 large config": (
        lambda path: keras_file(path, b" " * 40_000_000, compressed=True),
        "far more than its size",
    ),
    "E11 assets": (
        lambda path: keras_file(path, extra=[("assets/a", bytes(20_000_000))], compressed=True),
        "far more than its size",
    ),
    "E12 overlap": (_overlapping, "far more than its size"),
    "F01 empty": (_bytes(b""), "empty"),
    "F02 noise": (_bytes(bytes(range(256)) * 40), "no Keras or ONNX model"),
    "F03 cut": (_cut, "damaged"),
    "F04 checksum": (_wrong_checksum, "damaged"),
    "F28 no weights": (_without_weights, "missing"),
    "F29 only a mark": (_bytes(b"PK\x03\x04"), "damaged"),
    "F30 pipe": (_pipe, "no file"),
    "F31 folder": (_folder, "no file"),
    "F32 missing": (lambda path: path, "no such file"),
    "F33 card": (
        lambda path: keras_file(path, metadata={"netsmith": {"labels": [1]}}),
        "card",
    ),
    "F34 newer card": (
        lambda path: keras_file(path, metadata={"netsmith": {"format": 99}}),
        "newer Netsmith",
    ),
    "F35 metadata": (lambda path: keras_file(path, metadata=[1]), "damaged"),
}


# ---- HDF5 ----


def _soft_link(file):
    file["layers/dense/vars/0"] = h5py.SoftLink("/elsewhere")


def _external_link(file):
    file.create_group("layers/dense/vars")["0"] = h5py.ExternalLink("/etc/passwd", "/")


def _external_storage(file):
    file.create_dataset(
        "layers/dense/vars/0", (3, 2), "f4", external=[("/etc/passwd", 0, h5py.h5f.UNLIMITED)]
    )


def _virtual(file):
    layout = h5py.VirtualLayout((3, 2), "f4")
    layout[:] = h5py.VirtualSource("other.h5", "x", (3, 2))
    file.create_virtual_dataset("layers/dense/vars/0", layout)


def _shape_bomb(size):
    def fill(file):
        file.create_dataset(
            "layers/dense/vars/0", (size,), "f4", chunks=(1024,), compression="gzip"
        )

    return fill


def _many_bombs(file):
    for number in range(2000):
        file.create_dataset(f"layers/dense/vars/{number}", (250_000,), "f4")


def _texts(file):
    file["layers/dense/vars/0"] = ["text"]


def _wide_text(file):
    kind = h5py.h5t.C_S1.copy()
    kind.set_size(2**31)
    space = h5py.h5s.create_simple((1,))
    group = file.create_group("layers/dense/vars")
    h5py.h5d.create(group.id, b"0", kind, space)


def _compound(file):
    file["layers/dense/vars/0"] = np.zeros(2, dtype=[("a", "f4"), ("b", "i4")])


def _deep_groups(file):
    file.create_group("layers/" + "/".join("g" * 100))


def _circle(file):
    group = file.create_group("layers/dense")
    group["again"] = group


def _lzf(file):
    file.create_dataset("layers/dense/vars/0", data=np.zeros((3, 2), "f4"), compression="lzf")


def _no_numbers(file):
    file.create_group("layers")


def _nobodys(file):
    file["layers/other/vars/0"] = np.zeros(3, "f4")


def _other_name(file):
    group = file.create_group("layers/dense/vars")
    group.attrs["name"] = "another"
    group["0"] = np.zeros((3, 2), "f4")


WEIGHTS = {
    "B20 soft link": (_soft_link, "another file"),
    "B21 external link": (_external_link, "another file"),
    "B22 external storage": (_external_storage, "another file"),
    "B23 virtual": (_virtual, "another file"),
    "E04 wide text": (_wide_text, "plain numbers"),
    "E13 1 TB": (_shape_bomb(2**38), "far more than its size"),
    "E14 3.8 GB": (_shape_bomb(1_000_000_000), "far more than its size"),
    "E15 many": (_many_bombs, "far more than its size"),
    "F40 texts": (_texts, "plain numbers"),
    "F41 compound": (_compound, "plain numbers"),
    "F42 deep": (_deep_groups, "deeper"),
    "F43 circle": (_circle, "deeper"),
    "F44 packing": (_lzf, "unusual way"),
    "F45 none": (_no_numbers, "missing"),
    "F46 nobody's": (_nobodys, "no layer"),
    "F47 another's": (_other_name, "those of"),
}


def _old_external(weights):
    weights.attrs["layer_names"] = [b"dense"]
    weights["dense"] = h5py.ExternalLink("/etc/passwd", "/")


def _old_names(weights):
    old_dense_weights(weights)
    weights.attrs["layer_names"] = [b"dense", b"dense"]


def _old_other(weights):
    old_dense_weights(weights)
    weights.attrs["layer_names"] = [b"other"]
    weights.move("dense", "other")


OLD_FILES = {
    "A05 bytecode": (old_chain(old_dense("Lambda", function=["code"])), None, "Lambda"),
    "A08 TFSMLayer": (old_chain(old_dense("TFSMLayer", filepath="x")), None, "TFSMLayer"),
    "A35 TFSMLayer in a Lambda": (
        old_chain(old_dense("Lambda", function=_object("keras.layers", "TFSMLayer", filepath="x"))),
        None,
        "Lambda",
    ),
    "A36 TFSMLayer as activation": (
        old_chain(old_dense(activation=_object("keras.layers", "TFSMLayer", filepath="x"))),
        None,
        "TFSMLayer",
    ),
    "A36 class": (old_chain(old_dense("os.system")), None, "os.system"),
    "B30 external": (old_chain(old_dense()), _old_external, "another file"),
    "F50 weights only": (None, None, "without a network"),
    "F51 names twice": (old_chain(old_dense()), _old_names, ""),
    "F52 other weights": (old_chain(old_dense()), _old_other, "no layer"),
    "F53 null": (0, None, "damaged"),
}

CASES = {
    **{
        name: (lambda path, config=config: keras_file(path, config), words)
        for name, (config, words) in CONFIGS.items()
    },
    **FILES,
    **{
        name: (lambda path, fill=fill: keras_file(path, weights=weights_bytes(fill)), words)
        for name, (fill, words) in WEIGHTS.items()
    },
    **{
        name: (lambda path, config=config, fill=fill: h5_file(path, config, fill=fill), words)
        for name, (config, fill, words) in OLD_FILES.items()
    },
}
