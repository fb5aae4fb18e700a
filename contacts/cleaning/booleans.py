"""Yes or no."""

import re

from contacts.cleaning.errors import CleaningError, shown
from contacts.cleaning.texts import trim

_BETWEEN = re.compile(r"[\s_-]+")

_TRUE = """
    true t yes y 1 on x ja j wahr enabled active checked
    subscribed subscribe opted-in opt-in optin confirmed
"""
_FALSE = """
    false f no n 0 off nein falsch disabled inactive unchecked
    unsubscribed unsubscribe opted-out opt-out optout
"""
_VALUES = dict.fromkeys(_TRUE.split(), True) | dict.fromkeys(_FALSE.split(), False)
_QUICK = {
    spelling: value
    for word, value in _VALUES.items()
    for spelling in (word, word.upper(), word.capitalize())
}


def clean_boolean(text: str) -> bool:
    """Read yes or no, in English or German and as mail tools write consent.

    Raises CleaningError.
    """
    value = _QUICK.get(text)
    if value is None:
        value = _VALUES.get("-".join(_BETWEEN.split(trim(text).lower())))
    if value is None:
        raise CleaningError(
            "invalid_boolean", f"{shown(text)} is neither yes nor no; write true or false."
        )
    return value
