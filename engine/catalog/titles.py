"""Titles of arguments whose Keras names are abbreviations or symbols."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

TITLES: Final[Mapping[str, str]] = {
    "adam_beta_1": "β₁ of AdamW",
    "adam_beta_2": "β₂ of AdamW",
    "adam_lr_ratio": "Learning rate of AdamW, relative",
    "adam_weight_decay": "Weight decay of AdamW",
    "alpha": "α",
    "amsgrad": "AMSGrad",
    "beta": "β",
    "beta_1": "β₁ (momentum decay)",
    "beta_2": "β₂ (gradient size decay)",
    "beta_2_decay": "Decay of β₂",
    "clip_threshold": "Clip step size",
    "clipnorm": "Clip gradient norm",
    "clipvalue": "Clip gradient values",
    "ema_momentum": "Momentum of the average",
    "ema_overwrite_frequency": "Steps between overwrites",
    "epsilon": "ε (stability)",
    "epsilon_1": "ε₁",
    "epsilon_2": "ε₂",
    "from_logits": "Raw scores (logits)",
    "gamma": "γ",
    "global_clipnorm": "Clip global gradient norm",
    "gradient_accumulation_steps": "Gradient accumulation, in steps",
    "l1_regularization_strength": "L1 penalty",
    "l2_regularization_strength": "L2 penalty",
    "l2_shrinkage_regularization_strength": "L2 penalty on gradients",
    "learning_rate_power": "Power of the learning rate",
    "muon_a": "First coefficient",
    "muon_b": "Second coefficient",
    "muon_c": "Third coefficient",
    "nesterov": "Look ahead (Nesterov)",
    "ns_steps": "Iterations per step",
    "rho": "ρ (gradient size decay)",
    "rms_rate": "RMS of the steps",
    "use_bias": "Bias",
    "use_ema": "Exponential moving average of weights",
}
