"""A small set of documents of a made-up product, for asking about."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from headstart.documents.document import Document, QuestionAnswer, Section

_MANUAL = {
    ("Setting up", "Unpacking"): (
        "Take the kettle out of its box and remove all stickers. Rinse the inside with clear water. "
        "Do not put the base under running water."
    ),
    ("Setting up", "First use"): (
        "Fill the kettle to the MAX mark and boil it twice. Pour this water away, because it may taste of "
        "the factory. After that the kettle is ready for tea."
    ),
    ("Care", "Removing limescale"): (
        "Limescale makes the kettle loud and slow. Fill it with 500 ml of water and 50 ml of vinegar. Let it "
        "stand for one hour, then boil it once. Rinse it three times before you make tea."
    ),
    ("Care", "Cleaning the filter"): (
        "The filter sits behind the spout. Pull it upwards and wash it under the tap with a soft brush. "
        "Replace it when the mesh is torn."
    ),
    ("Trouble", "The kettle does not switch on"): (
        "Check that the base is plugged in. The kettle stays off while it is empty: the dry-boil protection "
        "has tripped. Let it cool for ten minutes and fill it with cold water."
    ),
    ("Trouble", "It switches off too early"): (
        "The lid is not closed, or there is limescale on the sensor at the bottom. Close the lid until it "
        "clicks."
    ),
}
_SHOP = {
    ("Delivery",): (
        "Parcels leave our warehouse in Leeds within two working days. Delivery to Scotland takes three days "
        "longer. You get a tracking number by mail."
    ),
    ("Returns",): (
        "You may send goods back within 30 days. Use the label in the parcel; the return is free. We refund "
        "the price within a week of receiving the parcel."
    ),
    ("Warranty",): (
        "The warranty lasts two years from the day of purchase. It does not cover limescale or a fall. Keep "
        "the receipt."
    ),
}
_STAFF = {
    (
        "Night shift",
    ): "The code of the warehouse door is 4711. Only the night shift may use the back entrance.",
}
_ANSWERS = (
    QuestionAnswer(
        "Can I make coffee in it?", "No. Use it for water only.\nCoffee burns on.", "answers.csv:2"
    ),
    QuestionAnswer("Do you sell spare lids?", "Yes, for 4 pounds, order number LID-7.", "answers.csv:3"),
)


def document(name: str, sections: dict[tuple[str, ...], str], title: str = "") -> Document:
    """Return a document as a reader would."""
    made, start = [], 0
    for number, (headings, text) in enumerate(sections.items(), 1):
        page = number if name.endswith(".pdf") else None
        made.append(Section(headings, text, page=page, start=start))
        start += len(text) + 1
    content = hashlib.sha256(repr(sections).encode()).hexdigest()
    group = name.split("/")[0] if "/" in name else ""
    return Document(name, title or name, tuple(made), content, name.rsplit(".", 1)[-1], group=group)


def documents() -> list[Document]:
    """Return the documents: a manual, a shop's page, what the staff is told, and stored answers."""
    answers = replace(document("answers.csv", {}), pairs=_ANSWERS, content="a" * 64)
    return [
        document("manual.pdf", _MANUAL, "Kettle K2"),
        document("shop.md", _SHOP, "The shop"),
        document("staff/rules.md", _STAFF, "Rules for staff"),
        answers,
    ]


def changed(found: Document, **texts: str) -> Document:
    """Return a document with other texts under some last headings."""
    sections = {s.headings: texts.get(s.headings[-1].replace(" ", "_"), s.text) for s in found.sections}
    return document(found.name, sections, found.title)
