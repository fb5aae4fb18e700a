"""SQL that folds case and accents, the same on every PostgreSQL whatever its collation."""

# What separates the words of a name, an address or a number. (Other spaces fold to plain ones.)
SEPARATORS = "@._+-/'\"(),;:&<>|!?#*=~[]{}\\\t\r\n\v\f\x1c\x1d\x1e\x1f\x85\u1680\u2028\u2029"


def folded(sql: str) -> str:
    """Lower case, compatibility forms taken apart, and their marks removed."""
    return (
        f'regexp_replace(normalize(lower(({sql}) collate "pg_unicode_fast"), NFKD), '
        r"'[\u0300-\u036f]', '', 'g')"
    )


# Every character by its number, so that none means something to the regular expression.
_SEPARATING = "".join(f"\\u{ord(each):04x}" for each in SEPARATORS)


def _words(sql: str) -> str:
    """The folded words between blanks; separators are told after folding, since full-width ones fold to them."""
    # (translate() is four times as slow: it compares each character with each separator.)
    spaced = f"regexp_replace({folded(sql)}, '[{_SEPARATING}]+', ' ', 'g')"
    # A lexeme holds 2,046 bytes, and folding makes a text 11 times as long at most: long words are cut.
    cut = rf"regexp_replace({spaced}, '(\S{{50}})\S+', '\1', 'g')"
    return f"case when octet_length({sql}) > 180 then {cut} else {spaced} end"


_NAME = "coalesce(first_name, '') || ' ' || coalesce(last_name, '')"
_SEARCHED = (
    f"{_NAME} || ' ' || coalesce(company_name, '') || ' ' || coalesce(email, '') || ' ' "
    "|| coalesce(external_id, '') || ' ' || coalesce(phone, '') || ' ' "
    "|| coalesce(right(phone, 10) || ' ' || right(phone, 9) || ' ' || right(phone, 8), '')"
)

NAME_KEY = f"left(coalesce(nullif(trim({folded(_NAME)}), ''), nullif(trim({folded('company_name')}), '')), 200)"
# How names and addresses begin is in the index of words too, each behind a separator, which is in no word: whom a search
# finds otherwise than by the beginning of a name is known without looking at those.
BEGINNING_LENGTH = 2
BEGINNINGS = {"name_key": "\x1e", "email_key": "\x1f"}
_BEGINNINGS = ", ".join(
    f"chr({ord(mark)}) || left({sql}, {BEGINNING_LENGTH})"
    for mark, sql in zip(BEGINNINGS.values(), (NAME_KEY, "email_key"), strict=True)
)
SEARCH_VECTOR = (
    f"array_to_tsvector(array_remove(string_to_array({_words(_SEARCHED)}, ' '), '') "
    f"|| array_remove(array[{_BEGINNINGS}], null))"
)
