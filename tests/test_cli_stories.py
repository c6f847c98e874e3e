"""``cleaner duplicates --stories``: who carries the same story, who was first, how much of it each has, what each changed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cleaner.audit import Detail
from cleaner.dedup.changes import Kind, changes
from cleaner.dedup.settings import DuplicateSettings, Policy
from cleaner.dedup.stories import Candidate, Member, Story, shares, stories, words_of
from cleaner.document import Unit
from cleaner.errors import UsageError
from cleaner.run.stories import find_stories, read_date
from cleaner.settings import CleanSettings, RunSettings

if TYPE_CHECKING:
    from collections.abc import Sequence

WIRE = (
    (
        "ALMESTA (CPA) - The ferry council of Almesta voted on Tuesday, by a single hand, to keep the night boat running all winter, "
        "at a cost of 1.4 million crowns."
    ),
    (
        "The boat, which carries nurses, bakers and one goat to the island of Sorlande, had been due to stop on 1 November after losing "
        "a third of its passengers in two years."
    ),
    (
        '"Nobody takes it for pleasure," said Halina Drozd, who chairs the council. "They take it because the hospital changes shifts '
        'at four in the morning."'
    ),
    (
        "Of the 19 members present, ten voted for the boat and nine against. Two more had missed the last crossing and sent their votes "
        "by telephone, which the rules do not allow."
    ),
    (
        "Fares will rise from 12 to 15 crowns on Monday. Children under seven, and animals that fit under a seat, will go on travelling "
        "free of charge."
    ),
    (
        "The company that runs the boat, Sund & Daughters, said that it would hire three more deckhands and repair the heating, which "
        "has not worked since February."
    ),
    (
        'Opponents said that the money had been meant for the roof of the school. "A boat can be late," said Lionel Ashgrove, a member. '
        '"A roof cannot."'
    ),
    "The next vote on the boat is due in March, when the council will see the figures of the winter.",
)
ADDED = (
    "On the quay, bakers waiting for the four o'clock crossing cheered when the news reached them by radio, and one of them threw "
    "a loaf into the water."
)
IMPRINT = (
    "This website is published by the Sund Media Group of Almesta and bound by the press code of the Sorlande council of editors; "
    "letters, complaints and praise reach us by post."
)


def renumbered(paragraph: str) -> str:
    for old, new in (("1.4", "1.6"), ("1 Nov", "3 Nov"), ("third", "quarter"), ("19", "21"), ("12 to 15", "11 to 16")):
        paragraph = paragraph.replace(old, new)
    return paragraph


DRESSES: dict[str, Sequence[str]] = {
    "almesta-ledger.txt": ("Night boat stays", *WIRE),
    "bay-echo.txt": ("Saved by one vote", *WIRE[:4], ADDED, *WIRE[4:]),
    "courier.txt": WIRE[:4],
    "daily-harbour.txt": ("Council keeps its boat", *map(renumbered, WIRE)),
    "evening-sound.txt": (" ".join(WIRE[:2]), WIRE[2], WIRE[6], *WIRE[3:6], WIRE[7]),
    "market.txt": (
        "The fish market opened an hour late on Friday because the key had been lent to a wedding, which had lent it to a choir.",
        "By noon the choir was found, and with it the key, two trombones and some smoked eel that nobody has yet claimed.",
        IMPRINT,
    ),
    "school.txt": (
        "Pupils of the harbour school will be taught in the customs hall until the roof is mended, the head teacher told parents.",
        "The hall has no blackboards but a great many scales, and the first lesson, she wrote, would accordingly be about weight.",
        IMPRINT,
    ),
}
DATES = {
    "almesta-ledger.txt": "2026-05-21T11:00:00+02:00",
    "bay-echo.txt": "Thu, 21 May 2026 08:45:00 +0200",
    "courier.txt": "2026-05-21",
    "daily-harbour.txt": "soon",
}

DIFF = """\
   --- almesta-ledger.txt
   +++ bay-echo.txt
   - Night boat stays
   + Saved by one vote
     (4 paragraphs the same)
   + On the quay, bakers waiting for the four o'clock crossing cheered when the
   + news reached them by radio, and one of them threw a loaf into the water.
     (4 paragraphs the same)

   --- almesta-ledger.txt
   +++ courier.txt
   - Night boat stays
     (4 paragraphs the same)
   - Fares will rise from 12 to 15 crowns on Monday. Children under seven, and
   - animals that fit under a seat, will go on travelling free of charge.
   - The company that runs the boat, Sund & Daughters, said that it would hire
   - three more deckhands and repair the heating, which has not worked since
   - February.
   - Opponents said that the money had been meant for the roof of the school. "A
   - boat can be late," said Lionel Ashgrove, a member. "A roof cannot."
   - The next vote on the boat is due in March, when the council will see the
   - figures of the winter.

   --- almesta-ledger.txt
   +++ daily-harbour.txt
   - Night boat stays
   + Council keeps its boat
   ~ … all winter, at a cost of [-1.4-] {+1.6+} million crowns.
   ~ … had been due to stop on [-1-] {+3+} November after losing a [-third-]
   ~ {+quarter+} of its passengers in two years.
     (1 paragraph the same)
   ~ Of the [-19-] {+21+} members present, ten voted for the …
   ~ Fares will rise from [-12-] {+11+} to [-15-] {+16+} crowns on Monday.
   ~ Children under seven, …
     (3 paragraphs the same)

   --- almesta-ledger.txt
   +++ evening-sound.txt
   - Night boat stays
     (2 paragraphs the same)
   > Opponents said that the money had been meant for the roof of the sc…
     (4 paragraphs the same)
"""


def text(paragraphs: Sequence[str]) -> str:
    return "\n\n".join(paragraphs) + "\n"


def records(names: Sequence[str], field: str = "published") -> str:
    told = [
        {"id": name.removesuffix(".txt"), "url": f"https://{name.removesuffix('.txt')}.example/1", "text": text(DRESSES[name])}
        | ({field: DATES[name]} if name in DATES else {})
        for name in names
    ]
    return "".join(json.dumps(record) + "\n" for record in told)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, cleaned: Any) -> Path:
    """Two runs over the same documents: ``texts`` of files, ``records`` of JSON lines."""
    path = tmp_path_factory.mktemp("wire")
    (path / "in").mkdir()
    for name, paragraphs in DRESSES.items():
        (path / "in" / name).write_text(text(paragraphs))
    (path / "wire.jsonl").write_text(records(list(DRESSES)))
    cleaned([path / "in"], path / "texts")
    cleaned([path / "wire.jsonl"], path / "records")
    return path


# -- who carries it


def test_five_dresses_are_one_story_and_an_imprint_is_none(folder: Path) -> None:
    (story,) = find_stories(folder / "texts")
    assert (story.by_date, story.opening) == (False, "Night boat stays")
    assert story.first.place.shown == "almesta-ledger.txt"
    found = {other.place.shown: other for other in story.others}
    assert list(found) == ["bay-echo.txt", "courier.txt", "daily-harbour.txt", "evening-sound.txt"]
    assert all(other.of is None for other in story.others)
    assert found["courier.txt"].own == 1
    assert 0.45 < (found["courier.txt"].has or 0) < 0.55
    assert 0.75 < found["bay-echo.txt"].own < 0.9 < (found["bay-echo.txt"].has or 0)
    counts = {
        name: [other.changes.count(kind) for kind in Kind if kind is not Kind.SAME]
        for name, other in found.items()
        if other.changes
    }
    assert counts == {
        "bay-echo.txt": [0, 1, 2, 0],  # changed, dropped, added, moved
        "courier.txt": [0, 5, 0, 0],
        "daily-harbour.txt": [4, 1, 1, 0],
        "evening-sound.txt": [0, 1, 0, 1],
    }


def test_dates_say_who_was_first(folder: Path) -> None:
    (story,) = find_stories(folder / "records")
    assert story.by_date
    told = [(one.place.id, one.date, one.site) for one in (story.first, *story.others)]
    assert told == [
        ("bay-echo", "2026-05-21T08:45:00+02:00", "bay-echo.example"),
        ("almesta-ledger", "2026-05-21T11:00:00+02:00", "almesta-ledger.example"),
        ("courier", "2026-05-21", "courier.example"),
        ("daily-harbour", None, "daily-harbour.example"),
        ("evening-sound", None, "evening-sound.example"),
    ]


def test_the_date_stands_in_the_field_that_is_named(files: Any, cleaned: Any) -> None:
    names = ["almesta-ledger.txt", "bay-echo.txt"]
    run = files({"wire.jsonl": records(names, "seen")}) / "run"
    cleaned([run.parent / "wire.jsonl"], run)
    assert find_stories(run)[0].first.place.id == "almesta-ledger"
    (story,) = find_stories(run, date_field="seen")
    assert (story.by_date, story.first.place.id) == (True, "bay-echo")
    with pytest.raises(UsageError, match=r"--date-field posted: no document .* name a field"):
        find_stories(run, date_field="posted")


@pytest.mark.parametrize(
    "value", ["", "soon", "2026-13-40", "Thu, 99 May 2026 08:45:00 +0200", None, 20260521, True, ["2026-05-21"], "0001-01-01T00:00:00+14:00", "9" * 400]
)  # fmt: skip
def test_what_is_no_date_is_ignored(value: object) -> None:
    assert read_date(value) is None


def test_dates_in_order() -> None:
    told = ["2026-05-21T01:00+02:00", "20260521T000000Z", "Thu, 21 May 2026 08:45:00 +0200", "2026-05-21 11:00", "2026-05-21"]
    dates = [read_date(value) for value in told]
    assert [date and date.moment for date in dates] == sorted(date.moment for date in dates if date)


def test_the_share_is_a_choice(folder: Path) -> None:
    (story,) = find_stories(folder / "texts", share=0.97)
    assert [other.place.shown for other in story.others] == ["bay-echo.txt", "courier.txt", "evening-sound.txt"]
    assert len(find_stories(folder / "texts", share=0.2)) == 2


def test_a_policy_that_removes_does_not_hide_a_story(folder: Path, cleaned: Any, tmp_path: Path) -> None:
    first = RunSettings(clean=CleanSettings(duplicates=DuplicateSettings(Policy.KEEP_FIRST)))
    cleaned([folder / "in"], tmp_path / "run", first)
    assert (tmp_path / "run/clean/courier.txt").read_bytes() == b""
    (found,), (usual,) = find_stories(tmp_path / "run"), find_stories(folder / "texts")
    assert [(other.place, other.has, other.own) for other in found.others] == [
        (other.place, other.has, other.own) for other in usual.others
    ]
    spans = RunSettings(clean=first.clean, detail=Detail.SPANS)
    cleaned([folder / "in"], tmp_path / "spans", spans)
    with pytest.raises(UsageError, match="--audit full"):
        find_stories(tmp_path / "spans")


def test_spans_and_whole_documents_are_enough(folder: Path, cleaned: Any, tmp_path: Path) -> None:
    cleaned([folder / "in"], tmp_path / "spans", RunSettings(detail=Detail.SPANS))
    assert find_stories(tmp_path / "spans") == find_stories(folder / "texts")
    whole = RunSettings(clean=CleanSettings(duplicates=DuplicateSettings(units=frozenset([Unit.DOCUMENT]))))
    cleaned([folder / "in"], tmp_path / "whole", whole)
    (story,) = find_stories(tmp_path / "whole")
    assert {other.place.shown for other in story.others} >= {"courier.txt", "bay-echo.txt"}


def test_a_document_of_an_earlier_run_may_be_first(folder: Path, cleaned: Any, cleaner: Any, tmp_path: Path) -> None:
    cleaned([folder / "in" / name for name in ("bay-echo.txt", "courier.txt", "market.txt")], tmp_path / "run")
    audit = tmp_path / "run/audit.jsonl"
    entries = [json.loads(line) for line in audit.read_bytes().splitlines()]
    for entry in entries[:2]:
        for number, one in enumerate(entry["duplicates"]):
            one["of"] = {"id": "old.txt", "line": 2 * number + 1, "input": "old.txt", "earlier": True}
    if not entries[0]["duplicates"]:
        entries[0]["duplicates"] = [
            {**one, "start": 0, "end": 900, "line": 2 * number + 3} for number, one in enumerate(entries[1]["duplicates"])
        ]
    audit.write_text("".join(json.dumps(entry) + "\n" for entry in entries))
    (story,) = find_stories(tmp_path / "run")
    assert (story.first.place.shown, story.first.words) == ("old.txt (earlier run)", None)
    assert [(other.place.shown, other.has, other.own > 0.9) for other in story.others] == [
        ("bay-echo.txt", None, True), ("courier.txt", None, True)
    ]  # fmt: skip
    shown = cleaner("duplicates", "run", "--stories", "--diff", cwd=tmp_path)
    assert (shown.code, "first" in shown.text, "old.txt (earlier run)" in shown.text) == (0, True, True)
    told = json.loads(cleaner("duplicates", "run", "--stories", "--json", cwd=tmp_path).out)
    assert told["first"] == {"id": "old.txt", "input": "old.txt", "earlier": True}
    assert set(told["others"][0]) == {"id", "input", "words", "share_of_own"}


# -- the definition, on texts alone


def grouped(texts: Sequence[Sequence[str]], share: float = 0.5) -> list[Story]:
    """The stories of texts whose equal paragraphs are the passages they share."""
    names = {paragraph: number for number, paragraph in enumerate(dict.fromkeys(one for text in texts for one in text))}
    words = [words_of(text) for text in texts]
    candidates = [
        Candidate(number, sum(map(len, text)), {names[one]: len(one) for one in text}) for number, text in enumerate(texts)
    ]
    return stories(candidates, lambda one, other: shares(words[one], words[other]), share)


def paragraph(number: int, words: int = 40) -> str:
    return " ".join(f"w{number}x{word}" for word in range(words))


def test_a_story_grows_and_what_had_been_added_is_still_the_story() -> None:
    flash, report, cut = [*map(paragraph, range(2))], [*map(paragraph, range(8))], [*map(paragraph, range(2, 8))]
    assert grouped([flash, report, cut]) == [Story(0, (Member(1, 0), Member(2, 1)))]


def test_a_round_up_does_not_make_one_story_of_many() -> None:
    one, two, three = ([paragraph(10 * story + number) for number in range(3)] for story in (1, 2, 3))
    assert grouped([one, [*one, *two, *three], two, three]) == [Story(0, (Member(1, 0),))]


def test_briefs_above_one_imprint_are_no_story() -> None:
    imprint = paragraph(9999, 60)
    briefs = [[paragraph(number), imprint] for number in range(1, 4)]
    articles = [[*(paragraph(10 * number + part) for part in range(5)), imprint] for number in range(2, 7)]
    assert grouped([*briefs, *articles]) == []
    assert grouped([[paragraph(1), imprint], [paragraph(1), imprint], *articles]) == [Story(0, (Member(1, 0),))]


def test_many_that_share_a_stock_passage_do_not_hide_a_story() -> None:
    imprint = paragraph(9999, 100)
    others = [[*(paragraph(10 * number + part) for part in range(6)), imprint] for number in range(1, 30)]
    one = [*(paragraph(1000 + part) for part in range(6)), imprint]
    assert grouped([*others, one, [*one[:4], imprint]]) == [Story(29, (Member(30, 29),))]


def test_paragraphs_joined_or_quoted_otherwise_are_no_change() -> None:
    curly = WIRE[2].replace('"N', "“N").replace(',"', ",”")
    assert {one.kind for one in changes(WIRE, [*WIRE[:2], curly, *WIRE[3:]]).paragraphs} == {Kind.SAME}
    assert {one.kind for one in changes(WIRE, [" ".join(WIRE[:3]), *WIRE[3:]]).paragraphs} == {Kind.SAME}
    assert {one.kind for one in changes([" ".join(WIRE[:3]), *WIRE[3:]], WIRE).paragraphs} == {Kind.SAME}


def test_changes_in_a_script_without_spaces() -> None:
    (found,) = changes(["委員会は火曜日に夜の船を残すと決めた。"], ["委員会は水曜日に夜の船を残すと決めた。"]).paragraphs
    assert [(piece.sign.value, piece.text) for piece in found.pieces] == [
        (" ", "委員会は"), ("-", "火"), ("+", "水"), (" ", "曜日に夜の船を残すと決めた。")
    ]  # fmt: skip


# -- the command


def test_the_table(folder: Path, cleaner: Any) -> None:
    done = cleaner("duplicates", "records", "--stories", cwd=folder)
    assert (done.code, done.err, "\x1b" in done.text) == (0, "", False)
    assert max(map(len, done.text.splitlines())) <= 80
    assert done.text.splitlines()[:6] == [
        "1. Saved by one vote",
        "   of it  of own  date",
        "   first          2026-05-21 08:45  bay-echo.example: wire.jsonl, record 2",
        "                                    (bay-echo), 252 words",
        "     87%     99%  2026-05-21 11:00  almesta-ledger.example: wire.jsonl, record 1",
        "                                    (almesta-ledger)",
    ]
    assert done.text.splitlines()[-2:] == [
        "of it: share of the first one's words; of own: share of a document's own words",
        "1 story, carried by 5 documents",
    ]


def test_the_diff(folder: Path, cleaner: Any) -> None:
    told = cleaner("duplicates", "texts", "--stories", "--diff", cwd=folder).text
    assert told[told.index("   --- ") : told.index("\nof it: ")] == DIFF


def test_a_long_diff_is_cut(files: Any, cleaned: Any, cleaner: Any) -> None:
    added = [f"Reader {number} of Almesta writes: " + paragraph(number, 60) for number in range(40)]
    folder = files({"a.txt": text(WIRE), "b.txt": text([*WIRE, *added])}, "in").parent
    cleaned([folder / "in"], folder / "run")
    told = cleaner("duplicates", "run", "--stories", "--diff", cwd=folder).text
    assert "… and 28 more; --json --diff shows all" in told
    assert len(told.splitlines()) < 70
    (story,) = map(json.loads, cleaner("duplicates", "run", "--stories", "--diff", "--json", cwd=folder).out.splitlines())
    assert [one["text"] for one in story["others"][0]["diff"]] == added


def test_the_objects(folder: Path, cleaner: Any) -> None:
    (story,) = map(json.loads, cleaner("duplicates", "records", "--stories", "--json", cwd=folder).out.splitlines())
    assert set(story) == {"first_by", "opening", "first", "others"}
    assert (story["first_by"], story["opening"]) == ("date", "Saved by one vote")
    assert story["first"] == {
        "id": "bay-echo", "input": "wire.jsonl", "record": 2, "site": "bay-echo.example", "date": "2026-05-21T08:45:00+02:00", "words": 252
    }  # fmt: skip
    keys = {"id", "input", "record", "site", "words", "share_of_first", "share_of_own", "changes"}
    for other in story["others"]:
        assert set(other) - {"date", "of"} == keys
        assert set(other["changes"]) == {"dropped", "added", "changed", "moved"}
        assert 0 < other["share_of_first"] <= 1 >= other["share_of_own"] > 0
    (story,) = map(json.loads, cleaner("duplicates", "texts", "--stories", "--diff", "--json", cwd=folder).out.splitlines())
    (change,) = [one for one in story["others"][2]["diff"] if "members present" in one["text"]]
    assert change["change"] == "changed"
    assert change["text"].startswith(
        "Of the [-19-] {+21+} members present, ten voted for the boat and nine against. Two more had"
    )


def test_what_cannot_be_shown_is_said(folder: Path, cleaned: Any, cleaner: Any, tmp_path: Path) -> None:
    cleaned([folder / "in/market.txt", folder / "in/courier.txt"], tmp_path / "none")
    done = cleaner("duplicates", "none", "--stories", cwd=tmp_path)
    assert (done.code, done.text) == (0, "No two documents of this run carry the same story.\n")
    off = RunSettings(clean=CleanSettings(duplicates=DuplicateSettings(Policy.OFF)))
    cleaned([folder / "in"], tmp_path / "off", off)
    done = cleaner("duplicates", "off", "--stories", cwd=tmp_path)
    assert (done.code, done.out, "--duplicates off" in done.err) == (2, b"", True)
    for wrong, words in (
        (["--diff"], "add --stories"),
        (["--share", "0.4", "--date-field", "x"], "--share and --date-field"),
        (["--stories", "--least", "3"], "cannot go with --stories"),
        (["--stories", "--share", "0"], "--share"),
    ):
        done = cleaner("duplicates", folder / "texts", *wrong, cwd=tmp_path)
        assert (done.code, done.out, words in done.err) == (2, b"", True), done.err


def test_outputs_that_were_changed_are_no_run(folder: Path, cleaned: Any, tmp_path: Path) -> None:
    cleaned([folder / "in"], tmp_path / "texts")
    (tmp_path / "texts/clean/courier.txt").write_text("Something else.\n")
    with pytest.raises(UsageError, match=r"courier.txt was changed after the run"):
        find_stories(tmp_path / "texts")
    (tmp_path / "texts/clean/courier.txt").unlink()
    with pytest.raises(UsageError, match=r"courier.txt cannot be read"):
        find_stories(tmp_path / "texts")
    cleaned([folder / "wire.jsonl"], tmp_path / "records")
    (tmp_path / "records/clean/wire.jsonl").write_text("{}\n")
    with pytest.raises(UsageError, match=r"wire.jsonl was changed after the run"):
        find_stories(tmp_path / "records")
