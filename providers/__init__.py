"""Audio, text and images: one contract per capability, one file per backend.

Nothing here knows Flask, a database or a submission; the package could be published alone.
"""
