"""The web tier for gunicorn and Vercel."""

import os

from dotenv import load_dotenv

from automation import create_app

load_dotenv()
app = create_app(os.environ)
