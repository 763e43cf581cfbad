"""The program in light or dark."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication

from app.actions import Actions
from app.settings import SettingsFile
from app.shell.main_window import MainWindow
from widgets.base.focus_ring import FocusRings
from widgets.base.theme import FRAMED, THEMES, frame_palette, palette


class Theming:
    """Draws everything in the chosen theme and remembers the choice."""

    def __init__(self, window: MainWindow, actions: Actions, settings_file: SettingsFile) -> None:
        self._window = window
        self._actions = actions
        self._settings_file = settings_file
        self._rings = FocusRings(window)

    def apply_wanted(self) -> None:
        """Draw everything as chosen before; as the desktop does if nothing was chosen."""
        chosen = self._settings_file.read().theme
        if chosen == "system":
            window_colour = QApplication.palette().window().color()
            chosen = "dark" if window_colour.lightness() < 128 else "light"
        self.apply(chosen)

    def apply(self, name: str) -> None:
        """Draw everything light or dark."""
        tokens = THEMES[name]
        QApplication.setPalette(palette(tokens))
        for class_name in FRAMED:
            # Its stub says bytes, but PySide6 takes only str here.
            QApplication.setPalette(frame_palette(tokens), class_name)  # type: ignore[arg-type]
        self._window.set_theme(tokens)
        for each in THEMES:
            self._actions[f"view.theme.{each}"].setChecked(each == name)

    def choose(self, name: str) -> None:
        """Draw everything light or dark, now and in later sessions."""
        self.apply(name)
        self._settings_file.write(self._settings_file.read().but(theme=name))
