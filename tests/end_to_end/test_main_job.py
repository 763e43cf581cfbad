"""From an empty window to an exported model, by mouse and keyboard, with real training."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLineEdit, QMessageBox, QPushButton, QWidget

from engine.probes.tensor_view import LayerWeights
from engine.spec.network import WireSpec
from engine.training.live.events import Sampled

pytestmark = pytest.mark.slow

PLAIN_KERAS = """
import json, sys, numpy as np, keras
model = keras.saving.load_model(sys.argv[1])
x = np.load(sys.argv[2])
print(json.dumps([model.predict(x, verbose=0).tolist(), "app" in sys.modules, "engine" in sys.modules]))
"""


def watched_kernels(driver, layer_id):
    """Collect what the weights panel is given while it trains."""
    samples = []

    def keep(events):
        samples.extend(
            e.payload.tensors[0].values
            for e in events
            if isinstance(e, Sampled)
            and isinstance(e.payload, LayerWeights)
            and e.payload.layer == layer_id
        )

    driver.program.worker.events_ready.connect(keep)
    return samples


def shown_kernel(driver, name="kernel"):
    return driver.panels.weights.view(name).values


def test_the_ready_project_from_train_to_export(driver, tmp_path):
    app_model = driver.program.app_model
    driver.click_block("conv2d")
    kernels = watched_kernels(driver, "conv2d")
    driver.press_train()
    assert app_model.training == "running"
    driver.wait_until(lambda: len(kernels) > 3)
    driver.shoot("training")
    assert not np.array_equal(kernels[0], kernels[-1])
    driver.wait_trained()
    driver.shoot("trained")
    assert app_model.trained.figures["test_accuracy"] >= 0.97
    loss = driver.panels.loss_plot.points("batch")[1]
    assert len(loss) == 40 * driver.program.document.spec.training.epochs
    assert np.mean(loss[-40:]) < np.mean(loss[:40]) / 4

    # The last heatmap is the trained kernel itself.
    weights = dict(zip(("kernel", "bias"), app_model.trained.weights[:2], strict=True))
    driver.wait_until(lambda: np.array_equal(kernels[-1], weights["kernel"]))

    # Draw a seven and a one.
    driver.click(driver.child("rail.classify"))
    driver.draw([(0.3, 0.22), (0.68, 0.22), (0.55, 0.5), (0.45, 0.8)])
    driver.wait_until(driver.panels.classify.bars.text)
    driver.shoot("classify")
    assert driver.panels.classify.bars.text().startswith("7 ")

    # Export, and open it where there is no Netsmith.
    driver.click(driver.child("rail.export"))
    path = tmp_path / "digits.keras"
    field = driver.child("field.export.path", QLineEdit)
    field.setText(str(path))
    driver.click(driver.child("export.start", QPushButton))
    driver.wait_until(path.exists)
    driver.shoot("export")
    x = app_model.data.test.x[:32].astype("float32")
    np.save(tmp_path / "x.npy", x)
    done = subprocess.run(
        [sys.executable, "-I", "-c", PLAIN_KERAS, str(path), str(tmp_path / "x.npy")],
        capture_output=True, text=True, check=True, env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}, cwd=tmp_path,
    )  # fmt: skip
    answers, *netsmith = json.loads(done.stdout.splitlines()[-1])
    assert netsmith == [False, False]
    own = driver.program.classify.answerer.classifier.model(app_model.trained).predict(x, verbose=0)
    assert np.abs(np.array(answers) - own).max() <= 1e-5


def test_a_branch_built_by_mouse_trains(driver):
    """Two convolutions into Add: wires pulled from port to port, the layer typed into the palette."""
    driver.canvas.fit()
    search = driver.child("palette.search", QLineEdit)

    def add(name, after):
        driver.click_block(after)
        driver.click(search)
        search.clear()
        QTest.keyClicks(search, name)
        QTest.keyClick(search, Qt.Key.Key_Return)

    add("Add", "conv2d")  # stands between the convolution and the pooling
    driver.wait_until(lambda: "add" in driver.network.ids)
    first = driver.network.layer("conv2d").parameters
    driver.click_block("conv2d")
    QTest.keyClick(driver.canvas.viewport(), Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    driver.wait_until(lambda: len([n for n in driver.network.layers if n.kind == "Conv2D"]) >= 2)
    branch = driver.program.app_model.selection[0]
    assert driver.network.layer(branch).parameters == first
    driver.canvas.fit()
    driver.drag(
        driver.canvas.block_center(branch), driver.canvas.block_center("conv2d") + _left(driver)
    )
    driver.wire("input", branch)
    driver.wire(branch, "add", 1)
    wires = set(driver.network.wires)
    assert WireSpec(source="input", target=branch) in wires
    assert {w.source for w in driver.network.wires_into("add")} == {"conv2d", branch}
    driver.wait_checked()
    assert not driver.program.app_model.errors
    driver.shoot("branch")

    training = driver.program.document.spec.training.but(epochs=2)
    driver.program.document.edit(
        "Fewer epochs", driver.program.document.spec.but(training=training)
    )
    driver.press_train()
    driver.wait_trained()
    assert driver.program.app_model.trained.figures["test_accuracy"] > 0.5
    names = driver.program.app_model.trained.spec.network.ids
    assert branch in names


def _left(driver):
    from PySide6.QtCore import QPoint

    return QPoint(-round(260 * driver.canvas.zoom), 0)


@pytest.mark.parametrize(
    ("template", "data", "layer", "epochs"),
    # Long enough for several frames: of a shorter run only the end is seen.
    [("lstm", "sine", "lstm", 20), ("mlp", "iris", "dense", 200), ("cnn", "digits", "conv2d", 2)],
)
def test_heatmaps_change_and_end_as_the_layers_weights(
    open_program, tmp_path, template, data, layer, epochs
):
    from engine.data.choice import describe
    from engine.runs.project_folder import ProjectFolder
    from engine.spec.data import DataSpec
    from engine.templates import new_project

    spec = new_project(template, DataSpec(reader=data), describe(DataSpec(reader=data)), "heat")
    folder = ProjectFolder(tmp_path / "heat")
    folder.create(spec.but(training=spec.training.but(epochs=epochs)))
    driver = open_program(folder.path)
    driver.wait_ready()
    driver.click_block(layer)
    seen = watched_kernels(driver, layer)
    driver.press_train()
    driver.wait_trained()
    app_model = driver.program.app_model
    model = driver.program.classify.answerer.classifier.model(app_model.trained)
    final = model.get_layer(layer).get_weights()
    assert not np.array_equal(seen[0], seen[-1])
    assert np.array_equal(seen[-1], final[0])
    driver.shoot(f"heatmap-{layer}")


def test_stopping_pausing_and_stepping(driver, monkeypatch):
    app_model, worker = driver.program.app_model, driver.program.worker
    long_run = driver.program.document.spec.training.but(epochs=5000)
    driver.program.document.edit("Long", driver.program.document.spec.but(training=long_run))
    actions = driver.program.actions
    driver.press_train()
    driver.wait_until(lambda: driver.steps > 50)
    actions["train.pause"].trigger()
    assert app_model.training == "paused"
    driver.wait_until(lambda: worker.control.requests.paused)
    driver.wait_until(lambda: driver.child("run.phase").text() == "Paused")
    held = driver.steps
    actions["train.step"].trigger()
    driver.wait_until(lambda: driver.steps == held + 1)
    driver.press_train()  # goes on
    assert app_model.training == "running"
    driver.wait_until(lambda: driver.steps > held + 50)
    actions["train.stop"].trigger()
    driver.wait_trained()
    kept = app_model.trained
    assert kept is not None
    driver.press_train()
    driver.wait_until(lambda: driver.steps > 5)
    monkeypatch.setattr(
        QMessageBox, "question", lambda *_arguments: QMessageBox.StandardButton.Discard
    )
    actions["train.discard"].trigger()
    driver.wait_trained()
    assert app_model.trained is kept


def test_classifying_goes_on_while_it_trains(driver):
    long_run = driver.program.document.spec.training.but(epochs=5000)
    driver.program.document.edit("Long", driver.program.document.spec.but(training=long_run))
    driver.press_train()
    driver.wait_until(lambda: driver.steps > 400)
    driver.click(driver.child("rail.classify"))
    driver.wait_until(driver.panels.classify.pad.isEnabled)  # weights of the run are there
    driver.draw([(0.5, 0.2), (0.5, 0.8)])
    driver.wait_until(driver.panels.classify.bars.text)
    assert driver.program.app_model.training == "running"
    assert "in training, iteration" in driver.child("classify.model").text()


def test_closing_while_training_asks_and_keeps_the_state(open_program, tmp_path, monkeypatch):
    driver = open_program()
    driver.wait_ready()
    folder = driver.program.project.folder.path
    driver.press_train()
    driver.wait_until(lambda: driver.steps > 50)
    run = driver.program.worker.run
    asked = []
    answers = [QMessageBox.StandardButton.Cancel, QMessageBox.StandardButton.Close]
    monkeypatch.setattr(
        QMessageBox, "question", lambda *_a, **_k: asked.append(1) or answers.pop(0)
    )
    driver.window.close()
    assert driver.window.isVisible()
    assert driver.program.worker.is_running
    driver.window.close()
    assert not driver.window.isVisible()
    assert len(asked) == 2
    again = open_program(folder)
    again.wait_ready()
    again.wait_until(lambda: again.program.app_model.trained is not None)
    assert again.program.app_model.trained.run == run


def test_every_page_is_whole_in_both_themes(driver):
    for theme in ("light", "dark"):
        driver.program.actions[f"view.theme.{theme}"].trigger()
        for page in ("data", "studio", "classify", "export"):
            driver.click(driver.child(f"rail.{page}"))
            assert driver.window.page == page
            driver.shoot(f"{page}-{theme}")
            for label in driver.child(f"page.{page}").findChildren(QWidget):
                # The docks behind the one in front are visible for Qt, but nobody sees them.
                is_seen = not label.visibleRegion().isEmpty()
                if is_seen and hasattr(label, "horizontalScrollBar"):
                    assert (
                        label.objectName() == "canvas" or label.horizontalScrollBar().maximum() == 0
                    ), label


def test_the_window_and_the_verb_give_the_same_figures(driver, capsys):
    from app.cli.verbs import run_verb

    folder = driver.program.project.folder.path
    spec = driver.program.document.spec
    driver.program.document.edit("Fewer epochs", spec.but(training=spec.training.but(epochs=3)))
    driver.press_train()
    driver.wait_trained()
    capsys.readouterr()
    assert run_verb(["train", str(folder), "--json"]) == 0
    summary = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert summary["metrics"] == dict(driver.program.app_model.trained.figures)


def test_fashion_from_local_files_in_a_network_built_by_typing(open_program, shared_data, tmp_path):
    """Two stages of convolution and pooling, added through the palette; one epoch reaches 0.85."""
    from engine.data.choice import describe
    from engine.runs.project_folder import ProjectFolder
    from engine.spec.data import DataSpec
    from engine.templates import new_project

    data = DataSpec(reader="fashion_mnist", path=str(shared_data / "fashion-mnist"))
    spec = new_project("empty", data, describe(data), "fashion")
    folder = ProjectFolder(tmp_path / "fashion")
    folder.create(spec.but(training=spec.training.but(epochs=1, batch_size=32)))
    driver = open_program(folder.path)
    driver.wait_ready()
    search = driver.child("palette.search", QLineEdit)
    driver.click_block("input")
    for kind in ("Conv2D", "MaxPooling2D", "Conv2D", "MaxPooling2D", "Flatten", "Dense"):
        driver.click(search)
        search.clear()
        QTest.keyClicks(search, kind)
        QTest.keyClick(search, Qt.Key.Key_Return)
    assert [layer.kind for layer in driver.network.layers][-6:] == [
        "Conv2D", "MaxPooling2D", "Conv2D", "MaxPooling2D", "Flatten", "Dense",
    ]  # fmt: skip
    for layer_id in ("conv2d", "conv2d_2"):
        driver.click_block(layer_id)
        activation = driver.child(f"field.{layer_id}.activation", QComboBox)
        activation.setFocus()
        activation.lineEdit().selectAll()
        QTest.keyClicks(activation.lineEdit(), "relu")
        QTest.keyClick(activation.lineEdit(), Qt.Key.Key_Return)
        driver.wait_until(
            lambda name=layer_id: driver.network.layer(name).parameters.get("activation") == "relu"
        )
    driver.wait_checked()
    while driver.program.app_model.errors:  # the output does not fit yet: take the offered cures
        cure = next(cure for issue in driver.program.app_model.errors for cure in issue.cures)
        driver.program.network.apply_cure(cure)
        driver.wait_checked()
    assert driver.network.outputs[0].parameters["units"] == 10
    driver.press_train()
    driver.wait_trained()
    driver.shoot("fashion")
    assert driver.program.app_model.trained.figures["test_accuracy"] >= 0.85
