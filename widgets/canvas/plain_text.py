"""Foreign text in tooltips: always shown letter for letter."""

from __future__ import annotations

import html


def tooltip(text: str) -> str:
    """Return a tooltip that shows ``text`` as it is; Qt would take some plain text for HTML."""
    lines = "<br>".join(html.escape(line) for line in text.splitlines())
    return f"<qt>{lines}</qt>" if lines else ""
