"""What this feature registers."""

import re
from datetime import timedelta

from bot.dispatch.feature import (
    BriefingSection,
    ButtonAction,
    Command,
    DigestSection,
    Due,
    Feature,
    FileKind,
    FormKind,
    HomeSection,
    Needs,
    Question,
    RecordSection,
    RecurringJob,
    ReminderKind,
    Step,
    Topic,
    Watch,
)
from bot.features.glossary import (
    agreeing,
    answering,
    asking,
    checks,
    clarifying,
    clearing,
    drawing,
    export,
    files,
    forms,
    handlers,
    lists,
    nudging,
    objecting,
    proposing,
    records,
    sections,
    switches,
    telling,
    weekly,
)
from bot.people.channels import CHANNELS_SCOPE

_SUBJECT = r"(?P<subject>\S.*?)[\s?!.]*"
QUESTIONS = (
    r"what\s+(?:does|do|did)\s+(?P<subject>\S.*?)\s+(?:mean|stand\s+for)(?:\s+here)?[\s?!.]*",
    rf"what\s+do\s+(?:we|you|they)\s+(?:mean|understand)\s+by\s+{_SUBJECT}",
    rf"what(?:['’]s|\s+is|\s+are)\s+(?:the\s+meaning\s+of\s+|meant\s+by\s+)?{_SUBJECT}",
)
"""How people ask for a meaning, the most telling first."""

FEATURE = Feature(
    name="glossary",
    commands=(
        Command(
            phrase="define",
            handle=handlers.define,
            help="term.help_define",
            usage="define TERM",
            reads=True,
        ),
        Command(phrase="term", handle=handlers.show_glossary, help="term.help", reads=True),
        Command(phrase="glossary", handle=handlers.show_glossary, reads=True),
        Command(
            phrase="terms",
            handle=lists.search,
            help="term.help_search",
            usage="terms WORDS",
            reads=True,
        ),
        Command(
            phrase="term add",
            handle=handlers.add,
            help="term.help_add",
            usage="term add TERM = MEANING",
        ),
        Command(
            phrase="term edit",
            handle=handlers.edit,
            help="term.help_edit",
            usage="term edit TERM",
        ),
        Command(
            phrase="term dispute",
            handle=objecting.dispute,
            help="term.help_dispute",
            usage="term dispute TERM",
        ),
        Command(
            phrase="term retire",
            handle=objecting.retire,
            help="term.help_retire",
            usage="term retire TERM",
        ),
        Command(phrase="term export", handle=export.start, help="terms_file.help_export"),
        Command(
            phrase="term weekly",
            handle=weekly.show,
            help="weekly.help",
            needs=Needs.MANAGER,
            reads=True,
        ),
        Command(
            phrase="term check",
            handle=asking.start,
            help="meaning.help",
            usage="term check TERM",
            needs=Needs.MANAGER,
        ),
        Command(phrase="term checks", handle=switches.show, help="checks.help", reads=True),
        Command(
            phrase="term import",
            handle=files.start,
            help="terms_file.help",
            usage="term import",
            needs=Needs.MANAGER,
        ),
    ),
    watches=(
        Watch(
            name="glossary",
            scope=CHANNELS_SCOPE,
            load=checks.load,
            wants=checks.wants,
            handle=nudging.handle,
            drain=checks.drain,
            store=checks.store,
        ),
    ),
    files=(
        FileKind(
            suffixes=frozenset({".csv", ".tsv", ".xlsx"}), handle=files.start, needs=Needs.MANAGER
        ),
    ),
    jobs=(
        RecurringJob(name="glossary.draws", every=drawing.EVERY, run=drawing.draw_due),
        RecurringJob(name="glossary.files", every=timedelta(hours=6), run=files.forget),
        RecurringJob(name="glossary.forget", every=timedelta(days=1), run=checks.forget),
    ),
    statements=(agreeing.KIND,),
    documents=export.DOCUMENTS,
    topics=(
        Topic(name=weekly.TOPIC, render=weekly.render_topic),
        Topic(name=asking.RESULT, render=asking.render_result),
        Topic(name=nudging.TOPIC, render=nudging.render_topic, unsent=nudging.take_back),
        Topic(name=telling.REOPENED, render=telling.render_reopened),
        Topic(name=telling.IMPORTED, render=telling.render_imported),
    ),
    due=(
        Due(name="glossary.weekly", run=weekly.send_due),
        Due(name="glossary.results", run=asking.report_due),
    ),
    reminder_kinds=(
        ReminderKind(
            name=drawing.REMINDER,
            label="meaning.kind",
            render=drawing.render_reminder,
            draws=True,
        ),
    ),
    home=(HomeSection(order=40, render=sections.render_home),),
    digest=(DigestSection(order=40, render=sections.render_digest),),
    briefing=(BriefingSection(order=50, title="term.briefing", render=sections.render_briefing),),
    steps=(Step(name="glossary", title="term.briefing", render=sections.render_step),),
    record=(
        RecordSection(
            order=55,
            name="terms",
            dump=sections.dump,
            load=sections.load,
            schema=sections.SCHEMA,
        ),
    ),
    questions=tuple(
        Question(
            name=f"glossary.question_{number}",
            pattern=re.compile(pattern, re.IGNORECASE | re.DOTALL),
            handle=handlers.answer_question,
        )
        for number, pattern in enumerate(QUESTIONS)
    ),
    buttons=(
        ButtonAction(name="term.show", handle=handlers.press_show, reads=True),
        ButtonAction(name="term.list", handle=lists.press_list, reads=True),
        ButtonAction(name="term.confirm", handle=handlers.press_confirm),
        ButtonAction(name="term.share", handle=handlers.press_share),
        ButtonAction(name="term.history", handle=handlers.press_history, reads=True),
        ButtonAction(name="term.ask", handle=handlers.press_ask),
        ButtonAction(name="weekly.start", handle=weekly.press_start),
        ButtonAction(name="weekly.stop", handle=weekly.press_stop),
        ButtonAction(name="weekly.ignore", handle=clearing.press_ignore),
        ButtonAction(name="weekly.ignored", handle=clearing.press_ignored, reads=True),
        ButtonAction(name="weekly.restore", handle=clearing.press_restore),
        ButtonAction(name="weekly.later", handle=clearing.press_later),
        ButtonAction(name="weekly.anew", handle=clearing.press_anew),
        ButtonAction(name="weekly.reviewed", handle=clearing.press_reviewed),
        ButtonAction(name="meaning.stop", handle=asking.press_stop),
        ButtonAction(name="checks.known", handle=answering.press_known),
        ButtonAction(name="checks.wrong", handle=answering.press_wrong),
        ButtonAction(name="checks.less", handle=answering.press_less),
        ButtonAction(name="checks.never", handle=answering.press_never),
        ButtonAction(name="checks.again", handle=answering.press_again),
        ButtonAction(name="terms_file.yes", handle=files.press_yes),
        ButtonAction(name="terms_file.no", handle=files.press_no),
        ButtonAction(name="term.pick", handle=handlers.press_pick, reads=True),
    ),
    forms=(
        FormKind(
            name="term.form",
            open=forms.open_form,
            submit=forms.submit_form,
            label="term.form_title",
        ),
        FormKind(
            name="weekly.ask",
            open=clearing.open_ask,
            submit=clearing.submit_ask,
            label="weekly.ask",
        ),
        FormKind(
            name="meaning.form",
            open=asking.open_form,
            submit=asking.submit_form,
            label="meaning.answer",
        ),
        FormKind(
            name="checks.form",
            open=switches.open_form,
            submit=switches.submit_form,
            label="checks.title",
        ),
        FormKind(
            name="checks.clarify",
            open=clarifying.open_form,
            change=clarifying.change_form,
            submit=clarifying.submit_form,
            label="checks.preview",
        ),
        FormKind(
            name="terms_file.paste",
            open=files.open_paste,
            submit=files.submit_paste,
            label="terms_file.paste",
        ),
        FormKind(
            name="terms_file.form",
            open=files.open_form,
            submit=files.submit_form,
            label="terms_file.columns",
        ),
        FormKind(
            name="term.agree",
            open=proposing.open_agree,
            submit=proposing.submit_agree,
            label="term.agree",
        ),
        FormKind(
            name="term.agree_many",
            open=proposing.open_many,
            submit=proposing.submit_many,
            label="term.agree_many",
        ),
        FormKind(
            name="term.dispute",
            open=objecting.open_dispute,
            submit=objecting.submit_dispute,
            label="term.dispute",
        ),
        FormKind(
            name="term.retire",
            open=objecting.open_retire,
            submit=objecting.submit_retire,
            label="term.retire",
        ),
    ),
    undo={
        "checks.agreed": switches.undo,
        "term.imported": files.undo,
        "word.ignored": clearing.undo_ignored,
        "term.added": records.undo_added,
        "term.edited": records.undo_edited,
        "term.shared": records.undo_edited,
        "term.confirmed": records.undo_confirmed,
        "term.disputed": records.undo_disputed,
        "term.retired": records.undo_retired,
    },
)
