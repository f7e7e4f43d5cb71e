"""Queueing: in order, in the caller's transaction, and the lane wakes."""

from datetime import timedelta

import pytest

from bot.db.engine import Database
from bot.delivery.outbox import Address, Deliver, enqueue, get_deployment_key
from bot.testing.world import make_view
from tests.harness import ManualClock
from tests.scene import Scene


def test_messages_of_one_place_share_a_lane(scene: Scene) -> None:
    steering, science = scene.channel("steering"), scene.channel("science")
    scene.post(steering, "one", "two")
    scene.post(science, "three")
    scene.dm(scene.ana, "four")
    lanes = [delivery.lane_id for delivery in scene.deliveries()]
    assert lanes[0] == lanes[1]
    assert len(set(lanes)) == 3


def test_what_is_for_one_person_within_a_channel_keeps_the_channels_order(scene: Scene) -> None:
    steering = scene.channel("steering")
    scene.post(steering, "for all")
    scene.whisper(steering, scene.ana, "for one")
    first, second = scene.deliveries()
    assert first.lane_id == second.lane_id
    assert (first.private_to, second.private_to) == (None, scene.ana.id)


def test_a_lane_wakes_for_its_soonest_message(scene: Scene, clock: ManualClock) -> None:
    steering = scene.channel("steering")
    scene.post(steering, "later", not_before=clock() + timedelta(hours=2))
    assert scene.lane(steering).next_at == clock() + timedelta(hours=2)
    scene.post(steering, "soon", not_before=clock() + timedelta(hours=1))
    assert scene.lane(steering).next_at == clock() + timedelta(hours=1)
    scene.post(steering, "last", not_before=clock() + timedelta(hours=3))
    assert scene.lane(steering).next_at == clock() + timedelta(hours=1)


def test_a_lane_does_not_wake_before_the_platform_would_take_it(
    scene: Scene, clock: ManualClock
) -> None:
    steering = scene.channel("steering")
    scene.post(steering, "one")
    free = clock() + timedelta(seconds=1)
    with scene.database.write() as session:
        lane = session.merge(scene.lane(steering))
        lane.next_at, lane.free_at = None, free
    scene.post(steering, "two")
    assert scene.lane(steering).next_at == free


def test_what_is_queued_is_gone_if_the_transaction_fails(
    scene: Scene, database: Database, clock: ManualClock
) -> None:
    address = Address(platform="slack", workspace="T1", channel="C1")
    with pytest.raises(RuntimeError), database.write() as session:
        enqueue(session, Deliver(to=address, view=make_view("no")), now=clock())
        raise RuntimeError("something else failed")
    assert scene.deliveries() == []
    assert scene.count("lanes") == 0


def test_a_database_keeps_its_name(database: Database) -> None:
    with database.write() as session:
        first = get_deployment_key(session)
    with database.write() as session:
        assert get_deployment_key(session) == first
    assert len(first) == 24
