"""The part of a page that holds its article, cut out and rid of what is surely none."""

from __future__ import annotations

import copy
import re

import numpy as np
from lxml.html import HtmlElement, fragment_fromstring
from numpy.typing import NDArray

from cleaner.extract.blocks import Blocks
from cleaner.extract.features import Bools, Floats, Known, part_with_most

LEVEL = 0.25
"""How sure it must be of a block that it counts for the box that holds it, and not against it."""
COVERED = 0.5
"""Share of all words that may be of the article which the box must hold; else one that holds it is taken."""
FURNITURE = 0.1
"""A box in which no block is surer than this goes."""
_NO_PART = frozenset(
    [
        "p",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "li",
        "ul",
        "ol",
        "dl",
        "dt",
        "dd",
        "blockquote",
        "pre",
        "td",
        "th",
        "tr",
        "tbody",
        "thead",
        "table",
        "figcaption",
        "figure",
    ]
)
"""What is in an article, but is none."""
# After BODY_XPATH of trafilatura (xpaths.py, Apache-2.0): in the first element so named it sees the whole article. One that is told in
# several such (between which advertisements stand) would end after the first. Its other names stay, for trafilatura goes by them.
_FIRST = re.compile(
    r"post[-_]text|post-body|post-?entry|post[-_]?content|postContent|post_inner_wrapper|article-?text|articleText|"
    r"(?:entry|page|text|article|art)-content|article__content|article(?:-|__)?body|articleBody|ArticleContent|body-text|"
    r"article__container|story|single|main|content|field-body|wpb_text|fulltext|section|blog|theme"
)


def part_of(blocks: Blocks, known: Known, verdicts: Floats) -> int:
    """The box that holds the article."""
    box = part_with_most(known, verdicts - LEVEL)[0]
    weight = np.where(verdicts >= LEVEL, verdicts * known.words, 0.0)
    sums = np.concatenate([[0.0], np.cumsum(np.bincount(known.levels[0], weight, len(blocks.boxes)))])
    while blocks.parent[box] != box:
        most = sums[blocks.stop[box]] - sums[box] >= COVERED * sums[-1]
        if most and blocks.boxes[box].tag not in _NO_PART:
            break
        box = blocks.parent[box]
    return box


def box_of(blocks: Blocks, wanted: Bools) -> int:
    """The smallest box that holds all wanted blocks; there must be one."""
    places = np.array(blocks.box)[wanted]
    box, first, last = int(places[0]), int(places.min()), int(places.max())
    while not (box <= first and last < blocks.stop[box]):
        box = blocks.parent[box]
    while blocks.boxes[box].tag in _NO_PART and blocks.parent[box] != box:
        box = blocks.parent[box]
    return box


def plain(element: HtmlElement) -> None:
    """Makes an element and what stands in it such as trafilatura leaves in whatever it is called."""
    for one in element.iter("nav", "aside", "footer", "header", "form", "figure", "div", "section"):
        one.tag = "div"
        one.attrib.clear()


def show_captions(part: HtmlElement) -> None:
    """Makes paragraphs of captions, which trafilatura would leave out with their pictures."""
    for figure in list(part.iter("figure")):
        figure.tag = "div"
        figure.attrib.clear()
    for caption in list(part.iter("figcaption")):
        caption.tag = "p"
        caption.attrib.clear()


def furniture_in(blocks: Blocks, box: int, verdicts: Floats) -> list[int]:
    """The outermost boxes within one in which nothing is of the article, in order; those without text are not among them."""
    sums = np.concatenate([[0], np.cumsum(np.bincount(blocks.box, verdicts >= FURNITURE, len(blocks.boxes)))])
    filled = np.concatenate([[0], np.cumsum(np.bincount(blocks.box, minlength=len(blocks.boxes)))])
    stops = np.array(blocks.stop)
    empty: NDArray[np.bool_] = (sums[stops] == sums[:-1]) & (filled[stops] > filled[:-1])
    found: list[int] = []
    place = box + 1
    while place < blocks.stop[box]:
        if empty[place]:
            found.append(place)
            place = blocks.stop[place]
        else:
            place += 1
    return found


def cut_out(element: HtmlElement) -> HtmlElement:
    """A page that holds a copy of an element and nothing else, in the form in which trafilatura takes all of it for the article."""
    page = fragment_fromstring("<div/>")
    page.tag = "html"
    article = page.makeelement("article")
    body = page.makeelement("body")
    body.append(article)
    page.append(body)
    part = copy.deepcopy(element)
    part.tail = None
    article.append(part)
    for one in part.iter("div", "section", "main", "article", "body"):
        one.tag = "div"
        for attribute in ("class", "id"):
            named = one.get(attribute)
            if named:
                one.set(attribute, _FIRST.sub("x", named))
        if one.get("itemprop") == "articleBody":
            del one.attrib["itemprop"]
    return page
