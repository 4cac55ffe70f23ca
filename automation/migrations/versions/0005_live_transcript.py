"""notes of progress with parameters, estimated ends, past runs

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("stage_run", sa.Column("progress_params", sa.JSON(), nullable=False, server_default="{}"))
    op.add_column("stage_run", sa.Column("eta_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "past_run",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("stage", sa.String(20), nullable=False),
        sa.Column("machine", sa.String(200), nullable=False),
        sa.Column("backend", sa.String(40), nullable=False),
        sa.Column("model", sa.String(120), nullable=False),
        sa.Column("units", sa.Double(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("past_run")
    op.drop_column("stage_run", "eta_at")
    op.drop_column("stage_run", "progress_params")
