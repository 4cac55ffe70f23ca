"""Desks: there is always one, recordings belong to one, and what one leaves behind stays."""

import pytest
from sqlalchemy import select

from automation import desks
from automation.errors import Conflict, InvalidSubmission
from automation.glossary import terms
from automation.models import Desk, Submission, Term
from automation.newsroom import open_newsroom
from automation.pipeline.advance import load
from tests.fakes import NOW, fake_tools


def test_a_newsroom_starts_with_one_desk_in_the_sites_language(tmp_path):
    env = {"POLOSA_DATA": str(tmp_path), "SITE_LANGUAGE": "uk"}
    for _ in range(2):
        room = open_newsroom(env, fake_tools())
        with room.db.read() as session:
            assert [desk.name for desk in desks.desks(session)] == ["Редакція"]
        room.db.close()


def test_a_recording_goes_to_the_desk_it_names_or_the_first(room, submit, editor):
    with room.db.write() as session:
        desks.make(session, editor, NOW, " Культура ")
    assert load(room.db, submit(1)).desk.name == "Newsroom"
    assert load(room.db, submit(2, desk="культура")).desk.name == "Культура"
    with pytest.raises(InvalidSubmission, match="The desks are: Newsroom, Культура"):
        submit(3, desk="Спорт")


def test_a_removed_desk_leaves_its_submissions(room, submit, editor):
    with room.db.write() as session:
        made = desks.make(session, editor, NOW, "Культура")
        terms.add(session, made, "Бровари", "", "place", "")
    number = submit(1, desk="Культура")
    with room.db.write() as session:
        desks.remove(session, desks.desk(session, made.id), editor, NOW)
    with room.db.read() as session:
        assert session.get_one(Submission, number).desk_id is None
        assert session.scalars(select(Term)).all() == []


def test_the_last_desk_stays_and_names_are_unique(room, editor):
    with room.db.write() as session:
        only = session.scalars(select(Desk)).one()
        with pytest.raises(Conflict):
            desks.remove(session, only, editor, NOW)
        with pytest.raises(Conflict):
            desks.make(session, editor, NOW, "newsroom")
        with pytest.raises(InvalidSubmission):
            desks.make(session, editor, NOW, "  ")
        desks.change(session, only, editor, NOW, name="Новости", house_style="Коротко.\r\nБез восклицаний.")
        assert only.house_style == "Коротко.\nБез восклицаний."


def test_a_glossary_travels_as_csv(room, editor):
    with room.db.write() as session:
        one = session.scalars(select(Desk)).one()
        terms.add(session, one, "Кривий Ріг", "Кривый Рог, Кривой Рог", "place", "місто")
        terms.add(session, one, "=HYPERLINK()", "", "term", "")
    with room.db.write() as session:
        one = session.scalars(select(Desk)).one()
        text = terms.to_csv(one.terms)
        assert "'=HYPERLINK()" in text
        other = desks.make(session, editor, NOW, "Другая")
        assert terms.from_csv(session, other, text.encode()) == (2, 0)
        session.refresh(other)
        assert {t.canonical: t.variants for t in other.terms}["Кривий Ріг"] == ["Кривый Рог", "Кривой Рог"]
        assert terms.from_csv(session, other, "Кривий Ріг;Крив Рог;;\n".encode()) == (0, 1)
        assert {t.canonical: t.kind for t in other.terms}["Кривий Ріг"] == "place"
        with pytest.raises(InvalidSubmission, match="Line 2"):
            terms.from_csv(session, other, "Рим,,place,\nБерлин,,planet,\n".encode())
        with pytest.raises(InvalidSubmission, match="UTF-8"):
            terms.from_csv(session, other, "Рим".encode("cp1251"))
