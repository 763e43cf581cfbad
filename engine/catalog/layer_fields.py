"""Fields of the layers' arguments by name; ``Kind.name`` where kinds differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from engine.catalog.rows import (
    ACTIVATION,
    AXES,
    AXIS,
    BOOL,
    BOOL_ADVANCED,
    COUNT,
    COUNT_ADVANCED,
    HASH_MODES,
    LARGEST_SEED,
    LARGEST_SIZE,
    LIST_OF_NUMBERS,
    LONGEST_AXIS,
    LONGEST_FRAME,
    LOOKUP_MODES,
    MOMENTUM,
    MOMENTUM_ADVANCED,
    MOST_DRAWERS,
    NUMBER,
    PER_AXIS,
    SHARE,
    SIZED_FILTERS,
    SIZES,
    SMALLEST_STEP,
    STRENGTH,
    TINY,
    TWO_PER_AXIS,
    UNITS,
    WINDOW,
    FieldRow,
)

RECURRENT: Final = ("LSTM", "GRU", "SimpleRNN", "RNN")
CONVOLUTIONAL_RECURRENT: Final = ("ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D")
WITH_KERNEL: Final = (  # the kernel or the embeddings, which are one matrix
    *("Dense", "Conv1D", "Conv2D", "Conv3D", "EinsumDense", "Embedding"),
    *(
        "Conv1DTranspose",
        "Conv2DTranspose",
        "Conv3DTranspose",
        "DepthwiseConv1D",
        "DepthwiseConv2D",
    ),
)
CELLS: Final = ("LSTMCell", "GRUCell", "SimpleRNNCell", "StackedRNNCells")

LAYER_ROWS: Final[Mapping[str, FieldRow]] = {
    # Units, kernels, windows
    "units": UNITS,
    "filters": SIZED_FILTERS,
    "kernel_size": replace(SIZES, example=3),
    "strides": SIZES,
    "pool_size": replace(SIZES, example=2),
    "dilation_rate": replace(SIZES, advanced=True),
    "size": SIZES,
    "expression": FieldRow("formula", example="x"),
    "output_size": replace(SIZES, example=4),
    "output_padding": FieldRow(
        "ints", minimum=0, maximum=LONGEST_AXIS, length=PER_AXIS, advanced=True
    ),
    "padding": FieldRow("choice", choices=("valid", "same")),
    "Conv1D.padding": FieldRow("choice", choices=("valid", "same", "causal")),
    "cropping": FieldRow("ints", minimum=0, maximum=LONGEST_AXIS, length=TWO_PER_AXIS),
    "data_format": FieldRow("choice", choices=("channels_last", "channels_first"), advanced=True),
    "groups": COUNT_ADVANCED,
    "depth_multiplier": COUNT,
    "use_bias": BOOL,
    "activation": ACTIVATION,
    "Activation.activation": replace(ACTIVATION, example="relu"),
    "recurrent_activation": FieldRow("activation", advanced=True),
    "keepdims": BOOL_ADVANCED,
    "lora_rank": COUNT_ADVANCED,
    "lora_alpha": FieldRow("float", minimum=0.0, advanced=True),
    "equation": FieldRow("text", example="...a,ab->...b"),
    "output_shape": FieldRow("shape", minimum=1, example=(32,)),
    "bias_axes": FieldRow("text", advanced=True),
    # Regularization
    "l1": STRENGTH,
    "l2": STRENGTH,
    "rate": replace(SHARE, example=0.5),
    "stddev": STRENGTH,
    "noise_shape": FieldRow("shape", minimum=1, advanced=True),
    "seed": FieldRow("int", minimum=0, maximum=LARGEST_SEED, advanced=True),
    # Recurrence
    "dropout": SHARE,
    "recurrent_dropout": SHARE,
    "return_sequences": BOOL,
    "go_backwards": BOOL_ADVANCED,
    "unroll": BOOL_ADVANCED,
    "unit_forget_bias": BOOL_ADVANCED,
    "reset_after": BOOL_ADVANCED,
    "zero_output_for_mask": BOOL_ADVANCED,
    "cell": FieldRow(
        "layer", choices=CELLS, example={"kind": "LSTMCell", "parameters": {"units": 32}}
    ),
    "cells": FieldRow(
        "json",
        example=(
            {"kind": "LSTMCell", "parameters": {"units": 32}},
            {"kind": "LSTMCell", "parameters": {"units": 32}},
        ),
    ),
    # Wrappers
    "layer": FieldRow("layer", example={"kind": "Dense", "parameters": {"units": 32}}),
    "Bidirectional.layer": FieldRow(
        "layer",
        choices=(*RECURRENT, *CONVOLUTIONAL_RECURRENT),
        example={"kind": "LSTM", "parameters": {"units": 32}},
    ),
    "backward_layer": FieldRow(
        "layer", choices=(*RECURRENT, *CONVOLUTIONAL_RECURRENT), advanced=True
    ),
    "merge_mode": FieldRow("choice", choices=("concat", "sum", "mul", "ave")),
    "Bidirectional.merge_mode": FieldRow(
        "choice",
        choices=("concat", "sum", "mul", "ave"),
        optional=False,
    ),
    "SpectralNormalization.layer": FieldRow(
        "layer", choices=WITH_KERNEL, example={"kind": "Dense", "parameters": {"units": 32}}
    ),
    "Model.network": FieldRow(
        "network",
        example={
            "layers": ({"id": "input", "kind": "InputLayer"}, {"id": "same", "kind": "Identity"}),
            "wires": ({"source": "input", "target": "same"},),
        },
    ),
    "power_iterations": replace(COUNT_ADVANCED, maximum=1000),
    "layers": FieldRow(
        "json",
        example=(
            {"kind": "GaussianNoise", "parameters": {"stddev": 0.1}},
            {"kind": "Dropout", "parameters": {"rate": 0.1}},
        ),
    ),
    # How a layer is called
    "use_causal_mask": BOOL,
    "attention_mask": BOOL_ADVANCED,
    "initial_state": BOOL_ADVANCED,
    "reverse": BOOL,
    "Output.place": FieldRow("int", minimum=1, maximum=100, example=1),
    # Attention
    "num_heads": replace(COUNT, example=2),
    "key_dim": replace(COUNT, example=16),
    "value_dim": COUNT_ADVANCED,
    "head_dim": replace(COUNT, example=16),
    "num_query_heads": replace(COUNT, example=4),
    "num_key_value_heads": replace(COUNT, example=2),
    "MultiHeadAttention.output_shape": FieldRow("ints", minimum=1, advanced=True),
    "attention_axes": AXES,
    "sliding_window": COUNT_ADVANCED,
    "use_gate": BOOL_ADVANCED,
    "use_scale": BOOL,
    "score_mode": FieldRow("choice", choices=("dot", "concat")),
    # Normalization
    "axis": AXIS,
    **dict.fromkeys(
        [f"{kind}Normalization.axis" for kind in ("Layer", "RMS", "Unit")] + ["Softmax.axis"], AXES
    ),
    "momentum": MOMENTUM,
    "epsilon": TINY,
    "center": BOOL,
    "scale": BOOL,
    "renorm": BOOL_ADVANCED,
    "renorm_clipping": FieldRow("json", advanced=True),
    "renorm_momentum": MOMENTUM_ADVANCED,
    "synchronized": BOOL_ADVANCED,
    "GroupNormalization.groups": FieldRow("int", minimum=-1, maximum=LARGEST_SIZE),
    # Shapes and merging
    "shape": FieldRow("shape", minimum=1),
    "InputLayer.dtype": FieldRow(
        "choice",
        choices=("float32", "float64", "float16", "int32", "int64", "uint8", "bool", "string"),
        advanced=True,
    ),
    "target_shape": FieldRow("shape", minimum=-1, example=(-1,)),
    "dims": FieldRow("ints", minimum=1, maximum=6, example=(2, 1)),
    "n": replace(COUNT, maximum=MOST_DRAWERS, example=3),
    "axes": FieldRow("ints", minimum=-6, maximum=6, example=(-1,)),
    "normalize": BOOL,
    "Concatenate.axis": replace(AXIS, advanced=False),
    "interpolation": FieldRow(
        "choice", choices=("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5")
    ),
    "Resizing.interpolation": FieldRow(
        "choice", choices=("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5", "area")
    ),
    # Activation layers
    "negative_slope": STRENGTH,
    "ReLU.negative_slope": replace(STRENGTH, advanced=True),
    "max_value": STRENGTH,
    "threshold": replace(STRENGTH, advanced=True),
    "alpha": STRENGTH,
    "shared_axes": FieldRow("ints", minimum=1, maximum=6, advanced=True),
    "mask_value": NUMBER,
    # Encoding of words and categories
    "input_dim": replace(COUNT, example=1000),
    "output_dim": replace(COUNT, example=32),
    "mask_zero": BOOL,
    "tie_weights": BOOL,
    "logit_soft_cap": FieldRow("float", minimum=SMALLEST_STEP, advanced=True),
    "num_tokens": replace(COUNT, example=10),
    "output_mode": LOOKUP_MODES,
    "CategoryEncoding.output_mode": FieldRow("choice", choices=("one_hot", "multi_hot", "count")),
    "Discretization.output_mode": HASH_MODES,
    "Hashing.output_mode": HASH_MODES,
    "HashedCrossing.output_mode": FieldRow("choice", choices=("int", "one_hot")),
    "bin_boundaries": FieldRow("floats", example=(0.25, 0.5, 0.75)),
    "num_bins": replace(COUNT, example=64),
    "Hashing.mask_value": FieldRow("json", advanced=True),
    "salt": FieldRow("int", minimum=0, maximum=LARGEST_SEED, advanced=True),
    "max_tokens": replace(COUNT, minimum=2),
    "num_oov_indices": FieldRow("int", minimum=0, maximum=MOST_DRAWERS, advanced=True),
    "mask_token": FieldRow("text", advanced=True),
    "IntegerLookup.mask_token": FieldRow("int", advanced=True),
    "oov_token": FieldRow("text", advanced=True),
    "IntegerLookup.oov_token": FieldRow("int", advanced=True),
    "oov_method": FieldRow("choice", choices=("floormod", "farmhash"), advanced=True),
    "vocabulary": FieldRow("json", example=("yes", "no"), optional=False),
    "IntegerLookup.vocabulary": FieldRow("json", example=(1, 2, 3), optional=False),
    "TextVectorization.vocabulary": FieldRow("json", example=("good", "bad"), optional=False),
    "idf_weights": LIST_OF_NUMBERS,
    "invert": BOOL_ADVANCED,
    "pad_to_max_tokens": BOOL_ADVANCED,
    "encoding": FieldRow("choice", choices=("utf-8", "utf-16-be", "utf-32-be"), advanced=True),
    "standardize": FieldRow(
        "choice",
        choices=("lower_and_strip_punctuation", "lower", "strip_punctuation"),
        optional=True,
    ),
    "split": FieldRow("choice", choices=("whitespace", "character"), optional=True),
    "ngrams": FieldRow("int", minimum=1, maximum=10, advanced=True),
    "output_sequence_length": replace(COUNT, maximum=MOST_DRAWERS),
    "mean": FieldRow("floats", from_data=True),
    "variance": FieldRow("floats", minimum=0.0, from_data=True),
    # Sound
    "mode": FieldRow(
        "choice", choices=("log", "magnitude", "psd", "real", "imag", "angle", "stft")
    ),
    "frame_length": replace(COUNT, maximum=LONGEST_FRAME, unit="samples"),
    "frame_step": replace(COUNT, maximum=LONGEST_FRAME, unit="samples"),
    "fft_length": replace(COUNT, maximum=LONGEST_FRAME, unit="samples"),
    "sequence_stride": replace(COUNT, maximum=LONGEST_FRAME, unit="samples"),
    "sequence_length": replace(COUNT, maximum=LONGEST_FRAME, unit="samples"),
    "window": WINDOW,
    "periodic": BOOL_ADVANCED,
    "scaling": FieldRow("choice", choices=("density", "spectrum"), advanced=True, optional=True),
    "expand_dims": BOOL_ADVANCED,
    "sampling_rate": replace(COUNT, unit="Hz"),
    "num_mel_bins": replace(COUNT, maximum=LONGEST_FRAME),
    "min_freq": FieldRow("float", minimum=0.0, unit="Hz"),
    "max_freq": FieldRow("float", minimum=0.0, unit="Hz"),
    "power_to_db": BOOL,
    "top_db": FieldRow("float", minimum=0.0, unit="dB", advanced=True),
    "mag_exp": FieldRow("float", minimum=0.0, advanced=True),
    "min_power": FieldRow("float", minimum=SMALLEST_STEP, advanced=True),
    "ref_power": FieldRow("float", minimum=SMALLEST_STEP, advanced=True),
}

DROPOUT_ROWS: Final[Mapping[str, FieldRow]] = {
    # At 1 the noise would be infinite.
    "AlphaDropout.rate": replace(SHARE, maximum=0.95, example=0.2),
    "GaussianDropout.rate": replace(SHARE, maximum=0.95, example=0.2),
    "GaussianNoise.stddev": replace(STRENGTH, example=0.1),
    "SpatialDropout1D.rate": replace(SHARE, example=0.2),
    "SpatialDropout2D.rate": replace(SHARE, example=0.2),
    "SpatialDropout3D.rate": replace(SHARE, example=0.2),
    "Dropout.rate": replace(SHARE, example=0.3),
}
