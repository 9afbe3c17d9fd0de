"""Messages for people, over the services that Apprise knows."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from datetime import datetime, tzinfo

import apprise

from everyframe.actions.messages import Message
from everyframe.errors import DeliveryError, SettingError

_LONGEST = 20  # messages of a digest that are told one by one


class Notifier:
    """Sends messages to people: mail, phones, chats.

    Args:
        urls: Apprise's, each with the credentials of its service.
        zone: Time zone in which times are told, ``None`` for the machine's own.

    Raises:
        SettingError: If Apprise cannot read one.
    """

    def __init__(self, urls: Sequence[str], zone: tzinfo | None = None) -> None:
        self._zone = zone
        # One for each, so that when one service is down the error can say which.
        self._services: list[apprise.Apprise] = []
        for number, url in enumerate(urls, 1):
            service = apprise.Apprise()
            if not _added(service, url):
                # The URL is all secret: Apprise puts tokens in the host, too.
                scheme = url.split(":", 1)[0] if "://" in url else "what is there"
                raise SettingError(
                    f"Apprise cannot read address {number} ({scheme}); see there how that service is written."
                )
            self._services.append(service)
        if not self._services:
            raise SettingError("There is no address to notify; write one in urls.")

    def __repr__(self) -> str:
        return f"Notifier({len(self._services)} services)"

    def deliver(self, messages: Sequence[Message]) -> Sequence[str]:
        """Send messages as one; people acknowledge nothing, so that nothing is returned."""
        title, body = _worded(messages, self._zone)
        # Apprise says whether it worked, and to its log why.
        failed = [
            str(service[0].service_name)
            for service in self._services
            if not service.notify(title=title, body=body)
        ]
        if failed:
            raise DeliveryError(
                f"{', '.join(failed)} did not take the message; look at Apprise's log for why."
            )
        return []

    def close(self) -> None:
        """Nothing is kept open."""


def _added(service: apprise.Apprise, url: str) -> bool:
    """Add an address; say whether Apprise could read it."""
    with warnings.catch_warnings():
        # With the first one Apprise loads all its services, and some of these load what is going away.
        warnings.simplefilter("ignore", DeprecationWarning)
        return service.add(url)


def _worded(messages: Sequence[Message], zone: tzinfo | None) -> tuple[str, str]:
    """Return title and text: of one message, or of a digest of several."""
    if len(messages) == 1:
        (message,) = messages
        return message.title, message.text or message.title
    lines = []
    for message in messages[:_LONGEST]:
        when = datetime.fromtimestamp(message.created_utc, zone).strftime("%d %b %H:%M")
        lines.append(f"{when}  {message.title}")
    if len(messages) > _LONGEST:
        lines.append(f"and {len(messages) - _LONGEST} more")
    return f"Everyframe: {len(messages)} messages", "\n".join(lines)
