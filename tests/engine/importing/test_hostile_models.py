import os
import signal
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import LONGEST_MESSAGE, BadInput, UnsafeFile
from engine.importing.keras.description import describe
from engine.importing.opener import open_model
from engine.importing.safe import helper, numbers
from tests.engine.importing.crafting import (
    call,
    dense,
    functional,
    input_layer,
    keras_file,
    layer,
    plain_config,
    sequential,
    tensor,
    weights_bytes,
)
from tests.engine.importing.hostile_files import CASES

ROOT = Path(__file__).resolve().parent.parent.parent.parent


@pytest.fixture
def attack_folder(tmp_path, monkeypatch):
    """The folder of a download, where the program happens to stand, and a temporary folder."""
    folder, temporary = tmp_path / "download", tmp_path / "temporary"
    folder.mkdir()
    temporary.mkdir()
    package = folder / "keras_hub"
    package.mkdir()
    (package / "__init__.py").write_text("open('marker.txt', 'w').close()")
    monkeypatch.chdir(folder)
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    return folder


@pytest.mark.parametrize("case", CASES)
def test_a_hostile_file_is_refused_in_one_sentence(case, attack_folder, tmp_path):
    build, words = CASES[case]
    path = build(attack_folder / "evil.keras")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(BadInput) as refusal:
        open_model(path)
    message = str(refusal.value)
    assert words in message
    assert message.startswith('"evil.keras" was not opened: ')
    assert len(message) <= LONGEST_MESSAGE
    assert message.isprintable()
    assert "<" not in message
    assert sorted(tmp_path.rglob("*")) == before  # nothing ran, nothing was written or left


@pytest.mark.parametrize(
    "name",
    ["\\\\host\\share\\m.keras", "//host/m.keras", "C:m.keras", "CON", "nul.keras", "hf://a/b"],
)
def test_names_of_other_places_are_refused(name):
    with pytest.raises(BadInput):
        open_model(name)  # a name as the verbs receive it


def test_a_good_file_opens(tmp_path):
    opened = open_model(keras_file(tmp_path / "good.keras"))
    assert opened.network.ids == ("input", "dense")
    assert opened.inputs == {"input": (3,)}
    assert set(opened.weights) == {"dense/vars/0", "dense/vars/1"}
    assert opened.weights["dense/vars/0"].tolist() == [[0, 1], [2, 3], [4, 5]]
    assert opened.keras_version == "3.15.1"
    assert opened.card is None


def test_a_hostile_training_part_is_dropped(tmp_path):
    config = plain_config() | {"compile_config": {"loss": {"class_name": "__lambda__"}}}
    assert open_model(keras_file(tmp_path / "x.keras", config)).network.ids == ("input", "dense")


def test_names_that_cannot_be_ids_are_changed(tmp_path):
    config = functional(input_layer(), dense("2nd layer"))
    opened = open_model(keras_file(tmp_path / "x.keras", config, weights=weights_bytes(_renamed)))
    assert opened.network.ids == ("input", "layer_2nd_layer")


def _renamed(file):
    group = file.create_group("layers/dense/vars")
    group.attrs["name"] = "2nd layer"
    group["0"] = [[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]]
    group["1"] = [1.0, 1.0]


def test_refusing_needs_neither_tensorflow_nor_hdf5_in_this_process(tmp_path):
    path = CASES["A01 bytecode"][0](tmp_path / "x.keras")
    program = f"""
        import sys
        from engine.errors import BadInput
        from engine.importing.opener import open_model
        try:
            open_model({str(path)!r})
        except BadInput:
            print(sorted({{"tensorflow", "keras", "h5py"}} & set(sys.modules)))
    """
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    assert run.stdout.strip() == "[]"


# ---- The helper ----


def _script(folder, source):
    path = folder / "helper.py"
    path.write_text(textwrap.dedent(source))
    return path


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_a_killed_helper_is_one_sentence(tmp_path, monkeypatch):
    script = _script(tmp_path, "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")
    monkeypatch.setattr(numbers, "_SCRIPT", script)
    with pytest.raises(UnsafeFile, match="stopped unexpectedly"):
        open_model(keras_file(tmp_path / "x.keras"))


@pytest.mark.skipif(os.name != "posix", reason="process groups")
def test_a_helper_that_never_ends_is_ended_with_its_children(tmp_path, monkeypatch):
    source = """
        import subprocess, sys, threading
        child = subprocess.Popen([sys.executable, "-c", "import threading; threading.Event().wait()"])
        print(child.pid, flush=True)
        threading.Event().wait()
    """
    monkeypatch.setattr(numbers, "_SCRIPT", _script(tmp_path, source))
    monkeypatch.setattr(numbers, "LONGEST_S", 1.0)
    ended = []
    group_kill = os.killpg
    monkeypatch.setattr(os, "killpg", lambda *args: (ended.append(args), group_kill(*args)))
    with pytest.raises(UnsafeFile, match="too long"):
        open_model(keras_file(tmp_path / "x.keras"))
    assert [number for _, number in ended] == [signal.SIGKILL]


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\x00" * 8,
        b"\xff" * 8,
        b"\x02" + b"\x00" * 7 + b"[]",
        b"\x02" + b"\x00" * 7 + b"{}",
        b'\x13\x00\x00\x00\x00\x00\x00\x00{"refused": "other"}',
        b'\x3c\x00\x00\x00\x00\x00\x00\x00{"arrays": [{"path":"a","dtype":"|O","shape":[1]}]}      ',
    ],
)
def test_a_helper_that_lies_is_not_believed(answer, tmp_path, monkeypatch):
    script = _script(tmp_path, f"import os; os.write(1, {answer!r})")
    monkeypatch.setattr(numbers, "_SCRIPT", script)
    with pytest.raises(BadInput):
        open_model(keras_file(tmp_path / "x.keras"))


@pytest.mark.skipif(sys.platform != "linux", reason="limits and namespaces of Linux")
def test_the_helper_gives_up_memory_and_network():
    program = f"""
        import os, resource, runpy
        before = os.readlink("/proc/self/ns/net")
        runpy.run_path({helper.__file__!r})["confine"](1000)
        print(resource.getrlimit(resource.RLIMIT_AS)[1], resource.getrlimit(resource.RLIMIT_CPU)[1])
        print(before != os.readlink("/proc/self/ns/net"))
    """
    run = subprocess.run(
        [sys.executable, "-I", "-c", textwrap.dedent(program)],
        capture_output=True,
        text=True,
        check=True,
    )
    limits, apart = run.stdout.splitlines()
    assert limits == f"{helper.MEMORY_BYTES} {helper.CPU_S}"
    if os.geteuid() == 0:
        assert apart == "True"


# ---- Mutations ----


def _refusal(function, argument):
    """What a function says of its argument; "" if it takes it. Any other error goes on."""
    try:
        function(argument)
    except BadInput as error:
        return str(error)
    return ""


def _places(value, path=()):
    yield path
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _places(item, (*path, key))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _places(item, (*path, number))


def _rich_config():
    wrapped = {"module": "keras.layers", "class_name": "LSTM", "config": {"units": 2}}
    return functional(
        input_layer(),
        dense("a", activation="relu"),
        dense("b", source="a", bias_regularizer={"class_name": "L2", "config": {"l2": 0.1}}),
        layer(
            "Multiply",
            "op",
            module="keras.src.ops.numpy",
            inbound_nodes=[{"args": [tensor("b"), 2.0], "kwargs": {}}],
        ),
        layer("Add", "sum", inbound_nodes=[{"args": [[tensor("op"), tensor("b")]], "kwargs": {}}]),
        layer("Bidirectional", "both", {"layer": wrapped}, source="sum"),
        layer(
            "MultiHeadAttention",
            "mha",
            {"num_heads": 1, "key_dim": 2},
            inbound_nodes=[
                {"args": [tensor("both")], "kwargs": {"value": tensor("both"), "key": None}}
            ],
        ),
        layer("Conv2D", "conv", {"filters": 2, "kernel_size": [3, 3]}, source="mha"),
        {
            **functional(input_layer(), dense(), name="in"),
            "name": "in",
            "inbound_nodes": [call("conv", mask=None)],
        },
        {**sequential(dense(source=None)), "name": "chain", "inbound_nodes": [call("in")]},
    )


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3)
    ),
    max_leaves=5,
)


@given(data=st.data())
def test_a_mutated_description_is_translated_or_refused(data):
    config = _rich_config()
    place = data.draw(st.sampled_from(list(_places(config))[1:]))
    holder = config
    for key in place[:-1]:
        holder = holder[key]
    holder[place[-1]] = data.draw(_JSON)
    assert len(_refusal(describe, config)) <= LONGEST_MESSAGE


@given(
    places=st.lists(st.tuples(st.integers(0, 2**16), st.integers(0, 255)), min_size=1, max_size=9)
)
def test_a_mutated_file_is_opened_or_refused(places, tmp_path_factory):
    path = keras_file(tmp_path_factory.mktemp("mutated") / "x.keras")
    content = bytearray(path.read_bytes())
    for place, value in places:
        content[place % len(content)] = value
    path.write_bytes(content)
    assert len(_refusal(open_model, path)) <= LONGEST_MESSAGE
