"""What follows from what was seen: notifications, messages to other programs, and guarded rules."""

from everyframe.actions.automation import Automation
from everyframe.actions.configuration import (
    Configuration,
    DestinationTable,
    read_file,
    read_rule,
    read_values,
    with_rules,
    with_zones,
)
from everyframe.actions.courier import Courier, Patience
from everyframe.actions.dead_man import DeadMan
from everyframe.actions.decisions import Decision, Outcome
from everyframe.actions.destinations import Carrier, Destination, Hearer
from everyframe.actions.engine import RuleEngine
from everyframe.actions.home_assistant import discovery
from everyframe.actions.measures import QUANTITIES, ZoneMeter
from everyframe.actions.memory import Pending
from everyframe.actions.messages import Message, MessageKind, MessageState, StoredMessage
from everyframe.actions.mqtt import Broker, Mqtt
from everyframe.actions.news import News
from everyframe.actions.notify import Notifier
from everyframe.actions.opening import Actions, hearers
from everyframe.actions.outbox import Outbox
from everyframe.actions.rules import Condition, Mode, Request, Rule
from everyframe.actions.signing import sign, verify
from everyframe.actions.times import Digest, Hours, QuietHours, Schedule, read_zone
from everyframe.actions.timetables import ALWAYS, Timetable, read_timetable
from everyframe.actions.topics import Topics
from everyframe.actions.webhook import Webhook
from everyframe.actions.zones import Zone, read_zone_table

__all__ = [
    "ALWAYS",
    "QUANTITIES",
    "Actions",
    "Automation",
    "Broker",
    "Carrier",
    "Condition",
    "Configuration",
    "Courier",
    "DeadMan",
    "Decision",
    "Destination",
    "DestinationTable",
    "Digest",
    "Hearer",
    "Hours",
    "Message",
    "MessageKind",
    "MessageState",
    "Mode",
    "Mqtt",
    "News",
    "Notifier",
    "Outbox",
    "Outcome",
    "Patience",
    "Pending",
    "QuietHours",
    "Request",
    "Rule",
    "RuleEngine",
    "Schedule",
    "StoredMessage",
    "Timetable",
    "Topics",
    "Webhook",
    "Zone",
    "ZoneMeter",
    "discovery",
    "hearers",
    "read_file",
    "read_rule",
    "read_timetable",
    "read_values",
    "read_zone",
    "read_zone_table",
    "sign",
    "verify",
    "with_rules",
    "with_zones",
]
