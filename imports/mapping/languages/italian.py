"""Italian."""

from typing import Final

from imports.mapping.languages.language import Language

ITALIAN: Final = Language(
    names={
        "email": """
            indirizzo e-mail, indirizzo mail, indirizzo di posta elettronica,
            indirizzo posta elettronica, posta elettronica, e-mail principale, e-mail primaria,
            e-mail del contatto, e-mail di contatto, e-mail contatto, e-mail aziendale,
            mail aziendale, e-mail di lavoro, e-mail lavoro, e-mail personale, mail personale,
            e-mail cliente, e-mail del cliente, recapito e-mail, la tua e-mail
        """,
        "external_id": """
            id esterno, identificativo esterno, codice esterno, id cliente, id del cliente,
            id contatto, id del contatto, id iscritto, codice cliente, cod cliente,
            numero cliente, n. cliente, nr cliente, num cliente, identificativo cliente,
            numero socio, n. socio, numero tessera, matricola, identificativo, identificatore
        """,
        "phone": """
            telefono, cellulare, numero di telefono, numero telefono, n. telefono, nr telefono,
            telefono cellulare, numero di cellulare, numero cellulare, n. cellulare,
            telefono mobile, tel cellulare, recapito telefonico,
            telefono principale, telefono 1, telefono contatto, telefono del contatto,
            telefono fisso, telefono ufficio, telefono (uff.), telefono lavoro,
            telefono di lavoro, telefono aziendale, telefono casa, telefono abitazione,
            telefono cliente, numero whatsapp, numero di whatsapp
        """,
        "first_name": "primo nome, nome di battesimo, nome proprio",
        "last_name": "cognome, cognomi",
        "full_name": """
            nome, nome completo, nome e cognome, nome cognome, nome del contatto, nome contatto,
            contatto, referente, persona di contatto, persona di riferimento, nome cliente,
            nome del cliente, nome iscritto, nome visualizzato, il tuo nome
        """,
        "company_name": """
            azienda, società, nome azienda, nome dell'azienda, nome società, nome della società,
            ragione sociale, denominazione sociale, denominazione, impresa, ditta,
            organizzazione, nome organizzazione, nome dell'organizzazione, ente, nome account,
            nome dell'account, datore di lavoro
        """,
        "job_title": """
            qualifica, ruolo, posizione, posizione lavorativa, ruolo aziendale, mansione,
            titolo professionale, professione, funzione, carica, occupazione
        """,
        "city": """
            città, comune, località, città di residenza, comune di residenza, città (uff.),
            città (ab.), città di lavoro, città di fatturazione, città di spedizione, altra città
        """,
        "country": """
            paese, nazione, paese/regione, paese o regione, paese/area geografica,
            codice paese, codice nazione, nome paese, paese (uff.), paese (ab.),
            paese/area geografica (uff.), paese/area geografica (ab.), paese di residenza,
            nazione di residenza, paese di fatturazione, paese di spedizione
        """,
        "language": """
            lingua, lingua preferita, lingua di preferenza, lingua di corrispondenza,
            codice lingua
        """,
        "timezone": "fuso orario",
        "source": """
            fonte, origine, provenienza, fonte originale, fonte contatto, fonte del contatto,
            origine contatto, origine del contatto, fonte lead, fonte del lead, origine lead,
            origine del lead, canale, canale di acquisizione, canale di provenienza,
            come ci hai conosciuto, come ci ha conosciuto
        """,
        "is_subscribed": """
            iscritto alla newsletter, iscritto newsletter, iscrizione alla newsletter,
            iscrizione newsletter, abbonato alla newsletter, riceve newsletter,
            accetta newsletter, accetta marketing, accetta e-mail marketing,
            accetta l'e-mail marketing, accetta comunicazioni,
            accetta comunicazioni commerciali, consenso, consenso marketing,
            consenso al marketing, consenso newsletter, consenso e-mail, consenso commerciale,
            stato iscrizione, stato dell'iscrizione
        """,
        "is_active": "attivo, attiva, attivo/a, è attivo, contatto attivo, cliente attivo",
        "kind": "tipo di contatto, tipo contatto, tipologia di contatto, tipologia contatto",
        "tags": "etichette, etichetta, gruppi, categorie, liste, segmenti, parole chiave",
    },
    opted_out="""
        disiscritto, disiscritta, disiscritto/a, disiscrizione, data disiscrizione,
        data di disiscrizione, non iscritto, iscrizione annullata, iscrizione cancellata,
        annullata iscrizione, consenso negato, consenso revocato, non contattare,
        non inviare e-mail, non inviare mail, non desidera ricevere e-mail, rifiuta e-mail,
        rifiuta comunicazioni, lista nera, bloccato, opt-out e-mail
    """,
    bare_name="nome",
    bare_name_is="first_name",
    # A signature.
    false_friends="firma",
)
