"""HTML to the text of its article, what was left out of it and why, and what the page says of itself.

A page is parsed once. What node rules name goes first; then each block of text is weighed (``model``), the box that holds the article
is chosen (``part``), what in it is surely none is taken away, and trafilatura makes text of the rest.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from lxml.html import HtmlElement

from cleaner.document import LeftOut
from cleaner.errors import InputError
from cleaner.extract.article import text_of
from cleaner.extract.blocks import ABOVE, Blocks, blocks_of
from cleaner.extract.containers import read_containers, take_containers
from cleaner.extract.declared import Declared, declared_in
from cleaner.extract.features import Bools, Floats, Known
from cleaner.extract.left_out import Numbers, Place, left_out, taken_texts
from cleaner.extract.metadata import completed, incomplete, metadata_of, with_found
from cleaner.extract.model import Model, read_model
from cleaner.extract.names import read_names
from cleaner.extract.nodes import NodeRule, Ruled, Taken, apply
from cleaner.extract.page_kinds import Seen, kind_of
from cleaner.extract.part import FURNITURE, box_of, cut_out, furniture_in, part_of, plain, show_captions
from cleaner.extract.settings import ExtractSettings
from cleaner.extract.tree import parsed, strip_dead

_SURE = 0.45
"""How sure it must be of a block that it is article, where trafilatura is not asked."""
_MOST = 10_000
"""Elements of a part above which trafilatura is not asked: it takes minutes where the weights take a second."""
NodeRules = Sequence[NodeRule] | Callable[[HtmlElement], Sequence[NodeRule]]
"""Node rules in force, the nearest level first; or what gives them when it is shown the page."""


@dataclass(frozen=True, slots=True)
class Extracted:
    """What came of a page.

    Attributes:
        text: of its article, one line a paragraph, a line end at its end; or Markdown.
        metadata: title, author, date, language, site, url, tags, image, description: those that are known.
        left_out: what the text does not hold, in the order of the page; of what node rules took, first.
        seen: what the page is, when it is no article.
        protected: numbers of the lines, from 1, that node rules keep.
        flagged: lines that node rules flag, each with the rule and its topic.
    """

    text: str
    metadata: Mapping[str, Any]
    left_out: tuple[LeftOut, ...]
    seen: Seen | None = None
    protected: tuple[int, ...] = ()
    flagged: tuple[tuple[int, NodeRule], ...] = ()


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
        kept: elements that a rule keeps.
    """

    blocks: Blocks
    known: Known
    verdicts: Floats
    box: int
    inside: Bools
    reasons: dict[int, str]
    kept: Sequence[HtmlElement] = ()


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

    def extract(self, html: str, url: str | None = None, node_rules: NodeRules = ()) -> Extracted:
        """The article of a page.

        Args:
            html: the whole page.
            url: where it was found, for its metadata.
            node_rules: of its site and of the user.

        Raises:
            InputError: ``page-too-large``, ``page-too-deep``, ``page-too-complex``: beyond a limit of ``tree``; the kind of a page
                that is no article (``needs-script``, ``not-found`` ...) when it holds no text; else ``no-article``.
        """
        tree = parsed(html)
        declared = declared_in(tree)
        shown = _unscripted(tree)
        rules = node_rules(tree) if callable(node_rules) else node_rules
        metadata = metadata_of(declared, "", url) if self.settings.metadata else {}
        whole = copy.copy(tree) if self.settings.metadata and incomplete(metadata) else None
        ruled = apply(tree, rules) if rules else Ruled()
        if "title" in ruled.metadata:
            declared = declared.with_title(ruled.metadata["title"])
        strip_dead(tree)
        held = (*ruled.bodies, *(element for element, _ in ruled.flagged))
        taken = [*ruled.taken, *take_containers(tree, self._containers, held, ruled.kept)]
        blocks = blocks_of(tree, self._names)
        if not blocks.texts:
            raise _no_article("", declared, shown, ruled)
        page = self._weighed(blocks, declared, ruled)
        text = self._text(page, taken)
        if not text.strip():
            raise _no_article(" ".join(blocks.texts), declared, shown, ruled)
        headline = next((blocks.texts[place] for place in np.flatnonzero(page.known.titles).tolist()), "")
        if self.settings.metadata:
            metadata = metadata_of(declared, headline, url)
            metadata = completed(metadata, whole, url) if whole is not None else metadata
            metadata = with_found(metadata, ruled.metadata)
        return Extracted(
            text,
            metadata,
            self._left_out(page, taken, ruled, text),
            kind_of(text, declared.title, shown),
            *_marked(page, ruled, text),
        )

    def _weighed(self, blocks: Blocks, declared: Declared, ruled: Ruled) -> _Weighed:
        known = self._model.known(blocks, declared)
        verdicts = self._model.verdicts(known)
        kept = _within(blocks, ruled.kept)
        body = _within(blocks, ruled.bodies)
        if not (body & ~known.titles).any():
            body[:] = False  # what the rule names is empty, or the headline alone: the site has changed
        if body.any():
            # A rule names where the article stands, not that all is of it: what is no prose may still go, unless the rule says it stays.
            of_it = verdicts.clip(0.5) if ruled.whole else np.where(known.prose, verdicts.clip(0.5), verdicts)
            verdicts = np.where(body, of_it, 0.0)
        verdicts = np.where(kept, 1.0, verdicts)
        box = box_of(blocks, body) if body.any() else part_of(blocks, known, verdicts)
        inside = _in_box(blocks, box)
        if not inside[kept].all():
            # What is kept stands beside the article: a box around both, and in it nothing else.
            verdicts = np.where(inside | kept, verdicts, 0.0)
            box = box_of(blocks, inside | kept)
            inside = _in_box(blocks, box)
        verdicts = np.where(inside & (verdicts > 0) & self._wanted(blocks), verdicts.clip(0.5), verdicts)
        return _Weighed(blocks, known, verdicts, box, inside, _reasons(known, verdicts, inside, kept), ruled.kept)

    def _text(self, page: _Weighed, taken: Iterable[Taken]) -> str:
        """The text of the article, and comments if they are wanted; a line end at its end."""
        text = self._lines(page) if self.settings.fast else self._article(page)
        if self.settings.comments and text.strip():
            text = text.rstrip("\n") + "".join(f"\n{line}" for line in self._comments(page, taken))
        return text.rstrip("\n") + "\n"

    def _left_out(self, page: _Weighed, taken: Iterable[Taken], ruled: Ruled, text: str) -> tuple[LeftOut, ...]:
        """What of a page is not in the text; what rules of packs took is told in any case, for it is counted."""
        rules = {one.rule for one in ruled.taken}
        if not self.settings.left_out:
            return tuple(taken_texts(ruled.taken, self._names, rules)) if rules else ()
        reason = "unlike the article" if self.settings.fast else "left out by trafilatura"
        places = [
            Place(block, page.reasons.get(place, "" if page.inside[place] else "outside the main text"))
            for place, block in enumerate(page.blocks.texts)
        ]
        return (*taken_texts(taken, self._names, rules), *left_out(places, text, reason))

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
            show_captions(page.blocks.boxes[page.box])
        for kept in page.kept:
            plain(kept)
        return text_of(cut_out(page.blocks.boxes[page.box]), self.settings)

    def _lines(self, page: _Weighed) -> str:
        """The text as the weights alone see it."""
        sure = page.inside & (page.verdicts >= _SURE)
        return "\n".join(page.blocks.texts[place] for place in np.flatnonzero(sure).tolist() if place not in page.reasons)

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


def _reasons(known: Known, verdicts: Floats, inside: Bools, kept: Bools) -> dict[int, str]:
    """Why blocks within the part go."""
    found: dict[int, str] = {}
    first = np.flatnonzero(inside & known.prose & (verdicts >= FURNITURE) & ~known.titles)
    before = int(first[0]) if len(first) else len(verdicts)
    for place in np.flatnonzero(inside & ~kept).tolist():
        if known.titles[place] and place < before:
            found[place] = "the title"
        elif verdicts[place] < FURNITURE:
            found[place] = "unlike the article"
    return found


def _within(blocks: Blocks, elements: Sequence[HtmlElement]) -> Bools:
    """Which blocks stand in one of some elements."""
    if not elements:
        return np.zeros(len(blocks.box), bool)
    wanted = set(elements)
    boxes = np.zeros(len(blocks.boxes), bool)
    for place, box in enumerate(blocks.boxes):
        boxes[place] = box in wanted or (place > 0 and boxes[blocks.parent[place]])
    found: Bools = boxes[np.array(blocks.box)]
    return found


def _in_box(blocks: Blocks, box: int) -> Bools:
    place = np.array(blocks.box)
    found: Bools = (place >= box) & (place < blocks.stop[box])
    return found


def _marked(page: _Weighed, ruled: Ruled, text: str) -> tuple[tuple[int, ...], tuple[tuple[int, NodeRule], ...]]:
    """Lines of the text that rules keep, and that they flag."""
    if not ruled.kept and not ruled.flagged:
        return (), ()
    blocks = page.blocks
    numbers = Numbers(text)
    kept = numbers.of(blocks.texts[place] for place in np.flatnonzero(_within(blocks, ruled.kept)).tolist())
    flagged: dict[int, NodeRule] = {}
    for element, rule in ruled.flagged:
        for number in numbers.of(blocks.texts[place] for place in np.flatnonzero(_within(blocks, [element])).tolist()):
            flagged.setdefault(number, rule)
    return tuple(kept), tuple(sorted(flagged.items()))


def _unscripted(tree: HtmlElement) -> str:
    """What a page shows where there are no scripts."""
    return " ".join(" ".join(one.text_content() for one in tree.iter("noscript")).split())[:2000]


def _no_article(text: str, declared: Declared, shown: str, ruled: Ruled) -> InputError:
    if ruled.taken:
        names = ", ".join(list(dict.fromkeys(one.rule for one in ruled.taken))[:5])
        return InputError(
            "no-article", f"nothing is left of this HTML page, for rules took elements of it: {names}; `disable` turns one off"
        )
    seen = kind_of(text[:1000], declared.title, shown) or kind_of("", declared.title, shown)
    if seen is None:
        return InputError(
            "no-article", "no article text was found in this HTML page; is it a page that needs JavaScript or a login?"
        )
    return InputError(seen.kind.value, f"this page holds no article ({seen.evidence}); fetch it again, with a browser if need be")
