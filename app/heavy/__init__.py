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
from engine.evaluate.sample_files import check_out as check_out
from engine.evaluate.sample_files import write_samples as write_samples
from engine.importing.model_file import OpenedModel as OpenedModel
from engine.importing.model_file import answer_notes as answer_notes
from engine.importing.model_file import inspect_model as inspect_model
from engine.runs.checkpoints import begins_with_opened as begins_with_opened
from engine.runs.checkpoints import checkpoint_of as checkpoint_of
from engine.runs.checkpoints import epochs_of as epochs_of
from engine.runs.checkpoints import keep_opened as keep_opened
from engine.runs.checkpoints import last_run as last_run
from engine.runs.checkpoints import lost_after as lost_after
from engine.runs.checkpoints import required_run as required_run
from engine.runs.checkpoints import restore as restore
from engine.runs.lifecycle import PreparedTraining as PreparedTraining
from engine.runs.lifecycle import go_on as go_on
from engine.runs.lifecycle import prepare as prepare
from engine.runs.lifecycle import resumable as resumable
from engine.runs.lifecycle import train as train
from engine.runs.run_files import RunFiles as RunFiles
from engine.runs.trained_model import Classifier as Classifier
from engine.runs.trained_model import evaluate as evaluate
from engine.runs.trained_model import export_model as export_model
from engine.runs.trained_model import generate as generate
from engine.runs.trained_model import held_out as held_out
from engine.training.loop.tensorflow_start import gpu_memory as gpu_memory
from engine.training.loop.tensorflow_start import load_tensorflow as load_tensorflow

if TYPE_CHECKING:
    from engine.estimate.costs import NetworkCosts as NetworkCosts
    from engine.training.diagnose.epoch_time import EpochTime as EpochTime
