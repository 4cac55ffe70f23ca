"""what a writer was asked, what it answered and what it cost

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "writer_call",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column(
            "submission_id",
            sa.Integer(),
            sa.ForeignKey("submission.id", ondelete="CASCADE", name="fk_writer_call_submission_id_submission"),
            nullable=False,
        ),
        sa.Column("request", sa.String(64), nullable=False),
        sa.Column("key", sa.String(64), nullable=False, server_default=""),
        sa.Column("step", sa.String(40), nullable=False),
        sa.Column("backend", sa.String(40), nullable=False),
        sa.Column("model", sa.String(120), nullable=False, server_default=""),
        sa.Column("messages", sa.JSON(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False, server_default=""),
        sa.Column("failure", sa.Text(), nullable=False, server_default=""),
        sa.Column("prompt_tokens", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("completion_tokens", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("ms", sa.Integer(), nullable=False),
        sa.Column("cost_micro_usd", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("prompt_version", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_writer_call_submission_id_request", "writer_call", ["submission_id", "request"])
    op.add_column("draft", sa.Column("request", sa.String(64), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("draft", "request")
    op.drop_index("ix_writer_call_submission_id_request", table_name="writer_call")
    op.drop_table("writer_call")
