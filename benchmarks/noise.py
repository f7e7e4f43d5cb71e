"""How often the checks of words would speak up over a long real chat, rule by rule: the figures of
docs/glossary-noise.md.

    python -m benchmarks.noise FOLDER    FOLDER holds the shared data (glossary/, decisions/)
"""

import json
import sys
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from benchmarks import databases
from bot.db.engine import Database
from bot.features.glossary import changing, checks, importing, nudging, planning
from bot.features.glossary.acronyms import find_acronyms
from bot.features.glossary.changing import Wording
from bot.features.glossary.checks import Glossary, Place, is_crying_wolf
from bot.features.glossary.consents import Mode
from bot.features.glossary.explaining import is_explained
from bot.features.glossary.models import FormKind
from bot.features.glossary.nudging import Find
from bot.people.nudges import A_DAY
from bot.people.viewer import Viewer
from tests.bot.statements.test_proposals import join
from tests.builders import make_alliance
from tests.harness import MONDAY

A_DAY_DISCUSSIONS: Final = 25
AGAIN_AFTER_DAYS: Final = nudging.AGAIN_AFTER.days
DISCOURAGED: Final = {"specification": "spec", "repository": "repo", "pull request": "PR"}
"""The lists name no words to avoid: three that such groups write all the time stand for them."""

RULES: Final = (
    "a word found: by case, whole, not in code, links or quotes",
    "first use in its thread, and not written out there",
    "not explained in the same message",
    "once in 14 days for a person and a word",
    f"at most {A_DAY} hints a day for a person",
    "a word that most dismiss is dropped, if everybody dismissed every hint",
)


@dataclass
class Counts:
    """Hints left after each rule, by kind."""

    messages: int = 0
    contested: Counter[str] = field(default_factory=Counter)
    discouraged: Counter[str] = field(default_factory=Counter)
    words: Counter[str] = field(default_factory=Counter)
    undefined: Counter[str] = field(default_factory=Counter)
    with_undefined: int = 0

    def note_undefined(self, found: Collection[str]) -> None:
        """Acronyms of one message that nobody explained to its author."""
        self.with_undefined += bool(found)
        self.undefined.update(found)

    def add(self, rule: str, found: Find) -> None:
        """One more hint that this rule lets through."""
        (self.discouraged if found.is_discouraged else self.contested)[rule] += 1

    def say_undefined(self) -> str:
        """How many acronyms the weekly list would be made of."""
        rate = 1000 * self.with_undefined / self.messages
        again = sum(times > 1 for times in self.undefined.values())
        first = ", ".join(word for word, _ in self.undefined.most_common(4))
        return (
            f"{len(self.undefined)} undefined acronyms in {rate:.0f} of 1,000 messages; "
            f"{again} more than once; first: {first}"
        )

    def say(self) -> str:
        """A table in Markdown, per 1,000 messages."""
        lines = ["| rule by rule | contested | discouraged |", "|---|---|---|"]
        for rule in RULES:
            rates = [1000 * by[rule] / self.messages for by in (self.contested, self.discouraged)]
            lines.append(f"| {rule} | {rates[0]:.1f} | {rates[1]:.1f} |")
        return "\n".join(lines)


def main(folder: Path) -> None:
    """Build the two glossaries as an alliance has them, and walk through the chat."""
    with databases.sqlite() as address:
        database = Database(address)
        glossary, partners = _build(database, folder)
        database.close()
    counts = _count(glossary, partners, folder)
    print(f"{counts.messages:,} messages, {len(glossary.terms):,} terms watched\n")
    print(counts.say())
    print(f"\n{counts.say_undefined()}")
    print("\nMost often:", ", ".join(f"{word} {n}" for word, n in counts.words.most_common(8)))


def _build(database: Database, folder: Path) -> tuple[Glossary, list[str]]:
    ana = make_alliance(database)
    with database.write() as session:
        jonas = join(session, ana)["Borealis"]
        for viewer, org in ((ana, "US VA"), (jonas, "UK MoJ")):
            rows = list(_read_rows(folder, org, viewer))
            plan = planning.make_plan(session, viewer, rows)
            importing.apply(session, viewer, plan, import_id=org, is_shared=True, now=MONDAY)
        for name, avoided in DISCOURAGED.items():
            wording = Wording(
                name=name,
                meaning=f"Write {name} in full.",
                forms={FormKind.DISCOURAGED: [avoided]},
                is_shared=True,
            )
            changing.add(session, ana, wording, now=MONDAY)
        glossary = checks.load_glossary(session, ana.alliance_id)
    return glossary, [ana.partner_id or "", jonas.partner_id or ""]


def _read_rows(folder: Path, org: str, viewer: Viewer) -> Iterator[planning.Row]:
    content = (folder / "glossary" / "glossary_dev.jsonl").read_text("utf-8")
    for number, line in enumerate(content.splitlines(), 1):
        row = json.loads(line)
        if row["org"] == org and not planning.find_fault(row["term"], row["meaning"], org):
            yield planning.Row(
                number=number,
                partner_id=viewer.partner_id or "",
                name=row["term"],
                text=row["meaning"],
                forms={},
            )


def _count(glossary: Glossary, partners: list[str], folder: Path) -> Counts:
    place = Place(
        alliance_id="",
        channel_id="",
        mode=Mode.PRIVATE,
        is_shared=True,
        glossary=glossary,
        users={},
        flagged=checks.flag(glossary, frozenset(partners), frozenset()),
        ignored={},
    )
    counts = Counts()
    walk = _Walk(counts)
    for number, talk in enumerate(_read_talks(folder)):
        used: set[str] = set()
        for message in talk["messages"]:
            counts.messages += 1
            person = f"{talk['source'].split('/')[1]}:{message['author']}"
            partner = partners[sum(map(ord, person)) % 2]
            explained = glossary.known.get(None, frozenset()) | glossary.known.get(
                partner, frozenset()
            )
            counts.note_undefined(find_acronyms(message["text"]) - explained)
            finds = nudging.find_terms(place, partner, message["text"])
            walk.day = number // A_DAY_DISCUSSIONS
            for found in sorted(finds, key=lambda each: not each.is_clear):
                walk.meet(person, message["text"], found, finds, used)
    return counts


@dataclass
class _Walk:
    """What came so far, as far as the rules remember it."""

    counts: Counts
    day: int = 0
    told: dict[tuple[str, str], int] = field(default_factory=dict)
    today: Counter[tuple[str, int]] = field(default_factory=Counter)
    shown: Counter[str] = field(default_factory=Counter)

    def meet(self, person: str, text: str, found: Find, finds: list[Find], used: set[str]) -> None:
        """Count a word under each rule that lets it through. `used`: in this thread already."""
        ids = {term.id for term in found.terms}
        is_news = not used & ids
        used |= ids
        if found.is_clear:
            return
        for rule in RULES:
            if not self._lets_through(rule, person, text, found, finds, is_news=is_news):
                return
            self.counts.add(rule, found)
            if rule == RULES[4]:
                self.counts.words[text[found.hit.start : found.hit.end]] += 1

    def _lets_through(
        self, rule: str, person: str, text: str, found: Find, finds: list[Find], *, is_news: bool
    ) -> bool:
        term_id = found.terms[0].id
        match RULES.index(rule):
            case 1:
                return is_news
            case 2:
                ids = {term.id for term in found.terms}
                same = [each.hit for each in finds if each.is_of(ids)]
                return not any(is_explained(text, hit.start, hit.end) for hit in same)
            case 3:
                last = self.told.get((person, term_id))
                return last is None or self.day - last >= AGAIN_AFTER_DAYS
            case 4:
                if self.today[person, self.day] >= A_DAY:
                    return False
                self.today[person, self.day] += 1
                self.told[person, term_id] = self.day
            case 5:
                self.shown[term_id] += 1
                return not is_crying_wolf(self.shown[term_id] - 1, self.shown[term_id] - 1)
        return True


def _read_talks(folder: Path) -> Iterator[dict[str, Any]]:
    """The discussions of working groups that were chats, and no transcripts of speech."""
    content = (folder / "decisions" / "decisions_dev.jsonl").read_text("utf-8")
    for line in content.splitlines():
        talk = json.loads(line)
        if talk["stratum"] == "w3c-chat":
            yield talk


if __name__ == "__main__":
    main(Path(sys.argv[1]))
