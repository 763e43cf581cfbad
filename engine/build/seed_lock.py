"""One maker of layers at a time."""

import threading
from typing import Final

# Keras draws the seeds of initializers and dropouts from one generator of the whole process. Whoever makes layers
# holds this, so that a job on another thread cannot come between a run's seed and its initial weights.
KERAS_SEED_LOCK: Final = threading.RLock()
