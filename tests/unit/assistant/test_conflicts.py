"""Documents that give other numbers for the same thing are shown side by side; others are left alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import headstart as hs
from headstart.assistant.answers import Status
from headstart.assistant.assistant import Assistant
from headstart.assistant.conflicts import conflicts
from headstart.assistant.passages import Passage, cut
from headstart.assistant.searching import query_of
from headstart.cli.show_assistant import print_answer
from headstart.serve.chat import said
from kettle import document, documents

pytestmark = pytest.mark.bases
DISAGREE = [
    (
        "How long can I return goods?",
        "You may send goods back within 30 days. Use the label in the parcel; the return is free.",
        "Returns are accepted up to 14 days after the parcel has arrived.",
    ),
    (
        "How long is the warranty?",
        "The warranty lasts two years from the day of purchase. It does not cover limescale.",
        "We give a warranty of 3 years on all parts except the filter.",
    ),
    (
        "How often must the filter be replaced?",
        "Replace the filter every 6 months, or when the light blinks.",
        "The water filter has to be changed once every three months.",
    ),
    (
        "Which port does the server use?",
        "The server listens on port 8080 unless told otherwise.",
        "By default it is reachable at port 8000.",
    ),
    (
        "Which Python version is required?",
        "The program requires Python 3.9 or newer.",
        "You need at least Python 3.11 to install it.",
    ),
    (
        "What is the maximum load of the shelf?",
        "The shelf carries up to 40 kg if it is fixed to a brick wall.",
        "Maximum load: 25 kg per shelf.",
    ),
    (
        "How much is shipping?",
        "Shipping within the country costs 4.90 euros.",
        "For delivery inside the country we charge 6,50 €.",
    ),
    (
        "How long does the battery last?",
        "A full charge lasts about 12 hours of normal use.",
        "Battery life: up to 8 hours.",
    ),
    (
        "How many users can share an account?",
        "An account can be shared by up to 5 users.",
        "Each account allows a maximum of 3 users.",
    ),
    (
        "What is the fee for a replacement card?",
        "A replacement card costs £10.",
        "Lost your card? A new one is issued for a fee of £15.",
    ),
    (
        "How long are logs kept?",
        "Log files are kept for 90 days and then deleted.",
        "The system deletes log files after 30 days.",
    ),
    (
        "Wie lange kann ich Ware zurückgeben?",
        "Sie können die Ware innerhalb von 30 Tagen zurückgeben.",
        "Die Rückgabe der Ware ist bis zu 14 Tage nach Erhalt möglich.",
    ),
    (
        "What is the notice period?",
        "The contract may be ended with a notice period of one month.",
        "Either side can terminate with three months' notice.",
    ),
    (
        "How many vacation days do I get?",
        "Full-time employees receive 28 vacation days a year.",
        "Every employee is entitled to 25 vacation days a year.",
    ),
]
AGREE = [
    (
        "How long can I return goods?",
        "You may send goods back within 14 days.",
        "Returns are accepted up to two weeks after the parcel has arrived.",
    ),
    (
        "How long does delivery take?",
        "Delivery to Scotland takes five days.",
        "The warranty lasts two years from the day of purchase.",
    ),
    (
        "How long is the warranty?",
        "The warranty lasts two years from the day of purchase.",
        "The warranty covers 24 months from purchase.",
    ),
    (
        "How long is the warranty of the K2?",
        "The K2 comes with a warranty of 2 years.",
        "The K3 comes with a warranty of 3 years.",
    ),
    (
        "How do I install it on Windows?",
        "Installing on Windows takes about 10 minutes.",
        "Installing on Linux takes about 3 minutes.",
    ),
    (
        "How long should it boil?",
        "Let it stand for one hour, then boil it once.",
        "Let it cool for ten minutes and fill it with cold water.",
    ),
    (
        "How big can an attachment be?",
        "Attachments may be up to 25 MB.",
        "A mailbox holds 5 GB of mail.",
    ),
    (
        "How do I reset it?",
        "Hold the button for 10 seconds.",
        "Press the button 3 times.",
    ),
    (
        "How much does it cost?",
        "The basic plan costs 5 euros a month.",
        "The business plan costs 20 euros a month.",
    ),
    (
        "When is the shop open?",
        "On Saturdays the shop is open until 16 h.",
        "On weekdays the shop is open until 20 h.",
    ),
    (
        "How long does a refund take?",
        "We refund the price within a week of receiving the parcel.",
        "You may send goods back within 30 days.",
    ),
    (
        "How many users can share an account?",
        "An account can be shared by up to 5 users.",
        "See chapter 3 for accounts with 5 users.",
    ),
    (
        "How long do children sleep?",
        "Babies need 14 hours of sleep.",
        "Adults need 8 hours of sleep.",
    ),
]


def passage(name: str, heading: str, text: str) -> Passage:
    return cut([document(name, {(heading,): text}, name)], lambda texts: [len(t.split()) for t in texts])[0]


def found(assistant: Assistant, question: str, one: str, other: str) -> list[tuple[str, str]]:
    first, second = passage("terms.md", "Terms", one), passage("faq.md", "FAQ", other)
    query = query_of(question, "", assistant._meanings)
    told = conflicts(first, [(0, len(one))], [second], query, assistant._meanings.of)
    assert all(c.first.text in one and c.other.text in other for c in told)
    return [conflict.numbers for conflict in told]


@pytest.mark.parametrize(("question", "one", "other"), DISAGREE)
def test_other_numbers_for_the_same_thing_are_a_conflict(
    built: Assistant, question: str, one: str, other: str
) -> None:
    assert len(found(built, question, one, other)) == 1
    assert len(found(built, question, other, one)) == 1


@pytest.mark.parametrize(("question", "one", "other"), AGREE)
def test_the_same_in_other_words_and_other_things_are_none(
    built: Assistant, question: str, one: str, other: str
) -> None:
    assert found(built, question, one, other) == []
    assert found(built, question, other, one) == []


def test_numbers_written_out_in_german_are_compared(built: Assistant) -> None:
    one = "Sie können die Ware innerhalb von vierzehn Tagen zurückgeben."
    other = "Die Ware können Sie innerhalb von dreißig Tagen zurückgeben."
    [numbers] = found(built, "Wie lange kann ich die Ware zurückgeben?", one, other)
    assert numbers == ("vierzehn Tagen", "dreißig Tagen")


def test_sentences_of_one_document_are_not_compared(built: Assistant) -> None:
    one, other = DISAGREE[0][1:]
    first, second = passage("terms.md", "Old", one), passage("terms.md", "New", other)
    query = query_of(DISAGREE[0][0], "", built._meanings)
    assert conflicts(first, [(0, len(one))], [second], query, built._meanings.of) == ()


def old_terms() -> Assistant:
    text = "Goods can be sent back within 14 days, in their box. The customer pays for the parcel."
    old = document("terms-2019.pdf", {("Terms of sale", "Returns"): text}, "Terms of sale")
    return hs.assist([*documents(), old])


def test_both_documents_are_shown_side_by_side(bases_cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answer = old_terms().ask("Within how many days can I send goods back?")
    assert answer.status is Status.ANSWER
    assert answer.message == "Two documents seem to disagree. Look at both."
    (conflict,) = answer.conflicts
    assert {conflict.first.document, conflict.other.document} == {"shop.md", "terms-2019.pdf"}
    assert sorted(conflict.numbers) == ["14 days", "30 days"]
    told = json.loads(json.dumps(answer.to_dict()))["conflicts"][0]
    assert {told["first"]["document"], told["other"]["document"]} == {"shop.md", "terms-2019.pdf"}
    print_answer(answer)
    shown = capsys.readouterr().out
    for text in (shown, said(answer)):
        assert "Two documents seem to disagree. Look at both." in text
        assert "within 30 days" in text
        assert "within 14 days" in text
        assert "terms-2019.pdf, Terms of sale > Returns, page 1" in text


def test_the_message_is_in_the_persons_language(bases_cache: Path) -> None:
    answer = old_terms().ask("Within wie vielen Tagen kann ich goods send back?")
    assert answer.message == "Zwei Dokumente widersprechen sich offenbar. Sehen Sie sich beide an."


def test_documents_that_agree_say_nothing(built: Assistant) -> None:
    for question in ("How long is the warranty?", "How do I get rid of limescale?", "Can I send goods back?"):
        answer = built.ask(question, keep=False)
        assert answer.conflicts == ()
        assert "disagree" not in answer.message


def test_a_question_that_asks_two_things_is_answered_from_two_passages(built: Assistant) -> None:
    answer = built.ask("How do I get rid of limescale, and how long is the warranty?", keep=False)
    assert answer.status is Status.ANSWER
    headings = [quote.headings[-1] for quote in answer.quotes]
    assert list(dict.fromkeys(headings)) == ["Removing limescale", "Warranty"]
    one, other = (
        built.ask(q, keep=False) for q in ("How do I get rid of limescale?", "How long is the warranty?")
    )
    assert answer.score == min(one.score, other.score)
    quoted = {quote.passage for quote in answer.quotes}
    assert not quoted & {quote.passage for quote in answer.also}


def test_a_part_may_lean_on_the_one_before(built: Assistant) -> None:
    answer = built.ask("How do I clean the filter? When do I replace it?", keep=False)
    assert answer.quotes[0].headings[-1] == "Cleaning the filter"


def test_a_part_without_an_answer_leaves_the_question_whole(built: Assistant) -> None:
    question = "How long is the warranty, and who won the world cup in 1998?"
    answer = built.ask(question, keep=False)
    assert answer.question == question
    assert {quote.headings for quote in answer.quotes} <= {("Warranty",)}


def test_an_unsure_answer_shows_each_of_two_documents_once(
    bases_cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    texts = {
        name: f"The warranty lasts {n} years from the day of purchase." for name, n in (("a", 2), ("b", 3))
    }
    assistant = hs.assist([document(f"{name}.md", {("Terms",): text}, name) for name, text in texts.items()])
    answer = assistant.ask("How long is the warranty?")
    assert answer.status is Status.UNSURE
    print_answer(answer)
    for shown in (capsys.readouterr().out, said(answer)):
        assert shown.startswith("Two documents seem to disagree. Look at both.")
        assert shown.count("lasts 2 years") == 1
        assert shown.count("lasts 3 years") == 1
