"""desks: departments of the newsroom with their glossary, house style and look of covers

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "desk",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("house_style", sa.Text(), nullable=False, server_default=""),
        sa.Column("covers", sa.JSON(), nullable=False, server_default="{}"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("name", name="uq_desk_name"),
    )
    # Plain SQL that both databases read: a rebuilt table would take its children with it on SQLite.
    op.execute("ALTER TABLE submission ADD COLUMN desk_id INTEGER REFERENCES desk (id) ON DELETE SET NULL")


def downgrade() -> None:
    op.drop_column("submission", "desk_id")
    op.drop_table("desk")
