"""The inputs of a condition: which there are follows from what it is about, and from what is chosen in them."""

from dataclasses import dataclass, field
from typing import Any

from segments.builder.drafts import DURATIONS, Draft
from segments.builder.vocabulary import Choice, Vocabulary

Options = tuple[tuple[str, str], ...]
TEXT: Options = (
    ("equals", "is"),
    ("not_equals", "is not"),
    ("in", "is one of"),
    ("not_in", "is none of"),
    ("contains", "contains"),
    ("not_contains", "does not contain"),
    ("starts_with", "begins with"),
    ("ends_with", "ends with"),
    ("is_set", "is known"),
    ("is_not_set", "is not known"),
)
NUMBER: Options = (
    ("equals", "is"),
    ("not_equals", "is not"),
    ("gt", "is more than"),
    ("gte", "is at least"),
    ("lt", "is less than"),
    ("lte", "is at most"),
    ("between", "is between"),
    ("is_set", "is known"),
    ("is_not_set", "is not known"),
)
MOMENT: Options = (
    ("in_last", "is in the last"),
    ("not_in_last", "is not in the last"),
    ("in_next", "is in the next"),
    ("equals", "is on"),
    ("not_equals", "is not on"),
    ("after", "is on or after"),
    ("before", "is before"),
    ("between", "is between"),
    ("anniversary_in_next", "returns in the next"),
    ("is_set", "is known"),
    ("is_not_set", "is not known"),
)
SEVERAL: Options = (
    ("in", "has one of"),
    ("not_in", "has none of"),
    ("is_set", "is known"),
    ("is_not_set", "is not known"),
)
OPERATORS: dict[str, Options] = {
    "text": TEXT,
    "choice": TEXT,
    "number": NUMBER,
    "boolean": (("equals", "is"), ("is_set", "is known"), ("is_not_set", "is not known")),
    "several": SEVERAL,
    "date": MOMENT,
    "datetime": MOMENT,
    "tags": (("has_any", "has one of"), ("has_all", "has all of"), ("has_none", "has none of")),
    "segment": (("member_of", "is in"), ("not_member_of", "is not in")),
    "score": tuple(each for each in NUMBER if each[0] in ("gt", "gte", "lt", "lte", "between")),
    "sum": tuple(each for each in NUMBER if each[0] not in ("is_set", "is_not_set")),
    "level": (("in", "is one of"), ("not_in", "is none of")),
}
LEVELS: Options = (
    ("highly_engaged", "Highly engaged"),
    ("engaged", "Engaged"),
    ("cooling", "Cooling"),
    ("inactive", "Inactive"),
    ("never", "Never engaged"),
)
UNITS: Options = (("d", "days"), ("w", "weeks"), ("h", "hours"))
DAY_UNITS: Options = (("d", "days"), ("w", "weeks"))
YES_NO: Options = (("true", "yes"), ("false", "no"))
TIMES: Options = (
    ("", "at least once"),
    ("gte", "at least … times"),
    ("lte", "at most … times"),
    ("equals", "exactly … times"),
    ("never", "never"),
)
WITHIN: Options = (
    ("", "at any time"),
    ("last", "in the last …"),
    ("after", "on or after …"),
    ("before", "before …"),
    ("between", "from … up to …"),
)
DETAIL: Options = (("", "whatever it was"), ("detail", "where …"))
DETAIL_OPERATORS = TEXT[:2] + TEXT[4:8] + NUMBER[2:6]
# More are typed instead of ticked.
MOST_TICKS = 60


@dataclass(frozen=True, slots=True)
class Input:
    """An input of a condition. `kind`: select, text, lines, number, date, ticks. `refreshes`: others depend on it."""

    name: str
    kind: str
    label: str
    value: str = ""
    chosen: tuple[str, ...] = ()
    options: Options = ()
    refreshes: bool = False
    suggestions: str = ""
    help: str = ""

    @property
    def is_unit(self) -> bool:
        """Whether it says what the number in front of it counts."""
        return self.name.endswith("-unit")

    @property
    def starts_line(self) -> bool:
        """Whether it and what follows it are read on their own: how often, when, which."""
        return self.name in ("times", "within", "detail")


@dataclass(frozen=True, slots=True)
class Row:
    """A condition as it is shown: what it is about, and its inputs."""

    choice: Choice | None
    inputs: list[Input] = field(default_factory=list)


def row_of(draft: Draft, vocabulary: Vocabulary) -> Row:
    """The inputs that a condition has, as it is filled in."""
    choice = vocabulary.find(draft.value("about"))
    return Row(choice, _Inputs(draft, choice, vocabulary).made() if choice else [])


def operator_of(draft: Draft, choice: Choice) -> str:
    """The operator that is chosen, or the first that fits."""
    known = [name for name, _ in OPERATORS.get(choice.shape, ())]
    chosen = draft.value("operator")
    return chosen if chosen in known or not known else known[0]


class _Inputs:
    """Makes the inputs of one condition."""

    def __init__(self, draft: Draft, choice: Choice, vocabulary: Vocabulary) -> None:
        self.draft, self.choice, self.vocabulary = draft, choice, vocabulary
        self.operator = operator_of(draft, choice)

    def made(self) -> list[Input]:
        found = []
        if self.choice.shape in OPERATORS:
            options = OPERATORS[self.choice.shape]
            found.append(
                self._select("operator", "Comparison", options, value=self.operator, refreshes=True)
            )
        by_shape = {
            "text": self._text,
            "choice": self._choice,
            "number": self._number,
            "sum": self._number,
            "score": self._number,
            "boolean": self._boolean,
            "several": self._ticked,
            "date": self._moment,
            "datetime": self._moment,
            "tags": self._tags,
            "segment": self._segment,
            "import": self._import,
            "level": self._level,
            "event": self._happened,
            "own_event": self._own_event,
            "happened": self._happened,
            "preference": self._preference,
            "last_emails": self._last_emails,
            "related": list,
        }
        return found + by_shape[self.choice.shape]()

    def _select(
        self, name: str, label: str, options: Options, value: str = "", *, refreshes: bool = False
    ) -> Input:
        chosen = value or self.draft.value(name)
        return Input(name, "select", label, chosen, options=options, refreshes=refreshes)

    def _typed(self, name: str, label: str, kind: str = "text", **more: Any) -> Input:
        value = "\n".join(self.draft.chosen(name)) if kind == "lines" else self.draft.value(name)
        return Input(name, kind, label, value, **more)

    @property
    def _has_value(self) -> bool:
        return self.operator not in ("is_set", "is_not_set")

    def _text(self) -> list[Input]:
        if not self._has_value:
            return []
        if self.operator in ("in", "not_in"):
            return [self._typed("values", "Values", "lines", help="One a line")]
        return [self._typed("value", "Value")]

    def _choice(self) -> list[Input]:
        if self.operator in ("in", "not_in"):
            return self._ticked()
        if self.operator in ("equals", "not_equals"):
            return [self._select("value", "Value", self.choice.options)]
        return self._text()

    def _ticked(self) -> list[Input]:
        if not self._has_value:
            return []
        return [self._ticks(self.choice.options)]

    def _ticks(self, options: Options) -> Input:
        chosen = tuple(self.draft.chosen("values"))
        return Input("values", "ticks", self.choice.label, chosen=chosen, options=options)

    def _number(self) -> list[Input]:
        if self.operator == "between":
            return [
                self._typed("value", "From", "number"),
                self._typed("value2", "To", "number"),
            ]
        return [self._typed("value", "Number", "number")] if self._has_value else []

    def _boolean(self) -> list[Input]:
        return [self._select("value", "Value", YES_NO)] if self._has_value else []

    def _moment(self) -> list[Input]:
        if self.operator in DURATIONS:
            is_days = self.choice.shape == "date" or self.operator == "anniversary_in_next"
            return self._duration("value", DAY_UNITS if is_days else UNITS)
        if self.operator == "between":
            return [self._day("value", "First day"), self._day("value2", "Last day")]
        return [self._day("value", "Day")] if self._has_value else []

    def _duration(self, name: str, units: Options) -> list[Input]:
        count = self._typed(name, "How many", "number")
        if not self.draft.values.get(name):
            count = Input(name, "number", "How many", "30")
        return [count, self._select(f"{name}-unit", "Unit", units)]

    def _day(self, name: str, label: str) -> Input:
        return self._typed(name, label, "date", help="2026-01-31, today or yesterday")

    def _tags(self) -> list[Input]:
        if len(self.choice.options) > MOST_TICKS:
            return [self._typed("values", "Tags", "lines", help="One a line")]
        return [self._ticks(self.choice.options)]

    def _segment(self) -> list[Input]:
        return [self._chosen("Segment")]

    def _import(self) -> list[Input]:
        return [self._chosen("Import")]

    def _chosen(self, label: str) -> Input:
        """One of those there are; none is meant before one is chosen."""
        none_yet = (("", "Choose…"),) if self.choice.options else ()
        return self._select("value", label, (*none_yet, *self.choice.options))

    def _level(self) -> list[Input]:
        return [self._ticks(LEVELS)]

    def _preference(self) -> list[Input]:
        options = (("true", "is switched on"), ("false", "is switched off"))
        return [self._select("value", "How it is switched", options)]

    def _last_emails(self) -> list[Input]:
        return [
            Input("at_least", "number", "At least", self.draft.value("at_least") or "3"),
            Input("emails", "number", "of the last", self.draft.value("emails") or "3"),
        ]

    def _own_event(self) -> list[Input]:
        name = self._typed("event", "Name of the event", suggestions="rule-events")
        return [name, *self._happened()]

    def _happened(self) -> list[Input]:
        found = [self._select("times", "How often", TIMES, refreshes=True)]
        if self.draft.value("times") not in ("", "never"):
            found.append(self._typed("count", "Times", "number"))
        found.append(self._select("within", "When", WITHIN, refreshes=True))
        match self.draft.value("within"):
            case "last":
                found += self._duration("last", UNITS)
            case "after" | "before" as name:
                found.append(self._day(name, "Day"))
            case "between":
                found += [
                    self._day("after", "From"),
                    self._day("before", "Up to, without that day"),
                ]
        return found + (self._details() if self.choice.shape != "happened" else [])

    def _details(self) -> list[Input]:
        found = [self._select("detail", "Which", DETAIL, refreshes=True)]
        if self.draft.value("detail"):
            found += [
                self._typed("path", "Detail", help="Such as url"),
                self._select("path-operator", "Comparison", DETAIL_OPERATORS),
                self._typed("path-value", "Value"),
            ]
        return found
