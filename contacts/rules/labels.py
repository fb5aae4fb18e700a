"""Labels in the middle of sentences."""


def label_in_sentence(label: str) -> str:
    """A label in the middle of a sentence: `City` as city, but `E-mail` and `External ID` keep their letters."""
    first, _, rest = label.partition(" ")
    return (
        label if first[1:] != first[1:].lower() else f"{first.lower()}{' ' + rest if rest else ''}"
    )
