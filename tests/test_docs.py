"""What is written down is true: the documents name everything there is, their links lead somewhere,
and the message catalogue and the code fit each other."""

import ast
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
import typer
from prometheus_client import CollectorRegistry, generate_latest

from adapters import bootstrap
from adapters.cli.main import app as cli
from adapters.settings import Settings, load_settings
from adapters.slack.manifest import EVENTS
from adapters.slack.scopes import SCOPES
from adapters.web.metrics import EntenteCollector, Sources
from bot.dispatch.messages import get_keys, get_placeholders, get_template, words
from bot.features.catalogue import make_registry

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
ADRS = sorted((DOCS / "adr").glob("*.md"))
DOCUMENTS = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
ALIASES = {str(field.alias): field for field in Settings.model_fields.values()}


def read(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def table_under(text: str, heading: str) -> dict[str, list[str]]:
    """The rows of the first table under a heading, by what stands in backticks in their first
    cell."""
    section = text.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    rows: dict[str, list[str]] = {}
    for line in section.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        name = re.fullmatch(r"`([^`]+)`", cells[0])
        if line.startswith("|") and name:
            rows[name[1]] = cells[1:]
    return rows


# -- settings, commands, metrics, scopes -----------------------------------------------------------


def test_operating_lists_every_setting_and_no_other() -> None:
    assert table_under(read("docs/operating.md"), "Settings").keys() == ALIASES.keys()


def test_the_defaults_in_operating_are_those_of_the_code() -> None:
    rows = table_under(read("docs/operating.md"), "Settings")
    said = {name: cells[0].strip("`") for name, cells in rows.items()}
    real = {
        name: "none"
        if field.default is None
        else f"{field.default:g}"
        if isinstance(field.default, float)
        else str(field.default)
        for name, field in ALIASES.items()
    }
    assert said == real


@pytest.mark.parametrize("name", ["README.md", ".env.example"])
def test_every_setting_is_named_where_people_look_first(name: str) -> None:
    text = read(name)
    assert [alias for alias in ALIASES if not re.search(rf"\b{alias}\b", text)] == []


def test_the_example_of_env_can_be_loaded(tmp_path: Path) -> None:
    example = tmp_path / ".env"
    example.write_text(read(".env.example"), "utf-8")
    assert load_settings(_env_file=example).has_slack is False


def test_slack_md_lists_every_command_that_help_does() -> None:
    rows = table_under(read("docs/slack.md"), "Commands")
    wanted = {command.phrase for command in make_registry().commands.values() if command.help}
    assert rows.keys() == wanted


def test_slack_md_says_who_may_use_a_command() -> None:
    rows = table_under(read("docs/slack.md"), "Commands")
    who = {
        "nothing": "everybody",
        "member": "members",
        "manager": "managers",
        "keeper": "managers",
    }
    commands = make_registry().commands
    wrong = [
        phrase for phrase, cells in rows.items() if cells[-1] != who[commands[phrase].needs.value]
    ]
    assert wrong == []


def test_operating_names_every_command_of_the_command_line() -> None:
    text = read("docs/operating.md")
    assert [name for name in _cli_commands() if f"`entente {name}" not in text] == []


def _cli_commands() -> Iterator[str]:
    group = typer.main.get_command(cli)
    for name, command in group.commands.items():  # type: ignore[attr-defined]
        inner = getattr(command, "commands", None)
        yield from (f"{name} {each}" for each in inner) if inner else [name]


def test_operating_names_every_metric(sqlite_url: str) -> None:
    rows = table_under(read("docs/operating.md"), "Metrics")
    exposed = re.findall(r"^# TYPE (\S+)", _metrics(sqlite_url), re.MULTILINE)
    assert exposed
    assert rows.keys() == set(exposed)


def _metrics(database_url: str) -> str:
    settings = load_settings(_env_file=None, DATABASE_URL=database_url)
    entente = bootstrap.build(settings)
    sources = Sources(
        database=entente.database,
        clock=entente.clock,
        dispatcher=entente.dispatcher,
        postman=entente.postman,
        firings=entente.worker.firings,
        platform_errors={"slack": {"ratelimited": 1}},
        doors={"slack": lambda: {"passed": 1}},
    )
    registry = CollectorRegistry()
    registry.register(EntenteCollector(sources))
    text = generate_latest(registry).decode()
    entente.database.close()
    return text


def test_operating_gives_every_scope_with_its_reason() -> None:
    rows = table_under(read("docs/operating.md"), "Slack scopes")
    assert {scope: cells[0] for scope, cells in rows.items()} == SCOPES


def test_slack_md_names_every_event() -> None:
    text = read("docs/slack.md")
    assert [event for event in EVENTS if f"`{event}`" not in text] == []


def test_the_readme_names_the_two_commands() -> None:
    text = read("README.md")
    assert "make demo" in text
    assert "make test" in text


def test_the_procfile_starts_what_there_is() -> None:
    started = re.findall(r"entente ([a-z ]+)$", read("Procfile"), re.MULTILINE)
    assert started
    assert set(started) <= set(_cli_commands())


# -- the documents themselves ----------------------------------------------------------------------


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_within_the_repository_leads_somewhere(path: Path) -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", _without_code(path.read_text("utf-8")))
    broken = [link for link in links if "://" not in link and not _resolves(path, link)]
    assert broken == []


def _resolves(path: Path, link: str) -> bool:
    name, _, anchor = link.partition("#")
    target = (path.parent / name).resolve() if name else path
    if not target.exists():
        return False
    return not anchor or anchor in _anchors(target.read_text("utf-8"))


def _anchors(text: str) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", _without_code(text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.casefold()).replace(" ", "-") for heading in headings}


def _without_code(text: str) -> str:
    return re.sub(r"^ *```.*?^ *```", "", text, flags=re.MULTILINE | re.DOTALL)


def test_decisions_are_numbered_without_gaps() -> None:
    numbers = [int(path.name[:4]) for path in ADRS]
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("path", ADRS, ids=lambda path: path.name)
def test_a_decision_has_its_four_parts(path: Path) -> None:
    headings = re.findall(r"^## (.+)$", path.read_text("utf-8"), re.MULTILINE)
    assert headings == ["Status", "Context", "Decision", "Consequences"]


# -- the message catalogue -------------------------------------------------------------------------

SAYING = frozenset({"say", "words"})
ERRORS = frozenset({"UserError", "NotUnderstood", "NotAllowed", "NotFound", "Conflict"})

DYNAMIC = (
    "cadence.",
    "changed.part_",
    "charter.clause_",
    "charter.hint_",
    "checklist.",
    "committee.part_",
    "checks.mode_",
    "committee.rule_kind_",
    "committee.says_",
    "confirm.basis_",
    "confirm.grounds_",
    "confirm.propose_rule_",
    "confirm.settled_",
    "decisions.coming_",
    "confirm.until_",
    "briefing.by_",
    "decisions.ask_",
    "decisions.detail_",
    "decisions.digest_",
    "decisions.hint_",
    "decisions.label_",
    "decisions.list_",
    "decisions.listen_",
    "decisions.own_",
    "decisions.pointer_",
    "decisions.post_",
    "decisions.reminder_",
    "decisions.saved_",
    "decisions.seen_",
    "decisions.state_",
    "decisions.step_",
    "decisions.task_",
    "decisions.wants_",
    "decisions.weight_",
    "decisions.why_",
    "decisions.was_",
    "onboarding.about_",
    "onboarding.kind_",
    "onboarding.mine_",
    "onboarding.short_",
    "onboarding.state_",
    "onboarding.step_",
    "onboarding.text_",
    "onboarding.title_",
    "onboarding.why_",
    "parting.",
    "remind.already_",
    "remind.moved_",
    "remind.now_",
    "remind.on_holiday_",
    "remind.state_",
    "remind.undone_",
    "seat.kind_",
    "standing.",
    "term.form_",
    "term.history_",
    "term.is_",
    "term.list_",
    "term.object_intro_",
    "term.object_title_",
    "term.row_",
    "term.status_",
    "terms_file.as_",
    "terms_file.broken_",
    "terms_file.field_",
    "terms_file.outcome_",
    "trouble.",
    "weekly.trouble_",
    "wordings.version_",
)
"""How keys begin that are put together when needed (by an f-string)."""

SYMBOLS_ALONE = frozenset({"north_star.preview_empty"})
"""Texts that may do without a letter: what stands for a text not written yet."""


@dataclass(frozen=True)
class Use:
    """One place in the code that says a text."""

    where: str
    key: str
    given: frozenset[str] | None
    """The values given by name; None where they cannot be told from the source."""


@cache
def _trees() -> list[tuple[str, ast.Module]]:
    return [
        (path.relative_to(ROOT).as_posix(), ast.parse(path.read_text("utf-8")))
        for folder in ("bot", "adapters", "jobs")
        for path in sorted((ROOT / folder).rglob("*.py"))
        if "testing" not in path.parts
    ]


def _calls() -> Iterator[tuple[str, ast.Call]]:
    for path, tree in _trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and node.args and _name(node) in SAYING | ERRORS:
                yield f"{path}:{node.lineno}", node


def _name(call: ast.Call) -> str:
    return getattr(call.func, "id", None) or getattr(call.func, "attr", "")


def _literals(node: ast.expr) -> Iterator[str]:
    """The keys that an argument can be, where it is a text or a choice between texts."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _literals(node.body)
        yield from _literals(node.orelse)


def _uses() -> list[Use]:
    return [
        Use(where, key, _given(call)) for where, call in _calls() for key in _literals(call.args[0])
    ]


def _given(call: ast.Call) -> frozenset[str] | None:
    names = {keyword.arg for keyword in call.keywords}
    if None in names:
        return None
    return frozenset(str(name) for name in names) - ({"field"} if _name(call) in ERRORS else set())


@cache
def _beginnings() -> dict[str, str]:
    """How the keys begin that the code puts together, and where."""
    found: dict[str, str] = {}
    for path, tree in _trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
                start = str(node.values[0].value)
                if re.fullmatch(r"[a-z_]+\.[a-z_]*", start):
                    found[start] = f"{path}:{node.lineno}"
    return found


def test_every_text_that_is_said_is_in_the_catalogue() -> None:
    assert [use for use in _uses() if use.key not in get_keys()] == []


def test_every_placeholder_is_filled() -> None:
    short = [
        (use.where, use.key, sorted(get_placeholders(use.key) - use.given))
        for use in _uses()
        if use.given is not None
        and use.key in get_keys()
        and not get_placeholders(use.key) <= use.given
    ]
    assert short == []


def test_what_features_register_by_key_is_in_the_catalogue() -> None:
    registry = make_registry()
    keys = [command.help for command in registry.commands.values()]
    keys += [form.label for form in registry.forms.values()]
    keys += [kind.label for kind in registry.reminder_kinds.values()]
    assert [key for key in keys if key and not words(key)] == []


def test_keys_that_are_put_together_are_listed_here() -> None:
    unlisted = {
        start: where for start, where in _beginnings().items() if not start.startswith(DYNAMIC)
    }
    assert {start: w for start, w in unlisted.items() if _is_begun(start)} == {}
    assert [start for start in DYNAMIC if start not in _beginnings()] == []


def _is_begun(start: str) -> bool:
    return any(key.startswith(start) for key in get_keys())


def test_no_text_is_left_unused() -> None:
    written = {
        node.value
        for _, tree in _trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    unused = [key for key in get_keys() if key not in written and not key.startswith(DYNAMIC)]
    assert sorted(unused) == []


def _texts() -> list[tuple[str, str]]:
    return [
        (key, text)
        for key in sorted(get_keys())
        for text in {get_template(key, {"count": 1}), get_template(key, {"count": 2})}
    ]


def test_no_text_is_said_by_symbols_alone() -> None:
    mute = [
        key
        for key, text in _texts()
        if not any(unicodedata.category(mark).startswith("L") for mark in text)
    ]
    assert set(mute) <= SYMBOLS_ALONE


def test_texts_end_as_sentences_do() -> None:
    """Labels are free; a text of several sentences, or one that begins like a sentence and goes on
    to a second clause, ends with a mark."""
    assert [key for key, text in _texts() if not _ends_well(text)] == []


def _ends_well(text: str) -> bool:
    if text != text.strip() or "  " in text or re.search(r"(?<!\.)\.\.(?!\.)| [.,;:?!]", text):
        return False
    has_sentence = re.search(r"[.?!] [A-Z“{]", text.rstrip(".?!:…"))
    return not has_sentence or bool(re.search(r"[.?!:…][”)*]*$|\}\)?$", text))
