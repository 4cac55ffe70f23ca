"""What the demonstration model writes; apart from the model, so that it can be named without torch."""

from __future__ import annotations

LETTERS = "абвгдеёжзийклмнопрстуфхцчшщъыьэюя"
VOCABULARY = [" ", ".", ",", "?", "!", *LETTERS, *LETTERS.upper()]
