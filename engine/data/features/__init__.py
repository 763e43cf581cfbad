"""Features: the columns that a network takes and predicts. Loads without TensorFlow."""

from engine.data.features.feature import Feature as Feature
from engine.data.features.feature import ImagePreparation as ImagePreparation
from engine.data.features.kinds import FEATURES as FEATURES
from engine.data.features.kinds import FeatureKind as FeatureKind
from engine.data.features.kinds import Scaling as Scaling
from engine.data.features.kinds import kind_of as kind_of
