"""Rules evaluated person by person in plain Python, as docs/rules.md has them: written without a look at the compiler."""

import unicodedata
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from tests.contacts.rules.worlds import Happened, Person, SmallWorld

TICK = timedelta(microseconds=1)
WEIGHTS = {"email_opened": 1, "email_clicked": 3, "page_visited": 1, "email_sent": 0}
HALF_LIFE = timedelta(days=30)
UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


def fold(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()


class Evaluator:
    def __init__(
        self, world: SmallWorld, now: datetime, members: Mapping[int, set[int]] = {}
    ) -> None:
        self.world, self.now, self.members = world, now, members
        self.tz = ZoneInfo(world.timezone)
        self.today = now.astimezone(self.tz).date()

    def who(self, rule: Any) -> set[int]:
        """The ids of the living people of whom a rule holds."""
        return {p.pk for p in self.world.people if not p.is_deleted and self.holds(rule, p)}

    def holds(self, rule: Any, person: Person) -> bool:
        if "all" in rule:
            return all(self.holds(inner, person) for inner in rule["all"])
        if "any" in rule:
            return any(self.holds(inner, person) for inner in rule["any"])
        if "not" in rule:
            return not self.holds(rule["not"], person)
        return bool(getattr(self, f"_{rule['type']}")(rule, person))

    # Values

    def _attribute(self, rule: Any, person: Person) -> bool:
        if rule["field"] == "created_at":
            return self._moment(rule, person.created_at)
        value = person.attributes[rule["field"]]
        return (
            self._text(rule, value)
            if isinstance(value, str) or value is None
            else self._plain(rule, value)
        )

    def _custom_field(self, rule: Any, person: Person) -> bool:
        value = person.fields.get(rule["field"])
        match rule["field"]:
            case "age":
                return self._number(rule, value)
            case "born":
                return self._day(rule, value and date.fromisoformat(value))
            case "seen":
                return self._moment(rule, value and datetime.fromisoformat(value))
            case "vip":
                return self._plain(rule, value)
            case "likes":
                return self._list(rule, value)
        return self._text(rule, value)

    def _plain(self, rule: Any, value: Any) -> bool:
        found = value is not None and value == rule["value"]
        return found != rule["operator"].startswith("not_")

    def _text(self, rule: Any, value: str | None) -> bool:
        operator = rule["operator"]
        if operator in ("is_set", "is_not_set"):
            return (value is not None) == (operator == "is_set")
        if operator.startswith("not_"):
            return not self._text({**rule, "operator": operator[4:]}, value)
        if value is None:
            return False
        have = fold(value)
        if operator == "in":
            return have in [fold(each) for each in rule["value"]]
        want = fold(rule["value"])
        return {
            "equals": have == want,
            "contains": want in have,
            "starts_with": have.startswith(want),
            "ends_with": have.endswith(want),
        }[operator]

    def _number(self, rule: Any, value: Any) -> bool:
        operator = rule["operator"]
        if operator in ("is_set", "is_not_set"):
            return (value is not None) == (operator == "is_set")
        if operator.startswith("not_"):
            return not self._number({**rule, "operator": operator[4:]}, value)
        if value is None:
            return False
        have = Decimal(str(value))
        if operator == "in":
            return have in [Decimal(str(each)) for each in rule["value"]]
        if operator == "between":
            least, most = (Decimal(str(each)) for each in rule["value"])
            return least <= have <= most
        want = Decimal(str(rule["value"]))
        return {
            "equals": have == want,
            "gt": have > want,
            "gte": have >= want,
            "lt": have < want,
            "lte": have <= want,
        }[operator]

    def _list(self, rule: Any, value: list[str] | None) -> bool:
        operator = rule["operator"]
        if operator.startswith("not_"):
            return not self._list({**rule, "operator": operator[4:]}, value)
        wanted = rule["value"] if operator == "in" else [rule["value"]]
        return bool(
            {each.casefold() for each in wanted} & {each.casefold() for each in value or []}
        )

    # Time

    def _length(self, text: str) -> timedelta:
        return int(text[:-1]) * UNITS[text[-1]]

    def _as_day(self, text: str) -> date:
        words = {"yesterday": -1, "today": 0, "tomorrow": 1}
        if text in words:
            return self.today + timedelta(days=words[text])
        if len(text) == 10:
            return date.fromisoformat(text)
        return datetime.fromisoformat(text).astimezone(self.tz).date()

    def _start(self, text: str) -> datetime:
        if len(text) > 10:
            return datetime.fromisoformat(text)
        return datetime.combine(self._as_day(text), time(), self.tz).astimezone(UTC)

    def _end(self, text: str) -> datetime:
        if len(text) > 10:
            return datetime.fromisoformat(text) + TICK
        following = self._as_day(text) + timedelta(days=1)
        return datetime.combine(following, time(), self.tz).astimezone(UTC)

    def _moment(self, rule: Any, value: datetime | None) -> bool:
        operator = rule["operator"]
        if operator in ("is_set", "is_not_set"):
            return (value is not None) == (operator == "is_set")
        if operator.startswith("not_"):
            return not self._moment({**rule, "operator": operator[4:]}, value)
        if value is None:
            return False
        want = rule["value"]
        if operator == "equals":
            return self._start(want) <= value < self._end(want)
        if operator == "before":
            return value < self._start(want)
        if operator == "after":
            return value >= self._start(want)
        if operator == "between":
            return self._start(want[0]) <= value < self._end(want[1])
        if operator == "in_last":
            return self.now - self._length(want) < value <= self.now
        if operator == "in_next":
            return self.now <= value < self.now + self._length(want)
        return self._returns(value.astimezone(self.tz).date(), want)

    def _day(self, rule: Any, value: date | None) -> bool:
        operator = rule["operator"]
        if operator in ("is_set", "is_not_set"):
            return (value is not None) == (operator == "is_set")
        if operator.startswith("not_"):
            return not self._day({**rule, "operator": operator[4:]}, value)
        if value is None:
            return False
        want = rule["value"]
        if operator == "equals":
            return value == self._as_day(want)
        if operator == "before":
            return value < self._as_day(want)
        if operator == "after":
            return value >= self._as_day(want)
        if operator == "between":
            return self._as_day(want[0]) <= value <= self._as_day(want[1])
        length = self._length(want).days
        if operator == "in_last":
            return 0 <= (self.today - value).days < length
        if operator == "in_next":
            return 0 <= (value - self.today).days < length
        return self._returns(value, want)

    def _returns(self, value: date, want: str) -> bool:
        """Whether the day comes again from today on, within so many days: on the 28th for who has a 29 February."""
        for offset in range(self._length(want).days):
            day = self.today + timedelta(days=offset)
            if (day.month, day.day) == (value.month, value.day):
                return True
            is_eve = (day + timedelta(days=1)).month == 3 and day.day == 28
            if is_eve and (value.month, value.day) == (2, 29):
                return True
        return False

    # What happened

    def _counted(self, rule: Any, happened: list[Happened]) -> bool:
        within = rule.get("within", {})
        if "last" in within:
            since = self.now - self._length(within["last"])
            happened = [h for h in happened if since < h.at <= self.now]
        if "after" in within:
            happened = [h for h in happened if h.at >= self._start(within["after"])]
        if "before" in within:
            happened = [h for h in happened if h.at < self._start(within["before"])]
        count = rule.get("count", {"operator": "gte", "value": 1})
        have, want = len(happened), count["value"]
        return {
            "gte": have >= want,
            "gt": have > want,
            "lte": have <= want,
            "lt": have < want,
            "equals": have == want,
        }[count["operator"]]

    def _event(self, rule: Any, person: Person) -> bool:
        happened = [
            each
            for each in person.happened
            if each.kind == rule["event_type"]
            and not each.is_activity
            and not each.is_machine
            and all(self._where(where, each.data) for where in rule.get("where", ()))
        ]
        return self._counted(rule, happened)

    def _where(self, where: Any, data: dict[str, Any]) -> bool:
        value = data.get(where["path"])
        if where["path"] == "amount":
            return self._number(where, value)
        return self._plain(where, value) if where["path"] == "paid" else self._text(where, value)

    def _activity(self, rule: Any, person: Person) -> bool:
        happened = [h for h in person.happened if h.is_activity and h.kind == rule["activity_type"]]
        return self._counted(rule, happened)

    def _engaged_with_last(self, rule: Any, person: Person) -> bool:
        sent = [(h.at, n, h) for n, h in enumerate(person.happened) if h.kind == "email_sent"]
        last = [h for *_, h in sorted(sent, reverse=True)[: rule["emails"]]]
        engaged = {
            h.source_id
            for h in person.happened
            if h.kind in ("email_opened", "email_clicked") and not h.is_machine and h.source_id
        }
        return sum(h.source_id in engaged for h in last) >= rule["at_least"]

    def _engagement(self, rule: Any, person: Person) -> bool:
        counted = [h for h in person.happened if not h.is_activity and not h.is_machine]
        engaging = [h for h in counted if WEIGHTS[h.kind]]
        score = sum(WEIGHTS[h.kind] * 2 ** ((h.at - self.now) / HALF_LIFE) for h in engaging)
        last = max((h.at for h in engaging), default=None)
        match rule["metric"]:
            case "score":
                return self._number(rule, score)
            case "level":
                found = self._level(score, last) in rule["value"]
                return found != (rule["operator"] == "not_in")
            case "total_emails_opened":
                return self._number(rule, sum(h.kind == "email_opened" for h in counted))
            case "last_engaged_at":
                return self._moment(rule, last)
        clicked = [h.at for h in counted if h.kind == "email_clicked"]
        return self._moment(rule, max(clicked, default=None))

    def _level(self, score: float, last: datetime | None) -> str:
        if last is None:
            return "never"
        if score >= 10:
            return "highly_engaged"
        if score >= 3:
            return "engaged"
        return "cooling" if last > self.now - timedelta(days=90) else "inactive"

    # What belongs to people

    def _tag(self, rule: Any, person: Person) -> bool:
        wanted = {each.lower() for each in rule["values"]}
        has = {each.lower() for each in person.tags}
        return {
            "has_any": bool(wanted & has),
            "has_all": wanted <= has,
            "has_none": not wanted & has,
        }[rule["operator"]]

    def _preference(self, rule: Any, person: Person) -> bool:
        return person.preferences.get(rule["preference_type"], True) == rule["is_enabled"]

    def _relationship(self, rule: Any, person: Person) -> bool:
        others = [
            self.world.people[n] for n in person.related if self.world.people[n] is not person
        ]
        living = [other for other in others if not other.is_deleted]
        return any("related" not in rule or self.holds(rule["related"], o) for o in living)

    def _segment(self, rule: Any, person: Person) -> bool:
        is_in = person.pk in self.members[rule["segment"]]
        return is_in == (rule["operator"] == "member_of")
