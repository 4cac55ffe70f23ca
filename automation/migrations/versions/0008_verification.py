"""which quotes were heard, what an approval stood on

Revision ID: 0008
Revises: 0007
"""

from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "heard",
        sa.Column("id", sa.Integer(), primary_key=True),
        _submission("heard"),
        sa.Column("key", sa.String(32), nullable=False),
        sa.Column("played_s", sa.Double()),
        *_signature("heard"),
        sa.UniqueConstraint("submission_id", "key", name="uq_heard_submission_id_key"),
    )
    op.create_table(
        "overruled",
        sa.Column("id", sa.Integer(), primary_key=True),
        _submission("overruled"),
        sa.Column("key", sa.String(32), nullable=False),
        sa.Column("flags", sa.JSON(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        *_signature("overruled"),
        sa.UniqueConstraint("submission_id", "key", name="uq_overruled_submission_id_key"),
    )
    op.create_table(
        "verification",
        sa.Column("id", sa.Integer(), primary_key=True),
        _submission("verification"),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("quotes", sa.JSON(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("measures", sa.JSON(), nullable=False),
        sa.Column("stages", sa.JSON(), nullable=False),
        sa.Column("cover", sa.JSON(), nullable=False),
        *_signature("verification"),
    )
    op.create_index("ix_verification_submission_id", "verification", ["submission_id"])
    op.add_column("draft", sa.Column("facts", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("draft", sa.Column("measures", sa.JSON(), nullable=False, server_default="{}"))


def downgrade() -> None:
    op.drop_column("draft", "measures")
    op.drop_column("draft", "facts")
    op.drop_index("ix_verification_submission_id", table_name="verification")
    for table in ("verification", "overruled", "heard"):
        op.drop_table(table)


def _submission(table: str) -> sa.Column[int]:
    key = sa.ForeignKey("submission.id", ondelete="CASCADE", name=f"fk_{table}_submission_id_submission")
    return sa.Column("submission_id", sa.Integer(), key, nullable=False)


def _signature(table: str) -> tuple[sa.Column[int], sa.Column[datetime]]:
    key = sa.ForeignKey("user_account.id", name=f"fk_{table}_by_id_user_account")
    return sa.Column("by_id", sa.Integer(), key), sa.Column("at", sa.DateTime(timezone=True), nullable=False)
