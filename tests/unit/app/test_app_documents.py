"""Projects of documents: taken in, read, asked, judged, brought in step."""

from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from small_projects import work
from speaking import Client

from headstart.app.library import stamps
from headstart.app.workspace import Workspace
from headstart.assistant.assistant import load_assistant

MANUAL = """# Kettle K2
## Removing limescale
Limescale makes the kettle loud and slow. Fill it with 500 ml of water and 50 ml of vinegar.
Let it stand for one hour, then boil it once. Rinse it three times before you make tea.
## Cleaning the filter
The filter sits behind the spout. Pull it upwards and wash it under the tap with a soft brush.
Replace it when the mesh is torn. New ones are sold by the shop under the number F-7.
"""
SHOP = """# The shop
## Sending goods back
You may send goods back within 30 days. Use the label in the parcel; the return is free.
## Warranty
The warranty lasts two years from the day of purchase. It does not cover limescale or a fall.
"""

pytestmark = [pytest.mark.bases, pytest.mark.usefixtures("with_real_bases")]


@pytest.fixture
def project(client: Client) -> str:
    return client.project("documents", "Support")


def bring(client: Client, project: str, *files: tuple[str, str | bytes]) -> Any:
    parts = [
        ("files", (name, content if isinstance(content, bytes) else content.encode(), "text/plain"))
        for name, content in files
    ]
    answer = client.http.post(f"/api/projects/{project}/documents", files=parts)
    assert answer.status_code == 200, answer.text
    return answer.json()


def read(client: Client, workspace: Workspace, project: str) -> Any:
    client.post(f"/api/projects/{project}/jobs", {"kind": "index"}, 202)
    work(workspace)
    return client.get(f"/api/projects/{project}/documents")


@pytest.fixture
def support(client: Client, workspace: Workspace, project: str) -> str:
    bring(client, project, ("docs/manual.md", MANUAL), ("docs/shop.md", SHOP))
    read(client, workspace, project)
    return project


def ask(client: Client, project: str, question: str, *history: str) -> Any:
    return client.post(f"/api/projects/{project}/ask", {"question": question, "history": list(history)})


def test_documents_are_kept_under_their_folders_and_others_refused_with_the_reason(
    client: Client, workspace: Workspace, project: str
) -> None:
    taken = bring(
        client,
        project,
        ("docs/manual.md", MANUAL),
        ("docs/../../evil.md", SHOP),
        ("docs/.DS_Store", b"x"),
        ("photo.jpg", b"x"),
        ("old.doc", b"x"),
    )
    assert taken["added"] == ["docs/manual.md", "docs/evil.md"]
    assert {one["name"]: one["reason"].split(";")[0] for one in taken["rejected"]} == {
        "photo.jpg": "A file that ends in .jpg is no document. Documents are Markdown, HTML, PDF, Word "
        "(.docx), EPUB, text, mail, or CSV and Excel with questions and answers.",
        "old.doc": "Documents that end in .doc are not read",
    }
    home = workspace.root / "Support" / "documents"
    assert sorted(stamps(home)) == ["docs/evil.md", "docs/manual.md"]
    assert list(workspace.incoming.iterdir()) == []
    shelf = taken["shelf"]
    assert {one["name"]: one["state"] for one in shelf["files"]} == {
        "docs/manual.md": "new",
        "docs/evil.md": "new",
    }
    assert (shelf["ready"], shelf["waiting"], shelf["rejected"]) == (False, 2, 2)


def test_a_file_where_a_folder_should_be_costs_no_other_file(client: Client, project: str) -> None:
    taken = bring(client, project, ("notes", MANUAL), ("notes/more.md", SHOP), ("shop.md", SHOP))
    assert taken["added"] == ["notes", "shop.md"]
    assert [one["name"] for one in taken["rejected"]] == ["notes/more.md"]


def test_an_unchanged_folder_embeds_nothing_and_keeps_its_figures(
    client: Client, workspace: Workspace, project: str
) -> None:
    text = "Take it out, wash it under the tap with a soft brush, dry it, and put it back until it clicks."
    sections = "".join(f"## How part {n} of it is cleaned\n{text} It has number {n}.\n" for n in range(6))
    bring(client, project, ("manual.md", f"# Kettle\n{sections}"))
    first = read(client, workspace, project)
    assert first["figures"]["n"] == 6
    again = read(client, workspace, project)
    assert again["figures"] == first["figures"]
    assert (again["synced"]["embedded"], again["synced"]["unchanged"]) == (0, 1)


def test_a_question_is_answered_with_a_quote_of_a_document(client: Client, support: str) -> None:
    answer = ask(client, support, "How do I get rid of limescale?")
    assert answer["status"] == "answer"
    [first, *_] = answer["quotes"]
    assert first["document"] == "docs/manual.md"
    assert first["context"][first["at"] :].startswith(first["text"])
    assert first["headings"] == ["Removing limescale"]
    assert ask(client, support, "Who won the world cup in 1998?")["status"] == "unknown"
    follow = ask(client, support, "and for the filter?", "How do I get rid of limescale?")
    assert follow["understood"] == "How do I get rid of limescale?"
    around = client.get(f"/api/projects/{support}/passages/{first['passage']}")
    assert (around["title"], around["before"], around["after"]) == ("Kettle K2", 0, 0)
    assert first["passage"] in [one["key"] for one in around["passages"]]
    client.get(f"/api/projects/{support}/passages/none", 404)


def test_documents_that_disagree_are_told(client: Client, workspace: Workspace, project: str) -> None:
    terms = "# Terms\n## Returns\nReturns are accepted up to 14 days after the parcel has arrived.\n"
    bring(client, project, ("shop.md", SHOP), ("terms.md", terms))
    read(client, workspace, project)
    [found] = ask(client, project, "How long can I return goods?")["conflicts"]
    assert {found["first"]["document"], found["other"]["document"]} == {"shop.md", "terms.md"}


def test_what_is_not_answered_waits_until_somebody_answers_it(client: Client, support: str) -> None:
    home = f"/api/projects/{support}"
    asked = "Who won the world cup in 1998?"
    ask(client, support, asked)
    ask(client, support, "What is the capital of Mongolia?")
    assert len(client.get(f"{home}/review")["unanswered"]) == 2
    taken = client.post(f"{home}/answers", {"question": asked, "answer": "France, at home."})
    assert taken["applied"]
    review = client.post(f"{home}/review/dismiss", {"question": "What is the capital of Mongolia?"})
    assert review["unanswered"] == []
    assert review["written"] == [{"question": asked, "answer": "France, at home."}]
    assert ask(client, support, asked)["text"] == "France, at home."


def test_another_passage_can_be_called_the_right_one(client: Client, support: str) -> None:
    asked = "It screams"
    answer = ask(client, support, "How do I get rid of limescale?")
    key = answer["quotes"][0]["passage"]
    assert client.post(f"/api/projects/{support}/answers", {"question": asked, "passage": key})["applied"]
    found = ask(client, support, asked)
    assert (found["quotes"] or found["also"])[0]["passage"] == key
    refused = client.post(f"/api/projects/{support}/answers", {"question": asked}, 422)
    assert "Feedback needs a judgement" in refused["message"]


def test_documents_that_came_or_went_are_brought_in_step(
    client: Client, workspace: Workspace, support: str
) -> None:
    home = f"/api/projects/{support}"
    bring(client, support, ("faq.csv", 'question,answer\nDo you sell lids?,"Yes, for 4 pounds."\n'))
    shelf = client.post(f"{home}/documents/remove", {"names": ["docs/manual.md"]})
    assert (shelf["gone"], shelf["waiting"]) == (["docs/manual.md"], 2)
    shelf = read(client, workspace, support)
    assert (shelf["waiting"], shelf["documents"]) == (0, 2)
    synced = shelf["synced"]
    assert (synced["added"], synced["removed"], synced["embedded"]) == (["faq.csv"], ["docs/manual.md"], 1)
    assert ask(client, support, "Do you sell lids?")["text"] == "Yes, for 4 pounds."
    said = ask(client, support, "How do I get rid of limescale?")
    assert "docs/manual.md" not in [one["document"] for one in said["quotes"] + said["also"]]
    (workspace.root / "Support" / "documents" / "docs" / "shop.md").write_text(SHOP.replace("30", "14"))
    states = {one["name"]: one["state"] for one in client.get(f"{home}/documents")["files"]}
    assert states == {"docs/shop.md": "changed", "faq.csv": "read"}


def test_without_a_document_nothing_is_answered_and_feedback_waits(
    client: Client, workspace: Workspace, support: str
) -> None:
    home = f"/api/projects/{support}"
    client.post(f"{home}/answers", {"question": "Who won?", "answer": "France."})
    client.post(f"{home}/documents/remove", {"names": ["docs/manual.md", "docs/shop.md"]})
    bring(client, support, ("scan.pdf", b"%PDF-1.4 nothing"))
    job = client.post(f"{home}/jobs", {"kind": "index"}, 202)
    with pytest.raises(Exception, match="No document could be read"):
        work(workspace)
    client.post(f"/api/jobs/{job['id']}/cancel")
    shelf = client.get(f"{home}/documents")
    assert (shelf["ready"], shelf["documents"]) == (False, 0)
    assert [one["name"] for one in shelf["unread"]] == ["scan.pdf"]
    assert "No document was read yet" in client.post(f"{home}/ask", {"question": "Who won?"}, 404)["message"]
    with workspace.database.writing() as connection:
        connection.execute("UPDATE jobs SET state = 'failed'")
    bring(client, support, ("shop.md", SHOP))
    read(client, workspace, support)
    assert ask(client, support, "Who won?")["text"] == "France."


def test_real_questions_measure_it_and_the_assistant_can_be_taken_away(
    client: Client, workspace: Workspace, support: str, tmp_path: Path
) -> None:
    home = f"/api/projects/{support}"
    table = "question,file\nHow do I descale it?,docs/manual.md\nCan I send it back?,docs/shop.md\n"
    figures = client.http.put(f"{home}/questions?name=q.csv", content=table.encode()).json()
    assert (figures["n"], figures["recall_3"]["estimate"]) == (2, 1.0)
    wrong = client.http.put(f"{home}/questions", content=b"text,label\na,b\n")
    assert wrong.status_code == 422
    assert wrong.json()["message"].startswith("questions.csv needs columns 'question' and 'file'")
    assert list(workspace.incoming.iterdir()) == []
    ask(client, support, "Who won the world cup in 1998?")
    answer = client.http.get(f"{home}/download/assistant.zip")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert not [name for name in archive.namelist() if "unanswered" in name or "source" in name]
        archive.extractall(tmp_path)
    assert load_assistant(tmp_path / "Support-assistant").ask("How do I clean the filter?").quotes


def test_an_assistant_is_shared_to_be_asked_and_follows_its_documents(
    client: Client, workspace: Workspace, project: str
) -> None:
    path = f"/api/projects/{project}/share"
    assert "No document was read yet" in client.post(path, {"on": True}, 404)["message"]
    bring(client, project, ("manual.md", MANUAL), ("shop.md", SHOP + "Write to help@kettles.co.uk.\n"))
    read(client, workspace, project)
    personal = client.get(f"/api/projects/{project}/personal")
    assert [one["text"] for one in personal["found"]] == ["help@kettles.co.uk"]
    said = client.post(path, {"on": True})
    address, _, token = said["url"].partition("assistant#token=")
    key = {"Authorization": f"Bearer {token}"}

    def asked(question: str) -> Any:
        body = {"question": question}
        return httpx.post(f"{address}v1/assistants/assistant:ask", json=body, headers=key, timeout=30).json()

    try:
        assert asked("How do I get rid of limescale?")["status"] == "answer"
        assert asked("Who won the world cup in 1998?")["status"] == "unknown"
        assert httpx.get(f"{address}v1/models", headers=key, timeout=30).status_code == 401
        assert "widget.js" in httpx.get(f"{address}assistant", timeout=30).text
        review = client.get(f"/api/projects/{project}/review")
        assert [one["question"] for one in review["unanswered"]] == ["Who won the world cup in 1998?"]
        client.post(f"/api/projects/{project}/documents/remove", {"names": ["manual.md"]})
        read(client, workspace, project)
        until = time.monotonic() + 60
        while "manual.md" in str(found := _patiently(asked, "How do I get rid of limescale?")):
            assert time.monotonic() < until, found
            time.sleep(0.2)
        assert client.get(path)["url"] == said["url"]
    finally:
        assert not client.post(path, {"on": False})["on"]
    with pytest.raises(httpx.TransportError):
        httpx.get(address, timeout=5)


def _patiently(ask: Callable[[str], Any], question: str) -> Any:
    """Ask what is being started anew just now."""
    for _ in range(100):
        try:
            return ask(question)
        except httpx.TransportError:
            time.sleep(0.2)
    return ask(question)


def test_kinds_of_projects_are_kept_apart(client: Client, project: str) -> None:
    home = f"/api/projects/{project}"
    assert "no job 'train'" in client.post(f"{home}/jobs", {"kind": "train"}, 422)["message"]
    assert "no documents yet" in client.post(f"{home}/jobs", {"kind": "index"}, 422)["message"]
    other = client.project("text", "Moods")
    assert "no job 'index'" in client.post(f"/api/projects/{other}/jobs", {"kind": "index"}, 422)["message"]
    refused = client.post(f"/api/projects/{other}/ask", {"question": "How?"}, 422)
    assert refused["message"] == "This project has no documents."
    taken = client.http.post(f"{home}/examples", files=[("files", ("a/b.txt", b"x", "text/plain"))])
    assert taken.status_code == 422
    assert "This project answers from documents, and takes no examples." in taken.text
    assert client.http.get(f"/projects/{project}/examples").status_code == 404
