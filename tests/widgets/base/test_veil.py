from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette, QPixmap
from PySide6.QtWidgets import QLabel

from widgets.base.veil import Veil


def colour_at(label, x, y):
    return label.grab().toImage().pixelColor(x, y)


def test_a_veil_pales_what_it_covers_and_lets_the_mouse_through(qtbot):
    label = QLabel()
    picture = QPixmap(400, 400)
    picture.fill(QColor("#ff0000"))
    label.setPixmap(picture)
    qtbot.addWidget(label)
    palette = label.palette()  # whatever theme another test chose
    palette.setColor(QPalette.ColorRole.Window, QColor("#ffffff"))
    label.setPalette(palette)
    label.resize(100, 50)
    veil = Veil(label)
    label.show()
    assert colour_at(label, 50, 25) == QColor("#ff0000")
    veil.set_on(True)
    label.resize(200, 80)
    assert colour_at(label, 190, 70).green() > 100
    assert veil.testAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    veil.set_on(False)
    assert colour_at(label, 50, 25) == QColor("#ff0000")
