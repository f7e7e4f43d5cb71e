"""A feature that fails when told to, and tables that are away: for what a platform sends again."""

import threading
from dataclasses import dataclass, field

from bot.core.errors import NotUnderstood
from bot.core.forms import Form, TextInput
from bot.core.views import Button, Text, actions, view
from bot.dispatch.answers import Answer
from bot.dispatch.feature import ButtonAction, Command, Feature, FormKind, Needs
from tests.harness import Bot


@dataclass
class Probe:
    """A feature that can be held up, and that fails when told to."""

    entered: threading.Event = field(default_factory=threading.Event)
    release: threading.Event = field(default_factory=threading.Event)
    runs: int = 0
    failures: int = 0

    def feature(self) -> Feature:
        return Feature(
            name="probe",
            commands=(
                Command(phrase="probe slow", handle=self._slow, needs=Needs.NOTHING),
                Command(phrase="probe", handle=self._run, needs=Needs.NOTHING),
                Command(phrase="probe form", handle=self._offer, needs=Needs.NOTHING),
                Command(phrase="probe button", handle=self._show, needs=Needs.NOTHING),
                Command(phrase="probe wrong", handle=self._refuse, needs=Needs.NOTHING),
            ),
            buttons=(ButtonAction(name="probe.press", handle=self._run),),
            forms=(FormKind(name="probe.form", open=self._open, submit=self._run),),
        )

    def _slow(self, *given: object) -> Answer:
        self.entered.set()
        assert self.release.wait(timeout=20)
        return self._run(*given)

    def _run(self, *_given: object) -> Answer:
        self.runs += 1
        if self.failures:
            self.failures -= 1
            raise RuntimeError("the probe was told to fail")
        return Answer(view=view(Text(text="The probe is back.")))

    def _refuse(self, *_given: object) -> Answer:
        raise NotUnderstood("help.unknown", typed="probe")

    def _show(self, *_given: object) -> Answer:
        button = Button(label="Press", action="probe.press")
        return Answer(view=view(Text(text="Here it is."), actions(button)))

    def _offer(self, *_given: object) -> Answer:
        return Answer(opens=("probe.form", ""))

    def _open(self, *_given: object) -> Form:
        item = TextInput(name="text", label="Text")
        return Form(name="probe.form", title="Probe", submit="Send", items=(item,))


def rename(bot: Bot, table: str, name: str) -> None:
    """Call a table of the database otherwise."""
    with bot.entente.database.engine.begin() as connection:
        connection.exec_driver_sql(f"ALTER TABLE {table} RENAME TO {name}")
