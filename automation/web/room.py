"""The newsroom of the app that answers the current request."""

from __future__ import annotations

from typing import cast

from flask import current_app

from automation.newsroom import Newsroom


def newsroom() -> Newsroom:
    return cast(Newsroom, current_app.extensions["polosa"])
