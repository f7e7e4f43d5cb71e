"""7. Finding terms in messages: exact, and how fast beside a bare scan, flashtext and spaCy."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from sqlmodel import select

from benchmarks import databases
from benchmarks.chat import read_terms, read_texts
from benchmarks.report import Ratio, Report
from bot.db.engine import Database
from bot.features.glossary import changing, checks, importing, planning
from bot.features.glossary.changing import Wording
from bot.features.glossary.consents import Mode
from bot.features.glossary.models import CheckConsent
from bot.features.glossary.spotting import Spotter
from bot.people.models import AudienceKind, Channel, ChannelState, Workspace
from bot.people.viewer import Viewer
from tests.bot.features.glossary.oracle import search, tabulate
from tests.builders import join, make_alliance
from tests.harness import MONDAY

SIZES = (100, 1_000, 10_000)
CONTESTED = 300
MESSAGES = 3_000
ROUNDS = 5
SLOW_MESSAGES = 400
CHECKED = 10_000


def run() -> Report:
    """Measure."""
    report = Report(
        name="spotting",
        title="Finding terms in messages",
        how=f"{MESSAGES:,} messages of real discussions in chat and terms of real organisations "
        "(made-up ones where the shared test data is missing), on one core: Entente's exact search "
        "with everything it does (masking, folding, whole words, inflection, longest match) "
        "against the bare two Aho–Corasick automata that it rests on, flashtext's "
        "`KeywordProcessor`, and spaCy's `PhraseMatcher` on a blank English pipeline "
        f"({SLOW_MESSAGES} messages). Best of {ROUNDS} rounds in turn. Rebuilding is all that a "
        "process does when a term has changed, from the rows in SQLite to what is looked for in a "
        "channel.",
        columns=("Terms", "Entente µs", "Bare scan µs", "flashtext µs", "spaCy µs", "Build ms"),
    )
    for size in SIZES:
        _compare(report, size)
    _rebuild(report)
    wrong = _count_wrong()
    what = f"Messages of {CHECKED:,} that differ from a naive oracle"
    report.ratios.append(Ratio(what=what, value=wrong, aim=0, at_most=True, unit=""))
    return report


def _compare(report: Report, size: int) -> None:
    forms, texts = read_terms(size), read_texts(MESSAGES)
    spotter = Spotter(forms)
    (built,) = _measure((lambda _: Spotter(forms),), [""])
    acronyms = spotter.acronyms.find_matches_as_indexes
    phrases = spotter.phrases.find_matches_as_indexes

    def scan(text: str) -> None:
        acronyms(text, True)
        phrases(text.lower(), True)

    flash, spacy = _make_flashtext(forms), _make_spacy(forms)
    rivals = (spotter.spot, scan, flash)
    ours, bare, theirs = _measure(rivals, texts)
    (spacys,) = _measure((spacy,), texts[:SLOW_MESSAGES])
    report.rows.append(
        (
            f"{size:,}",
            f"{ours:.2f}",
            f"{bare:.2f}",
            f"{theirs:.1f}",
            f"{spacys:.0f}",
            f"{built / 1000:.0f}",
        )
    )
    report.ratios += [
        Ratio(what=f"Speed of the bare scan, {size:,} terms", value=bare / ours, aim=0.45),
        Ratio(what=f"Speed of flashtext, {size:,} terms", value=theirs / ours, aim=5),
        Ratio(what=f"Speed of spaCy's PhraseMatcher, {size:,} terms", value=spacys / ours, aim=5),
    ]


def _rebuild(report: Report) -> None:
    """What a process does when a term has changed: read all that is looked for in a channel."""
    with databases.sqlite() as address:
        database = Database(address)
        ana = _fill(database)
        added, reworded = [], []
        for number in range(ROUNDS):
            new = Wording(name=f"Measured term {number}", meaning="New.", is_shared=True)
            with database.write() as session:
                entry = changing.add(session, ana, new, now=MONDAY)
            added.append(_load(database))
            other = replace(new, meaning=f"Reworded {number}.")
            with database.write() as session:
                term = entry.term
                changing.edit(session, ana, term.id, other, edition=term.edition, now=MONDAY)
            reworded.append(_load(database))
        database.close()
    for what, seconds in (("one is added", added), ("one is reworded", reworded)):
        report.ratios.append(
            Ratio(
                what=f"Rebuilding {SIZES[-1]:,} terms of which {CONTESTED} are contested, {what}",
                value=min(seconds) * 1000,
                aim=100,
                at_most=True,
                unit="ms",
            )
        )


def _load(database: Database) -> float:
    """Seconds of the processor."""
    with database.read() as session:
        begun = time.process_time()
        (place,) = checks.load(session).places.values()
        present = frozenset(partner for partner in place.users.values() if partner)
        checks.flag(place.glossary, present, frozenset())
        return time.process_time() - begun


def _fill(database: Database) -> Viewer:
    """An alliance with a glossary, and a channel in which it is looked for."""
    ana = make_alliance(database)
    names = read_terms(SIZES[-1])
    with database.write() as session:
        jonas = join(session, ana)["Borealis"]
        for viewer, some in ((ana, names), (jonas, names[:CONTESTED])):
            rows = [
                planning.Row(
                    number=number,
                    partner_id=viewer.partner_id or "",
                    name=name,
                    text=f"{viewer.partner_name} writes number {number} so",
                    forms={},
                )
                for number, name in enumerate(some, 1)
            ]
            plan = planning.make_plan(session, viewer, rows)
            importing.apply(
                session, viewer, plan, import_id=viewer.partner_name, is_shared=True, now=MONDAY
            )
        channel = Channel(
            alliance_id=ana.alliance_id,
            workspace_id=session.exec(select(Workspace.id)).first(),
            platform="slack",
            external_id="C1",
            name="steering",
            state=ChannelState.LINKED,
            linked_at=MONDAY,
            audience_kind=AudienceKind.PARTNER,
            audience_id=ana.partner_id,
        )
        session.add(channel)
        session.flush()
        session.add(
            CheckConsent(
                channel_id=channel.id,
                partner_id=ana.partner_id or "",
                member_id=ana.member_id,
                mode=Mode.PRIVATE,
                given_at=MONDAY,
            )
        )
    return ana


def _measure(rivals: Sequence[Callable[[str], object]], texts: Sequence[str]) -> tuple[float, ...]:
    """Microseconds a message, the best round of each."""
    best = [float("inf")] * len(rivals)
    for _ in range(ROUNDS):
        for number, rival in enumerate(rivals):
            begun = time.process_time()
            for text in texts:
                rival(text)
            best[number] = min(best[number], time.process_time() - begun)
    return tuple(seconds / len(texts) * 1e6 for seconds in best)


def _make_flashtext(forms: Sequence[str]) -> Callable[[str], object]:
    from flashtext import KeywordProcessor

    processor = KeywordProcessor(case_sensitive=False)
    for form in forms:
        processor.add_keyword(form)
    return lambda text: processor.extract_keywords(text, span_info=True)


def _make_spacy(forms: Sequence[str]) -> Callable[[str], object]:
    import spacy
    from spacy.matcher import PhraseMatcher

    pipeline = spacy.blank("en")
    matcher = PhraseMatcher(pipeline.vocab, attr="LOWER")
    matcher.add("term", [pipeline.make_doc(form) for form in forms])
    return lambda text: matcher(pipeline.make_doc(text))


def _count_wrong() -> int:
    texts = read_texts(CHECKED)
    forms = read_terms(SIZES[-1])
    spotter, tables = Spotter(forms), tabulate(forms)
    return sum(
        [hit._replace(forms=tuple(sorted(hit.forms))) for hit in spotter.spot(text)]
        != search(tables, text)
        for text in texts
    )
