"""Whether and where a wire may end: pure questions about the network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.spec.network import NetworkSpec
from widgets.canvas.facts import BlockFacts


@dataclass(frozen=True)
class Verdict:
    """Whether a wire may end here.

    Attributes
    ----------
    refusal
        Why not, in one sentence; "" if it may.
    port
        The input port it would take.
    """

    refusal: str = ""
    port: int = 0


def judge(
    network: NetworkSpec, source: str, target: BlockFacts, preferred: int | None = None
) -> Verdict:
    """Tell whether ``source`` may feed ``target``, and into which port.

    Parameters
    ----------
    preferred
        The port pointed at; None: the first free one, else the first (its wire is replaced).
    """
    if target.layer_id == source:
        return Verdict("A layer cannot feed itself: end the wire at another block.")
    if target.n_inputs == 0:
        return Verdict("An input layer takes no wire: it gives the data.")
    if source in network.downstream((target.layer_id,)):
        return Verdict(
            f'This would close a circle: "{target.layer_id}" already leads to "{source}".'
        )
    if preferred is not None:
        return Verdict(port=preferred)
    free = network.free_port(target.layer_id)
    return Verdict(port=free if free < target.n_inputs else 0)


def neighbour(
    network: NetworkSpec, positions: dict[str, tuple[float, float]], layer_id: str, direction: str
) -> str:
    """Return the block that an arrow key leads to, the same one if there is none.

    Up and down follow the wires, the nearest end first; without a wire, and to the left and right,
    the nearest block in that direction counts.

    Parameters
    ----------
    direction
        ``"up"``, ``"down"``, ``"left"`` or ``"right"``.
    """
    x, y = positions[layer_id]
    linked: Sequence[str] = ()
    if direction == "up":
        linked = [wire.source for wire in network.wires_into(layer_id)]
    elif direction == "down":
        linked = [wire.target for wire in network.wires_from(layer_id)]
    if linked:
        return min(linked, key=lambda name: (abs(positions[name][0] - x), positions[name][0]))
    step_x, step_y = {"up": (0, -1), "down": (0, 1), "left": (-1, 0), "right": (1, 0)}[direction]
    best, best_cost = layer_id, float("inf")
    for name, (other_x, other_y) in positions.items():
        along = (other_x - x) * step_x + (other_y - y) * step_y
        across = abs((other_x - x) * step_y) + abs((other_y - y) * step_x)
        # A block counts as "beside" only if it lies more along the arrow than across it.
        if along > 0 and across <= 2 * along and along + 2 * across < best_cost:
            best, best_cost = name, along + 2 * across
    return best
