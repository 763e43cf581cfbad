"""The table of several pictures and their answers."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QIcon, QImage
from PySide6.QtWidgets import QTableView

from widgets.classify.answers_table import AnswersTable, PictureRow


def test_a_chosen_picture_keeps_its_colours_and_titles_stand_over_their_columns(qtbot):
    table = AnswersTable()
    qtbot.addWidget(table)
    red = QImage(8, 8, QImage.Format.Format_RGB32)
    red.fill(Qt.GlobalColor.red)
    row = PictureRow("a.png", answer="3", value=0.9, value_text="90 %", thumbnail=red)
    table.show_rows((row,), "1 picture")
    model = table.findChild(QTableView, "classify.table").model()
    icon = model.index(0, 0).data(Qt.ItemDataRole.DecorationRole)
    for mode in (QIcon.Mode.Normal, QIcon.Mode.Selected):
        shown = icon.pixmap(QSize(8, 8), mode).toImage()
        assert shown.pixelColor(4, 4) == Qt.GlobalColor.red
    role = Qt.ItemDataRole.TextAlignmentRole
    for column in range(model.columnCount()):
        title = model.headerData(column, Qt.Orientation.Horizontal, role)
        assert title == model.index(0, column).data(role)
