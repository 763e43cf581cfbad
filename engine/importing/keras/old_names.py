"""Tables of renamed classes and settings of older Keras versions."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

# Class in Keras 1 (or early Keras 2) -> class in Keras 3.
CLASSES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "Convolution1D": "Conv1D",
        "Convolution2D": "Conv2D",
        "Convolution3D": "Conv3D",
        "AtrousConvolution1D": "Conv1D",
        "AtrousConvolution2D": "Conv2D",
        "SeparableConvolution2D": "SeparableConv2D",
        "BatchNormalizationV1": "BatchNormalization",
        "BatchNormalizationV2": "BatchNormalization",
        "CuDNNLSTM": "LSTM",
        "CuDNNGRU": "GRU",
    }
)
# Old class -> settings of the new class that it had implicitly.
MEANT: Final[Mapping[str, Mapping[str, Any]]] = MappingProxyType(
    {"CuDNNGRU": {"reset_after": True}}
)
# Setting in Keras 1 -> setting since Keras 2, for classes without a row in SETTINGS_OF.
SETTINGS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "output_dim": "units",
        "nb_filter": "filters",
        "filter_length": "kernel_size",
        "subsample": "strides",
        "subsample_length": "strides",
        "stride": "strides",
        "pool_length": "pool_size",
        "border_mode": "padding",
        "dim_ordering": "data_format",
        "atrous_rate": "dilation_rate",
        "init": "kernel_initializer",
        "inner_init": "recurrent_initializer",
        "depthwise_init": "depthwise_initializer",
        "pointwise_init": "pointwise_initializer",
        "gamma_init": "gamma_initializer",
        "beta_init": "beta_initializer",
        "inner_activation": "recurrent_activation",
        "W_regularizer": "kernel_regularizer",
        "U_regularizer": "recurrent_regularizer",
        "b_regularizer": "bias_regularizer",
        "W_constraint": "kernel_constraint",
        "b_constraint": "bias_constraint",
        "bias": "use_bias",
        "dropout_W": "dropout",
        "dropout_U": "recurrent_dropout",
        "p": "rate",
        "sigma": "stddev",
    }
)
_EMBEDDING: Final = {
    "init": "embeddings_initializer",
    "W_regularizer": "embeddings_regularizer",
    "W_constraint": "embeddings_constraint",
}
# Class -> old setting -> new setting.
SETTINGS_OF: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "Embedding": _EMBEDDING,
        "InputLayer": {"input_dtype": "dtype"},
        "LeakyReLU": {"alpha": "negative_slope"},
        "Reshape": {},
        "RepeatVector": {},
        "Permute": {},
    }
)
# Settings of older versions that do not affect the outputs.
IDLE: Final = frozenset(
    {
        "batch_input_shape",
        "consume_less",
        "cropping_mode",
        "forget_bias_init",
        "input_dtype",
        "input_length",
        "mode_type",
        "time_major",
    }
)
# Class -> unused settings that Keras 2 stored from its parent class.
IDLE_OF: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        name: frozenset(
            {
                "filters" if name.startswith("Depthwise") else "",
                "groups",
                "kernel_initializer",
                "kernel_regularizer",
                "kernel_constraint",
            }
        )
        for name in ("SeparableConv1D", "SeparableConv2D", "DepthwiseConv1D", "DepthwiseConv2D")
    }
    | {name: frozenset({"groups"}) for name in ("Conv2DTranspose", "Conv3DTranspose")}
    | {"Conv1DTranspose": frozenset({"groups"})}
)
# Class -> defaults that later versions changed.
UNTOLD: Final[Mapping[str, Mapping[str, Any]]] = MappingProxyType({"GRU": {"reset_after": False}})
# ``mode`` of Keras 1's Merge -> layer.
MERGES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "sum": "Add",
        "mul": "Multiply",
        "ave": "Average",
        "max": "Maximum",
        "concat": "Concatenate",
    }
)
# TensorFlow's function in Keras 2's TFOpLambda -> the operation as Keras 3 stores it.
OPERATIONS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "math.add": ("keras.src.ops.numpy", "Add"),
        "__operators__.add": ("keras.src.ops.numpy", "Add"),
        "math.subtract": ("keras.src.ops.numpy", "Subtract"),
        "math.multiply": ("keras.src.ops.numpy", "Multiply"),
        "math.truediv": ("keras.src.ops.numpy", "TrueDivide"),
        "math.divide": ("keras.src.ops.numpy", "TrueDivide"),
        "math.maximum": ("keras.src.ops.numpy", "Maximum"),
        "math.minimum": ("keras.src.ops.numpy", "Minimum"),
        "nn.relu": ("keras.src.ops.nn", "Relu"),
        "nn.relu6": ("keras.src.ops.nn", "Relu6"),
        "math.sigmoid": ("keras.src.ops.nn", "Sigmoid"),
        "math.softplus": ("keras.src.ops.nn", "Softplus"),
        "math.tanh": ("keras.src.ops.numpy", "Tanh"),
    }
)
