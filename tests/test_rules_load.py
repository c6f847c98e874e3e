"""Packs from files: all rules, or every fault at once; and the bundled packs against their own examples."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cleaner.errors import Fault, RuleFaults
from cleaner.rules.check import advice, check_rules
from cleaner.rules.load import PackFile, bundled_files, bundled_folder, load_rules, pack_files, read_packs
from cleaner.rules.model import Action, Condition, Kind, Level, RuleSet
from cleaner.rules.parse import FaultList, parse_pack
from cleaner.strip import left_by

CASES = Path(__file__).parent / "cases" / "rules"
PACK = '[pack]\nid = "p"\n'
RULE = '[[rule]]\nid = "r"\nwhy = "Why"\nkind = "line"\nliteral = ["x"]\nremoves = ["x"]\nkeeps = ["y"]\n'

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a file and gives its path."""

    def write_file(text: str | bytes, name: str = "p.toml") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    return write_file


def faults_of(*paths: str | Path, bundled: bool = False) -> list[Fault]:
    with pytest.raises(RuleFaults) as caught:
        load_rules(*paths, bundled=bundled)
    return list(caught.value.faults)


def load(path: Path, level: Level = Level.USER) -> RuleSet:
    return read_packs([PackFile(path, level)])


# -- what is right


def test_every_field_arrives() -> None:
    pack = load(CASES / "good.toml", Level.GENERIC).packs[0]
    assert (pack.id, pack.version, pack.topic, pack.language) == ("good", "3", "share", "en")
    assert (pack.hosts, pack.paths, pack.disable) == (("example.org", "example.com"), ("/news/",), ("good.tail",))
    assert (pack.markers, pack.markers_needed) == (("^QIOSK$", "^Dear readers"), 2)
    assert pack.level is Level.SITE, "a bundled pack with hosts is nearer than one without"
    line, phrase, block, lines, tail, head = pack.rules
    assert line.match == Condition(("share this",), (r"^Share on \w+$", "^Tweet$"))
    assert (line.name, line.first, line.last, line.max_length, line.topic) == ("good.line", 3, 4, 80, "share")
    assert (phrase.kind, phrase.max_length) == (Kind.PHRASE, 5000)
    assert (block.start.patterns, block.end.patterns, block.max_lines) == (("^Newsletter$",), ("^Submit$",), 6)
    assert block.action is Action.FLAG
    assert not lines.end
    assert (tail.kind, tail.max_lines, head.kind, head.action) == (Kind.TAIL, 9, Kind.HEAD, Action.KEEP)
    assert head.keeps == ("Menu\nSkip to content",)


def test_good_cases_hold_their_own_examples() -> None:
    assert list(check_rules(load(CASES / "good.toml"), left_by)) == []


def test_users_packs_stay_at_their_level_and_come_after_bundled_ones(write: Write) -> None:
    rules = load_rules(write(PACK + 'hosts = ["example.org"]\n' + RULE))
    assert rules.packs[-1].level is Level.USER
    assert len(rules.packs) == len(bundled_files()) + 1


def test_folders_are_read_by_path(write: Write, tmp_path: Path) -> None:
    write('[pack]\nid = "b"\n' + RULE, "folder/b.toml")
    write('[pack]\nid = "a"\n' + RULE, "folder/deep/a.toml")
    write("not a pack", "folder/readme.txt")
    assert [pack.id for pack in load_rules(tmp_path / "folder", bundled=False).packs] == ["b", "a"]


def test_a_byte_order_mark_is_no_fault(write: Write) -> None:
    assert load(write(b"\xef\xbb\xbf" + (PACK + RULE).encode())).packs[0].id == "p"


def test_fingerprint_tells_what_can_change_a_result(write: Write) -> None:
    def print_of(text: str) -> str:
        return load(write(text)).fingerprint

    same = print_of(PACK + RULE)
    assert print_of(PACK + RULE.replace("Why", "Because") + "# comment") == same
    assert print_of(PACK + RULE.replace('removes = ["x"]', 'removes = ["x", "X"]')) == same
    for other in [
        PACK + RULE.replace('["x"]\nremoves', '["X"]\nremoves'),
        PACK + RULE + "max_length = 5\n",
        PACK + RULE + 'action = "keep"\n',
        PACK + RULE + "first = 2\n",
        PACK + 'hosts = ["example.org"]\n' + RULE,
        PACK + 'language = "en"\n' + RULE,
        PACK + 'disable = ["p.r"]\n' + RULE,
        PACK.replace('"p"', '"q"') + RULE,
        PACK + RULE + RULE.replace('"r"', '"s"'),
    ]:
        assert print_of(other) != same, other


# -- what is wrong


def test_fifteen_faults_are_fifteen_faults() -> None:
    path = str(CASES / "fifteen-faults.toml")
    faults = faults_of(path)
    assert {fault.path for fault in faults} == {path}
    assert [(fault.rule, fault.field) for fault in faults] == [
        (None, "langauge"),
        (None, "id"),
        (None, "language"),
        (None, "hosts"),
        ("no-examples", "removes"),
        ("no-examples", "keeps"),
        ("broken-pattern", "pattern"),
        ("wrong-kind", "kind"),
        ("wrong-kind", "why"),
        ("fields-of-others", "end"),
        ("fields-of-others", "max_length"),
        ("half-a-block", "end"),
        ("half-a-block", "pattern"),
        ("half-a-block", "id"),
        (None, "markers_needed"),
    ]
    assert len(faults) == 15


def test_faults_of_all_files_come_together(write: Write, tmp_path: Path) -> None:
    one = write("[pack\n", "one.toml")
    two = write(b"\xff\xfe", "two.toml")
    three = write(PACK, "three.toml")
    four = write(PACK, "four.toml")
    five = write('[pack]\nid = "q"\ndisable = ["p.nothing"]\n', "five.toml")
    (tmp_path / "empty").mkdir()
    (tmp_path / "folder.toml").mkdir()
    faults = faults_of(one, two, three, four, five, tmp_path / "missing.toml", tmp_path / "empty")
    names = [(Path(fault.path).name, fault.problem.split(";")[0].split(":")[0]) for fault in faults]
    assert names == [
        ("missing.toml", "there is no such file or folder"),
        ("empty", "the folder holds no pack"),
        ("one.toml", "is not TOML"),
        ("two.toml", "is not UTF-8 (byte 0)"),
        ("four.toml", f'the pack id "p" is taken by {three}'),
        ("five.toml", 'there is no rule "p.nothing"'),
    ]


def test_the_error_lists_all_faults_in_its_text() -> None:
    with pytest.raises(RuleFaults, match="15 faults in the rules") as caught:
        load_rules(CASES / "fifteen-faults.toml", bundled=False)
    assert all(str(fault) in str(caught.value) for fault in caught.value.faults)


def test_a_missing_path_does_not_hide_faults_of_other_files(
    write: Write, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    write("[pack\n", "bad.toml")
    assert [fault.path for fault in faults_of("./missing.toml", "./bad.toml", "gone//x.toml")] == [
        "missing.toml",
        "gone/x.toml",
        "bad.toml",
    ]


def test_a_folder_that_looks_like_a_file_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "rules" / "folder.toml").mkdir(parents=True)
    assert [fault.problem for fault in faults_of(tmp_path / "rules")] == ["cannot be read: Is a directory"]
    assert pack_files([]) == []


def test_names_to_disable_are_judged_only_when_known(write: Write) -> None:
    good = write('[pack]\nid = "q"\ndisable = ["p.r", "q.nothing"]\n', "q.toml")
    bad = write(PACK + RULE.replace('"Why"', "1"), "p.toml")
    assert [(Path(fault.path).name, fault.field) for fault in faults_of(good, bad)] == [("p.toml", "why"), ("q.toml", "disable")]


@pytest.mark.parametrize(
    ("text", "rule", "field", "problem"),
    [
        ("[pack]", None, "id", "missing"),
        ('[pack]\nid = ""', None, "id", "must be a text"),
        ('[pack]\nid = "a--b"', None, "id", "is not a name"),
        ('[pack]\nid = "a"\nversion = 1', None, "version", "must be a text"),
        (PACK + "[packs]", None, "packs", "unknown table"),
        (PACK + '[rule]\nid = "r"', None, "rule", "double brackets"),
        (PACK + 'host = ["example.org"]', None, "host", 'did you mean "hosts"?'),
        (PACK + "zzzzzz = 1", None, "zzzzzz", "known are disable, hosts"),
        (PACK + 'hosts = ["https://example.org"]', None, "hosts", "no https://"),
        (PACK + 'hosts = ["Example.org"]', None, "hosts", "lower case"),
        (PACK + 'hosts = ["example.org/news"]', None, "hosts", "no path"),
        (PACK + 'hosts = ["localhost"]', None, "hosts", "is not a host"),
        (PACK + "hosts = [1]", None, "hosts", "must be a text in quotes or a list"),
        (PACK + "hosts = 1", None, "hosts", "must be a text in quotes or a list"),
        (PACK + 'paths = ["/a"]', None, "paths", "there are none"),
        (PACK + 'hosts = ["a.org"]\npaths = ["a"]', None, "paths", "must begin with /"),
        (PACK + "markers = ['(']", None, "markers", "does not compile"),
        (PACK + "markers = ['x*']", None, "markers", "matches an empty line"),
        (PACK + "markers = ['x']\nmarkers_needed = 2", None, "markers_needed", "only 1 markers"),
        (PACK + "max_length = true", None, "max_length", "whole number"),
        (PACK + "max_length = 20001", None, "max_length", "from 1 to 20000"),
        (PACK + 'disable = ["p.s"]\n' + RULE, None, "disable", 'did you mean "p.r"?'),
        (PACK + RULE.replace('id = "r"\n', ""), "rule 1", "id", "missing"),
        (PACK + RULE + RULE, "r", "id", "used twice"),
        (PACK + RULE.replace('why = "Why"\n', ""), "r", "why", "missing"),
        (PACK + RULE.replace('removes = ["x"]\n', ""), "r", "removes", "missing"),
        (PACK + RULE.replace('keeps = ["y"]', "keeps = []"), "r", "keeps", "missing"),
        (PACK + RULE.replace('keeps = ["y"]', 'keeps = [""]'), "r", "keeps", "must be a text"),
        (PACK + RULE.replace('kind = "line"\n', ""), "r", "kind", "missing; one of line, phrase"),
        (PACK + RULE.replace('"line"', '"nodes"'), "r", "kind", '"nodes" is unknown'),
        (PACK + RULE.replace('"line"', '["line"]'), "r", "kind", "is unknown"),
        (PACK + RULE + 'action = "delete"', "r", "action", "one of remove, flag, keep"),
        (PACK + RULE + "patern = 'x'", "r", "patern", 'did you mean "pattern"?'),
        (PACK + RULE + "start = 'x'", "r", "start", 'does not go with kind = "line"'),
        (PACK + RULE + "first = 0", "r", "first", "from 1 to 1000"),
        (PACK + RULE + "pattern = '(?au)x'", "r", "pattern", "mutually incompatible"),
        (PACK + RULE + "pattern = '" + "(" * 3000 + "'", "r", "pattern", "nested too deeply"),
        (PACK + RULE + r"pattern = '^a\nb'", "r", "pattern", 'kind = "block"'),
        (PACK + RULE.replace('literal = ["x"]\n', ""), "r", "literal", "missing"),
        (PACK + RULE.replace('["x"]\nremoves', '["  "]\nremoves'), "r", "literal", "is blank"),
        (PACK + RULE.replace('"line"\nliteral = ["x"]', '"tail"\nmax_lines = 3'), "r", "start", "missing"),
        (PACK + RULE.replace('"line"\nliteral = ["x"]', "\"tail\"\nstart = 'x'"), "r", "max_lines", "missing"),
        (PACK + RULE.replace('"line"\nliteral = ["x"]', '"head"\nmax_lines = 3'), "r", "end", "missing"),
        (PACK + RULE.replace('"line"\nliteral = ["x"]', "\"block\"\nend = 'x'\nmax_lines = 3"), "r", "start", "missing"),
        (
            PACK + RULE.replace('"line"\nliteral = ["x"]', "\"block\"\nstart = 'x'\nend = 'x\\ny'\nmax_lines = 3"),
            "r",
            "end",
            "an end is one line",
        ),
    ],
)
def test_each_fault_names_rule_field_and_remedy(write: Write, text: str, rule: str | None, field: str, problem: str) -> None:
    faults = faults_of(write(text))
    assert [(fault.rule, fault.field) for fault in faults] == [(rule, field)], faults
    assert problem in faults[0].problem


@pytest.mark.parametrize("text", ["", "pack = 1", "pack = []", RULE])
def test_a_file_without_a_pack_is_told_to_begin_with_one(write: Write, text: str) -> None:
    assert [(fault.field, fault.problem.split(";")[0]) for fault in faults_of(write(text))] == [
        ("pack", "missing"),
        ("id", "missing"),
    ]


toml_values = st.recursive(
    st.one_of(
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=5),
        st.sampled_from(["line", "block", "keep", "^x$", "(", r"x\ny"]),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=3), inner, max_size=3)),
    max_leaves=6,
)
pack_fields = [
    "id",
    "version",
    "topic",
    "language",
    "hosts",
    "paths",
    "markers",
    "markers_needed",
    "marker_length",
    "disable",
    "max_length",
    "zz",
]
rule_fields = [
    "id",
    "why",
    "kind",
    "action",
    "literal",
    "pattern",
    "start",
    "end",
    "max_lines",
    "first",
    "last",
    "removes",
    "keeps",
    "max_length",
    "zz",
]
rule_tables = st.dictionaries(st.sampled_from(rule_fields), toml_values)
tables = st.fixed_dictionaries(
    {},
    optional={
        "pack": st.one_of(toml_values, st.dictionaries(st.sampled_from(pack_fields), toml_values)),
        "rule": st.one_of(toml_values, st.lists(rule_tables, max_size=3)),
    },
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tables)
def test_whatever_a_table_holds_becomes_a_pack_or_faults(table: dict[str, object]) -> None:
    faults = FaultList("p.toml")
    pack = parse_pack(table, "p.toml", faults)
    assert (pack is None) == bool(faults.faults)
    assert len(set(faults.faults)) == len(faults.faults)


# -- the bundled packs


def test_bundled_packs_lie_in_their_two_folders_and_nothing_else_is_read_as_one() -> None:
    packs = {file.path.relative_to(bundled_folder()) for file in bundled_files()}
    others = {path.relative_to(bundled_folder()) for path in bundled_folder().rglob("*.toml")} - packs
    assert {path.parts[0] for path in packs} == {"common", "sites"}
    assert {path.parts[0] for path in others} == {"evidence", "html", "learning"}


def test_bundled_packs_load_and_their_patterns_compile() -> None:
    files = bundled_files()
    assert files
    rules = read_packs([PackFile(file.path, file.level) for file in files])
    for pack, file in zip(rules.packs, files, strict=True):
        assert file.path.stem in ((pack.id, *pack.hosts) if file.path.parent.name == "sites" else (pack.id,))
    assert rules.fingerprint == read_packs(files).fingerprint


def test_bundled_rules_hold_their_own_examples() -> None:
    assert list(map(str, check_rules(load_rules(), left_by))) == []


def test_bundled_rules_need_no_advice() -> None:
    assert list(map(str, advice(load_rules()))) == []


# -- what check and advice see


@pytest.mark.parametrize(
    ("rule", "faults"),
    [
        (RULE, []),
        (RULE.replace('removes = ["x"]', 'removes = ["x", "z"]'), [("removes", "is not matched: z")]),
        (RULE.replace('keeps = ["y"]', 'keeps = ["y", "X"]'), [("keeps", "is matched, but must not be: X")]),
        (RULE.replace('keeps = ["y"]', 'keeps = ["y\\nx"]'), [("keeps", "is matched, but must not be: y x")]),
        (RULE.replace('removes = ["x"]', 'removes = ["x\\n\\nx"]'), []),
        (RULE.replace('removes = ["x"]', 'removes = ["x\\nz"]'), [("removes", "is not matched: x z")]),
        (RULE + 'action = "flag"', []),
        (RULE.replace('keeps = ["y"]', 'keeps = ["x"]') + 'action = "flag"', [("keeps", "is matched, but must not be: x")]),
        (RULE.replace('removes = ["x"]', 'removes = ["z"]') + 'action = "flag"', [("removes", "is not matched: z")]),
        (RULE.replace('removes = ["x"]\nkeeps = ["y"]', 'keeps = ["x"]\nremoves = ["y"]\naction = "keep"'), []),
        (RULE + 'action = "keep"', [("keeps", "is not matched: y"), ("removes", "is matched, but must not be: x")]),
        (RULE.replace('"line"', '"phrase"').replace('removes = ["x"]', 'removes = ["a x b"]'), []),
        (
            RULE.replace('"line"', '"phrase"').replace('removes = ["x"]', 'removes = ["axb"]'),
            [("removes", "nothing of it is matched: axb")],
        ),
        (RULE.replace('"line"', '"phrase"') + 'action = "flag"', []),
        (
            RULE.replace('"line"', '"phrase"').replace(
                'removes = ["x"]\nkeeps = ["y"]', 'keeps = ["a x b"]\nremoves = ["y"]\naction = "keep"'
            ),
            [],
        ),
    ],
)
def test_check_says_which_examples_fail(write: Write, rule: str, faults: list[tuple[str, str]]) -> None:
    found = list(check_rules(load(write(PACK + rule)), left_by))
    assert [(fault.field, fault.problem) for fault in found] == faults
    assert all(fault.rule == "r" for fault in found)


def test_check_is_not_hindered_by_scope(write: Write) -> None:
    text = PACK + "hosts = ['example.org']\nlanguage = 'de'\nmarkers = ['^QIOSK$']\ndisable = ['p.r']\n" + RULE
    assert list(check_rules(load(write(text)), left_by)) == []


def test_advice_is_about_anchors(write: Write) -> None:
    body = RULE.replace('literal = ["x"]', "pattern = ['x', '^x', 'x$', '(?i)^x', 'x|^y']")
    assert [fault.problem[-1] for fault in advice(load(write(PACK + body)))] == ["x", "y"]
    assert list(advice(load(write(PACK + body + 'action = "keep"')))) == []


WORDS = """
[pack]
id = "p"

[words]
network = ["Facebook", "X"]
pair = '{{network}} and {{network}}'

[[rule]]
id = "follow"
why = "w"
kind = "line"
pattern = '^Follow us on {{pair}}$'
removes = ["Follow us on X and Facebook"]
keeps = ["Follow us on X"]
"""


def test_words_stand_in_patterns(tmp_path: Path) -> None:
    (tmp_path / "p.toml").write_text(WORDS, encoding="utf-8")
    (rule,) = load_rules(tmp_path, bundled=False).packs[0].rules
    assert rule.match.patterns == ("^Follow us on (?:(?:Facebook|X) and (?:Facebook|X))$",)
    assert [left_by(rule)(text) for text in ("Follow us on X and Facebook", "Follow us on X")] == ["", "Follow us on X"]


@pytest.mark.parametrize(
    ("before", "after", "field", "problem"),
    [
        ("{{pair}}$", "{{pears}}$", "pattern", "{{pears}} is not among [words]"),
        ("network = [", "Network = [", "words.Network", "lower-case name"),
        ('["Facebook", "X"]', "[]", "words.network", "a text or a list of texts"),
        ("'{{network}} and {{network}}'", "'{{later}}'", "words.pair", "{{later}} is not among [words] above it"),
    ],
)
def test_faults_of_words(before: str, after: str, field: str, problem: str, tmp_path: Path) -> None:
    (tmp_path / "p.toml").write_text(WORDS.replace(before, after), encoding="utf-8")
    with pytest.raises(RuleFaults) as caught:
        load_rules(tmp_path, bundled=False)
    assert any(fault.field == field and problem in fault.problem for fault in caught.value.faults)
