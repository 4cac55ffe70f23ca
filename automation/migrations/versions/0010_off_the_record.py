"""spans off the record; lines split, merged and struck

The journal of edits holds them as it is; this revision only keeps its place in the chain.

Revision ID: 0010
Revises: 0009
"""

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
