"""Yes or no."""

import re

from contacts.cleaning.errors import CleaningError, shown
from contacts.cleaning.texts import fold_key, trim

_BETWEEN = re.compile(r"[\s_-]+")

# English, German, French, Spanish, Portuguese, Italian, Dutch, a line each. Left out is what says
# nothing by itself: “o” for oui (or a zero), “alta” and “baja” (also: high and low).
_TRUE = """
    true t yes y 1 on x enabled active checked subscribed subscribe opted-in opt-in optin confirmed
    ja j wahr
    oui vrai actif active activé activée abonné abonnée abonné(e) inscrit inscrite
    sí si s verdadero activo activa activado activada suscrito suscrita confirmado confirmada
    sim verdadeiro ativo ativa ativado ativada inscrito inscrita subscrito subscrita
    sì vero attivo attiva attivato attivata iscritto iscritta confermato confermata
    waar actief geabonneerd ingeschreven aangemeld bevestigd
"""
_FALSE = """
    false f no n 0 off disabled inactive unchecked unsubscribed unsubscribe opted-out opt-out optout
    nein falsch
    non faux inactif inactive désactivé désactivée désabonné désabonnée désabonné(e) désinscrit
    désinscrite non-abonné non-inscrit
    falso inactivo inactiva desactivado desactivada desuscrito desuscrita no-suscrito
    não inativo inativa desativado desativada desinscrito descadastrado não-inscrito
    inattivo inattiva disattivato disattivata disiscritto disiscritta non-iscritto
    nee onwaar inactief uitgeschreven afgemeld niet-geabonneerd
"""
_WRITTEN = dict.fromkeys(_TRUE.split(), True) | dict.fromkeys(_FALSE.split(), False)
_FOLDED = {fold_key(word): value for word, value in _WRITTEN.items()}
_QUICK = {
    spelling: value
    for word, value in (_FOLDED | _WRITTEN).items()
    for spelling in (word, word.upper(), word.capitalize())
}


def clean_boolean(text: str) -> bool:
    """Read yes or no in seven languages, with or without accents, and as mail tools write consent.

    Raises CleaningError.
    """
    value = _QUICK.get(text)
    if value is None:
        value = _FOLDED.get("-".join(_BETWEEN.split(fold_key(trim(text)))))
    if value is None:
        raise CleaningError(
            "invalid_boolean", f"{shown(text)} is neither yes nor no; write true or false."
        )
    return value
