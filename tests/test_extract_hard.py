"""Pages that are hard, huge, broken or no articles: each gives its text, or a rejection with a reason; none crashes."""

import pytest

from cleaner import Pipeline
from cleaner.document import Document, Media, Raw, Rejection, Source

PIPELINE = Pipeline()
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
WHOLE = "\n".join(PROSE) + "\n"


def page(article: str = PARAGRAPHS, *, head: str = HEAD, below: str = RELATED) -> str:
    return (
        f'<!DOCTYPE html><html lang="en"><head>{head}</head><body>{NAV}<main><article><h1>Storm hits the coast</h1>{article}'
        f"</article>{below}</main>{FOOTER}</body></html>"
    )


def made(html: str | bytes) -> Document | Rejection:
    return PIPELINE.prepare(Raw(Source("page.html"), html, Media.HTML))


def reason(html: str | bytes) -> str:
    found = made(html)
    assert isinstance(found, Rejection), found
    assert found.detail
    return found.reason


def text(html: str | bytes) -> str:
    found = made(html)
    assert isinstance(found, Document), found
    return found.text


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<html><body><p>" + "word " * 10_000_000 + "</p></body></html>", "page-too-large"),
        ("<html><body>" + "<table><tr><td>" * 200_000 + "</body></html>", "page-too-deep"),
        ("<html><body>" + "<div>" * 200_000 + PARAGRAPHS + "</div>" * 200_000, "page-too-deep"),
        ("<html><body>" + "<b>" * 200_000 + PARAGRAPHS, "page-too-deep"),
        ("<html><body>" + "<p>word.</p>" * 80_000 + "</body></html>", "page-too-complex"),
        ("<html><head><title>News</title></head></html>", "no-article"),
        ("<html><body></body></html>", "no-article"),
        ("<html><frameset cols='20%,80%'><frame src='a.html'><frame src='b.html'></frameset></html>", "no-article"),
        ("<!-- nothing -->", "no-article"),
        (
            '<html><body><div id="root"></div><noscript>You need to enable JavaScript to run this app.</noscript></body></html>',
            "needs-script",
        ),
        ("<html><head><title>Just a moment...</title></head><body><script>x</script></body></html>", "robot-check"),
        ("<html><head><title>404 Not Found</title></head><body></body></html>", "not-found"),
    ],
    ids=["50 MB", "tables", "divisions", "bold", "paragraphs", "no body", "empty", "frames", "comment", "script", "robot", "404"],
)
def test_rejected_with_a_reason(html: str, expected: str):
    assert reason(html) == expected


def test_deep_but_not_too_deep():
    assert text("<html><body>" + "<div>" * 380 + PARAGRAPHS + "</div>" * 380) == WHOLE


def test_without_body_element():
    assert text(f"<title>Storm</title><h1>Storm</h1>{PARAGRAPHS}") == WHOLE


def test_tags_that_are_not_closed():
    assert text("<html><body><article>" + "".join(f"<p>{one}" for one in PROSE)) == WHOLE


def test_wrong_charset_in_meta():
    html = page(head=HEAD + '<meta charset="iso-8859-1">').replace("The storm came", "Der Sturm über Zürich kam")
    assert "Der Sturm über Zürich kam" in text(html.encode())


def test_declared_charset():
    html = page(head=HEAD + '<meta charset="windows-1251">').replace("The storm came", "Шторм пришёл")
    assert "Шторм пришёл" in text(html.encode("cp1251"))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-8-sig"])
def test_utf_16_and_byte_order_marks(encoding: str):
    assert text(page().encode(encoding)) == WHOLE


def test_xml_declaration_and_namespaces():
    html = page().replace(
        "<!DOCTYPE html><html", '<?xml version="1.0" encoding="ISO-8859-1"?>\n<html xmlns="http://www.w3.org/1999/xhtml"'
    )
    assert text(html) == WHOLE


def test_control_characters_and_lone_surrogates():
    assert text(page().replace("storm came", "storm\x0b came\ud800")).startswith("The storm came")


def test_article_in_a_form():
    assert text(f'<html><body><form id="aspnetForm">{PARAGRAPHS}</form></body></html>') == WHOLE


def test_amp():
    html = f'<!doctype html><html amp lang="en"><head>{HEAD}</head><body><amp-ad width=1>Buy now</amp-ad><article>{PARAGRAPHS}</article><amp-analytics>x</amp-analytics></body></html>'
    assert text(html) == WHOLE


def test_live_blog():
    posts = "".join(
        f'<div class="live-post"><time>1{number}:00</time><h3>Update {number}</h3><div class="live-post-body"><p>{one}</p></div></div>'
        for number, one in enumerate(PROSE)
    )
    found = text(page(posts))
    assert all(one in found for one in PROSE)


def test_gallery():
    slides = "".join(f'<div class="slide"><img src="{number}.jpg"><p>{one}</p></div>' for number, one in enumerate(PROSE))
    found = text(page(f'<div class="gallery-body">{slides}</div>'))
    assert all(one in found for one in PROSE)


def test_paginated():
    below = '<div class="pagination"><a href="?p=1">1</a> <a href="?p=2">2</a> <a href="?p=3">Next page</a></div>'
    assert text(page(below=below)) == WHOLE


@pytest.mark.parametrize(
    ("title", "body", "kind"),
    [
        (
            "Page not found | Daily Gull",
            "<h1>Page not found</h1><p>Sorry, the page you were looking for does not exist any more on this site.</p>",
            "not-found",
        ),
        (
            "Daily Gull",
            "<p>We and our partners use cookies to store information on your device. Accept all cookies to go on reading.</p>",
            "consent-wall",
        ),
        (
            "Log in | Daily Gull",
            "<p>Please log in to continue reading. Forgot your password? Create an account to read five stories a month.</p>",
            "login",
        ),
        (
            "Daily Gull",
            "<p>Please enable JavaScript in your browser to see this page, or come back with another browser.</p>",
            "needs-script",
        ),
    ],
)
def test_pages_that_are_no_articles_are_flagged_or_rejected(title: str, body: str, kind: str):
    found = made(f"<html><head><title>{title}</title></head><body><main>{body}</main></body></html>")
    if isinstance(found, Rejection):
        assert found.reason == kind
    else:
        assert found.page_kind[0] == kind
        assert found.page_kind[1]


def test_an_article_about_cookies_and_passwords_is_one():
    story = "<p>Regulators said that websites must not write 'accept all cookies' larger than 'reject', nor ask to log in to continue.</p>"
    found = made(page(story + PARAGRAPHS))
    assert isinstance(found, Document)
    assert found.page_kind == ()
