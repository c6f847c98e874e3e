"""The article of a page: what is in its text, what is left out and why, what the page says of itself."""

from dataclasses import replace

import pytest

import cleaner
from cleaner.document import LeftOut
from cleaner.errors import InputError
from cleaner.extract import looks_like_page
from cleaner.extract.declared import declared_in
from cleaner.extract.extractor import Extracted, Extractor
from cleaner.extract.metadata import metadata_of
from cleaner.extract.names import Names
from cleaner.extract.nodes import NodeAction, NodeRule
from cleaner.extract.settings import ExtractSettings
from cleaner.extract.tree import parsed
from cleaner.rules.load import bundled_folder
from cleaner.rules.selectors import compiled

FOLDER = bundled_folder() / "html"
PROSE = [
    "The storm came at night and tore the roofs off seven houses along the harbour road, the council said on Tuesday morning.",
    "Nobody was hurt, but the ferry will not sail before Friday because its pier was broken by the waves, according to the port.",
    "Help for those who lost their homes is given at the town hall, which stays open through the night, the mayor told reporters.",
    "Engineers will look at the sea wall on Wednesday, when the tide is low enough to walk along the stones below the lighthouse.",
    "The last storm of this kind was forty years ago, and the oldest houses on the road still show the line that the water reached.",
]
PARAGRAPHS = "".join(f"<p>{one}</p>" for one in PROSE)
HEAD = '<title>Storm hits the coast | Daily Gull</title><meta property="og:title" content="Storm hits the coast">'
NAV = '<nav><ul><li><a href="/">Home</a></li><li><a href="/sport">Sport</a></li><li><a href="/w">Weather</a></li></ul></nav>'
FOOTER = (
    '<footer><p>© 2024 Daily Gull. All rights reserved.</p><a href="/terms">Terms</a> <a href="/privacy">Privacy</a></footer>'
)
RELATED = '<div class="related-posts"><h3>Related</h3><ul><li><a href="/1">Cat found in tree</a></li><li><a href="/2">Mayor opens bridge</a></li></ul></div>'
CAPTION = "A boat lies on the harbour road after the storm."
COMMENT = "I was there and it was terrible, thank you for this careful report about our town and its people."


def page(article: str = PARAGRAPHS, *, head: str = HEAD, below: str = RELATED) -> str:
    return (
        f'<!DOCTYPE html><html lang="en"><head>{head}</head><body>{NAV}<main><article><h1>Storm hits the coast</h1>{article}'
        f"</article>{below}</main>{FOOTER}</body></html>"
    )


def extracted(html: str, rules: tuple[NodeRule, ...] = (), url: str | None = None, **settings: bool) -> Extracted:
    return Extractor(FOLDER, ExtractSettings(**settings)).extract(html, url, rules)


def test_the_article_and_nothing_else():
    assert extracted(page()).text == "\n".join(PROSE) + "\n"


def test_fast_gives_the_same_of_a_plain_page():
    assert extracted(page(), fast=True).text == "\n".join(PROSE) + "\n"


def test_what_is_left_out_has_its_reason():
    found = extracted(page()).left_out
    assert LeftOut("Related\nCat found in tree\nMayor opens bridge", "containers.related") in found
    assert LeftOut("Storm hits the coast", "the title") in found
    reasons = {line: one.reason for one in found for line in one.text.split("\n")}
    assert reasons["Sport"] == "outside the main text"
    assert reasons["© 2024 Daily Gull. All rights reserved."] == "outside the main text"
    told = "\n".join(one.text for one in found)
    assert not any(line in told for line in PROSE)


def test_left_out_is_not_told_when_nobody_asks():
    assert extracted(page(), left_out=False).left_out == ()


def test_an_article_in_several_boxes_of_one_name_is_whole():
    boxes = [f'<div class="article-body"><p>{one}</p></div><div class="ad-slot">Advertisement</div>' for one in PROSE]
    assert extracted(page("".join(boxes))).text == "\n".join(PROSE) + "\n"


def test_a_page_is_not_remembered():
    extractor = Extractor(FOLDER)
    assert len({extractor.extract(page()).text for _ in range(6)}) == 1


def test_lists_headings_tables_quotations_in_markdown():
    article = (
        f"<p>{PROSE[0]}</p><h2>What is known</h2><p>{PROSE[1]}</p><ul><li>Seven roofs were lost along the harbour road.</li>"
        f"<li>The ferry pier is broken in two places.</li></ul><blockquote><p>{PROSE[2]}</p></blockquote><p>{PROSE[3]} "
        'See <a href="https://port.example/plan">the plan of the port</a> for more.</p>'
        f"<table><tr><th>Town</th><th>Wind</th></tr><tr><td>Harbour</td><td>120 km/h</td></tr></table><p>{PROSE[4]}</p>"
    )
    text = extracted(page(article), markdown=True, tables=True).text
    assert "## What is known" in text
    assert "- Seven roofs were lost" in text
    assert "[the plan of the port](https://port.example/plan)" in text
    assert "| Harbour | 120 km/h |" in text
    assert "##" not in extracted(page(article)).text


def test_captions_and_comments_only_when_asked_for():
    article = f"<p>{PROSE[0]}</p><figure><img src='b.jpg'><figcaption>{CAPTION}</figcaption></figure>" + PARAGRAPHS
    html = page(article, below=f'<div id="comments"><div class="comment"><p>{COMMENT}</p></div></div>')
    plain = extracted(html)
    assert CAPTION not in plain.text
    assert COMMENT not in plain.text
    assert any(one.reason == "containers.comments" and COMMENT in one.text for one in plain.left_out)
    assert CAPTION in extracted(html, captions=True).text
    assert extracted(html, comments=True).text.endswith(COMMENT + "\n")


def test_node_rules_remove_keep_and_name_the_body():
    article = (
        PARAGRAPHS
        + '<div class="x-17"><p>Support our work: become a friend of this paper for the price of a coffee a month.</p></div>'
    )
    remove = NodeRule("gull.support", "support", compiled(css="div.x-17"))
    found = extracted(page(article), (remove,))
    assert "Support our work" not in found.text
    assert any(one.reason == "gull.support" for one in found.left_out)
    keep = NodeRule("gull.mine", "support", compiled(xpath='//div[@class="x-17"]'), NodeAction.KEEP)
    assert "Support our work" in extracted(page(article), (remove, keep)).text
    body = NodeRule("gull.body", "body", compiled(css="#only"), NodeAction.BODY)
    split = "".join(f"<p>{one}</p>" for one in PROSE[:3]) + "".join(f"<div id='only'><p>{one}</p></div>" for one in PROSE[3:4])
    assert extracted(page(split), (body,)).text == PROSE[3] + "\n"


@pytest.mark.parametrize("wrong", [{"css": "div["}, {"xpath": "//div["}, {}, {"css": "p", "xpath": "//p"}])
def test_selectors_that_cannot_be_read(wrong: dict[str, str]):
    with pytest.raises(ValueError, match=r"."):
        compiled(**wrong)


def test_bundled_containers_spare_what_holds_the_headline_or_much_of_the_page():
    html = f'<html><head>{HEAD}</head><body><div class="modal"><h1>Storm hits the coast</h1>{PARAGRAPHS}</div></body></html>'
    assert PROSE[2] in extracted(html).text
    html = f'<html><head>{HEAD}</head><body><div id="sidebar">{PARAGRAPHS}</div><p>© Daily Gull</p></body></html>'
    assert PROSE[2] in extracted(html).text


def test_metadata_of_json_ld_and_open_graph():
    head = (
        HEAD + '<meta property="og:site_name" content="Daily Gull"><meta property="og:image" content="/boat.jpg">'
        '<link rel="canonical" href="/storm"><meta property="article:tag" content="weather">'
        '<script type="application/ld+json">{"@context": "https://schema.org", "@graph": [{"@type": "NewsArticle", "headline": '
        '"Storm hits the coast", "author": [{"@type": "Person", "name": "Ann Harbour"}, {"name": "Bo Quay"}], '
        '"datePublished": "2024-03-02T10:00:00+01:00", "keywords": "sea, weather"}]}</script>'
    )
    assert extracted(page(head=head), url="https://gull.example/storm?x=1").metadata == {
        "title": "Storm hits the coast",
        "author": "Ann Harbour; Bo Quay",
        "date": "2024-03-02T10:00:00+01:00",
        "language": "en",
        "site": "Daily Gull",
        "url": "https://gull.example/storm",
        "tags": ["weather", "sea"],
        "image": "https://gull.example/boat.jpg",
    }


def test_metadata_that_nobody_declares_is_looked_for():
    html = page(
        f'<p class="byline">By <span class="author">Ann Harbour</span> <time datetime="2024-03-02">2 March</time></p>{PARAGRAPHS}'
    )
    found = extracted(html).metadata
    assert (found["title"], found["author"], found["date"]) == ("Storm hits the coast", "Ann Harbour", "2024-03-02")


@pytest.mark.parametrize(
    "script",
    [
        "{",
        "[]",
        "null",
        '{"@type": 5, "author": 7, "keywords": {"a": 1}, "image": [[]], "datePublished": ["x"]}',
        "[" * 5000,
        '{"a": "' + "x" * 100,
    ],
)
def test_json_ld_that_is_none(script: str):
    tree = parsed(page(head=f'{HEAD}<script type="application/ld+json">{script}</script>'))
    assert metadata_of(declared_in(tree), "", None)["title"] == "Storm hits the coast"


def test_the_declared_body_is_only_a_hint():
    head = (
        HEAD
        + '<script type="application/ld+json">{"@type": "Article", "articleBody": "'
        + "Something else. " * 50
        + '"}</script>'
    )
    assert extracted(page(head=head)).text == "\n".join(PROSE) + "\n"


def test_names_are_read_by_words():
    names = Names({"ad": ["ad$", "advert"], "share": ["share"]})
    assert [names.of_text(one) for one in ("sidebarAd", "ads", "ADVERT_top", "address", "share-ad")] == [1, 0, 1, 0, 3]


def test_settings_are_frozen():
    assert replace(ExtractSettings(), fast=True).fast


def test_a_page_without_article_says_so():
    with pytest.raises(InputError) as caught:
        extracted("<html><body><script>1</script></body></html>")
    assert caught.value.reason == "no-article"


def test_pages_are_told_from_text():
    assert looks_like_page('<?xml version="1.0"?>\n<!DOCTYPE html>\n<html>')
    assert not looks_like_page("An article about <html>.")


@pytest.mark.parametrize(
    "part",
    [
        "<p>The mayor spoke on Monday.</p><p>Advertisement</p><p>Then he left.</p>",
        '\n<div class="entry"><strong>Port Almesta</strong> The mayor spoke.<br>Then he left.</div>',
        "The mayor spoke on Monday.<br /><br />Advertisement<br /><br />Then he left.",
        "<p>The mayor spoke.</p>\n<p>Then he left.</p>\n\n<blockquote>Never again.</blockquote>\n",
    ],
)
def test_a_part_of_a_page_is_a_page(part: str):
    assert looks_like_page(part)
    assert "<" not in cleaner.clean(part).text


@pytest.mark.parametrize(
    "text",
    [
        "How HTML works\n\nA paragraph begins with <p> and ends with </p>.\nA line ends with <br>.\nSay so, and browsers will.\nThat is all.",
        '<a href="/x">Port Almesta</a>\nThe mayor spoke on Monday.\nThen he left.',
        "The mayor spoke on <b>Monday</b>.\n\nThen <i>he</i> left.\n\nIt rained.",
        "Is 3 < 5, and 5 > 3? Yes.",
    ],
)
def test_text_with_tags_in_it_is_text(text: str):
    assert not looks_like_page(text)
    assert cleaner.clean(text).text == text
