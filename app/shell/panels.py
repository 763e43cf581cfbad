"""The widgets that controllers fill."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

from PySide6.QtWidgets import QDialog

from widgets.activations import ActivationsPanel
from widgets.base.notice import NoticeBar
from widgets.base.theme import Tokens
from widgets.canvas import LayerPalette, NetworkCanvas
from widgets.code import ScriptOpener, ScriptView
from widgets.costs import LayerCostsPanel
from widgets.costs.training_costs import CostPanel
from widgets.forms import LayerForm, TrainingForm
from widgets.neurons import NeuronsPanel
from widgets.plots import LossPlot, WeightsPanel
from widgets.plots.generated import GeneratedPanel
from widgets.sample import SamplePanel
from widgets.shell.meter_line import MeterLine
from widgets.shell.pages import Pages
from widgets.templates import TemplateGallery
from widgets.training.live_controls import LiveControls
from widgets.training.rate_finder import RateFinder
from widgets.training.run_bar import RunBar
from widgets.training.start_choice import StartChoice

if TYPE_CHECKING:
    from widgets.classify import ClassifyPanel
    from widgets.data import DataPanel
    from widgets.export.panel import ExportPanel

PAGES: Final = ("data", "studio", "classify", "export")


@dataclass(frozen=True)
class Panels:
    """One of each; which widgets stand where is the window's business.

    Attributes
    ----------
    pages
        The pages of the window; all but the Studio page are made when they are first shown.
    """

    canvas: NetworkCanvas
    palette: LayerPalette
    layer_form: LayerForm
    training_form: TrainingForm
    start_choice: StartChoice
    costs: CostPanel
    layer_costs: LayerCostsPanel
    sample: SamplePanel
    generated: GeneratedPanel
    rate_finder: RateFinder
    meters: MeterLine
    loss_plot: LossPlot
    weights: WeightsPanel
    activations: ActivationsPanel
    neurons: NeuronsPanel
    run_bar: RunBar
    notice: NoticeBar
    live_controls: LiveControls
    pages: Pages
    templates: TemplateGallery
    script: ScriptView
    script_opener: ScriptOpener

    @property
    def data(self) -> DataPanel:
        """The Data page, made now if it was not shown yet; so are `classify` and `export`."""
        return cast("DataPanel", self.pages.page("data"))

    @property
    def classify(self) -> ClassifyPanel:
        """The Classify page."""
        return cast("ClassifyPanel", self.pages.page("classify"))

    @property
    def export(self) -> ExportPanel:
        """The Export page."""
        return cast("ExportPanel", self.pages.page("export"))

    @property
    def dialogs(self) -> tuple[QDialog, ...]:
        """Those with a window of their own."""
        return (self.rate_finder, self.templates, self.script, self.script_opener)

    def set_theme(self, tokens: Tokens) -> None:
        """Draw all of them in a theme's colours."""
        for panel in (self.canvas, self.palette, self.layer_form, self.training_form, self.loss_plot, self.weights,
                      self.activations, self.neurons, self.rate_finder, self.templates, self.generated,
                      self.script, self.script_opener, self.layer_costs, self.sample, self.notice):  # fmt: skip
            panel.set_theme(tokens)


def make_panels() -> Panels:
    """Make every widget that a controller fills."""
    return Panels(
        canvas=NetworkCanvas(), palette=LayerPalette(), layer_form=LayerForm(), training_form=TrainingForm(),
        start_choice=StartChoice(), costs=CostPanel(), layer_costs=LayerCostsPanel(), sample=SamplePanel(),
        generated=GeneratedPanel(),
        rate_finder=RateFinder(), meters=MeterLine(), loss_plot=LossPlot(), weights=WeightsPanel(),
        activations=ActivationsPanel(), neurons=NeuronsPanel(), run_bar=RunBar(), notice=NoticeBar(),
        live_controls=LiveControls(), pages=Pages(PAGES), templates=TemplateGallery(),
        script=ScriptView(), script_opener=ScriptOpener(),
    )  # fmt: skip
