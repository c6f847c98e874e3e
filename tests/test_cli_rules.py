"""``cleaner rules``, and a user's packs from end to end."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

RULE = '\n[[rule]]\nid = "{id}"\nwhy = "Why {id}"\nkind = "line"\nliteral = ["{literal}"]\naction = "{action}"\nremoves = ["{removes}"]\nkeeps = ["{keeps}"]\n'


def pack(name: str, *rules: str, **head: object) -> str:
    """A pack's TOML."""
    return "[pack]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in {"id": name, **head}.items()) + "".join(rules)


def rule(name: str, literal: str, action: str = "remove", **examples: str) -> str:
    """A rule's TOML; its examples fit unless they are given."""
    fits = {"removes": literal, "keeps": f"{literal} and more"}
    if action == "keep":
        fits = {"removes": f"{literal} and more", "keeps": literal}
    return RULE.format(id=name, literal=literal, action=action, **{**fits, **examples})


def test_list_shows_every_pack_and_rule(cleaner: Any, house: Path, tmp_path: Path) -> None:
    done = cleaner("rules", "list", "--rules", house, cwd=tmp_path)
    assert (done.code, done.err) == (0, "")
    rows = done.text.splitlines()
    assert all(len(row) <= 80 for row in rows[:-1] if row.startswith("  "))
    at = rows.index("house  user")
    assert [row.split()[:2] for row in rows[at + 1 : at + 6]] == [
        ["notice", "A"], ["aside", "An"], ["box", "A"], ["?", "stamp"], ["+", "motto"],
    ]  # fmt: skip
    told = [json.loads(line) for line in cleaner("rules", "list", "--rules", house, "--json", cwd=tmp_path).out.splitlines()]
    assert rows[-1].startswith(f"{len(told):,} rules in ")
    assert [one for one in told if one["rule"] == "house.box"] == [
        {
            "rule": "house.box",
            "kind": "block",
            "action": "remove",
            "why": "A box of the house",
            "level": "user",
            "path": str(house),
        },
    ]
    assert {one["level"] for one in told} == {"generic", "site", "user"}


def test_show_one_rule_or_say_which_is_meant(cleaner: Any, house: Path, tmp_path: Path) -> None:
    done = cleaner("rules", "show", "house.box", "--rules", house, cwd=tmp_path)
    assert done.code == 0
    for words in (
        "A box of the house",
        "block",
        "^House box begins$",
        "^House box ends$",
        "max_lines  5",
        str(house),
        "removes",
        "keeps",
    ):
        assert words in done.text
    done = cleaner("rules", "show", "house.boks", "--rules", house, cwd=tmp_path)
    assert (done.code, done.out) == (2, b"")
    assert "Did you mean house.box" in done.err


def test_check_holds_rules_against_their_examples(cleaner: Any, house: Path, files: Any) -> None:
    assert cleaner("rules", "check", house, cwd=house.parent).text.startswith("5 rules in 1 pack: ")
    wrong = pack("wrong", rule("one", "Gone", removes="Not gone"), rule("two", "Stay", keeps="STAY"), rule("fine", "Fine"))
    loose = (
        '\n[[rule]]\nid = "loose"\nwhy = "x"\nkind = "line"\npattern = "loose word"\nremoves = ["a loose word"]\nkeeps = ["x"]\n'
    )
    folder = files({"packs/wrong.toml": wrong, "packs/deep/loose.toml": pack("loose", loose)})
    done = cleaner("rules", "check", "packs", cwd=folder)
    assert (done.code, done.out) == (2, b"")
    rows = done.err.splitlines()
    assert [row for row in rows if "wrong.toml" in row] == [
        "packs/wrong.toml: one: removes: is not matched: Not gone", "packs/wrong.toml: two: keeps: is matched, but must not be: STAY",
    ]  # fmt: skip
    assert any(row.startswith("advice: packs/deep/loose.toml: loose: pattern: has no anchor") for row in rows)
    assert rows[-1] == "2 faults in 4 rules"


PAGE = "Head\nAdvertisement\nHouse notice\nShared words\nKept words\nOnly here\nThe end.\n"


def test_packs_of_the_user_decide_over_the_bundled_ones(cleaner: Any, files: Any) -> None:
    near = pack("near", rule("no-ad", "Advertisement", "keep"), rule("only", "Only here"), rule("kept", "Kept words", "keep"))
    far = pack("far", rule("shared", "Shared words"), rule("kept", "Kept words"), hosts=["far.example"], disable=["near.only"])
    folder = files({"near.toml": near, "packs/far.toml": far, "in/a.txt": PAGE})
    seen = {}
    for name, options in {
        "bundled": [],
        "near": ["--rules", "near.toml"],
        "both": ["--rules", "near.toml", "--rules", "packs"],
        "far": ["--rules", "near.toml", "--rules", "packs", "--site", "https://www.far.example/x", "--language", "en"],
    }.items():
        done = cleaner("clean", "in/a.txt", "--out", name, *options, cwd=folder)
        assert done.code == 0, done.err
        gone = [line for line in PAGE.splitlines() if line not in (folder / name / "clean/a.txt").read_text().splitlines()]
        seen[name] = gone
    assert seen == {
        "bundled": ["Advertisement"], "near": ["Only here"], "both": ["Only here"], "far": ["Shared words"],
    }  # fmt: skip
    told = json.loads((folder / "far/run.json").read_bytes())
    assert told["rules"]["packs"]["far"] == told["rules"]["packs"]["near"] == "1"
    assert json.loads((folder / "far/audit.jsonl").read_bytes())["packs"] == ["far"]
    prints = {name: json.loads((folder / name / "run.json").read_bytes())["rules"]["fingerprint"] for name in seen}
    assert len(set(prints.values())) == 3
    assert prints["both"] == prints["far"]


def test_languages_restrict_packs_and_rules_can_be_left_out(cleaner: Any, files: Any) -> None:
    folder = files({"in/a.txt": "Head\nAnzeige\nAdvertisement\nTail\n"})
    by_rules = ["--strength", "rules", "--language"]
    for options, gone in (([*by_rules, "de"], "Anzeige\n"), ([*by_rules, "en"], "Advertisement\n"), (["--no-rules"], "")):
        done = cleaner("clean", "-", *options, cwd=folder, stdin=(folder / "in/a.txt").read_bytes())
        assert done.text == "Head\nAnzeige\nAdvertisement\nTail\n".replace(gone, "", 1), options
    done = cleaner("clean", "in", "--out", "out", "--no-rules", "--rules", "x.toml", cwd=folder)
    assert (done.code, (folder / "out").exists()) == (2, False)


def test_a_name_to_disable_that_no_rule_has_is_a_fault(cleaner: Any, files: Any) -> None:
    folder = files({"p.toml": pack("p", disable=["advertising-en.ad-lable", "nowhere.rule"]), "in/a.txt": "x"})
    done = cleaner("clean", "in", "--out", "out", "--rules", "p.toml", cwd=folder)
    assert done.code == 2
    assert 'did you mean "advertising-en.ad-label"?' in done.err
    assert "nowhere.rule" in done.err
    assert not (folder / "out").exists()


def test_a_run_tells_which_packs_were_in_force_and_why(cleaner: Any, files: Any) -> None:
    here = pack("here", rule("shared", "Shared words"), hosts=["here.example"], markers=["^House [a-z]+$", "^Only here$"])
    records = [
        {"id": 1, "url": "https://www.here.example/a", "text": "Head\nShared words\n"},
        {"id": 2, "text": "House notice\nShared words\n"},
        {"id": 3, "url": "https://there.example", "text": "House notice\nShared words\n"},
        {"id": 4, "text": "Head\nOnly here\n"},
    ]
    lines = "\n".join(map(json.dumps, records))
    folder = files({"here.toml": here, "all.toml": pack("all", rule("x", "Nowhere met")), "in.jsonl": lines})
    own = ("--rules", "here.toml", "--rules", "all.toml", "--strength", "rules", "--duplicates", "off")
    done = cleaner("clean", "in.jsonl", "--out", "out", *own, cwd=folder)
    rows = done.text.splitlines()
    assert "  site packs  2 documents by markers, 1 by URL: here 3" in rows
    assert "  everywhere  all" in rows
    told = [json.loads(line) for line in (folder / "out/audit.jsonl").read_bytes().splitlines()]
    assert [one.get("told_by") for one in told] == [
        {"here": "url"}, {"here": "marker: ^House [a-z]+$"}, None, {"here": "marker: ^Only here$"},
    ]  # fmt: skip
    counts = json.loads((folder / "out/run.json").read_bytes())["counts"]
    assert (counts["packs"], counts["told_by"]) == ({"here": 3}, {"marker": 2, "url": 1})
    done = cleaner("clean", "in.jsonl", "--out", "named", *own, "--site", "here.example", cwd=folder)
    assert "  site packs  4 documents by --site: here 4" in done.text.splitlines()
    told = [json.loads(line) for line in (folder / "named/audit.jsonl").read_bytes().splitlines()]
    assert {one["told_by"]["here"] for one in told} == {"site option"}


def test_explain_tells_which_packs_are_in_force_and_why(cleaner: Any, files: Any) -> None:
    here = pack("here", rule("shared", "Shared words"), hosts=["here.example"], markers=["^House [a-z]+$"])
    folder = files(
        {"here.toml": here, "all.toml": pack("all", rule("x", "Nowhere met")), "a.txt": "House notice\nShared words\n"}
    )
    own = ("--rules", "here.toml", "--rules", "all.toml", "--strength", "rules")
    shown = cleaner("explain", "a.txt", *own, cwd=folder).text.splitlines()
    at = shown.index("  pack here is in force by a marker in the text:")
    assert shown[at + 1] == "    ^House [a-z]+$"
    assert "  pack all is in force everywhere" in shown
    shown = cleaner("explain", "a.txt", *own, "--site", "here.example", cwd=folder).text.splitlines()
    assert "  pack here is in force by its host, which --site tells" in shown
