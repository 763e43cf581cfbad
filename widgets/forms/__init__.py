"""Editors made from the catalogue: forms for any Keras object, a layer, training."""

from widgets.forms.layer_form import LayerForm
from widgets.forms.object_form import ObjectForm
from widgets.forms.training_form import TrainingForm

__all__ = ["LayerForm", "ObjectForm", "TrainingForm"]
