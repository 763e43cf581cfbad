"""Makes the pictures under docs/images from the running program.

Run it anywhere, without a screen too::

    python3 main.py check     # once, to have the environment
    .venv/bin/python docs/make_screenshots.py
"""

import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
EDITOR = {"resnet": "digits", "unet": "digits_to_clean"}  # template -> data set
SEVEN = ((0.3, 0.22), (0.68, 0.22), (0.55, 0.5), (0.45, 0.8))


def main() -> None:
    """Train the ready project once and take a picture of every page, light and dark."""
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ.setdefault("QT_SCALE_FACTOR", "1")
    with tempfile.TemporaryDirectory() as home:
        os.environ["NETSMITH_HOME"] = home
        from PySide6.QtCore import QTimer

        from app import bootstrap

        application = bootstrap.make_application()
        window = bootstrap.build(None)
        window.show()
        course = _course(window)

        def go_on() -> None:
            try:
                QTimer.singleShot(next(course), go_on)
            except StopIteration:
                application.quit()

        QTimer.singleShot(0, go_on)
        application.exec()
        window.program.end(60)


def _course(window):
    """Yield the milliseconds to wait before each next act."""
    program, panels = window.program, window.panels
    window.resize(1280, 800)
    while program.studio.engine is None or program.studio.data is None:
        yield 200
    yield 500
    panels.canvas.set_selected(("conv2d",))
    program.studio.set_selection(("conv2d",))
    program.actions["train.start"].trigger()
    while program.studio.training:
        if panels.loss_plot.is_empty() or len(panels.loss_plot.points("batch")[0]) < 600:
            yield 30
        else:
            break
    for theme in ("light", "dark"):
        program.apply_theme(theme)
        yield 300
        window.grab().save(str(IMAGES / f"studio-{theme}.png"))
    while program.studio.training:
        yield 100
    window.show_page("classify")
    yield 200
    _draw(panels.classify.pad)
    yield 2000
    for page in ("data", "studio", "classify", "export"):
        window.show_page(page)
        for theme in ("light", "dark"):
            program.apply_theme(theme)
            yield 500
            if page != "studio":
                window.grab().save(str(IMAGES / f"{page}-{theme}.png"))
    window.show_page("studio")
    yield from _editor(window)


def _editor(window):
    """Take pictures of larger networks, and of a mistake with its cures."""
    from engine.spec.data import DataSpec

    program, canvas = window.program, window.panels.canvas
    for template, source in EDITOR.items():
        document = program.document
        document.edit("Choose data", document.spec.but(data=DataSpec(source=source)))
        yield from _data_of(program, source)
        program.templates.use(template)
        yield 3000
        yield from _shoot(window, f"editor-{template}")
    program.templates.use("cnn")
    yield 1000
    spec = program.document.spec
    dense = spec.network.layer("dense").parameters
    wrong = spec.network.with_parameters("dense", {**dense, "units": 7})
    program.document.edit("Change units", spec.but(network=wrong))
    yield 1500
    canvas.set_selected(("dense",))
    program.studio.set_selection(("dense",))
    yield from _shoot(window, "editor-cures")


def _data_of(program, source):
    while program.studio.data is None or program.studio.data.info.source != source:
        yield 200


def _shoot(window, name):
    for theme in ("light", "dark"):
        window.program.apply_theme(theme)
        yield 500
        window.grab().save(str(IMAGES / f"{name}-{theme}.png"))


def _draw(pad) -> None:
    from PySide6.QtCore import QPoint, Qt
    from PySide6.QtTest import QTest

    side = min(pad.width(), pad.height())
    corner = pad.rect().center() - QPoint(side // 2, side // 2)
    places = [corner + QPoint(round(x * side), round(y * side)) for x, y in SEVEN]
    QTest.mousePress(pad, Qt.MouseButton.LeftButton, pos=places[0])
    for place in places[1:]:
        QTest.mouseMove(pad, place)
    QTest.mouseRelease(pad, Qt.MouseButton.LeftButton, pos=places[-1])


if __name__ == "__main__":
    main()
