"""Python code: shown in colours, pasted to be read."""

from widgets.code.opener import ScriptOpener
from widgets.code.view import ScriptView

__all__ = ["ScriptOpener", "ScriptView"]
