"""Corrections made while the rest is being recognised: every typed word stands in the final transcript."""

import random
from itertools import pairwise

import pytest

from automation.early import lay_over
from automation.errors import Conflict, InvalidSubmission, NotFound
from automation.models import Edit, PieceRow, RunState, StageRun, Status, Submission
from automation.pipeline.advance import advance, load
from automation.pipeline.correcting import correct_early, undo_early
from automation.pipeline.review import correct, undo_edit
from automation.transcript import preview, view
from providers.types import Piece
from tests.fakes import NOW, FakeDiarization, FakeSpeech


def timed(text, start_s=0.0):
    return [[word, start_s + n, start_s + n + 0.8, 0.9] for n, word in enumerate(text.split())]


def edit(start_s, end_s, was, text):
    payload = {"start_s": start_s, "end_s": end_s, "was": was, "text": text}
    return Edit(op="early", payload=payload, undone=False)


def said(sentences, *edits):
    laid = lay_over(sentences, edits)
    return [" ".join(str(word[0]) for word in laid.get(n, old)) for n, old in enumerate(sentences)]


def test_a_sentence_that_stayed():
    assert said([timed("мост откроют завтра")], edit(0, 2.8, "мост откроют завтра", "мост открыли")) == [
        "мост открыли"
    ]


def test_a_sentence_that_grew_keeps_what_came_after():
    grown = [timed("мост откроют в марте")]
    assert said(grown, edit(0, 1.8, "мост откроют", "Мост уже открыли")) == ["Мост уже открыли в марте"]


def test_a_sentence_that_was_cut_in_two_shares_the_words():
    parts = [timed("мост откроют"), timed("когда откроют", 2.0)]
    corrected = edit(0, 3.8, "мост откроют когда откроют", "Мост откроют. Но когда же откроют?")
    assert said(parts, corrected) == ["Мост откроют. Но", "когда же откроют?"]


def test_words_that_were_found_since_are_nobodys_correction():
    now = [[*timed("мост"), ["новый", 1.0, 1.5, 0.5], *timed("откроют", 2.0)]]
    assert said(now, edit(0, 2.8, "мост откроют", "Мост открыли")) == ["Мост новый открыли"]


def test_the_later_correction_wins_where_both_speak():
    sentence = [timed("мост откроют в марте")]
    first = edit(0, 3.8, "мост откроют в марте", "мост открыт в мае")
    assert said(sentence, first, edit(2, 3.8, "в марте", "в июне")) == ["мост открыт в июне"]


def test_words_that_stayed_keep_their_time_and_new_ones_lie_in_between():
    laid = lay_over(
        [timed("мост откроют завтра")], [edit(0, 2.8, "мост откроют завтра", "мост скоро откроют")]
    )
    words = laid[0]
    assert words[0] == ["мост", 0, 0.8, 0.9]
    assert [word[0] for word in words] == ["мост", "скоро", "откроют"]
    assert all(before[2] <= after[1] + 0.001 for before, after in pairwise(words))


def test_nothing_typed_is_ever_lost():
    """Whatever the sentences become: cut at other places, words found in between, several corrections."""
    chance = random.Random(4)
    for _ in range(400):
        heard = timed(" ".join(chance.choice("абвгде") for _ in range(chance.randint(1, 30))))
        spans, first = [], 0
        while first < len(heard):
            size = chance.randint(1, 8)
            spans.append(heard[first : first + size])
            first += size
        edits = [
            edit(
                span[0][1],
                span[-1][2],
                " ".join(word[0] for word in span),
                " ".join(f"{n}-{k}" if chance.random() < 0.5 else chance.choice("абв") for k in range(5)),
            )
            for n, span in enumerate(spans)
            if chance.random() < 0.6
        ]
        found = [["нашли", word[2] + 0.05, word[2] + 0.1, 0.3] for word in heard if chance.random() < 0.1]
        later = sorted(heard + found, key=lambda word: word[1])
        cuts = sorted(chance.sample(range(1, len(later)), min(3, len(later) - 1))) if len(later) > 1 else []
        sentences = [later[a:b] for a, b in zip([0, *cuts], [*cuts, len(later)], strict=True)]
        words = " ".join(said(sentences, *edits)).split()
        for one in edits:
            typed = one.payload["text"].split()
            rest = iter(words)
            assert all(word in rest for word in typed), (typed, words)
        assert words.count("нашли") == len(found)


# --- in the newsroom ---


@pytest.fixture
def half(room, submit):
    """Two pieces are heard: «Когда откроют мост? Мост откроют в марте. Ремонт стоил сорок»."""
    submission_id = submit()
    for piece in list(FakeSpeech().recognise(None))[:2]:
        keep(room, submission_id, piece)
    return submission_id


def keep(room, submission_id, piece: Piece):
    with room.db.write() as session:
        words = [[w.text, w.start_s, w.end_s, w.confidence] for w in piece.words]
        session.add(
            PieceRow(
                submission_id=submission_id,
                idx=piece.index,
                start_s=piece.start_s,
                end_s=piece.end_s,
                words=words,
            )
        )


def change(room, submission_id, act, editor, **how):
    with room.db.write() as session:
        act(session, session.get_one(Submission, submission_id), editor, NOW, **how)


def span(line):
    return {"start_s": line.start_s, "end_s": line.end_s}


def texts(transcript):
    return [line.text for line in transcript.lines]


def test_a_correction_stands_in_the_preview_and_in_everything_after(room, half, editor):
    lines = preview(load(room.db, half)).lines
    change(room, half, correct_early, editor, **span(lines[1]), text="Мост откроют в мае.")
    change(room, half, correct_early, editor, **span(lines[2]), text="Ремонт стоил пятьдесят")  # it will grow
    shown = preview(load(room.db, half))
    assert texts(shown) == ["Когда откроют мост?", "Мост откроют в мае.", "Ремонт стоил пятьдесят"]
    assert [line.edited for line in shown.lines] == [False, True, True]
    while advance(room.works):
        pass
    submission = load(room.db, half)
    assert submission.status == Status.REVIEW
    final = texts(view(submission))
    assert final[:2] == ["Когда откроют мост?", "Мост откроют в мае."]
    assert "Ремонт стоил пятьдесят" in " ".join(final)
    assert "сорок" not in " ".join(final)
    assert "миллионов рублей." in " ".join(final)
    assert "в мае" in submission.drafts[0].body, "the writer was given the corrected words"
    assert " ".join(row.text for row in submission.segments).count("сорок") == 1, "the machine's stay beneath"


def test_a_correction_across_a_change_of_speakers_is_shared(room, half, room_with, editor):
    line = preview(load(room.db, half)).lines[1]
    change(room, half, correct_early, editor, **span(line), text="Мост, видимо, откроют в мае.")

    class Between(FakeDiarization):
        def turns(self, media, **_):
            turns = super().turns(media)
            middle = (line.start_s + line.end_s) / 2
            return [type(turns[0])(0.0, middle, "SPEAKER_00"), type(turns[0])(middle, 9.0, "SPEAKER_01")]

    works = room_with(diarization=Between()).works
    while advance(works):
        pass
    final = view(load(room.db, half))
    assert "Мост, видимо, откроют в мае." in " ".join(texts(final))
    assert {line.speaker for line in final.lines} == {"SPEAKER_00", "SPEAKER_01"}


def test_a_form_that_was_opened_early_may_be_sent_late(room, half, editor):
    line = preview(load(room.db, half)).lines[0]
    while advance(room.works):
        pass
    change(room, half, correct_early, editor, **span(line), text="Когда же откроют мост?")
    assert texts(view(load(room.db, half)))[0] == "Когда же откроют мост?"


def test_a_late_form_does_not_push_out_what_somebody_else_wrote(room, half, editor):
    line = preview(load(room.db, half)).lines[0]
    while advance(room.works):
        pass
    change(room, half, correct, editor, idx=1, text="Когда его откроют?")
    with pytest.raises(Conflict):
        change(room, half, correct_early, editor, **span(line), text="Когда же?")
    assert texts(view(load(room.db, half)))[0] == "Когда его откроют?"


def test_undone_in_the_preview_or_at_the_end(room, half, editor):
    line = preview(load(room.db, half)).lines[0]
    change(room, half, correct_early, editor, **span(line), text="Иначе.")
    change(room, half, undo_early, editor, **span(line))
    assert texts(preview(load(room.db, half)))[0] == "Когда откроют мост?"
    change(room, half, correct_early, editor, **span(line), text="Иначе.")
    while advance(room.works):
        pass
    assert texts(view(load(room.db, half)))[0] == "Иначе."
    change(room, half, correct, editor, idx=1, text="Когда откроют мост?")  # the machine's own words, typed
    assert texts(view(load(room.db, half)))[0] == "Когда откроют мост?"
    change(room, half, undo_edit, editor, idx=1)
    assert texts(view(load(room.db, half)))[0] == "Когда откроют мост?"
    assert all(edit.undone for edit in load(room.db, half).edits)


def test_the_machines_words_typed_again_are_no_correction(room, half, editor):
    line = preview(load(room.db, half)).lines[0]
    change(room, half, correct_early, editor, **span(line), text="Иначе.")
    change(room, half, correct_early, editor, **span(line), text=line.text)
    assert not preview(load(room.db, half)).lines[0].edited


def test_what_cannot_be_corrected(room, half, editor):
    for error, how in (
        (InvalidSubmission, {"start_s": 0.0, "end_s": 1.0, "text": " "}),
        (NotFound, {"start_s": 8.0, "end_s": 9.0, "text": "что-то"}),
    ):
        with pytest.raises(error):
            change(room, half, correct_early, editor, **how)


def test_pieces_and_corrections_survive_a_restart(room, room_with, half, editor):
    """Corrected, killed, heard on: the next worker begins after the last piece, and the correction stands."""
    line = preview(load(room.db, half)).lines[0]
    change(room, half, correct_early, editor, **span(line), text="Иначе.")
    speech = FakeSpeech()
    advance(room_with(speech=speech).works)
    assert speech.heard == [2, 3]
    assert texts(preview(load(room.db, half)))[0] == "Иначе."
    with room.db.read() as session:
        assert session.get_one(StageRun, (half, "transcribe")).state == RunState.DONE
