"""How other languages than English and German head the columns of contacts."""

from typing import Final

from imports.mapping.languages.dutch import DUTCH
from imports.mapping.languages.french import FRENCH
from imports.mapping.languages.italian import ITALIAN
from imports.mapping.languages.language import Language
from imports.mapping.languages.portuguese import PORTUGUESE
from imports.mapping.languages.spanish import SPANISH

LANGUAGES: Final = (FRENCH, SPANISH, PORTUGUESE, ITALIAN, DUTCH)

__all__ = ["LANGUAGES", "Language"]
