"""who takes part in a recording, what its sender wishes, and who speaks when

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("submission", sa.Column("participants", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("submission", sa.Column("hint", sa.Text(), nullable=False, server_default=""))
    op.add_column("submission", sa.Column("turns", sa.JSON(), nullable=True))


def downgrade() -> None:
    # The statuses of a recording of which only the turns were wanted are not known below.
    op.execute("UPDATE submission SET status = 'archived' WHERE status IN ('asked', 'answered')")
    op.execute("DELETE FROM stage_run WHERE stage = 'speakers'")
    for column in ("turns", "hint", "participants"):
        op.drop_column("submission", column)
