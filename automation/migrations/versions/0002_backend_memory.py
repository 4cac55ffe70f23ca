"""what is remembered of the vendors' backends: cool-downs, spending, the cost of an attempt

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

import automation.models

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "backend_state",
        sa.Column("backend", sa.String(length=60), nullable=False),
        sa.Column("settings", sa.String(length=16), nullable=False),
        sa.Column("vendor", sa.String(length=120), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("until", automation.models.UTCDateTime(timezone=True), nullable=True),
        sa.Column("probe_until", automation.models.UTCDateTime(timezone=True), nullable=True),
        sa.Column("last_ok_at", automation.models.UTCDateTime(timezone=True), nullable=True),
        sa.Column("last_error_at", automation.models.UTCDateTime(timezone=True), nullable=True),
        sa.Column("error_class", sa.String(length=20), nullable=True),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("backend", "settings", name=op.f("pk_backend_state")),
    )
    op.create_table(
        "backend_spend",
        sa.Column("backend", sa.String(length=60), nullable=False),
        sa.Column("window", sa.String(length=10), nullable=False),
        sa.Column("requests", sa.Integer(), nullable=False),
        sa.Column("micro_usd", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("backend", "window", name=op.f("pk_backend_spend")),
    )
    op.add_column("attempt", sa.Column("cost_micro_usd", sa.Integer(), nullable=False, server_default="0"))
    # A recording may be larger than 2 GB. SQLite's integers are wide enough, and rebuilding its table would
    # delete what hangs on it (foreign keys are on).
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("submission", "size_bytes", existing_type=sa.Integer(), type_=sa.BigInteger())


def downgrade() -> None:
    op.drop_column("attempt", "cost_micro_usd")
    op.drop_table("backend_spend")
    op.drop_table("backend_state")
