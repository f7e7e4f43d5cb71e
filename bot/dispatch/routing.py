"""Which handler an event belongs to."""

from collections.abc import Sequence
from dataclasses import replace

from bot.core.errors import NotUnderstood
from bot.core.events import (
    ButtonPressed,
    CommandInvoked,
    Event,
    FormChanged,
    FormSubmitted,
    HomeOpened,
    MessagePosted,
    PlaceKind,
    ShortcutInvoked,
    Via,
)
from bot.core.views import Actions, Block, Button, Menu, Text, View, actions, view
from bot.dispatch import aloud
from bot.dispatch.answers import Answer, Fetch, Found
from bot.dispatch.context import Context
from bot.dispatch.feature import Command, Needs, Registry, Result
from bot.dispatch.grammar import LONGEST, Arguments, match_phrase, suggest
from bot.dispatch.messages import Markdown, say, words
from bot.dispatch.watching import Watching
from bot.people import identity


class Router:
    """Finds the handler in the registry, asks who may use it, and runs it."""

    def __init__(self, registry: Registry, watching: Watching) -> None:
        self._registry = registry
        self._watching = watching

    def only_reads(self, event: Event) -> bool:
        """Whether handling the event changes nothing, so that it may happen twice."""
        if isinstance(event, HomeOpened):
            return True
        if isinstance(event, CommandInvoked) and event.via == Via.SLASH:
            found = match_phrase(event.text, list(self._registry.commands))
            return found is not None and self._registry.commands[found[0]].reads
        if isinstance(event, ButtonPressed):
            button = self._registry.buttons.get(event.action)
            return event.action in self._registry.forms or (button is not None and button.reads)
        if isinstance(event, ShortcutInvoked):
            shortcut = self._registry.shortcuts.get(event.shortcut)
            return shortcut is not None and shortcut.reads
        return isinstance(event, FormChanged) and not isinstance(event, FormSubmitted)

    def is_for_former(self, event: Event) -> bool:
        """Whether people may do this whose partner has left or whose alliance has ended: they read
        what they could read, and look after themselves."""
        registry = self._registry
        if isinstance(event, CommandInvoked):
            found = match_phrase(event.text, list(registry.commands))
            command = registry.commands[found[0]] if found else None
            if command is None or command.for_former:
                return True
            return command.only_shows
        if isinstance(event, ButtonPressed):
            button = registry.buttons.get(event.action)
            return button is not None and (button.reads or button.for_former)
        return not isinstance(event, FormChanged | ShortcutInvoked | MessagePosted)

    def run(self, context: Context, event: Event) -> Result:
        """Run what the features registered for an event. Raises UserError."""
        for listener in self._registry.listeners.get(type(event), ()):
            listener.handle(context, event)
        if isinstance(event, CommandInvoked):
            return self._run_command(context, event)
        if isinstance(event, ButtonPressed):
            return self._run_button(context, event)
        if isinstance(event, FormSubmitted):
            return self._run_submit(context, event)
        if isinstance(event, FormChanged):
            return self._run_change(context, event)
        if isinstance(event, ShortcutInvoked):
            return self._run_shortcut(context, event)
        if isinstance(event, HomeOpened):
            return Answer(home=self.render_home(context))
        if isinstance(event, MessagePosted):
            self._watching.handle(context, event)
        return None

    def _run_command(self, context: Context, event: CommandInvoked) -> Result:
        found = match_phrase(event.text, list(self._registry.commands))
        command = self._registry.commands[found[0]] if found is not None else None
        if found and command and not command.aloud and aloud.is_all(found[1].text):
            raise NotUnderstood("aloud.not_this")
        if found is None or command is None or _is_too_much(command, found[1]):
            return (
                self._run_file(context, event)
                or self._answer_aloud(context, event)
                or self._answer_question(context, event)
                or self._explain(context, event)
            )
        asked = self._settle_viewer(context, command.needs)
        if asked is not None:
            return asked
        context.require(command.needs)
        if command.aloud and aloud.is_wanted(found[1].text):
            return aloud.preview(context, event)
        return command.handle(context, event, found[1])

    def _run_file(self, context: Context, event: CommandInvoked) -> Result:
        """A file that came without a command: whoever makes something of its kind."""
        if not event.files:
            return None
        name = event.files[0].name.casefold()
        for kind in self._registry.files:
            if name.endswith(tuple(kind.suffixes)):
                asked = self._settle_viewer(context, kind.needs)
                if asked is not None:
                    return asked
                context.require(kind.needs)
                return kind.handle(context, event, Arguments(event.text.strip()))
        raise NotUnderstood("help.unknown_file", name=event.files[0].name[:80])

    def _answer_aloud(self, context: Context, event: CommandInvoked) -> Result:
        """The answer to such a question, to be said to everybody."""
        if not aloud.is_question(context.registry, event.text):
            return None
        asked = self._settle_viewer(context, Needs.MEMBER)
        if asked is not None:
            return asked
        context.require(Needs.MEMBER)
        return aloud.preview(context, event)

    def _answer_question(self, context: Context, event: CommandInvoked) -> Result:
        """What a feature answers to a question in people's own words. Commands go first."""
        text = event.text.strip()[:LONGEST]
        for question in self._registry.questions:
            match = question.pattern.fullmatch(text)
            if match is None:
                continue
            asked = self._settle_viewer(context, Needs.MEMBER)
            if asked is not None:
                return asked
            result = question.handle(context, event, match["subject"])
            if result is not None:
                return result
        return None

    def _explain(self, context: Context, event: CommandInvoked) -> Result:
        if not event.text.strip():
            return self._registry.commands["help"].handle(context, event, Arguments())
        near = suggest(event.text, [c.phrase for c in self._registry.commands.values() if c.help])
        shown = event.text.strip()[:60]
        if not near:
            raise NotUnderstood("help.unknown", typed=shown)
        options = ", ".join(f"`{phrase}`" for phrase in near)
        raise NotUnderstood("help.unknown_near", typed=shown, near=Markdown(options))

    def _settle_viewer(self, context: Context, needs: Needs) -> Answer | None:
        """Ask which alliance is meant, where a person is in several and has not said."""
        if needs == Needs.NOTHING or context.chosen is not None or len(context.viewers) < 2:
            return None
        found = identity.get_alliances(
            context.session, [viewer.alliance_id for viewer in context.viewers]
        )
        return Answer(
            view=view(
                Text(text=say("alliance.which")),
                actions(
                    *(
                        Button(label=alliance.name[:75], action="people.use", value=alliance.id)
                        for alliance in found[:25]
                    )
                ),
            )
        )

    def _run_button(self, context: Context, event: ButtonPressed) -> Result:
        form = self._registry.forms.get(event.action)
        if form is not None:
            return Answer(form=form.open(context, event.value))
        button = self._registry.buttons.get(event.action)
        if button is None:
            raise NotUnderstood("help.old_button")
        result = button.handle(context, event)
        if event.place.kind == PlaceKind.HOME and not button.reads and isinstance(result, Answer):
            return replace(result, home=self.render_home(context))
        return result

    def _run_shortcut(self, context: Context, event: ShortcutInvoked) -> Result:
        shortcut = self._registry.shortcuts.get(event.shortcut)
        if shortcut is None:
            raise NotUnderstood("help.old_button")
        return shortcut.handle(context, event)

    def _run_submit(self, context: Context, event: FormSubmitted) -> Result:
        form = self._registry.forms.get(event.form)
        if form is None:
            raise NotUnderstood("help.old_button")
        return self._show_at_home(context, form.submit(context, event))

    def go_on(self, context: Context, event: Event, fetch: Fetch, found: Found) -> Result:
        """Run what waited for the platform's answers."""
        result = fetch.then(context, event, found)
        return self._show_at_home(context, result) if isinstance(event, FormSubmitted) else result

    def _show_at_home(self, context: Context, result: Result) -> Result:
        if isinstance(result, Answer) and not result.errors:
            # The form may have been opened from the home view, which shows what it changed.
            return replace(result, home=self.render_home(context))
        return result

    def _run_change(self, context: Context, event: FormChanged) -> Result:
        form = self._registry.forms.get(event.form)
        if form is None or form.change is None:
            return None
        return Answer(form=form.change(context, event))

    def render_home(self, context: Context) -> View:
        """The home view of the acting person: what each feature contributes."""
        asked = self._settle_viewer(context, Needs.MEMBER)
        if asked is not None and asked.view is not None:
            return asked.view
        if context.chosen is None:
            return view(
                Text(text=say("home.stranger")),
                actions(Button(label=words("setup.button"), opens="setup.form", style="primary")),
            )
        viewer = context.viewer
        blocks = [b for section in self._registry.home for b in section.render(context, viewer)]
        return View(blocks=tuple(self._for_former(blocks) if viewer.is_former else blocks))

    def _for_former(self, blocks: Sequence[Block]) -> Sequence[Block]:
        """The same without what people are not offered who only read any more."""
        kept: list[Block | None] = []
        for block in blocks:
            if isinstance(block, Actions):
                kept.append(actions(*(i for i in block.items if self._is_offered(i))))
            else:
                kept.append(block)
        return [block for block in kept if block is not None]

    def _is_offered(self, item: Button | Menu) -> bool:
        if isinstance(item, Button) and (item.opens or item.url):
            return item.url is not None
        button = self._registry.buttons.get(item.action or "")
        return button is not None and (button.reads or button.for_former)


def _is_too_much(command: Command, arguments: Arguments) -> bool:
    """Whether words follow a command that takes none, but for the one that has it said aloud."""
    most = 1 if command.aloud and aloud.is_wanted(arguments.text) else 0
    return command.bare and len(arguments.tokens) > most
