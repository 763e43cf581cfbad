"""The one door to TensorFlow: every use of the engine's heavy half goes through a function here.

Each function imports what it needs when it is called, always on a job's or the training thread (or headless),
never while the window is being made. Callers name them ``heavy.train``; the modules are this package's own.
"""

from typing import TYPE_CHECKING

from app.heavy.building import SampleFlow as SampleFlow
from app.heavy.building import Shapes as Shapes
from app.heavy.building import largest_batch as largest_batch
from app.heavy.building import network_costs as network_costs
from app.heavy.building import receptive_field as receptive_field
from app.heavy.data import SCREEN_SIDE_PX as SCREEN_SIDE_PX
from app.heavy.data import Picture as Picture
from app.heavy.data import data_notes as data_notes
from app.heavy.data import load_data as load_data
from app.heavy.data import preview_of as preview_of
from app.heavy.data import read_picture as read_picture
from app.heavy.importing import ImportedModel as ImportedModel
from app.heavy.importing import LoadedWeights as LoadedWeights
from app.heavy.importing import adopted as adopted
from app.heavy.importing import filled as filled
from app.heavy.importing import import_model as import_model
from app.heavy.importing import load_weights as load_weights
from app.heavy.measuring import measure_epoch as measure_epoch
from app.heavy.measuring import range_test as range_test
from app.heavy.observing import Observer as Observer
from app.heavy.opened import OpenedModel as OpenedModel
from app.heavy.opened import answer_notes as answer_notes
from app.heavy.opened import inspect_model as inspect_model
from app.heavy.run_files import RunFiles as RunFiles
from app.heavy.runs import begins_with_opened as begins_with_opened
from app.heavy.runs import checkpoint_of as checkpoint_of
from app.heavy.runs import epochs_of as epochs_of
from app.heavy.runs import keep_opened as keep_opened
from app.heavy.runs import last_run as last_run
from app.heavy.runs import lost_after as lost_after
from app.heavy.runs import restore as restore
from app.heavy.starting import gpu_memory as gpu_memory
from app.heavy.starting import load_tensorflow as load_tensorflow
from app.heavy.trained import Classifier as Classifier
from app.heavy.trained import evaluate as evaluate
from app.heavy.trained import export_model as export_model
from app.heavy.trained import held_out as held_out
from app.heavy.training import go_on as go_on
from app.heavy.training import resumable as resumable
from app.heavy.training import train as train

if TYPE_CHECKING:
    from engine.estimate.costs import NetworkCosts as NetworkCosts
    from engine.training.diagnose.epoch_time import EpochTime as EpochTime
