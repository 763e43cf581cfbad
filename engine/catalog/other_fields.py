"""Fields of the arguments of initializers, losses, optimizers, metrics and others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from engine.catalog.rows import (
    AXES,
    BOOL,
    BOOL_ADVANCED,
    COUNT,
    COUNT_ADVANCED,
    INDEX,
    LARGEST_SIZE,
    LIST_OF_NUMBERS,
    MOMENTUM,
    MOMENTUM_ADVANCED,
    NUMBER,
    PROBABILITY,
    SHARE,
    SMALLEST_STEP,
    STRENGTH,
    TINY,
    FieldRow,
)

WEIGHT_ROWS: Final[Mapping[str, FieldRow]] = {
    "value": NUMBER,
    "gain": NUMBER,
    "RandomNormal.mean": NUMBER,
    "TruncatedNormal.mean": NUMBER,
    "minval": NUMBER,
    "maxval": NUMBER,
    "side": FieldRow("choice", choices=("real", "imag")),
    "VarianceScaling.scale": FieldRow("float", minimum=SMALLEST_STEP),
    "VarianceScaling.mode": FieldRow("choice", choices=("fan_in", "fan_out", "fan_avg")),
    "distribution": FieldRow(
        "choice", choices=("truncated_normal", "untruncated_normal", "uniform")
    ),
    "input_axes": AXES,
    "output_axes": AXES,
    "OrthogonalRegularizer.factor": STRENGTH,
    "OrthogonalRegularizer.mode": FieldRow("choice", choices=("rows", "columns")),
    "min_value": STRENGTH,
    "MinMaxNorm.rate": SHARE,
    "MaxNorm.axis": AXES,
    "MinMaxNorm.axis": AXES,
    "UnitNorm.axis": AXES,
}

LOSS_ROWS: Final[Mapping[str, FieldRow]] = {
    "from_logits": BOOL,
    "label_smoothing": SHARE,
    "reduction": FieldRow(
        "choice",
        choices=("sum_over_batch_size", "sum", "mean", "mean_with_sample_weight"),
        advanced=True,
    ),
    "apply_class_balancing": BOOL,
    "gamma": STRENGTH,
    "q": FieldRow("float", minimum=0.001, maximum=0.999),
    "margin": STRENGTH,
    "remove_diagonal": BOOL_ADVANCED,
    "delta": FieldRow("float", minimum=SMALLEST_STEP),
    "ignore_class": FieldRow("int", advanced=True),
    "beta": STRENGTH,
    "Dice.axis": AXES,
    "Tversky.axis": AXES,
}

OPTIMIZER_ROWS: Final[Mapping[str, FieldRow]] = {
    "learning_rate": FieldRow("float", minimum=0.0, maximum=1000.0),
    "rho": MOMENTUM,
    "beta_1": FieldRow("float", minimum=0.0, maximum=0.999999),
    "Lion.beta_1": FieldRow("float", minimum=0.001, maximum=0.999999),
    "beta_2": FieldRow("float", minimum=0.0, maximum=0.9999999),
    "amsgrad": BOOL,
    "nesterov": BOOL,
    "centered": BOOL,
    "weight_decay": FieldRow("float", minimum=0.0, maximum=1.0),
    "clipnorm": FieldRow("float", minimum=SMALLEST_STEP, advanced=True),
    "clipvalue": FieldRow("float", minimum=SMALLEST_STEP, advanced=True),
    "global_clipnorm": FieldRow("float", minimum=SMALLEST_STEP, advanced=True),
    "use_ema": BOOL_ADVANCED,
    "ema_momentum": MOMENTUM_ADVANCED,
    "ema_overwrite_frequency": COUNT_ADVANCED,
    "loss_scale_factor": FieldRow("float", minimum=SMALLEST_STEP, advanced=True),
    "gradient_accumulation_steps": FieldRow("int", minimum=2, maximum=1_000_000, advanced=True),
    "beta_2_decay": FieldRow("float", minimum=-10.0, maximum=0.0, advanced=True),
    "epsilon_1": TINY,
    "epsilon_2": TINY,
    "clip_threshold": FieldRow("float", minimum=SMALLEST_STEP, advanced=True),
    "relative_step": BOOL,
    "initial_accumulator_value": STRENGTH,
    "learning_rate_power": FieldRow("float", maximum=0.0, advanced=True),
    "l1_regularization_strength": STRENGTH,
    "l2_regularization_strength": STRENGTH,
    "l2_shrinkage_regularization_strength": replace(STRENGTH, advanced=True),
    "adam_beta_1": MOMENTUM_ADVANCED,
    "adam_beta_2": MOMENTUM_ADVANCED,
    "adam_weight_decay": FieldRow("float", minimum=0.0, maximum=1.0, advanced=True),
    "adam_lr_ratio": FieldRow("float", minimum=SMALLEST_STEP, advanced=True),
    "exclude_layers": FieldRow("json", advanced=True),
    "exclude_embeddings": BOOL_ADVANCED,
    "muon_a": replace(NUMBER, advanced=True),
    "muon_b": replace(NUMBER, advanced=True),
    "muon_c": replace(NUMBER, advanced=True),
    "ns_steps": FieldRow("int", minimum=1, maximum=100, advanced=True),
    "rms_rate": STRENGTH,
    "warmup_steps": INDEX,
}

METRIC_ROWS: Final[Mapping[str, FieldRow]] = {
    "num_thresholds": FieldRow("int", minimum=2, maximum=100_000, advanced=True),
    "curve": FieldRow("choice", choices=("ROC", "PR")),
    "summation_method": FieldRow(
        "choice", choices=("interpolation", "minoring", "majoring"), advanced=True
    ),
    "thresholds": SHARE,
    "AUC.thresholds": FieldRow("floats", minimum=0.0, maximum=1.0, advanced=True),
    "multi_label": BOOL,
    "num_labels": COUNT_ADVANCED,
    "label_weights": replace(LIST_OF_NUMBERS, minimum=0.0),
    "BinaryAccuracy.threshold": SHARE,
    "BinaryIoU.threshold": SHARE,
    "F1Score.threshold": replace(SHARE, minimum=SMALLEST_STEP),
    "FBetaScore.threshold": replace(SHARE, minimum=SMALLEST_STEP),
    "target_class_ids": FieldRow("ints", minimum=0, maximum=LARGEST_SIZE, example=(0, 1)),
    # By default, Keras returns one value a class, but a metric of an epoch must be one number.
    "average": FieldRow("choice", choices=("micro", "macro", "weighted"), ours="macro"),
    "FBetaScore.beta": FieldRow("float", minimum=SMALLEST_STEP),
    # A matrix with this many rows and columns is kept.
    "num_classes": replace(COUNT, minimum=2, maximum=2000, example=2),
    "sparse_y_true": BOOL_ADVANCED,
    "sparse_y_pred": BOOL_ADVANCED,
    "top_k": COUNT_ADVANCED,
    "class_id": replace(INDEX, advanced=True),
    "precision": PROBABILITY,
    "recall": PROBABILITY,
    "sensitivity": PROBABILITY,
    "specificity": PROBABILITY,
    "class_aggregation": FieldRow(
        "choice", choices=("uniform_average", "variance_weighted_average")
    ),
    "num_regressors": replace(INDEX, advanced=True),
    "k": COUNT,
    "from_sorted_ids": BOOL_ADVANCED,
}
