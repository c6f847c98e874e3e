"""A command whose options a file may set: the command line wins, and ``--print-config`` shows what holds and from where."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click
from click.core import ParameterSource

from cleaner.cli import options
from cleaner.cli.config import FOR_ONE_RUN, NAME, TABLE, Config, find, options_of, read
from cleaner.cli.failure import INTERRUPTED, WRONG, told
from cleaner.errors import UsageError
from cleaner.rules.model import RuleSet

F = TypeVar("F", bound=Callable[..., Any])
_CONFIG = "cleaner.config"
"""Where the context keeps the file that holds, or None."""
_ASIDE = "cleaner.aside"
"""Where the context keeps what does not hold of the file, and why."""
_COLUMN = 32
"""Where the comments of --print-config begin."""
_EXCLUDE = (("no-rules", "rules"), ("no-rules", "strength"))
"""Options that go ill together: one on the command line sets the other one of the file aside."""


def config_options(command: F) -> F:
    """``--config``, ``--no-config``, ``--print-config``."""
    for option in (
        click.option(
            "--print-config", is_flag=True, expose_value=False, help="Show which options hold, and from where; do nothing."
        ),
        click.option("--no-config", is_flag=True, expose_value=False, help=f"Follow no {NAME}."),
        click.option(
            "--config",
            metavar="PATH",
            expose_value=False,
            help=f"File of options; the command line wins. Default: {NAME}, here or in the nearest folder above.",
        ),
    ):
        command = option(command)
    return command


class Configured(click.Command):
    """A command that reads ``cleaner.toml`` before its options get their defaults."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Reads the file, then the options, of which it sets the defaults."""
        if ctx.resilient_parsing:  # a shell completes a command that is not finished
            return super().parse_args(ctx, args)
        given, _, order = self.make_parser(ctx).parse_args(args=list(args))
        helps = self.get_help_option(ctx)
        if helps is not None and given.get(helps.name or "") is True:
            return super().parse_args(ctx, args)
        with told():
            config = _chosen(given.get("config"), self.holder(), none=bool(given.get("no_config")))
        aside = _set_aside(config, given, self)
        ctx.meta[_CONFIG], ctx.meta[_ASIDE] = config, aside
        if config is not None:
            named = options_of(self)
            held = {
                named[name].name or "": value
                for name, value in config.values.items()
                if name in self.heeded() and name not in aside and name != "rules"
            }
            ctx.default_map = {**(ctx.default_map or {}), **held}
        if given.get("print_config"):
            for param in click.core.iter_params_for_processing(order, self.get_params(ctx)):
                if isinstance(param, click.Option):  # what to clean is not asked
                    param.handle_parse_result(ctx, given, [])
            click.echo("\n".join(_shown(ctx)))
            ctx.exit()
        return super().parse_args(ctx, args)

    def holder(self) -> click.Command:
        """The command whose options the file holds."""
        return self

    def heeded(self) -> frozenset[str]:
        """Long names of the options that the file sets."""
        return frozenset(options_of(self))

    def invoke(self, ctx: click.Context) -> Any:
        """Does the work; an error says where the options stand that it speaks of, and is an object for who reads objects."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            if ctx.params.get("log_json"):
                _end_for_machines(ctx, INTERRUPTED, "interrupted; what was begun is not finished")
            raise
        except click.ClickException as error:
            where = _whence(ctx, error.message) if error.exit_code == WRONG else ""
            if ctx.params.get("log_json"):
                _end_for_machines(ctx, error.exit_code, error.format_message() + where)
            if isinstance(error, click.UsageError):
                raise click.UsageError(error.message + where, error.ctx) from error
            if where:
                with told():
                    raise UsageError(error.message + where) from error
            raise


def _end_for_machines(ctx: click.Context, status: int, message: str) -> NoReturn:
    from cleaner.cli.progress import say_json

    say_json("error", status=status, message=message)
    ctx.exit(status)


def load_rules(packs: tuple[str, ...], *, no_rules: bool) -> RuleSet:
    """The packs in force: bundled, over them those of the file (a project's), over these those of the command line (a user's).

    Raises:
        RuleFaults: with every fault.
        click.UsageError: ``--rules`` and ``--no-rules`` together.
    """
    named = project(click.get_current_context())
    if no_rules or not named:
        return options.load(packs, no_rules=no_rules)
    from cleaner.rules.load import load_rules as load

    return load(*packs, project=named)


def origin(ctx: click.Context) -> Mapping[str, Any]:
    """For ``run.json``: the file that held, or null, and where each option comes from that has not its default."""
    config = config_of(ctx)
    sources = {name: _source(ctx, name, option) for name, option in options_of(ctx.command).items()}
    said = {name: source for name, source in sources.items() if source != "default"}
    return {"config": _absolute(config.path) if config is not None else None, "set_by": said}


def config_of(ctx: click.Context) -> Config | None:
    """What the file says, if there is one."""
    config: Config | None = ctx.meta.get(_CONFIG)
    return config


def in_force(ctx: click.Context) -> Path | None:
    """The file that holds, or None."""
    config = config_of(ctx)
    return config.path if config is not None else None


def _chosen(named: str | None, command: click.Command, *, none: bool) -> Config | None:
    if named is not None and none:
        raise click.UsageError("--config and --no-config exclude each other; leave one out")
    path = Path(named) if named is not None else None if none else find()
    return read(path, command) if path is not None else None


def _set_aside(config: Config | None, given: Mapping[str, Any], command: click.Command) -> dict[str, str]:
    """What the file says that does not hold this time, and why."""
    if config is None:
        return {}
    named = {name for name, option in options_of(command).items() if option.name in given}
    aside = {
        yields: f"--{wins} excludes it"
        for pair in _EXCLUDE
        for wins, yields in (pair, pair[::-1])
        if wins in named and yields not in named and yields in config.values
    }
    audit = config.values.get("audit")
    inputs = given.get("inputs")
    if isinstance(inputs, (list, tuple)) and "-" in inputs and "out" not in named:
        found = ["out", "signatures", *(["audit"] if audit in {"full", "spans", "none"} else [])]
        why = "it is not for standard input"
    else:
        found = ["rejected", *(["audit"] if audit not in {"full", "spans", "none"} else [])]
        why = "it is for standard input"
    return aside | {name: why for name in found if name in config.values and name not in named}


def _absolute(path: Path) -> str:
    """The whole path, links as they are named."""
    return os.path.abspath(path)  # noqa: PTH100  # resolve() would follow them


def project(ctx: click.Context) -> tuple[str, ...]:
    """The packs that the file names."""
    config = config_of(ctx)
    return tuple(config.values.get("rules", ())) if config is not None and "rules" not in ctx.meta[_ASIDE] else ()


def _source(ctx: click.Context, name: str, option: click.Option) -> str:
    config = config_of(ctx)
    source = ctx.get_parameter_source(option.name or "")
    if name == "rules" and config is not None and project(ctx):
        place = config.place(name)
        return place if source is ParameterSource.DEFAULT else f"{place}, and over it the command line"
    if source is ParameterSource.DEFAULT_MAP and config is not None:
        return config.place(name)
    if source is ParameterSource.ENVIRONMENT:
        return "environment"
    return "command line" if source is ParameterSource.COMMANDLINE else "default"


def _whence(ctx: click.Context, message: str) -> str:
    """Where the options stand that a message speaks of, if in the file."""
    config = config_of(ctx)
    named = options_of(ctx.command)
    spoken = [name for name in dict.fromkeys(re.findall(r"--([a-z][a-z-]*)", message)) if name in named]
    if config is None:
        return ""
    held = [name for name in spoken if name in config.values and _source(ctx, name, named[name]).startswith(config.place(name))]
    return "".join(f"\n  {name} stands in {config.place(name)}" for name in held)


def _shown(ctx: click.Context) -> Iterator[str]:
    """A ``cleaner.toml`` that says what holds, each line with where it comes from."""
    config = config_of(ctx)
    yield f"# {_absolute(config.path)} holds." if config is not None else f"# No {NAME} holds."
    yield f"[{TABLE}]"
    named = options_of(ctx.command)
    without = bool(ctx.params.get("no_rules"))
    for name, option in named.items():
        if not option.expose_value or name == "help":
            continue
        value: Any = ctx.params.get(option.name or "")
        if name == "rules":
            value = [*project(ctx), *(value or ())]
        source = _source(ctx, name, option)
        if name in ctx.meta[_ASIDE] and config is not None:
            source += f" ({config.place(name)} does not hold: {ctx.meta[_ASIDE][name]})"
        if option.is_flag and name in FOR_ONE_RUN:
            if value:
                yield f"# --{name}".ljust(_COLUMN) + f"  # {source}, for this run"
            continue
        written = _toml(value)
        # Written out, it would go ill with no-rules when the file is read again.
        off = written is None or (without and name == "strength")
        yield (f"# {name} =" if off else f"{name} = {written}").ljust(_COLUMN) + f"  # {source}"


def _toml(value: Any) -> str | None:
    r"""A value as TOML has it; None when it has none.

    >>> _toml(("a", 'b"')), _toml(True), _toml(0.8), _toml(None)
    ('["a", "b\\""]', 'true', '0.8', None)
    """
    match value:
        case bool() | int() | float():
            return json.dumps(value)
        case list() | tuple():
            return f"[{', '.join(filter(None, map(_toml, value)))}]"
        case str() | Path() if not re.search("[\ud800-\udfff]", str(value)):
            return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")
    # Nothing, whatever click has for that, or a path that is not UTF-8.
    return None
