"""several formats of one recording side by side; title variants, address, texts for channels

Versions keep one count through all formats of a submission: (submission, rev) stays unique, so an address of a
version needs no format, and SQLite need not rebuild the table.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("draft", sa.Column("format", sa.String(12), nullable=False, server_default="feature"))
    op.add_column("draft", sa.Column("titles", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("draft", sa.Column("slug", sa.String(120), nullable=False, server_default=""))
    op.add_column("draft", sa.Column("social", sa.JSON(), nullable=False, server_default="{}"))
    op.add_column("submission", sa.Column("format", sa.String(12), nullable=False, server_default="feature"))
    op.add_column("submission", sa.Column("formats", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("submission", sa.Column("draft_wish", sa.JSON(), nullable=False, server_default="{}"))


def downgrade() -> None:
    for column in ("draft_wish", "formats", "format"):
        op.drop_column("submission", column)
    for column in ("social", "slug", "titles", "format"):
        op.drop_column("draft", column)
