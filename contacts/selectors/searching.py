"""Searching: by the index of words, but for those words that most contacts have."""

from contacts.querysets import ContactQuerySet
from contacts.search import search_words
from organizations.statements import fetch_all, statement

# To find a third of a million contacts in the index takes 100 ms and more, to meet the first 10,000 of them 20.
COMMON = 0.3


def contact_search(contacts: ContactQuerySet, text: str) -> ContactQuerySet:
    """Those of the contacts that have words which begin with each word of `text`. One query, for `common_words`."""
    return contacts.search(text, common=common_words(text))


def common_words(text: str) -> set[str]:
    """The words of a text with which words of many contacts begin, as PostgreSQL's statistics have it: of the whole
    installation, as of the last ANALYZE. They tell only how to search, never what is found.
    """
    words = search_words(text)
    if not words:
        return set()
    asked = {"words": words, "share": COMMON}
    return {word for (word,) in fetch_all(statement("contacts", "common_words"), asked)}
