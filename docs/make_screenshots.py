"""Makes the pictures under docs/images from the running program.

Run it anywhere, without a screen too::

    python3 main.py check     # once, to have the environment
    .venv/bin/python docs/make_screenshots.py
    .venv/bin/python docs/make_screenshots.py transformer activations gan   # these pictures alone
    .venv/bin/python docs/make_screenshots.py pictures=FOLDER   # a folder with train and test folders of photos
"""

import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
EDITOR = {
    "resnet": "digits",
    "unet": "digits_to_clean",
    "transformer": "imdb",
}  # template -> data set
NOT_LOADED = ("imdb",)  # described before it is downloaded: the editor needs no more
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
        course = _some(window, sys.argv[1:]) if sys.argv[1:] else _course(window)

        def go_on() -> None:
            try:
                QTimer.singleShot(next(course), go_on)
            except StopIteration:
                application.quit()

        QTimer.singleShot(0, go_on)
        application.exec()
        window.program.end(60)


def _some(window, templates):
    """Take the editor pictures of these templates alone, or those of activations, a GAN or a folder of photos."""
    window.resize(1280, 800)
    while window.program.app_model.engine is None or window.program.app_model.data is None:
        yield 200
    for template in templates:
        if template == "activations":
            yield from _activations(window)
        elif template == "gan":
            yield from _gan(window)
        elif template.startswith("pictures="):
            yield from _pictures(window, Path(template.partition("=")[2]).resolve())
        else:
            yield from _template(window, template, EDITOR[template])


def _course(window):
    """Yield the milliseconds to wait before each next act."""
    program, panels = window.program, window.panels
    window.resize(1280, 800)
    while program.app_model.engine is None or program.app_model.data is None:
        yield 200
    yield 500
    panels.canvas.set_selected(("conv2d",))
    program.app_model.set_selection(("conv2d",))
    program.actions["train.start"].trigger()
    while program.app_model.training:
        if panels.loss_plot.is_empty() or len(panels.loss_plot.points("batch")[0]) < 600:
            yield 30
        else:
            break
    for theme in ("light", "dark"):
        program.theming.apply(theme)
        yield 300
        window.grab().save(str(IMAGES / f"studio-{theme}.png"))
    yield from _activations(window)
    window.show_page("classify")
    yield 200
    _draw(panels.classify.pad)
    yield 2000
    for page in ("data", "studio", "classify", "export"):
        window.show_page(page)
        for theme in ("light", "dark"):
            program.theming.apply(theme)
            yield 500
            if page != "studio":
                window.grab().save(str(IMAGES / f"{page}-{theme}.png"))
    window.show_page("studio")
    yield from _editor(window)
    yield from _gan(window)


def _activations(window):
    """Take a picture of what the layers give while they learn, and end the training."""
    program, panels = window.program, window.panels
    if not program.app_model.training:
        while set(program.app_model.facts) != set(program.document.spec.network.ids):
            yield 100
        program.actions["train.start"].trigger()
    program.actions["view.thumbnails.activations"].trigger()
    window.show_dock("dock.activations")
    program.network.reveal(("conv2d_2",))
    while panels.activations.is_empty() or "step" not in panels.activations.source:
        yield 100
    yield 1500
    yield from _shoot(window, "activations")
    program.actions["train.stop"].trigger()
    while program.app_model.training:
        yield 100
    program.actions["view.thumbnails.weights"].trigger()
    window.show_dock("dock.weights")


def _gan(window):
    """Take a picture of a GAN on the ring of Gaussians near the end of its training."""
    program, panels = window.program, window.panels
    yield from _choose(program, "ring")
    program.templates.use("gan_points")
    yield 2000
    window.show_dock("dock.generated")
    program.actions["train.start"].trigger()
    yield 2000
    while program.app_model.training and "after step 3," not in panels.generated.caption:
        yield 200
    yield from _shoot(window, "gan")
    program.actions["train.stop"].trigger()
    while program.app_model.training:
        yield 100


def _pictures(window, folder):
    """Take pictures of a folder of photos as data, and of a photo that was told right after the training."""
    from engine.spec.data import DataSpec

    program, panels, app_model = window.program, window.panels, window.program.app_model
    chosen = DataSpec(reader="pictures", path=str(folder))
    program.document.edit("Choose data", program.document.spec.but(data=chosen))
    while app_model.data is None or app_model.data.info.source != "pictures":
        yield 200
    window.show_page("data")
    yield 1500
    yield from _shoot(window, "pictures-data")
    program.actions["network.propose"].trigger()
    yield 2000
    program.actions["train.start"].trigger()
    yield 1000
    while app_model.training or app_model.trained is None:
        yield 500
    window.show_page("classify")
    for photo in sorted((folder / "test").glob("*/*")):
        panels.classify.files_dropped.emit((str(photo),))
        yield 1500
        if panels.classify.bars.text().strip().startswith(photo.parent.name):
            break
    yield from _shoot(window, "pictures-classify")


def _editor(window):
    """Take pictures of larger networks, and of a mistake with its cures."""
    program, canvas = window.program, window.panels.canvas
    for template, source in EDITOR.items():
        yield from _template(window, template, source)
    yield from _choose(program, "digits")
    program.templates.use("cnn")
    yield 1000
    spec = program.document.spec
    dense = spec.network.layer("dense").parameters
    wrong = spec.network.with_parameters("dense", {**dense, "units": 7})
    program.document.edit("Change units", spec.but(network=wrong))
    yield 1500
    canvas.set_selected(("dense",))
    program.app_model.set_selection(("dense",))
    yield from _shoot(window, "editor-cures")


def _template(window, template, source):
    """Take pictures of a ready network in the editor."""
    yield from _choose(window.program, source)
    window.program.templates.use(template)
    yield 3000
    yield from _shoot(window, f"editor-{template}")


def _choose(program, source):
    """Choose a data set and wait until it is loaded, if it is at hand."""
    from engine.spec.data import DataSpec

    document, app_model = program.document, program.app_model
    document.edit("Choose data", document.spec.but(data=DataSpec(reader=source)))
    while app_model.info is None or app_model.info.source != source:
        yield 200
    while source not in NOT_LOADED and (
        app_model.data is None or app_model.data.info.source != source
    ):
        yield 200


def _shoot(window, name):
    for theme in ("light", "dark"):
        window.program.theming.apply(theme)
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
