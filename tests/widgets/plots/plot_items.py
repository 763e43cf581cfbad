"""What pyqtgraph's items show."""

import pyqtgraph as pg


def marked(plot):
    """Return the rate that a range plot marks, None without one."""
    (line,) = [item for item in plot.plot.items if isinstance(item, pg.InfiniteLine)]
    return 10 ** line.value() if line.isVisible() else None
