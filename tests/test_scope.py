"""Packs in force: hosts on label boundaries, paths, markers, and what a URL says."""

from __future__ import annotations

import pytest

from cleaner.document import Means
from cleaner.rules.model import Level, Pack, RuleSet
from cleaner.rules.scope import Page, Scope, own_everywhere, page_of


def pack(name: str, **scope: object) -> Pack:
    return Pack(name, "1", f"{name}.toml", Level.SITE, "site", **scope)  # type: ignore[arg-type]


def in_force(packs: list[Pack], page: Page, lines: list[str]) -> list[str]:
    return [one.pack.id for one in Scope(packs, time_limit=5).in_force(page, lines, {})]


@pytest.mark.parametrize(
    ("url", "host", "path"),
    [
        ("https://www.Example.ORG/a/b?c#d", "www.example.org", "/a/b"),
        ("HTTP://example.org:8080/", "example.org", "/"),
        ("//example.org/x", "example.org", "/x"),
        ("example.org", "example.org", "/"),
        ("example.org.", "example.org", "/"),
        ("example.org/a//b", "example.org", "/a//b"),
        ("example.org/go?to=https://other.example/", "example.org", "/go"),
        ("  https://example.org/x\n", "example.org", "/x"),
        ("https://user:secret@example.org/x", "example.org", "/x"),
        ("", "", "/"),
        ("http://[broken", "", "/"),
    ],
)
def test_page_of_a_url(url: str, host: str, path: str) -> None:
    assert page_of(url) == Page(host, path)


@pytest.mark.parametrize(
    ("host", "holds"),
    [
        ("example.org", True),
        ("www.example.org", True),
        ("a.b.example.org", True),
        ("badexample.org", False),
        ("example.org.evil.net", False),
        ("org", False),
        ("example.com", False),
    ],
)
def test_hosts_hold_on_label_boundaries(host: str, *, holds: bool) -> None:
    assert in_force([pack("p", hosts=("example.org",))], Page(host), []) == (["p"] if holds else [])


def test_paths_narrow_hosts() -> None:
    packs = [pack("news", hosts=("example.org",), paths=("/news/", "/opinion/")), pack("all", hosts=("example.org",))]
    assert in_force(packs, Page("example.org", "/news/1"), []) == ["news", "all"]
    assert in_force(packs, Page("example.org", "/opinion/1"), []) == ["news", "all"]
    assert in_force(packs, Page("example.org", "/newsroom"), []) == ["all"]


def test_unscoped_packs_are_not_listed() -> None:
    assert in_force([pack("everywhere")], Page("example.org"), ["x"]) == []


def test_a_known_host_decides_over_markers() -> None:
    packs = [pack("p", hosts=("example.org",), markers=("^QIOSK$",))]
    assert in_force(packs, Page("example.org"), []) == ["p"]
    assert in_force(packs, Page(""), ["QIOSK"]) == ["p"]
    assert in_force(packs, Page("other.net"), ["QIOSK"]) == []
    assert in_force(packs, Page(""), ["qiosk"]) == []


def test_a_pack_without_hosts_goes_by_markers_on_every_host() -> None:
    assert in_force([pack("p", markers=("^QIOSK$",))], Page("other.net"), ["QIOSK"]) == ["p"]


def test_different_markers_are_counted() -> None:
    packs = [pack("p", markers=("^One$", "^Two$", "^Three$"), markers_needed=2)]
    assert in_force(packs, Page(), ["One", "One", "One"]) == []
    assert in_force(packs, Page(), ["One", "x", "Three"]) == ["p"]


def test_a_marker_in_a_long_line_does_not_count() -> None:
    packs = [pack("p", markers=("^Dear readers",))]
    line = "Dear readers".ljust(200, ".")
    assert in_force(packs, Page(), [line]) == ["p"]
    assert in_force(packs, Page(), [line + "."]) == []
    assert in_force([pack("p", markers=("^Dear readers",), marker_length=201)], Page(), [line + "."]) == ["p"]


def test_packs_come_in_order_of_loading_with_those_in_force_anyway() -> None:
    packs = [pack("a", markers=("^A$",)), pack("b", markers=("^B$",)), pack("c", markers=("^C$",))]
    assert in_force(packs, Page(), ["C", "A"]) == ["a", "c"]
    scope = Scope(packs, time_limit=5)
    before = scope.in_force(Page(), ["B"], {})
    assert [one.pack.id for one in scope.in_force(Page(), ["A"], {}, before)] == ["a", "b"]


def told_by(one: Pack, page: Page, lines: list[str]) -> list[str]:
    return [str(found.told_by) for found in Scope([one], time_limit=5).in_force(page, lines, {})]


def test_what_told_that_a_pack_is_in_force() -> None:
    both = pack("p", hosts=("example.org",), markers=("^One$", "^Two$", "^Three$"), markers_needed=2)
    assert told_by(both, Page("www.example.org"), ["One", "Two"]) == ["url"]
    assert told_by(both, Page("www.example.org", means=Means.SITE), ["One", "Two"]) == ["site option"]
    assert told_by(both, Page(), ["Three", "Two", "One"]) == ["marker: ^One$; marker: ^Two$"]
    assert told_by(both, Page("other.net"), ["Three", "Two", "One"]) == []


def test_only_own_packs_without_a_scope_are_told_as_in_force_everywhere() -> None:
    packs = (
        Pack("bundled", "1", "", Level.GENERIC, "t"),
        Pack("mine", "1", "", Level.USER, "t"),
        Pack("ours", "1", "", Level.PROJECT, "t", language="de"),
        Pack("there", "1", "", Level.USER, "t", hosts=("a.example",)),
    )
    assert own_everywhere(RuleSet(packs)) == ["mine", "ours"]
    assert own_everywhere(RuleSet(packs), frozenset(["en"])) == ["mine"]
