"""What people do with an app: commands, shortcuts, buttons, menus and forms."""

from typing import Any

from . import payloads
from .errors import SlackRefuses
from .forms import Control, check_entered, controls, enter, find_control, values_of
from .person import Person
from .records import Channel, Delivery, Json, Message, Response, View
from .replies import apply_submission, take_command_answer


class Hands(Person):
    """A person who uses an app; each method waits for the bot's answer."""

    # Commands and shortcuts

    def slash(self, command: str, text: str = "", *, channel: Channel | None = None) -> Response:
        """Type a slash command; only people of an installing workspace have them."""
        installation = self._own_installation("slash commands")
        if command != self.command:
            raise SlackRefuses(f"{command} is not a command of this app")
        place = channel or self.dm_channel
        self._must_be_in(place)
        url, grant = self.courier.response_url("commands", self.id, place, installation, None)
        links = {"response_url": url, "trigger_id": self.courier.trigger(self.id, None, place)}
        payload = payloads.command(self.world, self.member, command, text, place, links)
        response = self.courier.deliver(Delivery("slash_commands", payload, accepts_payload=True))
        with self.world.lock:
            take_command_answer(self.world, grant, response)
        self.world.changed()
        return response

    def uses_shortcut(self, callback_id: str, message: Message | None = None) -> Response:
        """Use a shortcut, on a message or without one."""
        installation = self._own_installation("shortcuts")
        channel, url = None, ""
        if message is not None:
            self._must_see(message)
            channel = message.channel
            url, _ = self.courier.response_url("app", self.id, channel, installation, None)
        payload = payloads.shortcut(self.world, self.member, callback_id, message, url)
        payload["trigger_id"] = self.courier.trigger(self.id, None, channel)
        return self.courier.deliver(Delivery("interactive", payload))

    # Buttons, menus and forms

    def presses(self, surface: Message | View, name: str, value: Any = None) -> Response:
        """Press a button by its text, action_id or block_id; `value` tells like ones apart."""
        control = find_control(surface.blocks, name, value)
        if control.kind != "button":
            return self._use(surface, control, control.state(value if value is not None else name))
        return self._use(surface, control, {})

    def chooses(self, surface: Message | View, name: str, value: Any) -> Response | None:
        """Choose in a menu, a date picker, check boxes or radio buttons.

        Answers None where Slack keeps it in the form until that is submitted.
        """
        control = find_control(surface.blocks, name, value)
        if control.kind == "button":
            raise SlackRefuses(f"“{name}” is a button: press it")
        return self._enter(surface, control, value)

    def types(self, view: View, name: str, text: str) -> Response | None:
        """Type into a field; Slack tells the app at once only where dispatch_action is set."""
        control = find_control(view.blocks, name)
        if control.state_key != "value":
            raise SlackRefuses(f"“{name}” is not a field to type into")
        return self._enter(view, control, text)

    def searches(self, surface: Message | View, name: str, typed: str) -> Response:
        """Type into a menu whose options the app supplies; the answer holds `options`."""
        self._must_be_shown(surface)
        control = find_control(surface.blocks, name)
        if not control.kind.endswith("external_select"):
            raise SlackRefuses(f"“{name}” has its options in itself")
        payload = payloads.suggestion(self.world, self.member, surface, control, typed)
        return self.courier.deliver(Delivery("interactive", payload, accepts_payload=True))

    def _enter(self, surface: Message | View, control: Control, value: Any) -> Response | None:
        self._must_be_shown(surface)
        state = control.state(value)
        if isinstance(surface, View):
            entered = surface.entered
        else:
            entered = surface.entered.setdefault(self.id, {})
        enter(entered, control, state)
        return self._use(surface, control, state) if control.dispatches else None

    def _use(self, surface: Message | View, control: Control, state: Json) -> Response:
        self._must_be_shown(surface)
        action = payloads.action_of(self.world, control, state)
        if isinstance(surface, View):
            payload = payloads.view_actions(self.world, self.member, surface, [action])
            payload["trigger_id"] = self.courier.trigger(self.id, surface, surface.origin)
        else:
            payload = self._message_actions(surface, action)
        return self.courier.deliver(Delivery("interactive", payload))

    def _message_actions(self, message: Message, action: Json) -> Json:
        channel, through = message.channel, self._author(message)
        url, _ = self.courier.response_url("actions", self.id, channel, through, message)
        trigger = self.courier.trigger(self.id, None, channel)
        payload = payloads.message_actions(self.world, self.member, message, through, [action])
        return {**payload, "response_url": url, "trigger_id": trigger}

    def submits(self, view: View, **values: Any) -> Response:
        """Fill in a form and send it; values by action_id, block_id or label.

        Raises SlackRefuses for what Slack's client itself does not let through.
        """
        self._must_be_on_top(view)
        if not view.payload.get("submit"):
            raise SlackRefuses("this modal has nothing to submit")
        for name, value in values.items():
            control = find_control(view.blocks, name)
            enter(view.entered, control, control.state(value))
        check_entered(view.blocks, values_of(view.blocks, view.entered))
        urls = self._response_urls(view)
        payload = payloads.submission(self.world, self.member, view, urls)
        payload["trigger_id"] = self.courier.trigger(self.id, view, view.origin)
        response = self.courier.deliver(Delivery("interactive", payload, accepts_payload=True))
        with self.world.lock:
            apply_submission(self.world, view, response)
        self.world.changed()
        return response

    def _response_urls(self, view: View) -> list[Json]:
        """A response_url for each menu of conversations that asks for one."""
        values, urls = values_of(view.blocks, view.entered), []
        for control in controls(view.blocks):
            if control.element.get("response_url_enabled"):
                block, action = control.block["block_id"], control.element["action_id"]
                name = values[block][action][control.state_key]
                channel = self.world.channels[name]
                through = view.installation
                url, _ = self.courier.response_url("app", self.id, channel, through, None)
                where = {"block_id": block, "action_id": action, "channel_id": name}
                urls.append({**where, "response_url": url})
        return urls

    def closes(self, view: View, *, is_cleared: bool = False) -> Response | None:
        """Close a modal, or with `is_cleared` all of them; None if the app did not ask to know."""
        self._must_be_on_top(view)
        closed = self.world.open_views(self.id) if is_cleared else [view]
        for one in closed:
            one.is_open = False
        self.world.changed()
        if not view.payload.get("notify_on_close"):
            return None
        payload = payloads.closing(self.world, self.member, view, is_cleared=is_cleared)
        return self.courier.deliver(Delivery("interactive", payload))
