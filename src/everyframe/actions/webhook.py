"""Messages as HTTP requests that the receiver can trust, and that reach only whom they may."""

from __future__ import annotations

import json
import time as clock
import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import httpx

from everyframe._version import __version__
from everyframe.actions import addresses, signing
from everyframe.actions.addresses import Address, Network, Resolve
from everyframe.actions.messages import SCHEMA, Message
from everyframe.errors import DeliveryError, SettingError
from everyframe.sources.names import masked

_ANSWER = 65_536  # bytes of an answer that are read at most
_OURS = frozenset(name.lower() for name in (signing.ID, signing.TIMESTAMP, signing.SIGNATURE, "Host"))


class Webhook:
    """Posts messages to one address.

    Private, loopback and link-local addresses are refused unless listed. The host is resolved once for each
    attempt, the addresses are checked, and one of those that passed is connected to. Redirects are not
    followed and proxies of the environment are not used: both would lead elsewhere.

    Args:
        url: ``http`` or ``https``.
        secret: What the body is signed with; without one it is not signed.
        allow: Addresses and networks inside that may be reached.
        headers: Sent along, such as ``Authorization``.
        timeout: Seconds for the whole exchange.
        now: The clock for signatures, POSIX seconds.
        resolver: Finds a host's addresses.

    Raises:
        SettingError: If the URL cannot be used.
    """

    def __init__(
        self,
        url: str,
        *,
        secret: str | None = None,
        allow: Collection[str] = (),
        headers: Mapping[str, str] | None = None,
        timeout: float = 10.0,
        now: Callable[[], float] = clock.time,
        resolver: Resolve = addresses.resolve,
    ) -> None:
        self._url = read_url(url)
        self._name = masked(url)
        self._secret = secret
        self._allow: tuple[Network, ...] = addresses.read_networks(allow)
        self._headers = _own_headers(headers or {})
        self._timeout = timeout
        self._now = now
        self._resolver = resolver
        self._client = httpx.Client(follow_redirects=False, trust_env=False, timeout=timeout)

    def __repr__(self) -> str:
        return f"Webhook({self._name!r})"

    def deliver(self, messages: Sequence[Message]) -> Sequence[str]:
        """Post messages; those are acknowledged to whose post the answer is JSON with ``"ack": true``."""
        uid, body = _body(messages)
        answer = self._post(uid, body)
        return [message.uid for message in messages] if answer.get("ack") is True else []

    def close(self) -> None:
        """Let go of connections."""
        self._client.close()

    def _post(self, uid: str, body: bytes) -> dict[str, Any]:
        port = self._url.port or (443 if self._url.scheme == "https" else 80)
        places = addresses.choose(self._url.host, port, self._allow, self._resolver)
        end = clock.monotonic() + self._timeout
        for number, place in enumerate(places, 1):
            try:
                return self._post_to(place, uid, body, end)
            except httpx.ConnectError as error:
                if number == len(places):
                    raise DeliveryError(f"{self._name} cannot be reached ({_first_line(error)}).") from None
            except httpx.TimeoutException:
                raise DeliveryError(f"{self._name} did not answer in {self._timeout:g} s.") from None
            except httpx.HTTPError as error:
                raise DeliveryError(f"{self._name} broke off ({_first_line(error)}).") from None
        raise AssertionError("there is always an address")

    def _post_to(self, place: Address, uid: str, body: bytes, end: float) -> dict[str, Any]:
        """Post to one address under the host's name; ``end`` is by the monotonic clock."""
        timestamp = str(int(self._now()))
        headers = {
            "Content-Type": "application/json",
            **self._headers,
            "User-Agent": f"everyframe/{__version__}",
            "Host": self._url.netloc.decode(),
            signing.ID: uid,
            signing.TIMESTAMP: timestamp,
        }
        if self._secret is not None:
            headers[signing.SIGNATURE] = signing.sign(self._secret, timestamp, body)
        with self._client.stream(
            "POST",
            self._url.copy_with(host=str(place)),
            content=body,
            headers=headers,
            timeout=max(0.1, end - clock.monotonic()),
            # The certificate has to be that of the name, although the connection goes to the address.
            extensions={"sni_hostname": self._url.host},
        ) as answer:
            if not answer.is_success:
                raise self._refused(answer.status_code)
            return _read(answer, end)

    def _refused(self, status: int) -> DeliveryError:
        if 300 <= status < 400:
            return DeliveryError(
                f"{self._name} redirects ({status}), which is not followed; write the address it leads to.",
                final=True,
            )
        return DeliveryError(f"{self._name} answered {status}; look there why.", final=status == 410)


def read_url(url: str) -> httpx.URL:
    """Read the address of a webhook.

    Raises:
        SettingError: It is not ``http`` or ``https``, or has no host.
    """
    try:
        read = httpx.URL(url)
    except httpx.InvalidURL:
        raise SettingError(f"{masked(url)} is no address; write one like https://host/path.") from None
    if read.scheme not in ("http", "https") or not read.host:
        raise SettingError(f"{masked(url)} is no web address; write one like https://host/path.")
    return read


def _own_headers(headers: Mapping[str, str]) -> dict[str, str]:
    for name in headers:
        if name.lower() in _OURS:
            raise SettingError(f"The header {name} is set by Everyframe itself; leave it out.")
    return dict(headers)


def _body(messages: Sequence[Message]) -> tuple[str, bytes]:
    """Return id and body: of one message, or of a digest of several."""
    if len(messages) == 1:
        (message,) = messages
        if message.payload is not None:
            return message.uid, message.payload.encode()
        return message.uid, _json(message.told())
    uid = str(uuid.uuid5(uuid.NAMESPACE_OID, " ".join(message.uid for message in messages)))
    told = [message.told() for message in messages]
    return uid, _json({"schema": SCHEMA, "id": uid, "kind": "digest", "messages": told})


def _json(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, allow_nan=False).encode()


def _read(answer: httpx.Response, end: float) -> dict[str, Any]:
    """Read an answer, not longer than there is time and not more than is sensible."""
    body = bytearray()
    for piece in answer.iter_bytes(4096):
        body += piece
        if len(body) > _ANSWER or clock.monotonic() > end:
            return {}  # it has taken the message; what it goes on to say does not matter
    try:
        said = json.loads(body)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
