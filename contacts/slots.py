"""What a slot holds: the one place that says so, to who writes slots, who fills them, and who reads them.

`contacts` has four typed columns for numbers, four for texts and four for times. A custom field that is marked as indexed
has one of them, and an index with it. What the column holds follows from `contacts.custom_fields` alone:

    number_n    the number, as it is
    text_n      the first 200 characters of the text without case: left(casefold(text collate "pg_unicode_fast"), 200)
    time_n      the moment; of a date, its midnight in UTC

It is NULL where there is no value, and where a value of another type was left by an earlier field of the same key.
"""

import unicodedata
from functools import cache

from contacts.models import CustomFieldDefinition
from contacts.models.contact import SLOTS

TEXT_LENGTH = 200


def slot_of(definition: CustomFieldDefinition) -> str | None:
    """The column that a rule may read instead of the document; None while there is none, or not for every contact."""
    return definition.slot if definition.slot and definition.slot_ready_at else None


def slot_text(text: str) -> str:
    """A wanted text as text slots hold it, for equality and, where `slot_tells`, for how texts begin."""
    return _without_case(text)[:TEXT_LENGTH]


def slot_tells(text: str) -> bool:
    """Whether a slot equals `slot_text(text)` for nobody but who has that text. A longer one is cut: compare the
    document too.
    """
    return len(_without_case(text)) < TEXT_LENGTH


def _without_case(text: str) -> str:
    return unicodedata.normalize("NFC", text.strip()).casefold()


def slot_sql(slot: str, *, document: str, key: str) -> str:
    """SQL of what a slot holds of a document for the field `key`; all three are static SQL. Never fails.

    Sessions are in UTC, as all of Kith's are: it is the zone of dates.
    """
    value, text = f"({document} -> {key})", f"({document} ->> {key})"
    match slot.partition("_")[0]:
        case "number":
            return f"case when jsonb_typeof{value} = 'number' then {value}::numeric end"
        case "text":
            # Cutting first spares folding 10,000 characters, and changes nothing: none folds to less than one.
            folded = f'left(casefold(left({text}, {TEXT_LENGTH}) collate "pg_unicode_fast"), {TEXT_LENGTH})'
            return f"case when jsonb_typeof{value} = 'string' then {folded} end"
        case _:
            is_time = f"{text} ~ '^[0-9]{{4}}-' and pg_input_is_valid({text}, 'timestamptz')"
            return f"case when {is_time} then {text}::timestamptz end"


@cache
def slot_fragments(document: str) -> dict[str, str]:
    """The fragments of `write.sql` about slots: each is given by the parameter that is named as it."""
    values = [slot_sql(slot, document=document, key=f"%({slot})s::text") for slot in SLOTS]
    return {
        "slot_columns": ", ".join(SLOTS),
        "slot_values": ",\n    ".join(values),
        "slot_updates": ",\n    ".join(
            f"{slot} = {value}" for slot, value in zip(SLOTS, values, strict=True)
        ),
    }
