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
    op.create_table(
        "term",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("desk_id", sa.Integer(), sa.ForeignKey("desk.id", ondelete="CASCADE"), nullable=False),
        sa.Column("canonical", sa.String(120), nullable=False),
        sa.Column("variants", sa.JSON(), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("note", sa.String(300), nullable=False),
        sa.UniqueConstraint("desk_id", "canonical", name="uq_term_desk_id_canonical"),
    )
    op.create_table(
        "term_suggestion",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("desk_id", sa.Integer(), sa.ForeignKey("desk.id", ondelete="CASCADE"), nullable=False),
        sa.Column("heard", sa.String(120), nullable=False),
        sa.Column("wanted", sa.String(120), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(9), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("desk_id", "heard", "wanted", name="uq_term_suggestion_desk_id_heard_wanted"),
    )
    # Plain SQL that both databases read: a rebuilt table would take its children with it on SQLite.
    op.execute("ALTER TABLE submission ADD COLUMN desk_id INTEGER REFERENCES desk (id) ON DELETE SET NULL")


def downgrade() -> None:
    op.execute("DELETE FROM edit WHERE op = 'glossary'")
    op.drop_column("submission", "desk_id")
    op.drop_table("term_suggestion")
    op.drop_table("term")
    op.drop_table("desk")
