"""Ids in addresses, forms and filters."""

# What a bigint holds of any digits.
MOST_DIGITS = 18


def id_of(text: str) -> int | None:
    """The id, or other whole number, that a text is; None for what is none, or too large to be one."""
    is_number = text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS
    return int(text) if is_number else None


def ids_of(text: str) -> list[int | None]:
    """Those of a text that has several, separated by commas; None for each part that is none."""
    return [id_of(part.strip()) for part in text.split(",")]
