"""Commands that follow ``cleaner.toml`` as ``cleaner clean`` does, so that they show what it does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from cleaner.cli import options
from cleaner.cli.config import NAME, options_of
from cleaner.cli.configured import Configured, config_of
from cleaner.readers.options import ReadOptions

F = TypeVar("F", bound=Callable[..., Any])


def file_options(command: F) -> F:
    """``--config`` and ``--no-config``, for commands that are not asked what holds."""
    for option in (
        click.option("--no-config", is_flag=True, expose_value=False, help=f"Follow no {NAME}."),
        click.option(
            "--config", metavar="PATH", expose_value=False, help=f"File of options to follow. Default: as for clean, {NAME}."
        ),
    ):
        command = option(command)
    return command


class LikeClean(Configured):
    """A command that heeds what the file says to ``cleaner clean``, as far as it has the same options."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As ever; who gives several paths after one ``--corpus``, as shells do for ``pages/*.txt``, is told how."""
        several = "--corpus" in args  # before they are parsed, which takes them away
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            if "extra argument" not in error.message:
                raise
            hint = "quote what holds blanks, 'like this'"
            if several:
                hint = "--corpus takes one path each time; name a folder, quote the pattern ('pages/*.txt'), or repeat --corpus"
            raise click.UsageError(f"{error.message}; {hint}", ctx) from error

    def holder(self) -> click.Command:
        """``cleaner clean``."""
        from cleaner.cli.clean import clean

        return clean

    def heeded(self) -> frozenset[str]:
        """Those that are called the same and mean the same."""
        own, theirs = options_of(self), options_of(self.holder())
        return frozenset(name for name in own if name in theirs and own[name].name == theirs[name].name)


def read_options(ctx: click.Context) -> ReadOptions:
    """How inputs are read, as far as the file says it: the names of the fields, and the site, unless the command line tells that."""
    config = config_of(ctx)
    values = config.values if config is not None else {}
    site = None if is_said(ctx, "site") else values.get("site")
    fields = ("text", "html", "id", "url", "date", "language")
    return options.read_options(site, {f"{name}_field": values.get(f"{name}-field") for name in fields})


def is_said(ctx: click.Context, name: str) -> bool:
    """Whether an option stands on the command line."""
    return ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE
