"""Which network addresses may be reached: the public ones, and those that the operator lists."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Collection
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

from everyframe.errors import DeliveryError, SettingError

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Resolve = Callable[[str, int], list[Address]]

_TRANSLATED = IPv6Network("64:ff9b::/96")  # NAT64: the last four bytes are an IPv4 address


def read_networks(texts: Collection[str]) -> tuple[Network, ...]:
    """Read addresses and networks: ``192.168.1.20``, ``10.0.0.0/8``, ``fd00::/8``.

    Raises:
        SettingError: One is neither.
    """
    networks: list[Network] = []
    for text in texts:
        try:
            networks.append(ipaddress.ip_network(text.strip()))
        except ValueError:
            raise SettingError(
                f"{text} is no address and no network; write one like 192.168.1.20 or 192.168.1.0/24."
            ) from None
    return tuple(networks)


def resolve(host: str, port: int) -> list[Address]:
    """Return the addresses of a host, in the order in which the system would try them.

    Raises:
        DeliveryError: It has none.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise DeliveryError(f"The host {host} is not known; check its name and the network.") from None
    # A scope (fe80::1%eth0) names an interface of this machine; the check is of the address.
    texts = dict.fromkeys(str(entry[4][0]).split("%")[0] for entry in found)
    return [ipaddress.ip_address(text) for text in texts]


def is_public(address: Address) -> bool:
    """Say whether an address is one of the open internet, whatever it is wrapped in."""
    inner = _within(address)
    if inner is not None:
        return is_public(inner)
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def allowed(address: Address, listed: Collection[Network]) -> bool:
    """Say whether an address may be reached."""
    inner = _within(address) or address
    return is_public(address) or any(inner in network or address in network for network in listed)


def choose(host: str, port: int, listed: Collection[Network], resolver: Resolve = resolve) -> list[Address]:
    """Resolve a host once and return those of its addresses that may be connected to.

    Who connects has to connect to one of these and not to the name: it might mean another address by then.

    Raises:
        DeliveryError: None may be reached; final, as only the operator can change that.
    """
    found = resolver(host, port)
    good = [address for address in found if allowed(address, listed)]
    if not good:
        raise DeliveryError(
            f"{host} is at {found[0]}, an address inside a network: allow it for this destination if that"
            " is meant.",
            final=True,
        )
    return good


def _within(address: Address) -> IPv4Address | None:
    """Return the IPv4 address that an IPv6 address stands for, if it does."""
    if isinstance(address, IPv4Address):
        return None
    if address in _TRANSLATED:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
