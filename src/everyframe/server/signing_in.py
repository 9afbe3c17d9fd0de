"""Signing in, slowly for those who guess."""

from __future__ import annotations

import math

from everyframe.errors import AccountError
from everyframe.server.accounts import Account
from everyframe.server.house import House


class TooManyTries(AccountError):
    """Somebody has to wait.

    Attributes:
        seconds: For how long.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = max(1, math.ceil(seconds))
        super().__init__(f"Too many wrong passwords; try again in {self.seconds} s.")


def sign_in(house: House, name: str, password: str, address: str) -> tuple[Account, str] | None:
    """Sign somebody in.

    Args:
        house: Where.
        name: Who they say they are.
        password: How they show it.
        address: Where they ask from.

    Returns:
        Who it is and the secret of their session; ``None`` where name and password do not go together.

    Raises:
        TooManyTries: It has been wrong too often.
    """
    person = f"{address} {name[:64]}"
    wait = max(house.by_person.wait(person), house.by_address.wait(address))
    if wait > 0:
        raise TooManyTries(wait)
    # Counted before it is known: many guesses at once shall not all slip through.
    house.by_person.failed(person)
    house.by_address.failed(address)
    account = house.accounts.check(name, password)
    if account is None:
        return None
    house.by_person.forgive(person)
    house.by_address.undo(
        address
    )  # not forgiven: an account of one's own would open the way to guess others'
    return account, house.accounts.sign_in(account)
