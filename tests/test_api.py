"""What ``import cleaner`` offers: which names, with which words and types, and what they promise."""

from __future__ import annotations

import ast
import logging
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import FrozenInstanceError, fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import cleaner
from cleaner import (
    CleanSettings,
    Doubtful,
    DuplicateOf,
    DuplicateSettings,
    EvidenceSettings,
    InputError,
    Keep,
    Layout,
    Pipeline,
    Policy,
    Raw,
    Rejection,
    Relation,
    RuleFaults,
    RuleFired,
    RuleSet,
    Source,
    Strength,
    Unit,
    UsageError,
    load_rules,
)

if TYPE_CHECKING:
    from collections.abc import Callable

PACKAGE = Path(cleaner.__file__).resolve().parent

EXPORTED = {
    "CleanSettings", "CleanerError", "Document", "Doubtful", "Duplicate", "DuplicateOf", "DuplicateSettings", "Evidence",
    "EvidenceSettings", "Fault", "InputError", "Keep", "Layout", "Media", "Pipeline", "Policy", "Raw", "Rejection", "Relation",
    "Removal", "Repair", "RuleFaults", "RuleFired", "RuleSet", "Source", "Span", "Strength", "Unit", "UnitRef", "UsageError", "__version__", "clean", "load_rules",
}  # fmt: skip
"""A name that goes, or is called otherwise, breaks the programs of others: then the major version changes."""

SENTENCE = "The keeper of the Almesta lighthouse said on Monday that she would leave the lamp burning all winter."
PAGE = f"The cafÃ© by the lighthouse\r\n\r\nAdvertisement\r\n\r\n{SENTENCE}\r\n\r\nNobody minds.\r\n\r\n{SENTENCE}\r\n"

PACK = """
[pack]
id = "almesta"
hosts = ["almesta.example"]
topic = "related"

[[rule]]
id = "lamp"
why = "Link to the lamp"
kind = "line"
literal = ["see the lamp live"]
removes = ["See the lamp live"]
keeps = ["See the lamp live, while it burns."]

[[rule]]
id = "notice"
why = "Notice to be looked at"
kind = "line"
pattern = '^Notice to mariners: .{3,60}$'
action = "flag"
removes = ["Notice to mariners: lamp out"]
keeps = ["A notice to mariners: the lamp is out."]
"""


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("own") / "almesta.toml"
    path.write_text(PACK, encoding="utf-8")
    return path


# -- names


def test_exported_names_are_pinned() -> None:
    assert set(cleaner.__all__) == EXPORTED
    assert sorted(cleaner.__all__) == sorted(set(cleaner.__all__))
    assert sorted(dir(cleaner)) == sorted(EXPORTED)


@pytest.mark.parametrize("name", sorted(EXPORTED))
def test_every_name_can_be_imported(name: str) -> None:
    assert getattr(cleaner, name) is not None


def test_type_checkers_see_the_same_names() -> None:
    tree = ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8"))
    [block] = [node for node in tree.body if isinstance(node, ast.If)]
    seen = {alias.name for node in block.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert seen | {"__version__"} == EXPORTED
    for node in block.body:
        assert isinstance(node, ast.ImportFrom)
        for alias in node.names:
            assert getattr(cleaner, alias.name) is getattr(sys.modules[str(node.module)], alias.name)


def test_other_names_are_not_there() -> None:
    with pytest.raises(AttributeError, match="no attribute 'cleanse'"):
        _ = cleaner.cleanse


def test_every_public_name_says_what_it_is() -> None:
    for name in sorted(EXPORTED - {"__version__"}):
        value = getattr(cleaner, name)
        words = value.__dict__.get("__doc__") if isinstance(value, type) else value.__doc__
        assert words, name
        assert not words.startswith(f"{name}("), f"{name}: the words that a dataclass or a named tuple makes of its fields"
        if isinstance(value, type):
            for own_name, member in vars(value).items():
                if not own_name.startswith("_") and callable(member):
                    assert member.__doc__, f"{name}.{own_name}"


def test_values_are_frozen() -> None:
    document = cleaner.clean("One.\n")
    with pytest.raises(FrozenInstanceError):
        document.text = "Two.\n"  # type: ignore[misc]
    for name in sorted(EXPORTED):
        value = getattr(cleaner, name)
        if is_dataclass(value):
            assert vars(value)["__dataclass_params__"].frozen, name
            assert all(f"{field.name}:" in str(value.__doc__) for field in fields(value)) or len(fields(value)) < 2, name


def test_the_package_says_that_it_has_types() -> None:
    assert (PACKAGE / "py.typed").exists()


# -- clean


def test_clean_repairs_removes_and_flags() -> None:
    document = cleaner.clean(PAGE)
    assert document.clean_text == f"The café by the lighthouse\r\n\r\n{SENTENCE}\r\n\r\nNobody minds.\r\n\r\n{SENTENCE}\r\n"
    assert [(one.line, one.before, one.after) for one in document.repairs] == [
        (1, "The cafÃ© by the lighthouse\r", "The café by the lighthouse\r")
    ]
    advertisement, gap = document.removals
    assert (advertisement.line, document.text[slice(*advertisement.span)]) == (3, "Advertisement\r\n")
    assert isinstance(advertisement.cause, RuleFired)
    assert advertisement.cause.topic == "advertising"
    assert isinstance(gap.cause, Layout)
    [duplicate] = document.duplicates
    assert (duplicate.line, duplicate.of.line, duplicate.relation, duplicate.unit) == (9, 5, Relation.SAME, Unit.PASSAGE)
    assert duplicate.span is not None
    assert document.text[slice(*duplicate.span)] == SENTENCE
    assert (duplicate.jaccard, duplicate.containment) == (1.0, 1.0)


def test_kept_and_removed_are_the_text() -> None:
    document = cleaner.clean(PAGE)
    spans = sorted([*document.kept_spans, *(removal.span for removal in document.removals)])
    assert "".join(document.text[start:end] for start, end in spans) == document.text


@pytest.mark.parametrize("text", ["", "\n", " \n\n", "One.", "One.\r\n\r\n\r\nTwo.", "Zoë – «ici»\n"])
def test_text_with_nothing_to_do_comes_out_as_it_was(text: str) -> None:
    assert cleaner.clean(text).clean_text == text


def test_cleaning_twice_changes_nothing() -> None:
    once = cleaner.clean(PAGE).clean_text
    assert cleaner.clean(once).clean_text == once


@pytest.mark.parametrize("site", ["almesta.example", "www.almesta.example", "https://Almesta.example:443/news?id=1"])
def test_site_is_a_host_or_a_url(site: str, own: Path) -> None:
    pipeline = Pipeline(load_rules(own))
    assert pipeline.clean("See the lamp live\nIt burns.\n", site).clean_text == "It burns.\n"
    assert pipeline.clean("See the lamp live\nIt burns.\n", "other.example").clean_text == "See the lamp live\nIt burns.\n"


# -- Pipeline


def test_pipeline_with_rules_of_ones_own(own: Path) -> None:
    alone = CleanSettings(evidence=EvidenceSettings(strength=Strength.RULES))
    pipeline = Pipeline(load_rules(own, bundled=False), alone)
    document = pipeline.clean("See the lamp live\nNotice to mariners: lamp out\nAdvertisement\n", site="almesta.example")
    assert document.clean_text == "Notice to mariners: lamp out\nAdvertisement\n"
    assert [removal.cause for removal in document.removals] == [RuleFired("almesta.lamp", "related")]
    assert [flag.line for flag in document.flags] == [2]
    assert (document.site, document.packs) == ("almesta.example", ("almesta",))


def test_rules_of_ones_own_come_over_the_bundled_ones(own: Path) -> None:
    rules = load_rules(own)
    assert [pack.id for pack in rules.packs][-1] == "almesta"
    assert len(rules.packs) > 1
    assert rules.fingerprint != load_rules().fingerprint == load_rules().fingerprint


def test_pipeline_without_rules() -> None:
    settings = CleanSettings(rules=False, duplicates=DuplicateSettings(policy=Policy.OFF))
    document = Pipeline(settings=settings).clean(PAGE)
    assert (document.removals, document.duplicates) == ((), ())
    assert len(document.repairs) == 1
    assert Pipeline(RuleSet()).clean("Advertisement\n").clean_text == "Advertisement\n"


def test_evidence_is_a_part_of_the_settings() -> None:
    settings = CleanSettings(evidence=EvidenceSettings(strength=Strength.CAREFUL, keep=frozenset({Keep.CAPTIONS})))
    assert pickle.loads(pickle.dumps(settings)) == settings != CleanSettings()
    assert CleanSettings().evidence == EvidenceSettings(Strength.DEFAULT, Doubtful.FLAG, frozenset())
    assert Pipeline(RuleSet(), settings).settings.evidence.strength is Strength.CAREFUL


def test_languages_restrict_packs(tmp_path: Path) -> None:
    path = tmp_path / "faro.toml"
    path.write_text(
        PACK.replace('id = "almesta"', 'id = "faro"\nlanguage = "es"').replace('hosts = ["almesta.example"]\n', ""),
        encoding="utf-8",
    )
    rules = load_rules(path, bundled=False)
    text = "See the lamp live\nIt burns.\n"
    for languages, expected in ((None, "It burns.\n"), (frozenset({"es"}), "It burns.\n"), (frozenset({"en"}), text)):
        assert Pipeline(rules, CleanSettings(languages=languages)).clean(text).clean_text == expected


def test_duplicates_can_be_removed() -> None:
    settings = CleanSettings(duplicates=DuplicateSettings(policy=Policy.KEEP_FIRST))
    document = Pipeline(settings=settings).clean(PAGE)
    assert document.clean_text.count(SENTENCE) == 1
    [cause] = [removal.cause for removal in document.removals if isinstance(removal.cause, DuplicateOf)]
    assert cause.of.line == 5


def test_prepare_rejects_and_does_not_raise() -> None:
    pipeline = Pipeline(RuleSet())
    source = Source("picture.txt", None, "picture.txt")
    result = pipeline.prepare(Raw(source, bytes(range(256)) * 8))
    assert isinstance(result, Rejection)
    assert (result.source, result.reason) == (source, "not-text")
    assert result.detail


def test_pipeline_goes_to_other_threads_and_processes(own: Path) -> None:
    pipeline = Pipeline(load_rules(own))
    texts = [PAGE, "See the lamp live\n", "One.\n"] * 10
    expected = [pipeline.clean(text, "almesta.example") for text in texts]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda text: pipeline.clean(text, "almesta.example"), texts)) == expected
    again = pickle.loads(pickle.dumps(pipeline))
    assert [again.clean(text, "almesta.example") for text in texts] == expected


# -- errors


def test_errors_have_one_root() -> None:
    for error in (InputError, RuleFaults, UsageError):
        assert issubclass(error, cleaner.CleanerError)


def test_a_page_without_an_article_is_an_input_error() -> None:
    with pytest.raises(InputError) as caught:
        cleaner.clean("<!DOCTYPE html><html><body></body></html>")
    assert caught.value.reason == "no-article"
    assert str(caught.value) == caught.value.detail


def test_all_faults_of_rules_come_at_once(tmp_path: Path) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text('[pack]\nid = "wrong"\n[[rule]]\nid = "a"\nkind = "lime"\n[[rule]]\nkind = "line"\n', encoding="utf-8")
    with pytest.raises(RuleFaults) as caught:
        load_rules(path, tmp_path / "nowhere", tmp_path / "gone.toml")
    faults = caught.value.faults
    assert {fault.path for fault in faults} == {str(path), str(tmp_path / "nowhere"), str(tmp_path / "gone.toml")}
    assert {fault.rule for fault in faults} == {None, "a", "rule 2"}
    assert {fault.field for fault in faults if fault.rule == "a"} == {"kind", "why", "removes", "keeps"}
    assert all(str(fault) in str(caught.value) for fault in faults)
    assert pickle.loads(pickle.dumps(caught.value)).faults == faults


@pytest.mark.parametrize(
    "wrong",
    [
        {"threshold": 0.0},
        {"threshold": 1.1},
        {"containment": -1.0},
        {"units": frozenset()},
        {"policy": Policy.KEEP_LONGEST},
    ],
)
def test_settings_that_make_no_sense_are_usage_errors(wrong: dict[str, object]) -> None:
    with pytest.raises(UsageError, match="duplicates: "):
        DuplicateSettings(**wrong)  # type: ignore[arg-type]


# -- quiet


def test_nothing_is_printed(process_env: Callable[[], dict[str, str]]) -> None:
    program = f"import cleaner; cleaner.clean({PAGE!r}); cleaner.clean({'<html><body><p>' + SENTENCE * 9!r})"
    done = subprocess.run([sys.executable, "-c", program], env=process_env(), capture_output=True, check=True)
    assert (done.stdout, done.stderr) == (b"", b"")


def test_loggers_of_the_package_lie_under_its_name(caplog: pytest.LogCaptureFixture) -> None:
    before = set(logging.root.manager.loggerDict)
    with caplog.at_level(logging.DEBUG):
        cleaner.clean(PAGE)
    assert {record.name.partition(".")[0] for record in caplog.records} <= {"cleaner"}
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                assert ast.unparse(node.func) != "print", f"{path.name}, line {node.lineno}"
                if ast.unparse(node.func).endswith("getLogger"):
                    [name] = node.args
                    assert ast.unparse(name) in ("__name__", "'cleaner'"), f"{path.name}, line {node.lineno}"
    assert {name for name in set(logging.root.manager.loggerDict) - before if name.startswith("cleaner")} <= {"cleaner"}


def test_importing_is_light(process_env: Callable[[], dict[str, str]]) -> None:
    program = "import cleaner, sys; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", program], env=process_env(), capture_output=True, check=True, text=True)
    assert not {"numpy", "ftfy", "regex", "datasketch", "trafilatura", "click", "charset_normalizer"} & set(done.stdout.split())
