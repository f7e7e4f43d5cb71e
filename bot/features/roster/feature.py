"""What this feature registers."""

from bot.dispatch.feature import ButtonAction, Command, Feature, FormKind, HomeSection, Topic
from bot.features.roster import briefing, forms, handlers, record, rules, seats
from bot.features.roster.persons import about_people

FEATURE = Feature(
    name="roster",
    commands=(
        Command(
            phrase="roster",
            handle=handlers.show_roster,
            help="roster.help",
            reads=True,
            aloud=True,
        ),
        Command(
            phrase="am i a member",
            handle=handlers.show_mine,
            help="roster.help_mine",
            usage="am I a member?",
            reads=True,
        ),
        Command(
            phrase="who decides",
            handle=handlers.who_decides,
            help="roster.help_who",
            usage="who decides budgets?",
            reads=True,
            aloud=True,
        ),
        about_people(
            "place", handlers.place, help_key="place.help", usage="place @person in PARTNER"
        ),
        about_people("role", handlers.role, help_key="role.help", usage="role @person manager"),
        about_people(
            "seat", seats.seat, help_key="seat.help", usage="seat @person on JSC as co-chair"
        ),
        about_people(
            "deputy",
            seats.deputy,
            help_key="seat.help_deputy",
            usage="deputy @stand-in for @person on JSC",
        ),
        Command(
            phrase="away",
            handle=handlers.away,
            help="away.help",
            usage="away until 2027-04-01",
        ),
    ),
    record=record.RECORD,
    home=(HomeSection(order=15, render=record.render_home),),
    buttons=(
        ButtonAction(name="roster.through", handle=record.press_through),
        ButtonAction(name="roster.back", handle=handlers.press_back),
        ButtonAction(name="roster.agree", handle=rules.press_agree),
        ButtonAction(name="roster.page", handle=handlers.press_page, reads=True),
    ),
    topics=(Topic(name=forms.TOPIC, render=forms.render_notice),),
    forms=(
        FormKind(
            name="committee.form",
            open=forms.open_form,
            submit=forms.submit_form,
            change=forms.change_form,
        ),
    ),
    briefing=(briefing.SECTION,),
    steps=briefing.STEPS,
    undo={
        "committee.changed": forms.undo_change,
        "committee.rule_agreed": rules.undo_agree,
        "member.placed": handlers.undo_placed,
        "member.released": handlers.undo_released,
        "role.given": handlers.undo_role,
        "role.taken": handlers.undo_role,
        "member.away": handlers.undo_away,
        "seat.deputy": seats.undo_deputy,
        "seat.given": seats.undo_seat,
        "seat.left": seats.undo_seat,
    },
    undo_unmanaged=frozenset({"role.taken", "member.away"}),
)
