"""covers cut by hand, their parameters, alt texts a person accepted

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cover", sa.Column("square", sa.LargeBinary(), nullable=True))
    op.add_column("cover", sa.Column("original", sa.LargeBinary(), nullable=True))
    op.add_column("cover", sa.Column("parameters", sa.JSON(), nullable=False, server_default="{}"))
    op.add_column("cover", sa.Column("crop", sa.JSON(), nullable=False, server_default="{}"))
    op.add_column("cover", sa.Column("look", sa.String(16), nullable=False, server_default=""))
    op.add_column("cover", sa.Column("alt_at", sa.DateTime(timezone=True), nullable=True))
    # Plain SQL that both databases read: SQLite adds no constraint to a table that is there.
    op.execute("ALTER TABLE cover ADD COLUMN alt_by_id INTEGER REFERENCES user_account (id)")
    op.create_index("ix_cover_sha256", "cover", ["sha256"])
    # What is published was described by a person, as far as it was known then.
    op.execute(
        "UPDATE cover SET alt_at = at WHERE alt <> '' AND submission_id IN "
        "(SELECT id FROM submission WHERE status IN ('approved', 'published'))"
    )


def downgrade() -> None:
    op.drop_index("ix_cover_sha256", "cover")
    for column in ("alt_by_id", "alt_at", "look", "crop", "parameters", "original", "square"):
        op.drop_column("cover", column)
