"""Cases of ONNX's operators that compute with numbers or arrange them, see `onnx_cases`."""

import numpy as np

from tests.engine.importing.onnx_cases import BOOL, INT64, case, one, tensor, w, whole, x

A = (3, 4)
ALONE = (
    "Relu Sigmoid Tanh Softplus Softsign HardSwish HardSigmoid Mish LeakyRelu Elu Selu Abs Neg Exp Erf Floor Ceil"
    " Sin Cos Identity Dropout Clip"
)
ACTIVATIONS = [
    *(case(op, x(*shape), opset=18) for op in ALONE.split() for shape in ((5,), (2, 4, 5))),
    *(case(op, x(5, low=0.1)) for op in ("Log", "Sqrt", "Reciprocal")),
    *(case("LeakyRelu", x(*A), alpha=alpha, opset=opset) for alpha in (0.3, -0.4, 1.5) for opset in (7, 16)),
    *(case("Elu", x(*A), alpha=alpha) for alpha in (0.3, 2.5, -1.0)),
    case("Selu", x(*A), alpha=2.0),
    case("Selu", x(*A), gamma=2.0),
    case("Selu", x(*A), alpha=0.5, gamma=3.0, opset=7),
    case("HardSigmoid", x(*A, low=-5, high=5), alpha=0.5),
    case("HardSigmoid", x(*A, low=-5, high=5), beta=0.1),
    case("HardSigmoid", x(*A, low=-5, high=5), alpha=1 / 6, beta=0.5),
    case("Gelu", x(*A), opset=20),
    case("Gelu", x(*A), opset=20, approximate="none"),
    case("Gelu", x(*A), opset=20, approximate="tanh"),
    case("Gelu", x(*A), opset=20, approximate="other", refused="approximate"),
    case("Relu", x(*A), consumed_inputs=[0], refused="consumed_inputs"),
    case("Clip", x(*A), opset=7, min=-0.5),
    case("Clip", x(*A), opset=10, max=0.5),
    case("Clip", x(*A), opset=7, min=-0.5, max=-0.1),
    case("Clip", x(*A), opset=7, min=0.0, max=6.0),
    case("Clip", x(*A), opset=7, min=0.5, max=-0.5, refused="min"),
    case("Clip", x(*A), opset=13, min=0.5, refused="min"),
    case("Clip", x(*A), opset=13, max=0.5, refused="max"),
    case("Clip", x(*A), one(-0.3), opset=11),
    case("Clip", x(*A), "", one(0.3), opset=12),
    case("Clip", x(*A), one(0.0), one(1.0)),
    case("Clip", x(*A), one(0.0)),
    case("Clip", x(*A), one(0.5), one(-0.5)),
    case("Clip", x(*A), one(-1.0), one(0.0)),
    case("Dropout", x(*A), opset=7, ratio=0.3),
    case("Dropout", x(*A), opset=10, ratio=1.0, refused="ratio"),
    case("Dropout", x(*A), one(0.3), opset=12, seed=5),
    case("Dropout", x(*A), one(0.3), one(False, bool), opset=13),
    case("Dropout", x(*A), one(0.3), one(True, bool), opset=13, refused="training_mode"),
    case("Dropout", x(*A), opset=13, outputs=("y", "mask"), refused="second output"),
    *(
        case(op, x(*shape), opset=opset, **told)
        for op in ("Softmax", "LogSoftmax")
        for opset in (7, 11, 13)
        for shape, axes in (((5,), (None, 1, -1)), (A, (None, 1, 2, -1, -2)), ((2, 4, 5), (None, 1, 2, 3, -3)))
        for told in ({} if axis is None else {"axis": axis} for axis in axes)
    ),
    *(case(op, x(*A), opset=opset, axis=0, refused="axis 0") for op in ("Softmax", "LogSoftmax") for opset in (11, 13)),
    case("PRelu", x(4, 5, 3), w(4, 1, 1)),
    case("PRelu", x(4, 5, 3), w(1)),
    case("PRelu", x(5), w(5), opset=9),
    case("PRelu", x(4, 5), w(4, 5)),
    case("PRelu", x(4, 5), w(3, 4, 5), refused="PRelu"),
]  # fmt: skip

SLIGHT = [("Mul", ("y", one(0.5)), {})]
CASTS = [
    *(case("Cast", x(*A), to=to, opset=opset) for to in (1, 6, 7, 9) for opset in (9, 13, 19)),
    case("Cast", x(*A), to=11, after=(("Cast", ("y",), {"to": 1}),)),
    *(case("Cast", x(*A), to=to, after=(("Cast", ("y",), {"to": 1}), ("Mul", ("y0", one(0.5)),
         {}))) for to in (6, 7, 9)),
    case("Cast", x(*A, kind=INT64, low=-3, high=3), to=1, after=tuple(SLIGHT)),
    case("Cast", x(*A, kind=INT64, low=-1, high=1), to=9, after=(("Cast", ("y",), {"to": 1}),)),
    case("Cast", x(*A, kind=BOOL, low=0, high=1), to=1, after=tuple(SLIGHT)),
    *(case("Cast", x(*A), to=to, refused="to = ") for to in (2, 3, 4, 5, 8, 10, 12, 13, 16)),
    case("Cast", x(*A), to=1, saturate=0, opset=19, refused="saturate"),
    case("Cast", one(2.5), to=1, saturate=0, opset=19, after=(("Add", ("y", "x0"), {}),), refused="saturate"),
    case("Cast", x(*A), to=1, saturate=1, opset=19),
    case("Cast", x(*A), to=17, saturate=1, opset=19, refused="to = 17"),
    case("Cast", x(*A), to=1, round_mode="down", opset=24, refused="round_mode"),
    case("Cast", x(*A), to=1, round_mode="up", opset=24),
    case("Cast", x(*A), to=1, saturate=0, opset=13, refused="saturate"),
    *(
        case("Cast", np.array([1.7, -2.3, 0.0], np.float32), to=to, after=(("Cast", ("y",), {"to": 1}), ("Add",
             ("y0", "x0"), {})))
        for to in (6, 7, 9, 10)
    ),
    case("Cast", np.array([1.7, -2.3, 0.0], np.float32), to=16, after=(("Add", ("y", "x0"), {}),), refused="to = 16"),
    case("Relu", x(*A, kind=INT64, low=-3, high=3), opset=14, refused="whole numbers"),
]  # fmt: skip

CHANNEL = w(4, 1, 1)
ARITHMETIC = [
    *(
        case(op, x(*A), x(*A, low=1), opset=opset)
        for op in ("Add", "Sub", "Mul", "Div")
        for opset in (7, 13)
    ),
    *(
        case(op, *pair, opset=14)
        for op in ("Add", "Sub", "Mul", "Div")
        for pair in (
            (x(*A), x(*A, low=1)), (x(*A), one(1.7)), (one(1.7), x(*A, low=1)), (x(*A), np.array([[-0.6]], np.float32)),
            (x(*A), w(4, low=0.2)), (w(4, low=0.2), x(*A, low=1)), (x(*A), w(3, 1, low=0.2)), (x(*A), w(3, 4, low=0.2)),
            (w(1, 3, 4, low=0.2), x(*A, low=1)), (x(4, 1, 1), x(4, 5, 3, low=1)), (x(4, 5, 3), w(4, 1, 1, low=0.2)),
        )
    ),
    *(
        case("MaxPool", x(4, 6, 4), kernel_shape=[2, 2], after=((op, pair, {}),))
        for op in ("Add", "Sub", "Mul", "Div")
        for pair in (("y", CHANNEL), (CHANNEL + 5, "y"), ("y", one(2.5)), (one(2.5), "y"), ("y", w(5, 1)), ("y", w(3)))
    ),
    *(case(op, x(5, 5), w(*shape, low=0.2)) for op in ("Add", "Mul") for shape in ((5, 1), (5,), (5, 5))),
    *(case(op, x(3, 5, 5), w(*shape, low=0.2)) for op in ("Sub", "Div") for shape in ((5, 1), (3, 1, 5), (3, 1, 1))),
    case("Add", x(*A), w(5, 3, 4), refused="Add"),
    case("Add", x(*A), w(2, 1, 3, 4), refused="Add"),
    case("Add", x(*A), x(3, 5), refused="shapes"),
    case("Add", x(*A), x(4), refused="axes"),
    case("Mul", x(1), w(5), refused="shape"),
    case("Div", x(*A), one(0.0), refused="zero"),
    case("Add", x(*A), x(*A), axis=1, opset=7, refused="axis"),
    case("Add", x(*A), x(*A), broadcast=1, opset=7, refused="broadcast"),
    case("Sum", x(*A)),
    case("Sum", x(*A), x(*A), opset=8),
    case("Sum", x(*A), x(*A), x(*A)),
    case("Sum", x(*A), w(3, 4), x(*A), one(2.0)),
    case("Sum", x(*A), x(1, 4), opset=8),
    *(case("Concat", x(2, 4, 3), x(2, 4, 3), axis=axis, opset=opset) for axis in (1, 2, 3, -1) for opset in (7, 13)),
    case("Concat", x(2, 4), x(3, 4), x(1, 4), axis=-2),
    case("Concat", x(4), x(4), axis=0, refused="samples"),
    case("Concat", x(2, 4), x(2, 3), axis=1, refused="shapes"),
]  # fmt: skip

GEMM = (x(4), w(4, 5), w(5))
DENSE = [
    case("Gemm", *GEMM),
    case("Gemm", x(4), w(4, 5)),
    case("Gemm", *GEMM, alpha=0.5, opset=7),
    case("Gemm", *GEMM, beta=-2.0, opset=9),
    case("Gemm", x(4), w(5, 4), w(1, 5), transB=1, alpha=2.0, beta=0.5),
    case("Gemm", *GEMM, transA=1, refused="transA"),
    case("Gemm", x(4), w(4, 5), w(3, 5), refused="matrix"),
    case("Gemm", x(4), w(4, 5), one(0.7)),
    case("Gemm", x(4), w(4, 5), w(1)),
    case("MatMul", x(4), w(4, 5)),
    case("MatMul", x(3, 4), w(4, 5), after=(("Add", ("y", w(5)), {}),)),
    case("MatMul", x(3, 4), w(4, 5), after=(("Add", (w(3, 1), "y"), {}),)),
    case("MatMul", x(2, 3, 4), w(4, 5)),
    case("MatMul", x(3, 4), x(4, 5)),
    case("MatMul", x(2, 3, 4), x(2, 4, 5)),
    case("MatMul", x(4), w(4), refused="MatMul"),
    case("MatMul", w(5, 3), x(3, 4), refused="MatMul"),
]

NOWHERE = [("ConstantOfShape", ("y",), {"value": tensor(2.5)}), ("Add", ("y0", "x0"), {})]
SHAPES = [
    *(case("Flatten", x(2, 4, 3), opset=opset) for opset in (7, 13, 21)),
    case("Flatten", x(2, 4, 3), axis=1),
    case("Flatten", x(2, 4, 3), axis=-3),
    *(case("Flatten", x(2, 4, 3), axis=axis, refused="axis") for axis in (0, 2, -1)),
    *(
        case("Reshape", x(2, 4, 3), whole(*target), opset=opset)
        for opset in (7, 13, 19)
        for target in ((-1, 24), (0, -1), (0, 4, 6), (-1, 4, 2, 3), (0, 0, -1), (0, 0, 3, 4), (0, 8, 3))
    ),
    *(case("Reshape", x(2, 4, 3), whole(*target), refused="samples") for target in ((1, -1), (5, -1), (3, 24),
         (24, -1))),
    case("Reshape", x(2, 4, 3), whole(2, -1, 12), refused="samples"),
    case("Reshape", x(2, 4, 3), whole(-1, 3), refused="Reshape"),
    case("Reshape", x(2, 4, 3), whole(-1, 8, 3), allowzero=1),
    case("Reshape", x(2, 4, 3), whole(0, 8, 3), allowzero=1, refused="allowzero"),
    case("Squeeze", x(4, 1, 3), opset=7, axes=[2]),
    case("Squeeze", x(4, 1, 1), opset=11, axes=[-1, 2]),
    case("Squeeze", x(4, 1, 3), whole(2), opset=13),
    case("Squeeze", x(1, 4, 1, 3), whole(1, -2), opset=21),
    case("Squeeze", x(4, 1, 3), whole(2), opset=13, axes=[2], refused="axes"),
    case("Squeeze", x(4, 1, 3), refused="Squeeze"),
    case("Squeeze", x(4, 1, 3), whole(1), refused="Squeeze"),
    case("Unsqueeze", x(4, 3), opset=7, axes=[1]),
    case("Unsqueeze", x(4, 3), opset=11, axes=[1, -1]),
    case("Unsqueeze", x(4, 3), whole(2), opset=13),
    case("Unsqueeze", x(4), whole(1, 3), opset=21, after=(("MaxPool", ("y",), {"kernel_shape": [2, 1]}),)),
    case("Unsqueeze", x(4, 3), whole(1), opset=13, axes=[1], refused="axes"),
    case("Transpose", x(2, 4, 3), perm=[0, 2, 3, 1]),
    case("Transpose", x(2, 4, 3), perm=[0, 3, 1, 2], opset=7),
    case("Transpose", x(2, 4, 3), perm=[0, 2, 1, 3], after=(("Add", ("y", w(3)), {}),)),
    case("Transpose", x(4, 3), perm=[1, 0, 2], after=(("Transpose", ("y",), {"perm": [1, 2, 0]}),)),
    case("Transpose", x(4, 3), after=(("Relu", ("y",), {}), ("Transpose", ("y0",), {}))),
    *(
        case("ReduceMean", x(2, 4, 3), opset=opset, axes=axes, keepdims=keeps)
        for opset in (7, 13)
        for axes in ([2, 3], [1], [-1], [1, 2, 3], [-2, 1])
        for keeps in (0, 1)
    ),
    case("ReduceMean", x(2, 4, 3), opset=13, axes=[2, 3]),
    case("ReduceMean", x(2, 4, 3), whole(2, 3), opset=18),
    case("ReduceMean", x(4, 3), whole(-1), opset=18, keepdims=0),
    case("ReduceMean", x(4, 3), opset=18, noop_with_empty_axes=1),
    case("ReduceMean", x(4, 3), whole(1), opset=18, noop_with_empty_axes=1, keepdims=0),
    case("ReduceMean", x(4, 3), opset=18, refused="samples"),
    case("ReduceMean", x(4, 3), opset=13, keepdims=0, refused="samples"),
    case("ReduceMean", x(4, 3), whole(0), opset=18, refused="samples"),
    case("ReduceMean", x(4, 3), opset=18, axes=[1], refused="axes"),
    *(case("Gather", x(4, 3), one(place, np.int64), axis=axis) for place in (0, -1, 2) for axis in (1, -1, 2)),
    case("Gather", x(4, 3), one(0, np.int64), refused="samples"),
    case("Gather", x(4, 3), one(7, np.int64), axis=1, refused="beyond"),
    case("Gather", x(4, 3), whole(0, 2), axis=1, refused="Gather"),
    case("Gather", w(6, 5), x(4, kind=INT64, low=-6, high=5)),
    case("Gather", w(6, 5), x(4, kind=INT64, low=0, high=4), axis=1, refused="Gather"),
    case("Slice", x(6, 5), opset=7, starts=[1], ends=[4], refused="samples"),
    case("Slice", x(6, 5), opset=9, starts=[1, -2], ends=[-1, 100], axes=[1, 2]),
    case("Slice", x(6, 5), opset=7, starts=[0], ends=[2], axes=[0], refused="samples"),
    case("Slice", x(6, 5), whole(1), whole(2**62), whole(1), opset=10),
    case("Slice", x(6, 5), whole(-1), whole(-(2**62)), whole(1), whole(-2), opset=13),
    case("Slice", x(6, 5), whole(0, 4), whole(3, 0), whole(2, 1), whole(2, -1), opset=13),
    case("Slice", x(6, 5), whole(1), whole(1), whole(1), refused="nothing"),
    case("Slice", x(6, 5), whole(1), whole(4), opset=13, axes=[1], refused="axes"),
    case("Shape", x(4, 3), after=tuple(NOWHERE)),
    case("Shape", x(4, 3), opset=15, start=1, after=tuple(NOWHERE)),
    case("Shape", x(4, 3), opset=19, start=-1, after=tuple(NOWHERE)),
    case("Shape", x(4, 3), opset=19, end=-1, start=1, after=(NOWHERE[0], ("Reshape", ("y0", whole(1, -1)), {}),
         ("MatMul", ("x0", w(3, 4)), {}), ("Add", ("y2", "y1"), {}))),
    case("Shape", x(4, 3), opset=13, start=1, refused="start"),
    case("Shape", x(4, 3), opset=13, end=1, refused="end"),
    case("ConstantOfShape", whole(3), after=(("Add", ("y", "x0"), {}),)),
    case("ConstantOfShape", whole(1, 3), value=tensor(-1.5), after=(("Mul", ("y", "x0"), {}),)),
    case("ConstantOfShape", whole(3), value=tensor(4, dtype=np.int64), after=(("Cast", ("y",), {"to": 1}),
         ("Sub", ("x0", "y0"), {}))),
    case("Constant", value=tensor(1.0, -2.0, 3.5), after=(("Add", ("y", "x0"), {}),)),
    case("Constant", value_float=2.5, opset=12, after=(("Mul", ("y", "x0"), {}),)),
    case("Constant", value_floats=[2.5, 1.0, -1.0], after=(("Mul", ("y", "x0"), {}),)),
    case("Constant", value_int=3, after=(("Cast", ("y",), {"to": 1}), ("Div", ("x0", "y0"), {}))),
    case("Constant", value_ints=[1, 2, 3], after=(("Cast", ("y",), {"to": 1}), ("Sub", ("y0", "x0"), {}))),
    case("Constant", value_string="a", after=(("Add", ("y", "x0"), {}),), refused="value_string"),
    case("Constant", value_strings=["a"], after=(("Add", ("y", "x0"), {}),), refused="value_strings"),
]  # fmt: skip


def _direct(op, gates, **told):
    """Cases of a recurrent operator of 4 units on sequences of 5 steps with 3 numbers."""
    made = []
    for direction, count in (("forward", 1), ("reverse", 1), ("bidirectional", 2)):
        weights = (w(count, gates * 4, 3), w(count, gates * 4, 4), w(count, 8 * gates))
        common = {"hidden_size": 4, "direction": direction, **told}
        made += [
            case(op, x(5, 3, samples=1), *weights, opset=7, **common),
            case(op, x(5, 3, samples=1), *weights, outputs=("", "last"), opset=14, **common),
            case(op, x(5, 3, samples=1), *weights, outputs=("y", "last"), opset=22, **common),
            case(op, x(5, 3, samples=1), *weights[:2], **common),
        ]
    return made


def _recurrent(op, gates):
    forward = (x(5, 3, samples=1), w(1, gates * 4, 3), w(1, gates * 4, 4), w(1, 8 * gates))
    both = (x(5, 3, samples=1), w(2, gates * 4, 3), w(2, gates * 4, 4), w(2, 8 * gates))
    each = {1: ["Relu"], 3: ["Sigmoid", "Softsign"], 4: ["Sigmoid", "Relu", "Relu"]}[gates]
    plain = {1: ["Tanh"], 3: ["Sigmoid", "Tanh"], 4: ["Sigmoid", "Tanh", "Tanh"]}[gates]
    zeros = np.zeros((1, 1, 4), np.float32)
    return [
        *_direct(op, gates),
        case(op, *forward, hidden_size=4, activations=each),
        case(op, *both, hidden_size=4, direction="bidirectional", activations=each * 2),
        case(op, *both, hidden_size=4, direction="bidirectional", activations=plain + each, refused="activations"),
        case(op, *forward, hidden_size=4, activations=[*plain[:-1], "Affine"], activation_alpha=[0.5],
             refused="activation_alpha"),
        case(op, *forward, hidden_size=4, activations=[*plain[:-1], "Affine"], activation_beta=[0.5],
             refused="activation_beta"),
        case(op, *forward, hidden_size=4, activations=[*plain[:-1], "HardSigmoid"], refused="activations"),
        case(op, *forward, hidden_size=4, clip=0.5, refused="clip"),
        case(op, *forward, hidden_size=5, refused="hidden_size"),
        case(op, *forward, hidden_size=4, direction="sideways", refused="direction"),
        case(op, *forward, "", zeros + 1, hidden_size=4, refused="initial_h"),
        case(op, *forward, np.array([5, 5, 5], np.int32), hidden_size=4),
        case(op, *forward, np.array([5, 2, 5], np.int32), hidden_size=4, refused="sequence_lens"),
    ]  # fmt: skip


LAYOUT = {"hidden_size": 4, "layout": 1, "opset": 14}
RECURRENT = [
    *_recurrent("LSTM", 4),
    *_recurrent("GRU", 3),
    *_recurrent("RNN", 1),
    *_direct("GRU", 3, linear_before_reset=1),
    case("LSTM", x(5, 3, samples=1), w(1, 16, 3), w(1, 16, 4), hidden_size=4, input_forget=1, refused="input_forget"),
    case("LSTM", x(5, 3, samples=1), w(1, 16, 3), w(1, 16, 4), hidden_size=4, input_forget=0),
    case("LSTM", x(5, 3, samples=1), w(1, 16, 3), w(1, 16, 4), hidden_size=4, activations=["Sigmoid", "Tanh",
         "Relu"], refused="activations"),
    case("LSTM", x(5, 3, samples=1), w(1, 16, 3), w(1, 16, 4), "", "", "", "", w(1, 12), hidden_size=4, refused="P"),
    case("LSTM", x(5, 3, samples=1), w(1, 16, 3), w(1, 16, 4), "", "", "", "", w(1, 12) * 0, hidden_size=4),
    case("LSTM", x(5, 3, samples=1), w(1, 16, 3), w(1, 16, 4), "", "", "", w(1, 3, 4), hidden_size=4,
         refused="initial_c"),
    case("LSTM", x(5, 3, samples=1), w(1, 16, 3), w(1, 16, 4), hidden_size=4, outputs=("", "", "cell"),
         refused="third output"),
]  # fmt: skip
# ONNX Runtime has no layout 1; what these give is compared with layout 0.
SAMPLES_FIRST = [
    case(op, x(5, 3), w(count, gates * 4, 3), w(count, gates * 4, 4), direction=word, **LAYOUT, outputs=outputs)
    for op, gates in (("LSTM", 4), ("GRU", 3), ("RNN", 1))
    for word, count in (("forward", 1), ("bidirectional", 2))
    for outputs in (("y",), ("", "last"))
]  # fmt: skip

NUMBER_CASES = [*ACTIVATIONS, *CASTS, *ARITHMETIC, *DENSE, *SHAPES, *RECURRENT]
