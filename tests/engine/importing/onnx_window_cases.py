"""Cases of ONNX's operators with windows, see `onnx_cases`."""

import numpy as np

from tests.engine.importing.onnx_cases import case, one, w, whole, x

P = (2, 7, 6)  # a picture: channels first
K = w(4, 2, 3, 3)

CONVOLUTIONS = [
    case("Conv", x(*P), K),
    case("Conv", x(*P), K, w(4), opset=11),
    case("Conv", x(2, 9), w(4, 2, 3), w(4)),
    case("Conv", x(2, 5, 6, 7), w(4, 2, 3, 2, 3), w(4), pads=[1, 0, 1, 0, 1, 2]),
    case("Conv", x(*P), K, kernel_shape=[3, 3]),
    case("Conv", x(*P), K, kernel_shape=[2, 2], refused="kernel_shape"),
    case("Conv", x(*P), K, strides=[2, 1]),
    case("Conv", x(*P), K, pads=[1, 0, 2, 1]),
    case("Conv", x(*P), K, pads=[1, 1, 1, 1], strides=[2, 2]),
    case("Conv", x(*P), K, pads=[-1, 0, 0, 0], refused="pads"),
    case("Conv", x(*P), K, dilations=[2, 1]),
    case("Conv", x(*P), K, dilations=[2, 2], strides=[2, 1], pads=[1, 2, 3, 1]),
    case("Conv", x(2, 12), w(4, 2, 3), dilations=[3], strides=[2]),
    case("Conv", x(4, 7, 6), w(6, 2, 3, 3), w(6), group=2),
    case("Conv", x(4, 9), w(6, 2, 3), w(6), group=2),
    case("Conv", x(4, 7, 6), w(8, 1, 3, 3), w(8), group=4),
    case("Conv", x(4, 7, 6), w(4, 1, 3, 3), group=4, strides=[1, 2]),
    case("Conv", x(4, 7, 6), w(4, 1, 2, 3), group=4, dilations=[2, 1], strides=[2, 2]),
    case("Conv", x(4, 9), w(4, 1, 3), group=4),
    *(
        case("Conv", x(*P), w(4, 2, *size), w(4), auto_pad=word, strides=steps, opset=opset)
        for word in ("SAME_UPPER", "SAME_LOWER", "VALID", "NOTSET")
        for size, steps, opset in (((2, 3), [2, 1], 11), ((4, 2), [1, 3], 22))
    ),
    case("Conv", x(*P), K, auto_pad="SAME_LOWER", dilations=[2, 1], refused="auto_pad"),
    case("Conv", x(*P), K, auto_pad="SAME_UPPER", dilations=[2, 2], refused="auto_pad"),
    case("Conv", x(*P), K, auto_pad="SAME_UPPER", pads=[1, 1, 1, 1], refused="auto_pad"),
    case("Conv", x(*P), K, auto_pad="OTHER", refused="auto_pad"),
    case("Conv", x(*P), w(4, 2, 9, 3), refused="larger than its input"),
]  # fmt: skip

T = w(3, 4, 3, 2)  # channels in, channels out, window
Q = (3, 5, 4)
TRANSPOSED = [
    case("ConvTranspose", x(*Q), T),
    case("ConvTranspose", x(*Q), T, w(4), opset=11),
    case("ConvTranspose", x(3, 6), w(3, 4, 3), w(4), strides=[2]),
    case("ConvTranspose", x(3, 3, 4, 2), w(3, 2, 2, 3, 2), w(2), strides=[2, 1, 2], pads=[1, 0, 0, 0, 1, 1]),
    case("ConvTranspose", x(*Q), T, kernel_shape=[3, 2]),
    case("ConvTranspose", x(*Q), T, kernel_shape=[2, 2], refused="kernel_shape"),
    case("ConvTranspose", x(*Q), T, w(4), strides=[2, 3]),
    case("ConvTranspose", x(*Q), T, w(4), strides=[4, 5], pads=[1, 0, 0, 1]),
    case("ConvTranspose", x(*Q), T, w(4), pads=[1, 0, 2, 1], strides=[2, 2]),
    case("ConvTranspose", x(*Q), T, w(4), dilations=[2, 1]),
    case("ConvTranspose", x(*Q), T, w(4), dilations=[2, 3], strides=[2, 1], pads=[1, 1, 0, 1]),
    case("ConvTranspose", x(4, 5, 4), w(4, 3, 3, 2), w(6), group=2, strides=[2, 2]),
    case("ConvTranspose", x(4, 5, 4), w(4, 1, 3, 2), group=4),
    case("ConvTranspose", x(*Q), T, w(4), output_padding=[1, 1], strides=[2, 2]),
    case("ConvTranspose", x(*Q), T, w(4), output_padding=[1, 2], strides=[2, 3], pads=[1, 0, 1, 1]),
    case("ConvTranspose", x(*Q), T, w(4), output_padding=[0, 3], strides=[2, 4]),
    case("ConvTranspose", x(*Q), T, output_padding=[1, 1], refused="output_padding"),
    case("ConvTranspose", x(*Q), T, output_padding=[1, 0], dilations=[2, 1], refused="output_padding"),
    case("ConvTranspose", x(*Q), T, w(4), output_shape=[10, 8], strides=[2, 2]),
    case("ConvTranspose", x(*Q), T, w(4), output_shape=[16, 8], strides=[2, 2], refused="output_shape"),
    case("ConvTranspose", x(*Q), T, output_shape=[4, 4], pads=[1, 1, 1, 1], refused="output_shape"),
    case("ConvTranspose", x(*Q), T, w(4), output_shape=[9, 8], strides=[2, 2], auto_pad="SAME_UPPER"),
    case("ConvTranspose", x(*Q), T, w(4), output_shape=[8, 7], strides=[2, 2], output_padding=[1, 0]),
    *(
        case("ConvTranspose", x(*Q), w(3, 4, *size), w(4), auto_pad=word, strides=steps, opset=opset)
        for word in ("SAME_UPPER", "SAME_LOWER", "VALID", "NOTSET")
        for size, steps, opset in (((3, 4), [2, 1], 11), ((4, 5), [1, 2], 22))
    ),
    case("ConvTranspose", x(*Q), T, auto_pad="OTHER", refused="auto_pad"),
    case("ConvTranspose", x(*Q), T, pads=[-1, 0, 0, 0], refused="pads"),
]  # fmt: skip


def _pooling(op, opset, **attributes):
    return case(op, x(*P), opset=opset, **attributes)


def _both(op):
    return [
        _pooling(op, 7, kernel_shape=[2, 3]),
        case(op, x(2, 9), kernel_shape=[3], strides=[2], pads=[1, 1]),
        case(op, x(2, 4, 5, 6), kernel_shape=[2, 3, 2], strides=[1, 2, 2], pads=[1, 0, 0, 0, 1, 1]),
        _pooling(op, 11, kernel_shape=[2, 3], strides=[2, 1]),
        _pooling(op, 11, kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1]),
        _pooling(op, 12, kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
        _pooling(op, 17, kernel_shape=[3, 4], strides=[2, 1], pads=[2, 0, 1, 3]),
        _pooling(op, 17, kernel_shape=[2, 2], pads=[2, 0, 0, 0], refused="pads"),
        _pooling(op, 17, kernel_shape=[2, 2], pads=[-1, 0, 0, 0], refused="pads"),
        _pooling(op, 17, kernel_shape=[2, 2], auto_pad="SAME_UPPER", ceil_mode=1, refused="auto_pad"),
        _pooling(op, 11, kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1),
        _pooling(op, 17, kernel_shape=[2, 3], strides=[2, 2], ceil_mode=1, pads=[1, 0, 0, 1]),
        _pooling(op, 17, kernel_shape=[2, 2], strides=[3, 3], ceil_mode=1, pads=[1, 1, 1, 1]),
        _pooling(op, 22, kernel_shape=[3, 2], strides=[3, 4], ceil_mode=1),
        _pooling(op, 22, kernel_shape=[2, 2], dilations=[1, 2], refused="dilations"),
        *(
            _pooling(op, opset, kernel_shape=size, strides=steps, auto_pad=word)
            for word in ("SAME_UPPER", "SAME_LOWER", "VALID", "NOTSET")
            for size, steps, opset in (([2, 3], [1, 2], 11), ([4, 2], [2, 1], 22))
        ),
    ]  # fmt: skip


POOLING = [
    *_both("MaxPool"),
    case("MaxPool", x(*P, low=0.1), kernel_shape=[3, 3], pads=[2, 0, 1, 2]),
    _pooling("MaxPool", 17, kernel_shape=[2, 2], storage_order=1),
    _pooling("MaxPool", 17, kernel_shape=[2, 2], outputs=("y", "places"), refused="second output"),
    *_both("AveragePool"),
    _pooling("AveragePool", 7, kernel_shape=[3, 3], pads=[1, 1, 1, 1], count_include_pad=1),
    _pooling("AveragePool", 17, kernel_shape=[3, 2], strides=[2, 2], pads=[2, 0, 1, 1], count_include_pad=1),
    _pooling("AveragePool", 22, kernel_shape=[3, 2], auto_pad="SAME_UPPER", count_include_pad=1),
    _pooling("AveragePool", 22, kernel_shape=[3, 2], auto_pad="SAME_LOWER", count_include_pad=1),
    _pooling("AveragePool", 19, kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 0, 1], count_include_pad=1,
         ceil_mode=1),
    _pooling("AveragePool", 22, kernel_shape=[2, 2], strides=[3, 4], pads=[1, 1, 1, 1], count_include_pad=1,
         ceil_mode=1),
    *(
        case(op, x(*shape))
        for op in ("GlobalMaxPool", "GlobalAveragePool")
        for shape in ((2, 9), P, (2, 3, 4, 5))
    ),
]  # fmt: skip

NORM = (w(2), w(2, seed=2), w(2, seed=3), w(2, low=0.3))
NORMALIZATION = [
    *(case("BatchNormalization", x(*P), *NORM, opset=opset) for opset in (7, 9, 14, 17)),
    case("BatchNormalization", x(2), *NORM, epsilon=0.3),
    case("BatchNormalization", x(2, 9), *NORM, epsilon=1e-7, momentum=0.5),
    case("BatchNormalization", x(2, 3, 4, 5), *NORM, opset=9, momentum=0.1),
    case("BatchNormalization", x(*P), *NORM, opset=7, spatial=1),
    case("BatchNormalization", x(*P), *NORM, opset=7, spatial=0, refused="spatial"),
    case("BatchNormalization", x(*P), *NORM, training_mode=0),
    case("BatchNormalization", x(*P), *NORM, training_mode=1, refused="training_mode"),
    case("BatchNormalization", x(*P), *NORM, epsilon=-1.0, refused="epsilon"),
    case("BatchNormalization", x(*P), *NORM, opset=9, outputs=("y", "m"), refused="second output"),
]

N4 = [0, 0, 1, 0, 0, 0, 2, 3]
PADDING = [
    case("Pad", x(*P), opset=7, pads=N4),
    case("Pad", x(*P), opset=7, pads=N4, value=1.5),
    case("Pad", x(*P), opset=10, pads=N4, mode="reflect"),
    case("Pad", x(*P), opset=10, pads=[0, 1, 0, 0, 0, 2, 0, 0], mode="edge"),
    case("Pad", x(*P), opset=10, pads=[1, 0, 0, 0, 0, 0, 0, 0], refused="adds samples"),
    case("Pad", x(*P), whole(*N4), mode="constant"),
    case("Pad", x(*P), whole(*N4), one(-2.5)),
    case("Pad", x(*P), whole(*N4), one(-np.inf), refused="Pad"),
    case("Pad", x(*P), whole(*N4), mode="reflect"),
    case("Pad", x(*P), whole(*N4), mode="edge"),
    case("Pad", x(*P), whole(0, 0, 1, -2, 0, 0, -1, 3), mode="edge"),
    case("Pad", x(*P), whole(0, 0, 1, -2, 0, 0, -1, 0)),
    case("Pad", x(*P), whole(*N4), opset=19, mode="wrap", refused="mode"),
    case("Pad", x(*P), whole(0, 0, 9, 0, 0, 0, 0, 0), mode="reflect", refused="mode"),
    case("Pad", x(*P), whole(1, 2, 0, 3), "", whole(3, -2), opset=18),
    case("Pad", x(*P), whole(1, 2, 0, 3), one(4.0), whole(1, 2), opset=18, mode="constant"),
    case("Pad", x(*P), whole(0, 0, 1, -1, 0, 0, 1, 0), mode="reflect", refused="mode"),
    case("Pad", x(5), whole(0, 2, 0, 1), mode="reflect"),
    case("Pad", x(4, 5), whole(0, 2, 0, 0, 1, 3), mode="edge"),
]
WINDOW_CASES = [*CONVOLUTIONS, *TRANSPOSED, *POOLING, *NORMALIZATION, *PADDING]
