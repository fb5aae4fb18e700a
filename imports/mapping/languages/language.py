"""What there is to know about the headers of one language."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Language:
    """The headers of one language, in lists divided by commas; case, accents, punctuation are free.

    `names` has the names of each target, the surest first, without those that English or German
    has already and without those that say “last name first”, which a whole name is not read as.
    `opted_out` says who does not want mail. `bare_name` is a whole name that is only a part of it,
    `bare_name_is`, where the other part has a column too. `only_beside` has names that mean their
    target in files with one of the other headers only. `false_friends` are names that English or
    German knows and that mean something else here.
    """

    names: Mapping[str, str]
    opted_out: str
    bare_name: str
    bare_name_is: str
    only_beside: Mapping[str, str] = field(default_factory=dict)
    false_friends: str = ""
