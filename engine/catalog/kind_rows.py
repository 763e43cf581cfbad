"""Groups, ranks and wires of the layers, and groups of everything else; names as Keras has them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from engine.catalog.model import Family
from engine.catalog.rows import KindRow
from engine.formula.tree import LETTERS, MOST_INPUTS
from engine.spec.network import MODEL_KIND, OUTPUT_KIND

CELL_GROUP: Final = "Recurrent cells"
FORMULA: Final = "Formula"  # a kind of Netsmith, for operations of Keras

# Group of layers -> icon of the Material Design set (qtawesome "mdi6").
GROUP_ICONS: Final[Mapping[str, str]] = {
    "Basic": "mdi6.circle-multiple-outline",
    "Convolution": "mdi6.grid",
    "Pooling": "mdi6.arrow-collapse-all",
    "Recurrent": "mdi6.sync",
    CELL_GROUP: "mdi6.hexagon-outline",
    "Attention": "mdi6.eye-outline",
    "Normalization": "mdi6.chart-bell-curve",
    "Regularization": "mdi6.shield-outline",
    "Reshaping": "mdi6.resize",
    "Merging": "mdi6.call-merge",
    "Activation": "mdi6.sine-wave",
    "Wrappers": "mdi6.package-variant-closed",
    "Text & tables": "mdi6.text-recognition",
    "Image augmentation": "mdi6.auto-fix",
    "Image preparation": "mdi6.image-edit-outline",
    "Audio": "mdi6.waveform",
    "Foreign code": "mdi6.code-braces",
}

_RUNS_CODE = (
    "It runs any program code, so a file with it could do harm: use the other layers instead."
)
_NEEDS_LIBRARY = "It wraps a model of another library, which Netsmith does not load."
_ONLY_A_BASE = "It is only what other layers are made from and does nothing by itself."
_COMES_WITH_A_FILE = "It comes with a model that is opened and cannot be placed by hand."
_CELL = "A cell is one step of a recurrent layer: place RNN and choose this cell in it."
_MIXES_LABELS = (
    "It mixes the labels together with the pictures, and labels do not pass through blocks."
)
# Found by running every layer of Keras 3.15.1 in a model, as the tests do.
_CROPS_IN_TRAINING = (
    "Keras crops only while training, and the size would differ afterwards: use CenterCrop."
)
_NOT_IN_A_NETWORK = (
    "Keras cannot connect it inside a network: use ContrastLimitedAdaptiveHistogramEqualization."
)
_BOXES = "It works on bounding boxes, and the data here has none."

_ATTENTION_PORTS = ("query", "value", "key")
_MASKED_PORTS = (*_ATTENTION_PORTS, "attention mask")
# Names of a recurrent layer's initial states; LSTM has two.
_ONE_STATE = ("sequence", "state")
_TWO_STATES = ("sequence", "hidden state", "cell state")


def _each(names: str, row: KindRow) -> dict[str, KindRow]:
    return dict.fromkeys(names.split(), row)


def _per_axes(
    names: str, row: KindRow, extra_axes: int = 1, axes: Iterable[int] = (1, 2, 3)
) -> dict[str, KindRow]:
    """Rows of kinds by number of axes (``#``); a sample has those axes and ``extra_axes`` more."""
    return {
        name.replace("#", f"{n}D"): replace(row, ranks=(n + extra_axes,))
        for name in names.split()
        for n in axes
    }


def _common(rows: Mapping[str, KindRow], names: str) -> dict[str, KindRow]:
    chosen = frozenset(names.split())
    return {name: replace(row, common=name in chosen) for name, row in rows.items()}


_LAYERS: Final[Mapping[str, KindRow]] = {
    # Basic
    "InputLayer": KindRow("Basic", inputs=(0, 0)),
    **_each("Dense EinsumDense Embedding Identity Masking", KindRow("Basic")),
    "ReversibleEmbedding": KindRow("Basic"),
    FORMULA: KindRow("Basic", inputs=(1, MOST_INPUTS), input_names=tuple(LETTERS)),
    # Convolution
    **_per_axes("Conv# Conv#Transpose", KindRow("Convolution")),
    **_per_axes("SeparableConv# DepthwiseConv#", KindRow("Convolution"), axes=(1, 2)),
    # Pooling
    **_per_axes("MaxPooling# AveragePooling#", KindRow("Pooling")),
    **_per_axes("GlobalMaxPooling# GlobalAveragePooling#", KindRow("Pooling")),
    **_per_axes("AdaptiveMaxPooling# AdaptiveAveragePooling#", KindRow("Pooling")),
    # Recurrent
    **_each("SimpleRNN GRU", KindRow("Recurrent", ranks=(2,), input_names=_ONE_STATE)),
    "LSTM": KindRow("Recurrent", ranks=(2,), input_names=_TWO_STATES),
    "RNN": KindRow("Recurrent", ranks=(2,)),
    **_per_axes("ConvLSTM#", KindRow("Recurrent", input_names=_TWO_STATES), extra_axes=2),
    **_each(
        "SimpleRNNCell LSTMCell GRUCell StackedRNNCells", KindRow(CELL_GROUP, unsupported=_CELL)
    ),
    # Attention
    "MultiHeadAttention": KindRow(
        "Attention", ranks=(2, 3, 4), inputs=(2, 3), input_names=_MASKED_PORTS
    ),
    "GroupQueryAttention": KindRow(
        "Attention", ranks=(2,), inputs=(2, 3), input_names=_MASKED_PORTS
    ),
    **_each(
        "Attention AdditiveAttention",
        KindRow("Attention", ranks=(2,), inputs=(2, 3), input_names=_ATTENTION_PORTS),
    ),
    # Normalization
    **_each(
        "BatchNormalization LayerNormalization GroupNormalization RMSNormalization"
        " UnitNormalization Normalization",
        KindRow("Normalization"),
    ),
    # Regularization
    **_each(
        "Dropout AlphaDropout GaussianDropout GaussianNoise ActivityRegularization",
        KindRow("Regularization"),
    ),
    **_per_axes("SpatialDropout#", KindRow("Regularization")),
    # Reshaping
    **_each("Flatten Reshape Permute", KindRow("Reshaping")),
    "RepeatVector": KindRow("Reshaping", ranks=(1,)),
    **_per_axes("Cropping# ZeroPadding# UpSampling#", KindRow("Reshaping")),
    # Merging
    **_each(
        "Add Average Concatenate Maximum Minimum Multiply", KindRow("Merging", inputs=(2, None))
    ),
    **_each("Subtract Dot", KindRow("Merging", inputs=(2, 2), input_names=("first", "second"))),
    # Activation
    **_each("Activation ELU LeakyReLU PReLU ReLU Softmax", KindRow("Activation")),
    # Wrappers
    "Bidirectional": KindRow("Wrappers", ranks=(2, 3, 4, 5)),
    "TimeDistributed": KindRow("Wrappers", ranks=(2, 3, 4, 5)),
    "SpectralNormalization": KindRow("Wrappers"),
    "Pipeline": KindRow("Wrappers"),
    MODEL_KIND: KindRow("Wrappers", inputs=(1, None), unsupported=_COMES_WITH_A_FILE),
    OUTPUT_KIND: KindRow("Wrappers", unsupported=_COMES_WITH_A_FILE),
    "Wrapper": KindRow("Wrappers", unsupported=_ONLY_A_BASE),
    "Layer": KindRow("Basic", unsupported=_ONLY_A_BASE),
    # Text & tables
    **_each(
        "Discretization Hashing IntegerLookup StringLookup",
        KindRow("Text & tables"),
    ),
    "CategoryEncoding": KindRow("Text & tables", ranks=(1,)),
    "TextVectorization": KindRow("Text & tables", ranks=(0, 1)),
    "HashedCrossing": KindRow("Text & tables", ranks=(0, 1), inputs=(2, None)),
    # Images
    **_each(
        "AugMix RandAugment RandomBrightness RandomColorDegeneration RandomColorJitter"
        " RandomContrast RandomElasticTransform RandomErasing RandomFlip RandomGaussianBlur"
        " RandomGrayscale RandomHue RandomInvert RandomPerspective RandomPosterization"
        " RandomRotation RandomSaturation RandomSharpness RandomShear RandomTranslation"
        " RandomZoom Solarization",
        KindRow("Image augmentation", ranks=(3,)),
    ),
    **_each("CutMix MixUp", KindRow("Image augmentation", ranks=(3,), unsupported=_MIXES_LABELS)),
    "RandomCrop": KindRow("Image augmentation", ranks=(3,), unsupported=_CROPS_IN_TRAINING),
    "MaxNumBoundingBoxes": KindRow("Image augmentation", unsupported=_BOXES),
    **_each(
        "AutoContrast CenterCrop ContrastLimitedAdaptiveHistogramEqualization Resizing",
        KindRow("Image preparation", ranks=(3,)),
    ),
    "Equalization": KindRow("Image preparation", ranks=(3,), unsupported=_NOT_IN_A_NETWORK),
    "Rescaling": KindRow("Image preparation"),
    # Audio
    "MelSpectrogram": KindRow("Audio", ranks=(1,)),
    "STFTSpectrogram": KindRow("Audio", ranks=(2,)),
    # Foreign code
    "Lambda": KindRow("Foreign code", unsupported=_RUNS_CODE),
    "TFSMLayer": KindRow("Foreign code", unsupported=_RUNS_CODE),
    **_each(
        "JaxLayer FlaxLayer TorchModuleWrapper",
        KindRow("Foreign code", unsupported=_NEEDS_LIBRARY),
    ),
}

_ACTIVATIONS: Final[Mapping[str, KindRow]] = {
    **_each("linear relu leaky_relu relu6 elu celu selu threshold", KindRow("Rectifiers")),
    **_each("gelu silu mish softplus squareplus sparse_plus exponential", KindRow("Smooth")),
    **_each(
        "sigmoid tanh hard_sigmoid hard_tanh hard_silu softsign log_sigmoid sparse_sigmoid",
        KindRow("S-shaped"),
    ),
    **_each("softmax log_softmax sparsemax", KindRow("Over all values")),
    **_each("hard_shrink soft_shrink tanh_shrink", KindRow("Shrinking")),
    "glu": KindRow(
        "Over all values",
        unsupported="It halves the number of values, which a layer's activation may not do.",
    ),
    "threshold": KindRow(
        "Rectifiers", unsupported="It needs two figures, and an activation is chosen by name alone."
    ),
}

_LOSSES: Final[Mapping[str, KindRow]] = {
    **_each(
        "SparseCategoricalCrossentropy CategoricalCrossentropy BinaryCrossentropy"
        " CategoricalFocalCrossentropy BinaryFocalCrossentropy CategoricalGeneralizedCrossEntropy"
        " CategoricalHinge Hinge SquaredHinge KLDivergence",
        KindRow("Classes"),
    ),
    **_each(
        "MeanSquaredError MeanAbsoluteError Huber LogCosh MeanAbsolutePercentageError"
        " MeanSquaredLogarithmicError Poisson CosineSimilarity",
        KindRow("Numbers"),
    ),
    **_each("Dice Tversky", KindRow("Areas")),
    **_each("Circle CTC", KindRow("Special")),
}

_NEEDS_OPTIMIZER = "It only wraps other optimizers: choose one of those."
_OPTIMIZERS: Final[Mapping[str, KindRow]] = {
    **_each(
        "Adam AdamW Adamax Nadam Lamb Lion Muon ScheduleFreeAdamW RMSprop Adagrad Adadelta"
        " Adafactor",
        KindRow("Adaptive"),
    ),
    **_each("SGD Ftrl", KindRow("Plain")),
    **_each("LossScaleOptimizer MultiOptimizer", KindRow("Wrapping", unsupported=_NEEDS_OPTIMIZER)),
}

_NOT_OF_PREDICTIONS = "It sums up figures given to it and does not compare predictions with labels."
_METRICS: Final[Mapping[str, KindRow]] = {
    **_each(
        "Accuracy SparseCategoricalAccuracy CategoricalAccuracy BinaryAccuracy"
        " TopKCategoricalAccuracy SparseTopKCategoricalAccuracy F1Score FBetaScore Precision Recall"
        " AUC PrecisionAtRecall RecallAtPrecision SensitivityAtSpecificity"
        " SpecificityAtSensitivity",
        KindRow("Classes"),
    ),
    **_each("TruePositives TrueNegatives FalsePositives FalseNegatives", KindRow("Counts")),
    **_each(
        "SparseCategoricalCrossentropy CategoricalCrossentropy BinaryCrossentropy KLDivergence"
        " Hinge SquaredHinge CategoricalHinge",
        KindRow("Losses of classes"),
    ),
    **_each(
        "MeanAbsoluteError MeanSquaredError RootMeanSquaredError R2Score"
        " MeanAbsolutePercentageError MeanSquaredLogarithmicError LogCoshError Poisson"
        " CosineSimilarity PearsonCorrelation ConcordanceCorrelation",
        KindRow("Numbers"),
    ),
    **_each("IoU BinaryIoU MeanIoU OneHotIoU OneHotMeanIoU", KindRow("Areas")),
    **_each("Mean Sum MeanMetricWrapper", KindRow("Figures", unsupported=_NOT_OF_PREDICTIONS)),
}

_INITIALIZERS: Final[Mapping[str, KindRow]] = {
    **_each(
        "GlorotUniform GlorotNormal HeUniform HeNormal LecunUniform LecunNormal VarianceScaling",
        KindRow("Scaled to the layer"),
    ),
    **_each("RandomUniform RandomNormal TruncatedNormal Orthogonal", KindRow("Random")),
    **_each("Zeros Ones Constant Identity STFT", KindRow("Fixed")),
}

KIND_ROWS: Final[Mapping[Family, Mapping[str, KindRow]]] = {
    "layer": _common(
        _LAYERS,
        "InputLayer Dense Embedding Conv1D Conv2D MaxPooling1D MaxPooling2D AveragePooling2D"
        " GlobalAveragePooling1D GlobalAveragePooling2D LSTM GRU SimpleRNN Bidirectional"
        " MultiHeadAttention BatchNormalization LayerNormalization Dropout Flatten Reshape Add"
        " Concatenate Activation ReLU Softmax RandomFlip RandomRotation RandomZoom Rescaling"
        " Resizing",
    ),
    "activation": _common(
        _ACTIVATIONS, "linear relu leaky_relu elu selu gelu silu sigmoid tanh softmax softplus"
    ),
    "initializer": _common(
        _INITIALIZERS,
        "GlorotUniform GlorotNormal HeUniform HeNormal RandomNormal RandomUniform Zeros Ones",
    ),
    "regularizer": _common(
        _each("L1 L2 L1L2 OrthogonalRegularizer", KindRow("Weights")), "L1 L2 L1L2"
    ),
    "constraint": _common(
        _each("MaxNorm MinMaxNorm NonNeg UnitNorm", KindRow("Weights")), "MaxNorm NonNeg UnitNorm"
    ),
    "loss": _common(
        _LOSSES,
        "SparseCategoricalCrossentropy CategoricalCrossentropy BinaryCrossentropy MeanSquaredError"
        " MeanAbsoluteError Huber",
    ),
    "optimizer": _common(_OPTIMIZERS, "Adam AdamW SGD RMSprop Nadam Adagrad"),
    "metric": _common(
        _METRICS,
        "SparseCategoricalAccuracy CategoricalAccuracy BinaryAccuracy"
        " SparseTopKCategoricalAccuracy TopKCategoricalAccuracy F1Score Precision Recall AUC"
        " MeanAbsoluteError MeanSquaredError RootMeanSquaredError R2Score",
    ),
}
