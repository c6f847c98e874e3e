"""HTML to the text of its article, what was left out of it and why, and what the page says of itself.

A page is parsed once. What node rules name goes first; then each block of text is weighed (``model``), the box that holds the article
is chosen (``part``), what in it is surely none is taken away, and trafilatura makes text of the rest.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from lxml.html import HtmlElement

from cleaner.document import LeftOut
from cleaner.errors import InputError
from cleaner.extract.article import text_of
from cleaner.extract.blocks import ABOVE, Blocks, blocks_of
from cleaner.extract.declared import Declared, declared_in
from cleaner.extract.features import Bools, Floats, Known
from cleaner.extract.metadata import completed, incomplete, metadata_of
from cleaner.extract.model import Model, read_model
from cleaner.extract.names import read_names
from cleaner.extract.nodes import NodeAction, NodeRule, Taken, read_containers, take_containers, take_ruled
from cleaner.extract.page_kinds import Seen, kind_of
from cleaner.extract.part import FURNITURE, cut_out, furniture_in, part_of
from cleaner.extract.settings import ExtractSettings
from cleaner.extract.tree import parsed, strip_dead

_SURE = 0.45
"""How sure it must be of a block that it is article, where trafilatura is not asked."""
_MOST = 10_000
"""Elements of a part above which trafilatura is not asked: it takes minutes where the weights take a second."""
_SEARCHED = 300_000
"""Characters of a text in which blocks that are no line of it are looked for, to tell what was left out."""
_PLAIN = re.compile(r"\W+")


@dataclass(frozen=True, slots=True)
class Extracted:
    """What came of a page.

    Attributes:
        text: of its article, one line a paragraph, a line end at its end; or Markdown.
        metadata: title, author, date, language, site, url, tags, image, description: those that are known.
        left_out: what the text does not hold, in the order of the page; of what node rules took, first.
        seen: what the page is, when it is no article.
    """

    text: str
    metadata: Mapping[str, Any]
    left_out: tuple[LeftOut, ...]
    seen: Seen | None = None


@dataclass(slots=True)
class _Weighed:
    """A page whose blocks are weighed.

    Attributes:
        blocks: of the page.
        known: of the blocks.
        verdicts: how sure it is that each is of the article.
        box: that holds the article.
        inside: which blocks stand in it.
        reasons: of blocks that go, by number.
    """

    blocks: Blocks
    known: Known
    verdicts: Floats
    box: int
    inside: Bools
    reasons: dict[int, str]


class Extractor:
    """Takes articles out of pages; safe to share between threads.

    Args:
        folder: with names.toml, containers.toml and model.toml.
        settings: what is wanted.
        model: the weights; None: those of the folder.

    Raises:
        ValueError, OSError: the folder cannot be read (a broken installation).
    """

    def __init__(self, folder: Path, settings: ExtractSettings = ExtractSettings(), model: Model | None = None) -> None:  # noqa: B008  # frozen
        self.settings = settings
        self._names = read_names(folder / "names.toml")
        self._containers = read_containers(folder / "containers.toml")
        self._model = model or read_model(folder / "model.toml", self._names.meanings)
        meanings = self._names.meanings
        self._bits = {name: 1 << meanings.index(name) for name in ("caption", "comment")}

    def extract(self, html: str, url: str | None = None, node_rules: Sequence[NodeRule] = ()) -> Extracted:
        """The article of a page.

        Args:
            html: the whole page.
            url: where it was found, for its metadata.
            node_rules: of its site and of the user, in order.

        Raises:
            InputError: ``page-too-large``, ``page-too-deep``, ``page-too-complex``: beyond a limit of ``tree``; the kind of a page
                that is no article (``needs-script``, ``not-found`` ...) when it holds no text; else ``no-article``.
        """
        tree = parsed(html)
        declared = declared_in(tree)
        shown = _unscripted(tree)
        metadata = metadata_of(declared, "", url) if self.settings.metadata else {}
        whole = copy.copy(tree) if self.settings.metadata and incomplete(metadata) else None
        strip_dead(tree)
        bodies = [one for rule in node_rules if rule.action is NodeAction.BODY for one in rule.selector(tree)]
        kept = [one for rule in node_rules if rule.action is NodeAction.KEEP for one in rule.selector(tree)]
        taken = take_ruled(tree, node_rules)
        taken += take_containers(tree, self._containers, (*bodies, *kept))
        blocks = blocks_of(tree, self._names)
        if not blocks.texts:
            raise _no_article("", declared, shown)
        page = self._weighed(blocks, declared, bodies, kept)
        text = self._lines(page) if self.settings.fast else self._article(page)
        if not text.strip():
            raise _no_article(" ".join(blocks.texts), declared, shown)
        if self.settings.comments:
            text = text.rstrip("\n") + "".join(f"\n{line}" for line in self._comments(page, taken))
        headline = next((blocks.texts[place] for place in np.flatnonzero(page.known.titles).tolist()), "")
        if self.settings.metadata:
            metadata = metadata_of(declared, headline, url)
            metadata = completed(metadata, whole, url) if whole is not None else metadata
        left_out = tuple(_left_out(page, self._texts(taken), text, fast=self.settings.fast)) if self.settings.left_out else ()
        return Extracted(text.rstrip("\n") + "\n", metadata, left_out, kind_of(text, declared.title, shown))

    def _weighed(
        self, blocks: Blocks, declared: Declared, bodies: Sequence[HtmlElement], kept: Sequence[HtmlElement]
    ) -> _Weighed:
        known = self._model.known(blocks, declared)
        verdicts = self._model.verdicts(known)
        if bodies:
            inside = _within(blocks, bodies)
            if inside.any():
                verdicts = np.where(inside, verdicts.clip(0.5), 0.0)
        if kept:
            verdicts = np.where(_within(blocks, kept), 1.0, verdicts)
        box = part_of(blocks, known, verdicts)
        place = np.array(blocks.box)
        inside = (place >= box) & (place < blocks.stop[box])
        verdicts = np.where(inside & self._wanted(blocks), verdicts.clip(0.5), verdicts)
        return _Weighed(blocks, known, verdicts, box, inside, _reasons(known, verdicts, inside))

    def _wanted(self, blocks: Blocks) -> Bools:
        """Which blocks stay if they stand in the article, for they were asked for."""
        place = np.array(blocks.box)
        above, named = np.array(blocks.above)[place], np.array(blocks.named)[place]
        wanted = np.zeros(len(place), bool)
        if self.settings.tables:
            wanted |= (above >> ABOVE.index("table") & 1).astype(bool)
        if self.settings.captions:
            wanted |= (above >> ABOVE.index("figure") & 1).astype(bool) | ((named & self._bits["caption"]) > 0)
        return wanted

    def _article(self, page: _Weighed) -> str:
        """The text that trafilatura makes of the part, without what goes."""
        for place in page.reasons:
            for element, behind in page.blocks.pieces[place]:
                if behind:
                    element.tail = None
                else:
                    element.text = None
        going = page.verdicts.copy()
        going[list(page.reasons)] = 0.0
        if sum(1 for _ in page.blocks.boxes[page.box].iter()) > _MOST:
            return self._lines(page)
        for box in furniture_in(page.blocks, page.box, going):
            page.blocks.boxes[box].drop_tree()
        if self.settings.captions:
            _show_captions(page.blocks.boxes[page.box])
        return text_of(cut_out(page.blocks.boxes[page.box]), self.settings)

    def _lines(self, page: _Weighed) -> str:
        """The text as the weights alone see it."""
        sure = page.inside & (page.verdicts >= _SURE)
        return "\n".join(page.blocks.texts[place] for place in np.flatnonzero(sure).tolist() if place not in page.reasons)

    def _texts(self, taken: Iterable[Taken]) -> Iterator[tuple[str, list[str]]]:
        """What node rules took that holds text: rule and blocks."""
        for one in taken:
            texts = blocks_of(one.element, self._names).texts
            if texts:
                yield one.rule, texts

    def _comments(self, page: _Weighed, taken: Iterable[Taken]) -> Iterator[str]:
        """Readers' comments, a line each."""
        named = np.array(page.blocks.named)[page.blocks.box]
        for place in np.flatnonzero(
            (named & self._bits["comment"] > 0) & page.known.prose & (page.verdicts < FURNITURE)
        ).tolist():
            yield page.blocks.texts[place]
        for one in taken:
            if one.topic == "comments":
                yield from (text for text in blocks_of(one.element, self._names).texts)


def _reasons(known: Known, verdicts: Floats, inside: Bools) -> dict[int, str]:
    """Why blocks within the part go."""
    found: dict[int, str] = {}
    first = np.flatnonzero(inside & known.prose & (verdicts >= FURNITURE) & ~known.titles)
    before = int(first[0]) if len(first) else len(verdicts)
    for place in np.flatnonzero(inside).tolist():
        if known.titles[place] and place < before:
            found[place] = "the title"
        elif verdicts[place] < FURNITURE:
            found[place] = "unlike the article"
    return found


def _within(blocks: Blocks, elements: Sequence[HtmlElement]) -> Bools:
    """Which blocks stand in one of some elements."""
    wanted = set(elements)
    boxes = np.zeros(len(blocks.boxes), bool)
    for place, box in enumerate(blocks.boxes):
        boxes[place] = box in wanted or (place > 0 and boxes[blocks.parent[place]])
    found: Bools = boxes[np.array(blocks.box)]
    return found


def _left_out(page: _Weighed, taken: Iterable[tuple[str, list[str]]], text: str, *, fast: bool) -> Iterator[LeftOut]:
    """What of a page is not in the text; neighbours with the same reason together."""
    for rule, texts in taken:
        yield LeftOut("\n".join(texts), rule)
    plain = _PLAIN.sub(" ", text)
    lines = {_PLAIN.sub(" ", line).strip() for line in text.split("\n")}
    waiting: list[str] = []
    why = ""
    for place, block in enumerate(page.blocks.texts):
        reason = page.reasons.get(place, "" if page.inside[place] else "outside the main text")
        words = _PLAIN.sub(" ", block).strip()
        if not reason and words not in lines and len(plain) <= _SEARCHED and words not in plain:
            reason = "unlike the article" if fast else "left out by trafilatura"
        if reason != why and waiting:
            yield LeftOut("\n".join(waiting), why)
            waiting = []
        why = reason
        if reason:
            waiting.append(block)
    if waiting:
        yield LeftOut("\n".join(waiting), why)


def _show_captions(part: HtmlElement) -> None:
    """Makes paragraphs of captions, which trafilatura would leave out with their pictures."""
    for figure in list(part.iter("figure")):
        figure.tag = "div"
        figure.attrib.clear()
    for caption in list(part.iter("figcaption")):
        caption.tag = "p"
        caption.attrib.clear()


def _unscripted(tree: HtmlElement) -> str:
    """What a page shows where there are no scripts."""
    return " ".join(" ".join(one.text_content() for one in tree.iter("noscript")).split())[:2000]


def _no_article(text: str, declared: Declared, shown: str) -> InputError:
    seen = kind_of(text[:1000], declared.title, shown) or kind_of("", declared.title, shown)
    if seen is None:
        return InputError(
            "no-article", "no article text was found in this HTML page; is it a page that needs JavaScript or a login?"
        )
    return InputError(seen.kind.value, f"this page holds no article ({seen.evidence}); fetch it again, with a browser if need be")
