"""What keeps the network from training, beside the Train button: a network for other data, or problems one by one."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from app.app_model import AppModel
from app.document import Document
from app.shell.notices import Topic
from engine.data.info import DataInfo
from engine.spec.issues import Cure, Issue
from engine.spec.network import NetworkSpec
from engine.validation.fit import fit, last_of, what_matters
from widgets.forms.texts import problem_in_words

_USE, _KEEP, _NEXT, _DATA, _CURE = "use", "keep", "next", "data", "cure_"
_PROPOSAL = (_USE, "Use the Proposed Network")
_MOST_CURES = 2  # of a problem, as buttons; the block itself offers all
_MOST_REMEMBERED = 32


class ProblemsController(QObject):
    """Keeps `AppModel.misfit` true and offers what leads out of it.

    A network fits its data until other data is chosen or a project is opened; while a network is edited for one and
    the same data, its problems stand on its blocks and are listed here only when asked for.

    Signals
    -------
    proposal_wanted()
        The user wants the proposed network instead.
    cure_wanted(cure)
        The user wants this `engine.spec.issues.Cure`.
    place_wanted(layer)
        Id of the layer that is spoken of.
    data_page_wanted()
        The user wants to choose the data.
    """

    proposal_wanted = Signal()
    cure_wanted = Signal(object)
    place_wanted = Signal(str)
    data_page_wanted = Signal()

    def __init__(
        self, document: Document, app_model: AppModel, topic: Topic, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._app_model = app_model
        self._topic = topic
        self._fitted: list[
            tuple[NetworkSpec, DataInfo]
        ] = []  # networks without problems, and with which data
        self._made_for: DataInfo | None = None
        self._last: DataInfo | None = None
        self._is_new_data = True
        self._is_kept = self._is_asked = self._is_dismissed = False
        self._missing = ""
        self._place = 0
        topic.chosen.connect(self._on_chosen)
        topic.dismissed.connect(self._on_dismissed)
        app_model.info_changed.connect(self._on_info)
        app_model.data_changed.connect(self._on_data)
        app_model.facts_changed.connect(self._look)
        app_model.training_changed.connect(self._show)

    def forget(self) -> None:
        """Another project is shown."""
        self._last = self._made_for = None
        self._fitted.clear()
        self._begin_anew()

    def ask(self) -> None:
        """Say why training is not possible now, and what can be done."""
        self._is_asked, self._is_dismissed, self._place = True, False, 0
        self._show()
        if self._app_model.misfit is None or self._is_kept:
            self._reveal()

    def say_missing(self, sentence: str) -> None:
        """Say that a training waits in vain for the data."""
        self._missing = f"{sentence[:1].upper()}{sentence[1:]}"
        self._show()

    # ---- Looking ----

    def _begin_anew(self) -> None:
        self._is_new_data, self._missing = True, ""
        self._is_kept = self._is_asked = self._is_dismissed = False

    def _on_info(self) -> None:
        info, last = self._app_model.info, self._last
        if info is not None and (last is None or what_matters(info) != what_matters(last)):
            self._begin_anew()
        self._last = info or last
        self._look()

    def _on_data(self) -> None:
        if self._app_model.data is not None:
            self._missing = ""
            self._show()

    def _look(self) -> None:
        app_model, spec, info = self._app_model, self._document.spec, self._app_model.info
        if info is None:
            app_model.set_misfit(None)
            self._show()
            return
        made_for = self._data_of(spec.network)
        self._made_for = made_for or self._made_for
        is_other = made_for is not None and what_matters(made_for) != what_matters(info)
        looks = self._is_new_data or is_other
        app_model.set_misfit(fit(spec, info, app_model.facts, self._made_for) if looks else None)
        if self._made_for is None and app_model.misfit is None:
            self._remember(spec.network, info)  # until Keras says otherwise
        is_whole = app_model.engine is not None and set(app_model.facts) == set(spec.network.ids)
        if is_whole and app_model.misfit is None:
            self._is_new_data = self._is_kept = False
            if not app_model.errors and spec.network.layers:
                self._remember(spec.network, info)
        self._show()

    def _data_of(self, network: NetworkSpec) -> DataInfo | None:
        """Return the data that a network was made for, as far as this session or its last run knows."""
        trained = self._app_model.trained
        if trained is not None and trained.spec.network == network:
            return trained.info
        return last_of(self._fitted, network)

    def _remember(self, network: NetworkSpec, info: DataInfo) -> None:
        if (network, info) not in self._fitted[-1:]:
            self._fitted = [*self._fitted, (network, info)][-_MOST_REMEMBERED:]
        self._made_for = info

    # ---- Showing ----

    @property
    def _problems(self) -> tuple[Issue, ...]:
        misfit = self._app_model.misfit
        return self._app_model.errors or (misfit.issues if misfit is not None else ())

    def _show(self) -> None:
        misfit, problems = self._app_model.misfit, self._problems
        if not problems:
            self._is_asked = False
        if self._app_model.training or self._is_dismissed:
            self._topic.clear()
        elif misfit is not None and not self._is_kept:
            answers = (_PROPOSAL, (_KEEP, "Keep Mine"))
            self._topic.show_notice(misfit.sentence, answers, is_trouble=self._is_asked)
        elif problems and (self._is_asked or self._is_kept):
            self._list(problems)
        elif self._missing:
            self._topic.show_notice(
                self._missing, ((_DATA, "Show the Data Page"),), is_trouble=True
            )
        else:
            self._topic.clear()

    def _list(self, problems: tuple[Issue, ...]) -> None:
        """Say one problem with its cures, and lead to the next."""
        self._place %= len(problems)
        issue, count = problems[self._place], len(problems)
        cures = tuple((f"{_CURE}{n}", cure.label) for n, cure in enumerate(issue.cures))
        answers = cures[:_MOST_CURES]
        if self._app_model.misfit is not None:
            answers = (_PROPOSAL, *answers)
        if count > 1:
            answers = (*answers, (_NEXT, "Next"))
        counted = f"Problem {self._place + 1} of {count}: " if count > 1 else ""
        sentence = f"{counted}{problem_in_words(issue)}"
        self._topic.show_notice(sentence, answers, is_trouble=self._is_asked)

    def _reveal(self) -> None:
        for issue in self._problems[self._place : self._place + 1]:
            if issue.layer in self._document.spec.network.ids:
                self.place_wanted.emit(issue.layer)

    def _on_chosen(self, answer: str) -> None:
        if answer == _USE:
            self.proposal_wanted.emit()
        elif answer == _DATA:
            self.data_page_wanted.emit()
        elif answer == _KEEP:
            self._is_kept, self._place = True, 0
            self._show()
            self._reveal()
        elif answer == _NEXT:
            self._place += 1
            self._show()
            self._reveal()
        else:
            self._mend(int(answer.removeprefix(_CURE)))

    def _mend(self, number: int) -> None:
        cure: Cure = self._problems[self._place].cures[number]
        self._place = 0
        self.cure_wanted.emit(cure)

    def _on_dismissed(self) -> None:
        self._is_dismissed, self._missing = True, ""
