"""Polosa: recordings in, reviewed articles out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from automation.toolbox import Toolbox


def create_app(env: Mapping[str, str], tools: Toolbox | None = None) -> Flask:
    """The web tier: settings → database → toolbox → doors."""
    from flask import Flask
    from flask.json.provider import DefaultJSONProvider

    from automation import api, cron, health, logs, uploads, web
    from automation.newsroom import open_newsroom

    room = open_newsroom(env, tools)
    logs.set_up(room.settings.log_level, room.settings.log_format)
    app = Flask("automation", root_path=web.ROOT, static_folder=web.STATIC, static_url_path="/static")
    app.extensions["polosa"] = room
    app.config.update(room.flask_config())
    app.json = json = DefaultJSONProvider(app)
    json.ensure_ascii = False
    uploads.init_app(app)
    web.init_app(app)
    app.register_blueprint(api.bp)
    app.register_blueprint(cron.bp)
    app.register_blueprint(health.bp)
    return app
