"""SQL that folds case and accents, the same on every PostgreSQL whatever its collation."""

# What separates the words of a name, an address or a number.
SEPARATORS = "@._+-/'\"(),;:&<>|!?#*=~[]{}\\\t\r\n"


def folded(sql: str) -> str:
    """Lower case, compatibility forms taken apart, and their marks removed."""
    return (
        f'regexp_replace(normalize(lower(({sql}) collate "pg_unicode_fast"), NFKD), '
        r"'[\u0300-\u036f]', '', 'g')"
    )


def _literal(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    escaped = escaped.replace("\t", "\\t").replace("\r", "\\r").replace("\n", "\\n")
    return f"E'{escaped}'"


def _words(sql: str) -> str:
    spaced = f"translate({sql}, {_literal(SEPARATORS)}, repeat(' ', {len(SEPARATORS)}))"
    # A lexeme holds 2,046 bytes, and folding makes a text 11 times as long at most: long words are cut before.
    cut = rf"regexp_replace({spaced}, '(\S{{50}})\S+', '\1', 'g')"
    return f"case when octet_length({sql}) > 180 then {cut} else {spaced} end"


_NAME = "coalesce(first_name, '') || ' ' || coalesce(last_name, '')"
_SEARCHED = (
    f"{_NAME} || ' ' || coalesce(company_name, '') || ' ' || coalesce(email, '') || ' ' "
    "|| coalesce(external_id, '') || ' ' || coalesce(phone, '') || ' ' "
    "|| coalesce(right(phone, 10) || ' ' || right(phone, 9) || ' ' || right(phone, 8), '')"
)

NAME_KEY = f"left(coalesce(nullif(trim({folded(_NAME)}), ''), nullif(trim({folded('company_name')}), '')), 200)"
SEARCH_VECTOR = (
    f"array_to_tsvector(array_remove(string_to_array({folded(_words(_SEARCHED))}, ' '), ''))"
)
