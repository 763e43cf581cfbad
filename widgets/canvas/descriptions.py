"""What the blocks say of their layers; only what differs from before is described anew."""

from __future__ import annotations

from collections.abc import Mapping

from engine.catalog.model import Kind
from engine.data.preprocessing import preprocessing_layers
from engine.editing.folding import Folding
from engine.spec.issues import Issue, LayerFacts
from engine.spec.network import NetworkSpec
from widgets.canvas.facts import BlockFacts, describe
from widgets.canvas.groups import describe_group, members_of


class Descriptions:
    """Describes layers and collapsed groups from what is known of them.

    Attributes
    ----------
    kinds
        Catalogue entries by kind.
    facts
        By layer id.
    issues
        All problems of the network.
    kept
        Layer id -> whether a new training keeps its weights, or begins them anew.
    """

    def __init__(self) -> None:
        self.kinds: Mapping[str, Kind] = {}
        self.facts: Mapping[str, LayerFacts] = {}
        self.issues: tuple[Issue, ...] = ()
        self.kept: Mapping[str, bool] = {}
        # What a layer was described from, and the description: most layers are as they were.
        self._described: dict[str, tuple[tuple[object, ...], BlockFacts]] = {}

    def of(self, layers: NetworkSpec, folding: Folding) -> dict[str, BlockFacts]:
        """Return what each block of the folded network says, by its id.

        Parameters
        ----------
        layers
            The network that was folded.
        """
        network = folding.network
        ports: dict[str, list[int]] = {}
        for wire in network.wires:
            ports.setdefault(wire.target, []).append(wire.port)
        issues: dict[str, list[Issue]] = {}
        for issue in self.issues:
            issues.setdefault(folding.block_of(issue.layer), []).append(issue)
        prepared = frozenset(preprocessing_layers(layers))
        described: dict[str, tuple[tuple[object, ...], BlockFacts]] = {}
        for layer in network.layers:
            if layer.id in folding.groups:
                continue
            asked = (
                layer,
                self.kinds.get(layer.kind),
                self.facts.get(layer.id),
                tuple(issues.get(layer.id, ())),
                tuple(ports.get(layer.id, ())),
                self.kept.get(layer.id),
                layer.id in prepared,
            )
            known = self._described.get(layer.id)
            same = known is not None and known[0] == asked
            described[layer.id] = known if known and same else (asked, describe(*asked))
        self._described = described
        return {
            **{layer_id: facts for layer_id, (_, facts) in described.items()},
            **self._of_groups(layers, folding, issues),
        }

    def _of_groups(
        self, layers: NetworkSpec, folding: Folding, issues: Mapping[str, list[Issue]]
    ) -> dict[str, BlockFacts]:
        described: dict[str, BlockFacts] = {}
        for block_id, group in folding.groups.items():
            border = folding.borders[block_id]
            inside = members_of(layers, border.layers)
            described[block_id] = describe_group(
                block_id, group, border, inside, self.facts, issues.get(block_id, ())
            )
        return described
