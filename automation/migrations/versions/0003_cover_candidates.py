"""cover candidates: how long each took, what it cost; the editor's wish; attempts outside a submission

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("submission", sa.Column("cover_wish", sa.JSON(), nullable=False, server_default="{}"))
    op.add_column("cover", sa.Column("ms", sa.Integer(), nullable=True))
    op.add_column("cover", sa.Column("cost_micro_usd", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("cover", sa.Column("seed", sa.BigInteger(), nullable=True))
    # Nothing hangs on this table, so SQLite may rebuild it.
    with op.batch_alter_table("attempt") as attempt:
        attempt.alter_column("submission_id", existing_type=sa.Integer(), nullable=True)


def downgrade() -> None:
    op.execute("DELETE FROM attempt WHERE submission_id IS NULL")
    with op.batch_alter_table("attempt") as attempt:
        attempt.alter_column("submission_id", existing_type=sa.Integer(), nullable=False)
    for column in ("seed", "cost_micro_usd", "ms"):
        op.drop_column("cover", column)
    op.drop_column("submission", "cover_wish")
