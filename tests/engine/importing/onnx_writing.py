"""ONNX files written by hand: the wire format of protocol buffers, good and hostile."""

import struct

import numpy as np

_TYPES = {"float32": 1, "int64": 7, "float16": 10, "float64": 11}


def varint(value):
    value &= 2**64 - 1
    made = bytearray()
    while value > 0x7F:
        made.append(value & 0x7F | 0x80)
        value >>= 7
    made.append(value)
    return bytes(made)


def whole(number, value):
    return varint(number << 3) + varint(value)


def part(number, content):
    content = content.encode() if isinstance(content, str) else content
    return varint(number << 3 | 2) + varint(len(content)) + content


def single(number, value):
    return varint(number << 3 | 5) + struct.pack("<f", value)


def tensor(name, array, *, dims=None, more=b""):
    """Return a TensorProto with raw bytes; ``dims`` may claim another shape."""
    array = np.asarray(array)
    shape = array.shape if dims is None else dims
    head = b"".join(whole(1, size) for size in shape)
    return (
        head + whole(2, _TYPES[array.dtype.name]) + part(8, name) + part(9, array.tobytes()) + more
    )


def attribute(name, value):
    if isinstance(value, float):
        return part(1, name) + single(2, value)
    if isinstance(value, int):
        return part(1, name) + whole(3, value)
    if isinstance(value, str):
        return part(1, name) + part(4, value)
    return part(1, name) + b"".join(whole(8, item) for item in value)


def node(op, inputs, outputs, domain="", **attributes):
    made = b"".join(part(1, name) for name in inputs) + b"".join(part(2, name) for name in outputs)
    made += part(4, op) + part(7, domain)
    return made + b"".join(part(5, attribute(*item)) for item in attributes.items())


def value(name, shape):
    dims = b"".join(part(1, part(2, "N") if size is None else whole(1, size)) for size in shape)
    return part(1, name) + part(2, part(1, whole(1, 1) + part(2, dims)))


def graph(nodes, tensors=(), inputs=(("x", (None, 3)),), outputs=("y",)):
    made = b"".join(part(1, item) for item in nodes) + b"".join(part(5, item) for item in tensors)
    made += b"".join(part(11, value(*item)) for item in inputs)
    return made + b"".join(part(12, value(name, (None, 1))) for name in outputs)


def model(content, opset=17):
    return whole(1, 8) + part(2, "hand") + part(7, content) + part(8, whole(2, opset))


def dense(rows=3, columns=2):
    """Return a model that is one dense layer."""
    kernel = np.ones((rows, columns), np.float32)
    return model(graph([node("Gemm", ["x", "w"], ["y"])], [tensor("w", kernel)]))
