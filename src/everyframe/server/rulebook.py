"""Rules made on the page or over the API, beside those of the settings file."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, select

from everyframe.actions import Rule, read_rule
from everyframe.errors import SettingError
from everyframe.store import Store
from everyframe.store.serving import KeptRuleRow


class Rulebook:
    """Keeps rules as the tables that people wrote.

    Args:
        store: Where.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def all(self) -> dict[str, dict[str, Any]]:
        """Return the tables by the rules' names, in the order in which they were made."""
        with self._store.reading() as session:
            rows = session.scalars(select(KeptRuleRow).order_by(KeptRuleRow.id))
            return {row.name: dict(row.told) for row in rows}

    def put(self, name: str, told: Mapping[str, Any], by: str) -> Rule:
        """Keep a rule, instead of the one of that name where there is one.

        Args:
            name: Of the rule.
            told: Its table without its name.
            by: Who made it.

        Raises:
            SettingError: It is no rule.
        """
        rule = read_rule({**told, "name": name})
        table = rule.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude={"name"})
        with self._store.writing() as session:
            row = session.scalar(select(KeptRuleRow).where(KeptRuleRow.name == name))
            if row is None:
                row = KeptRuleRow(name=name)
                session.add(row)
            row.told, row.by, row.changed_utc = table, by, time.time()
        return rule

    def remove(self, name: str) -> None:
        """Forget a rule; what it decided stays.

        Raises:
            SettingError: There is none of that name that was made here.
        """
        with self._store.writing() as session:
            found = session.scalar(select(KeptRuleRow.id).where(KeptRuleRow.name == name))
            if found is None:
                raise SettingError("No rule of that name was made here; look at the list of rules.")
            session.execute(delete(KeptRuleRow).where(KeptRuleRow.id == found))
