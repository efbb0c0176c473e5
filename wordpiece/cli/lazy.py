"""A group of commands that are imported one at a time, when they are called."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click


class LazyGroup(click.Group):
    """Commands by name, each with what the help says of it; their modules are named like them.

    `modules` is what the name of a module begins with: `wordpiece.cli.` for `wordpiece.cli.train`.
    """

    def __init__(self, *args: Any, commands: Mapping[str, str], modules: str, **more: Any) -> None:
        super().__init__(*args, **{**more, "invoke_without_command": True})
        self._known, self._modules = commands, modules

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands, in the order in which one meets them."""
        return list(self._known)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name."""
        if cmd_name not in self._known:
            return None
        module = import_module(self._modules + cmd_name.replace("-", "_"))
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the arguments name, or an error that lists the commands."""
        if args[0] not in self._known and not args[0].startswith("-"):
            names = ", ".join(self._known)
            raise click.UsageError(f"no command {args[0]!r}: must be one of {names}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(self._known.items()))


def help_without_command(context: click.Context) -> None:
    """Show the help of a group that was called without a command."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())
