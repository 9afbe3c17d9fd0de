"""Webhooks against a real server: signed, in their form, and only where they may go."""

from __future__ import annotations

import threading
from ipaddress import ip_address
from typing import Any

import pytest
from tests.actions.outside import Clock, Receiver, free_port

from everyframe.actions import Message, MessageKind, Webhook, sign, verify
from everyframe.actions.addresses import Address, allowed, choose, is_public, read_networks
from everyframe.errors import DeliveryError, SettingError

SECRET = "correct horse"


def message(**others: Any) -> Message:
    values: dict[str, Any] = {"camera": "park", "text": "too fast", "data": {"score": 7.5}}
    return Message("hook", MessageKind.ALERT, "park: alert", 1_700_000_000.5, **{**values, **others})


def hook(receiver: Receiver, **others: Any) -> Webhook:
    return Webhook(receiver.url, **{"allow": ["127.0.0.0/8"], **others})


def test_a_body_has_the_documented_form_and_an_id(receiver: Receiver) -> None:
    said = message()
    assert hook(receiver).deliver([said]) == []
    path, headers, _ = receiver.posts[0]
    assert path == "/hook"
    assert headers["content-type"] == "application/json"
    assert headers["x-everyframe-id"] == said.uid
    assert headers["host"] == f"127.0.0.1:{receiver.port}"
    assert receiver.told() == {
        "schema": "everyframe/1",
        "id": said.uid,
        "kind": "alert",
        "camera": "park",
        "created": 1_700_000_000.5,
        "title": "park: alert",
        "text": "too fast",
        "data": {"score": 7.5},
    }


def test_a_receiver_can_check_the_signature(receiver: Receiver, clock: Clock) -> None:
    hook(receiver, secret=SECRET, now=clock).deliver([message()])
    _, headers, body = receiver.posts[0]
    timestamp, signature = headers["x-everyframe-timestamp"], headers["x-everyframe-signature"]
    assert signature.startswith("sha256=")
    assert verify(SECRET, timestamp, body, signature, clock())
    assert not verify("other", timestamp, body, signature, clock())
    assert not verify(SECRET, timestamp, body + b" ", signature, clock())
    assert not verify(SECRET, str(int(timestamp) + 1), body, signature, clock())
    assert not verify(SECRET, timestamp, body, signature, clock() + 301.0)
    assert not verify(SECRET, "soon", body, signature, clock())


def test_the_signature_does_not_change_between_versions() -> None:
    """What receivers were written for: this one was made with OpenSSL."""
    expected = "b8569b78799ff9e3cbff0fc2d63a33a2b57f3282abd07c37ae5e8e7d79a5f163"
    assert sign("secret", "1700000000", b"{}") == f"sha256={expected}"


def test_without_a_secret_nothing_is_signed(receiver: Receiver) -> None:
    hook(receiver).deliver([message()])
    assert "x-everyframe-signature" not in receiver.posts[0][1]


def test_an_answer_can_acknowledge(receiver: Receiver) -> None:
    said = message()
    receiver.answers = [(200, {}, b'{"ack": true}'), (200, {}, b'{"ack": "yes"}'), (200, {}, b"<html>")]
    assert hook(receiver).deliver([said]) == [said.uid]
    assert hook(receiver).deliver([said]) == []
    assert hook(receiver).deliver([said]) == []


def test_several_messages_are_one_digest_with_the_ids_of_all(receiver: Receiver) -> None:
    several = [message(), message()]
    hook(receiver).deliver(several)
    told = receiver.told()
    assert told["kind"] == "digest"
    assert [each["id"] for each in told["messages"]] == [each.uid for each in several]
    assert receiver.posts[0][1]["x-everyframe-id"] == told["id"]


def test_a_payload_is_sent_as_it_is(receiver: Receiver) -> None:
    hook(receiver, headers={"Content-Type": "text/plain"}).deliver([message(payload="plan 2")])
    _, headers, body = receiver.posts[0]
    assert (headers["content-type"], body) == ("text/plain", b"plan 2")


@pytest.mark.parametrize(("status", "final"), [(500, False), (404, False), (429, False), (410, True)])
def test_an_answer_that_is_no_yes_is_a_failure(receiver: Receiver, status: int, final: bool) -> None:
    receiver.answers = [(status, {}, b"")]
    with pytest.raises(DeliveryError, match=str(status)) as caught:
        hook(receiver).deliver([message()])
    assert caught.value.final is final


def test_redirects_are_not_followed(receiver: Receiver) -> None:
    receiver.answers = [(307, {"Location": receiver.url + "/elsewhere"}, b"")]
    with pytest.raises(DeliveryError, match=r"redirects .* write the address it leads to") as caught:
        hook(receiver).deliver([message()])
    assert caught.value.final
    assert len(receiver.posts) == 1


def test_a_server_that_does_not_answer_is_a_failure(receiver: Receiver) -> None:
    receiver.hold = threading.Event()
    with pytest.raises(DeliveryError, match=r"did not answer in 0\.2 s"):
        hook(receiver, timeout=0.2).deliver([message()])


def test_a_closed_port_is_a_failure() -> None:
    there = Webhook(f"http://127.0.0.1:{free_port()}/", allow=["127.0.0.1"])
    with pytest.raises(DeliveryError, match="cannot be reached") as caught:
        there.deliver([message()])
    assert not caught.value.final


def test_proxies_of_the_environment_are_not_used(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("ALL_PROXY", f"http://127.0.0.1:{free_port()}")
    hook(receiver).deliver([message()])
    assert len(receiver.posts) == 1


def test_an_endless_answer_does_not_hold_up_anything(receiver: Receiver) -> None:
    receiver.answers = [(200, {}, b"x" * 1_000_000)]
    assert hook(receiver).deliver([message()]) == []


# -- where they may not go ------------------------------------------------------------------------------


def test_this_machine_is_refused_unless_it_is_listed(receiver: Receiver) -> None:
    for url in (receiver.url, f"http://localhost:{receiver.port}/", f"http://2130706433:{receiver.port}/"):
        with pytest.raises(DeliveryError, match="an address inside a network: allow it") as caught:
            Webhook(url).deliver([message()])
        assert caught.value.final
    assert receiver.posts == []


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "240.0.0.1",
        "::1",
        "::",
        "fe80::1",
        "fc00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "2001:0:7f00:1::",
    ],
)
def test_addresses_inside_are_not_public(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.216.34", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_addresses_of_the_internet_are_public(address: str) -> None:
    assert is_public(ip_address(address))


def test_a_list_allows_networks_also_when_wrapped() -> None:
    listed = read_networks(["192.168.1.0/24", "fd00::/8"])
    assert allowed(ip_address("192.168.1.20"), listed)
    assert allowed(ip_address("::ffff:192.168.1.20"), listed)
    assert allowed(ip_address("fd00::20"), listed)
    assert not allowed(ip_address("192.168.2.20"), listed)
    with pytest.raises(SettingError, match="no address and no network"):
        read_networks(["my-house"])


def test_a_name_that_changes_its_address_is_resolved_once_and_connected_to_where_it_was_checked(
    receiver: Receiver,
) -> None:
    """DNS rebinding: the second answer is never asked for."""
    asked: list[str] = []

    def rebinding(host: str, port: int) -> list[Address]:
        asked.append(host)
        return [ip_address("127.0.0.2" if len(asked) == 1 else "127.0.0.1")]

    there = Webhook(
        f"http://rebind.example:{receiver.port}/",
        allow=["127.0.0.2"],
        resolver=rebinding,
        timeout=2.0,
    )
    with pytest.raises(DeliveryError, match="cannot be reached"):  # nobody listens at 127.0.0.2
        there.deliver([message()])
    assert asked == ["rebind.example"]
    with pytest.raises(DeliveryError, match=r"127\.0\.0\.1, an address inside a network"):
        there.deliver([message()])
    assert receiver.posts == []


def test_the_host_keeps_its_name_although_the_connection_goes_to_the_address(receiver: Receiver) -> None:
    there = Webhook(
        f"http://gate.example:{receiver.port}/",
        allow=["127.0.0.1"],
        resolver=lambda *_: [ip_address("127.0.0.1")],
    )
    there.deliver([message()])
    assert receiver.posts[0][1]["host"] == f"gate.example:{receiver.port}"


def test_of_several_addresses_only_those_allowed_are_tried() -> None:
    found = [ip_address("127.0.0.1"), ip_address("8.8.8.8")]
    assert choose("both.example", 80, (), lambda *_: found) == [ip_address("8.8.8.8")]


def test_a_host_that_is_not_known_is_a_failure_that_may_pass() -> None:
    with pytest.raises(DeliveryError, match="is not known") as caught:
        Webhook("http://nobody.invalid/").deliver([message()])
    assert not caught.value.final


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://host/", "gopher://host/", "http://", "host/path", "http://[::1/"]
)
def test_only_web_addresses_are_taken(url: str) -> None:
    with pytest.raises(SettingError, match="address; write one like https"):
        Webhook(url)


def test_headers_that_are_ours_cannot_be_set() -> None:
    with pytest.raises(SettingError, match="set by Everyframe itself"):
        Webhook("https://host/", headers={"x-everyframe-ID": "mine"})


def test_no_message_tells_a_password() -> None:
    there = Webhook(f"http://bob:s3cret@127.0.0.1:{free_port()}/?token=s3cret", allow=["127.0.0.1"])
    with pytest.raises(DeliveryError) as caught:
        there.deliver([message()])
    assert "s3cret" not in str(caught.value) + repr(there)
