"""Which messages bring a decision up again: a labelled list, with what is reached on it."""

import pytest

from bot.features.decisions.subjects import find_subjects, make_subjects

SITE = "Use the Basel site for phase 2"
CALL = "Hold the weekly call on Thursdays at 14:00 CET"
MODEL = "Share patient data through the Helios platform only"
BUDGET = "Split the cost of the CRO equally between both partners"
NAME = "Call the compound MRX-12 in all public documents"
REPORT = "Send the safety report to both sponsors within three days"
VENDOR = "Choose Labcorp as central laboratory"
DECISIONS = (SITE, CALL, MODEL, BUDGET, NAME, REPORT, VENDOR)
OTHERS = {SITE: "Zurich\nLyon", VENDOR: "Covance"}

LABELLED = (
    ("Why did we choose Basel?", SITE),
    ("I still think Zurich is better than Basel for phase 2", SITE),
    ("Should we use the Zurich site as reserve for phase 2, or Basel?", SITE),
    ("I'm not convinced by Basel. Zurich would be a better site.", SITE),
    ("Which site did we take for phase 2, was it Basel?", SITE),
    ("Can we revisit the Basel decision?", SITE),
    ("What about Lyon instead of Basel?", SITE),
    ("Why is the weekly call on Thursdays?", CALL),
    ("Let's move the weekly call from Thursdays to Mondays.", CALL),
    ("I'd prefer the weekly call at another hour than Thursdays 14:00.", CALL),
    ("Do we really have to share patient data through Helios?", MODEL),
    ("Why not share patient data by mail instead of Helios?", MODEL),
    ("Who decided that patient data goes through Helios only?", MODEL),
    ("Should we split the CRO cost by country instead?", BUDGET),
    ("Was it agreed that both partners split the cost of the CRO equally?", BUDGET),
    ("Why do the documents say MRX-12?", NAME),
    ("How about calling the compound something else than MRX-12?", NAME),
    ("Let's reconsider the three days for the safety report.", REPORT),
    ("Shouldn't we use Covance rather than Labcorp?", VENDOR),
    ("Why Labcorp as the central laboratory?", VENDOR),
    # None of these brings anything up again.
    ("Can somebody send me the phase 2 slides for the site visit?", None),
    ("The Basel site opens on Monday.", None),
    ("Could you book a room in Basel for the visit?", None),
    ("Who joins the call today?", None),
    ("Let's have lunch on Thursdays", None),
    ("What time is the train?", None),
    ("Thanks, the safety report is out.", None),
    ("Is the laboratory open on Friday?", None),
    ("How many patients do we have?", None),
    ("Let's send the data tomorrow", None),
    ("Should we ask for a quote for the catering?", None),
    ("Where is the report?", None),
    ("I'd prefer to meet on Monday", None),
    ("Can the partners join both calls?", None),
    ("Why is the printer broken?", None),
    ("What about the documents for the audit?", None),
    ("Did you see the cost of the hotel?", None),
    ("Let's share the slides before the call", None),
    ("Labcorp sent the kits, great.", None),
    ("Do we have a phase plan?", None),
    ("Not sure I can make the call", None),
    ("ok, let's go", None),
)
SUBJECTS = make_subjects([(what, what, OTHERS.get(what, "")) for what in DECISIONS])


def test_what_is_pointed_at_is_right_and_most_of_it_is_found() -> None:
    found = [(find_subjects(SUBJECTS, text), wanted) for text, wanted in LABELLED]
    pointed = [(ids, wanted) for ids, wanted in found if ids]
    right = [wanted for ids, wanted in pointed if wanted is not None and ids[0] == wanted]
    wanted = [one for _, one in found if one is not None]
    assert len(right) / len(pointed) >= 0.95
    assert len(right) / len(wanted) >= 0.85


@pytest.mark.parametrize(
    ("text", "wanted"),
    [*LABELLED[:3], LABELLED[20], LABELLED[21]],
)
def test_the_plainest_of_them_are_told_with_certainty(text: str, wanted: str | None) -> None:
    alone = make_subjects([(SITE, SITE, "")])
    assert find_subjects(alone, text) == ((wanted,) if wanted else ())


def test_nothing_is_found_among_no_decisions() -> None:
    assert find_subjects(make_subjects([]), "Why did we choose Basel?") == ()
    assert find_subjects(make_subjects([("x", "Use it", "")]), "Why did we use it?") == ()
