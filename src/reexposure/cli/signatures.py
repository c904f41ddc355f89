"""Commands made of functions: what signatures and docstrings say becomes what click reads from the command line."""

from __future__ import annotations

import dataclasses
import difflib
import inspect
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import UnionType
from typing import Any, Literal, NamedTuple, TypeVar, Union, get_args, get_origin, get_type_hints

import click

from reexposure.errors import UsageError

Function = TypeVar("Function", bound=Callable[..., Any])


class Parameter:
    """What an annotation says of a parameter beside its type: flags other than its name, help, bounds."""

    def __init__(self, *flags: str, help: str = "", least: int | None = None, most: int | None = None) -> None:
        self.flags, self.help, self.least, self.most = flags, help, least, most


class Commands:
    """The commands of a program, and what it does where none is named."""

    def __init__(self, name: str, help: str, version: str) -> None:
        self.name, self.help, self.version = name, help, version
        self.named: dict[str, Callable[..., Any]] = {}
        self.main: Callable[..., Any] = lambda: None

    def __iter__(self) -> Iterator[str]:
        return iter(self.named)

    def command(self, function: Function) -> Function:
        """Add a command of the function's name."""
        self.named[function.__name__] = function
        return function

    def default(self, function: Function) -> Function:
        """Do this where no command is named."""
        self.main = function
        return function

    def made(self, name: str) -> click.Command:
        """The command of a name, or what is done where it is none's; made when it is asked for, as most are not."""
        if name in self.named:
            return _command(self.named[name], f"{self.name} {name}")
        main = _command(self.main, self.name, self)
        main.help = f"{self.help}\n\n{main.help}"
        click.version_option(self.version, message="%(version)s")(main)
        return main

    def __call__(self, arguments: Sequence[str]) -> Any:
        """What the command that ``arguments`` name returns. Raises UsageError for what it cannot read."""
        name = arguments[0] if arguments else ""
        command, rest = self.made(name), arguments[1:] if name in self.named else arguments
        try:
            with command.make_context(command.name, list(rest)) as context:
                return command.invoke(context)
        except click.exceptions.Exit as end:  # of --help
            return end.exit_code
        except click.NoSuchOption as error:
            written = next((word for word in rest if word.startswith(error.option_name)), error.option_name)
            alike = difflib.get_close_matches(error.option_name, error.possibilities or (), 1, 0.75)
            meant = f'did you mean "{alike[0]}"?' if alike else f"write ./{written} for a file of this name"
            raise UsageError(f"unknown option: {written}; {meant}") from None
        except click.ClickException as error:
            raise UsageError(error.format_message().rstrip(".")) from None


class _Command(click.Command):
    """A command that takes no option twice, and whose help has all arguments and the other commands."""

    about: dict[str, str]
    others: Commands | None

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As click reads them; of an option that is said twice it would take the last one, in silence."""
        _, _, order = self.make_parser(ctx).parse_args(list(args))
        for one in order:
            if isinstance(one, click.Option) and not one.multiple and order.count(one) > 1:
                raise click.UsageError(f"{one.opts[0]} is said twice")
        return super().parse_args(ctx, args)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        arguments = [(one.make_metavar(ctx), self.about.get(one.name or "", "")) for one in self.params
                     if isinstance(one, click.Argument)]  # fmt: skip
        others = {name: self.others.made(name) for name in sorted(self.others)} if self.others else {}
        commands = [(name, other.get_short_help_str(limit=200)) for name, other in others.items()]
        for title, rows in (("Commands", commands), ("Arguments", arguments)):
            if rows:
                with formatter.section(title):
                    formatter.write_dl(rows)
        super().format_options(ctx, formatter)


class _Told(NamedTuple):
    """A parameter of a function, or a field of one that is a dataclass."""

    name: str
    type: Any
    default: Any
    marks: tuple[Parameter, ...]


def _command(function: Callable[..., Any], name: str, others: Commands | None = None) -> click.Command:
    text, about = _docstring(function)
    signature, hints = inspect.signature(function), get_type_hints(function, include_extras=True)
    groups: dict[str, tuple[Any, list[_Told]]] = {}
    read: list[click.Parameter] = []
    for one in signature.parameters.values():
        told = _told(one.name, hints[one.name], one.default)
        if one.kind is not one.KEYWORD_ONLY:
            read.append(_argument(told, several=one.kind is one.VAR_POSITIONAL))
        elif dataclasses.is_dataclass(told.type):
            of = get_type_hints(told.type, include_extras=True)
            fields = [_told(f.name, of[f.name], f.default) for f in dataclasses.fields(told.type)]
            groups[one.name] = told.type, fields
            read += [_option(field, about) for field in fields]
        else:
            read.append(_option(told, about))

    def call(**values: Any) -> Any:
        for group, (kind, fields) in groups.items():
            values[group] = kind(**{field.name: values.pop(field.name) for field in fields})
        bound = signature.bind_partial()
        bound.arguments.update({name: values[name] for name in signature.parameters})
        return function(*bound.args, **bound.kwargs)

    made = _Command(
        name, callback=call, params=read, help=text, context_settings={"help_option_names": ["--help", "-h"]}
    )
    made.about, made.others = about, others
    return made


def _told(name: str, hint: Any, default: Any) -> _Told:
    type, *marks = get_args(hint) if hasattr(hint, "__metadata__") else (hint,)
    if get_origin(type) in (Union, UnionType):  # X | None
        [type] = [one for one in get_args(type) if one is not None.__class__]
        if hasattr(type, "__metadata__"):
            return _told(name, type, default)
    return _Told(name, type, default, tuple(mark for mark in marks if isinstance(mark, Parameter)))


def _argument(told: _Told, several: bool) -> click.Argument:
    return click.Argument([told.name], type=_type(told), nargs=-1 if several else 1, required=not several)


def _option(told: _Told, about: dict[str, str]) -> click.Option:
    flag = f"--{told.name.replace('_', '-')}"
    flags = next((list(mark.flags) for mark in told.marks if mark.flags), [flag])
    help = next((mark.help for mark in reversed(told.marks) if mark.help), about.get(told.name, ""))
    if told.type is bool:
        switch = f"{flag}/--no-{told.name}" if told.default else flags[0]
        return click.Option([switch, told.name], is_flag=True, default=told.default, help=help)
    needed = told.default is inspect.Parameter.empty
    several = get_origin(told.type) in (list, tuple)
    return click.Option(
        [*flags, told.name], type=_type(told), multiple=several, required=needed, help=help,
        default=None if needed else told.default, show_default=told.default is not None and not needed and not several,
    )  # fmt: skip


def _type(told: _Told) -> click.ParamType[Any]:
    bounds = next(((mark.least, mark.most) for mark in told.marks if mark.least is not None), None)
    type = get_args(told.type)[0] if get_origin(told.type) in (list, tuple) else told.type
    if get_origin(type) is Literal:
        return click.Choice(get_args(type))
    if bounds:
        return click.IntRange(*bounds)
    return {str: click.STRING, int: click.INT, float: click.FLOAT, Path: click.Path(path_type=Path)}[type]


def _docstring(function: Callable[..., Any]) -> tuple[str, dict[str, str]]:
    """What a function does, and what each of its parameters is, of a docstring as numpy writes it."""
    text, _, parameters = (inspect.getdoc(function) or "").replace("`", "").partition("\n\nParameters\n----------\n")
    found = re.findall(r"^(\w+)\n((?: +.*\n?)+)", parameters, re.M)
    return text, {name: " ".join(words.split()) for name, words in found}
