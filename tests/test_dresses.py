"""One story in the dresses of five sites: what is compared is the clean text, so all are found to be the same."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

BODY = """The council of Merrowbridge voted on Thursday night to keep the old swing bridge open to walkers, after a debate that went on past midnight.

Engineers had warned in spring that two of its four bearings were worn, and that a new bridge would cost the town eleven million crowns.

"We are not going to lose a bridge that four generations have crossed to school," said Ottilie Marsh, who put the motion before the council.

The bearings are to be replaced between October and March; until then no more than sixty people may stand on the bridge at a time.

Barge owners complained that the plan leaves them a passage of nine metres. The harbour office will look into it before the summer."""

DRESSES = {
    "plain": "{body}\n",
    "advertised": (
        "Advertisement\n\nSkip to main content\n\n{first}\n\nAdvertisement 2\n\n{rest}\n\nAdvertisement 3\n\n"
        "Sign up for our newsletter and get the latest stories in your inbox every morning.\n\nRelated articles\n\n"
        "Ferry fares to rise again in spring\n\nHow the lighthouse got its second lamp\n\n© 2026 Merrowbridge Courier. All rights reserved.\n"
    ),
    "social": (
        "Share on Facebook\nShare on Twitter\nShare via Email\n\nListen to this article\n\n{body}\n\nFollow us on Instagram\n\n"
        "Read more:\nTen walks along the river\nA baker who rises at two\n\nSubscribe now for unlimited access.\n"
    ),
    "commented": (
        "Article content\n\n{first}\n\nArticle content\n\n{rest}\n\nComments\n\nPlease log in to leave a comment.\n\nReport a comment\n\n"
        "Most read\n\n1. Storm takes the pier\n2. School to open a week late\n3. Two swans stop the tram\n"
    ),
    "pleading": (
        "Home > News > Local\n\n{body}\n\nBefore you go: our reporting is free for all thanks to readers like you. Please donate today.\n\n"
        "Privacy Policy | Terms of Use | Contact Us\n\nCookie settings\n"
    ),
}


def test_one_story_in_five_dresses_is_one_document(tmp_path: Path, cleaner: Callable[..., Any]) -> None:
    first, _, rest = BODY.partition("\n\n")
    (tmp_path / "news").mkdir()
    for number, (name, dress) in enumerate(DRESSES.items()):
        (tmp_path / "news" / f"{number}-{name}.txt").write_text(dress.format(body=BODY, first=first, rest=rest), encoding="utf-8")
    done = cleaner("clean", "news", "--out", "out", "--unit", "document", cwd=tmp_path)
    assert done.code == 0, done.err
    told = [json.loads(line) for line in (tmp_path / "out" / "audit.jsonl").read_text(encoding="utf-8").splitlines()]
    found = [[(flag["of"]["id"], flag["relation"]) for flag in document["duplicates"]] for document in told]
    assert found == [[], *([[("0-plain.txt", "same")]] * 4)]
    assert sum(document["duplicates"][0]["jaccard"] == 1 for document in told[1:]) >= 3
    # Without rules the dresses come between them.
    done = cleaner("clean", "news", "--out", "raw", "--unit", "document", "--no-rules", cwd=tmp_path)
    raw = [json.loads(line)["duplicates"] for line in (tmp_path / "raw" / "audit.jsonl").read_text(encoding="utf-8").splitlines()]
    assert sum(flag["relation"] == "same" for flags in raw for flag in flags) < 4
