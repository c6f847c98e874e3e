"""Packs of the project, of the user and of installed packages: found, shown, and in force only when they are asked for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

PACK = '[pack]\nid = "{id}"\n\n[[rule]]\nid = "box"\nwhy = "x"\nkind = "line"\nliteral = "bugle {id}"\nremoves = ["bugle {id}"]\nkeeps = ["kept"]\n'


@pytest.fixture
def folder(files: Any) -> Path:
    path: Path = files(
        {
            "rules/project.toml": PACK.format(id="project"),
            "rules/tool.toml": '[tool]\nname = "somebody else"\n',
            "home/cleaner/rules/user.toml": PACK.format(id="user"),
            "site/bugle_rules/__init__.py": "raise SystemExit('a package of packs is not run')\n",
            "site/bugle_rules/packs/installed.toml": PACK.format(id="installed"),
            "site/bugle_rules-1.2.dist-info/METADATA": "Metadata-Version: 2.1\nName: bugle-rules\nVersion: 1.2\n",
            "site/bugle_rules-1.2.dist-info/entry_points.txt": "[cleaner.rules]\nbugle = bugle_rules\n",
            "in/a.txt": "Head\nbugle project\nbugle user\nbugle installed\nThe story goes on.\n",
        }
    )
    return path


@pytest.fixture
def env(folder: Path, process_env: Any) -> dict[str, str]:
    path = ":".join(filter(None, [str(folder / "site"), process_env().get("PYTHONPATH", "")]))
    return {"XDG_CONFIG_HOME": str(folder / "home"), "PYTHONPATH": path}


def test_list_shows_where_each_comes_from(cleaner: Any, folder: Path, env: dict[str, str]) -> None:
    rows = cleaner("rules", "list", cwd=folder, **env).text.splitlines()
    assert rows[0].startswith("from cleaner (")
    assert rows[-4:-1] == [
        "not in force: 1 pack of bugle-rules 1.2; --rules @installed takes them",
        f"not in force: 1 pack of {folder / 'home/cleaner/rules'}; --rules @user takes them",
        "not in force: 1 pack of rules; --rules @project takes them",
    ]
    rows = cleaner("rules", "list", "--rules", "@all", cwd=folder, **env).text.splitlines()
    assert [row for row in rows if row.startswith("from ")][1:] == [
        "from bugle-rules 1.2 (@installed)", f"from {folder / 'home/cleaner/rules'} (@user)", "from rules (@project)",
    ]  # fmt: skip
    assert not [row for row in rows if row.startswith("not in force")]


@pytest.mark.parametrize(
    ("options", "gone"),
    [
        ([], set()),
        (["--rules", "@project"], {"project"}),
        (["--rules", "@user", "--rules", "@installed"], {"user", "installed"}),
        (["--rules", "@all"], {"project", "user", "installed"}),
    ],
)
def test_none_is_in_force_unasked_and_the_run_tells(
    cleaner: Any, folder: Path, env: dict[str, str], options: list[str], gone: set[str]
) -> None:
    done = cleaner("clean", "in", "--out", "out", "--strength", "rules", *options, cwd=folder, **env)
    assert done.code == 0, done.err
    left = (folder / "out/clean/a.txt").read_text()
    assert {name for name in ("project", "user", "installed") if f"bugle {name}" not in left} == gone
    told = json.loads((folder / "out/run.json").read_bytes())["rules"]["own"]
    assert set(told) == gone
    assert all(Path(path).is_file() for path in told.values())


def test_a_file_of_options_may_name_them(cleaner: Any, folder: Path, env: dict[str, str]) -> None:
    (folder / "cleaner.toml").write_text('[clean]\nrules = ["@user"]\n')
    done = cleaner("clean", "in", "--out", "out", "--strength", "rules", cwd=folder, **env)
    assert done.code == 0, done.err
    assert set(json.loads((folder / "out/run.json").read_bytes())["rules"]["own"]) == {"user"}


def test_a_pack_of_theirs_with_a_fault_is_told(cleaner: Any, folder: Path, env: dict[str, str]) -> None:
    (folder / "rules/wrong.toml").write_text("[pack]\nid = 'wrong\n")
    done = cleaner("rules", "list", "--rules", "@project", cwd=folder, **env)
    assert done.code == 2
    assert "rules/wrong.toml: is not TOML" in done.err
    assert cleaner("rules", "list", cwd=folder, **env).code == 0
