"""The lock for drawing seeds from Keras."""

import threading
from typing import Final

# Keras draws the seeds of initializers and dropouts from one generator of the process. Hold this lock while layers
# are created, so that no other thread draws between a run's seed and its initial weights.
KERAS_SEED_LOCK: Final = threading.RLock()
