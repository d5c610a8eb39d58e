"""The list of keys."""

from collections.abc import Sequence

from qtpy.QtWidgets import QGridLayout, QLabel, QWidget


class KeysPanel(QWidget):
    """Keys and what they do, in two columns."""

    def __init__(self, keys: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        layout = QGridLayout(self)
        for row, (key, meaning) in enumerate(keys):
            name = QLabel(f"<b>{key}</b>")
            layout.addWidget(name, row, 0)
            layout.addWidget(QLabel(meaning), row, 1)
        layout.setRowStretch(len(keys), 1)
        layout.setColumnStretch(1, 1)
