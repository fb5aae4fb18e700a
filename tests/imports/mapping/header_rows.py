"""Header rows as products and people write them, with the target that is taken for each column.

None: whoever imports the file is asked.
"""

from typing import Final

HEADER_ROWS: Final[dict[str, dict[str, str | None]]] = {
    "French Outlook": {
        "Titre": None, "Prénom": "first_name", "Deuxième prénom": None, "Nom": "last_name",
        "Suffixe": None, "Société": "company_name", "Service": None, "Titre (2)": None,
        "Rue (bureau)": None, "Ville (bureau)": "city", "Dép/Région (bureau)": None,
        "Code postal (bureau)": None, "Pays/Région (bureau)": "country",
        "Télécopie (bureau)": None, "Téléphone (bureau)": None, "Tél. mobile": "phone",
        "Adresse de messagerie": "email", "Anniversaire": None, "Catégories": "tags",
        "Langue": "language", "Notes": None, "Page Web": None,
    },
    "French spreadsheet": {
        "Civilité": None, "NOM": "last_name", "PRENOM": "first_name",
        "E-mail (obligatoire)": "email", "N° de téléphone": "phone",
        "Raison sociale": "company_name", "Titre": "job_title", "Adresse": None, "CP": None,
        "Ville": "city", "Pays": "country", "Abonné à la newsletter ?": "is_subscribed",
        "Actif": "is_active", "N° client": "external_id", "Origine": "source",
        "Fuseau horaire": "timezone", "Étiquettes": "tags", "Date de naissance": None,
        "Commentaires": None, "Statut": None,
    },
    "French whole names": {
        "Nom": "full_name", "Courriel": "email", "Entreprise": "company_name",
        "Intitulé du poste": "job_title", "Portable": "phone", "Langue préférée": "language",
    },
    "Brevo in French": {
        "ID du contact": "external_id", "E-MAIL": "email", "NOM": "last_name",
        "PRENOM": "first_name", "SMS": "phone", "Désabonné": None, "Blacklisté": None,
        "Date d’ajout": None, "Listes": "tags",
    },
    "Spanish HubSpot": {
        "ID de registro": "external_id", "Nombre": "first_name", "Apellidos": "last_name",
        "Correo electrónico": "email", "Número de teléfono": "phone", "Cargo": "job_title",
        "Nombre de la empresa": "company_name", "Ciudad": "city", "Estado o región": None,
        "País/región": "country", "Idioma preferido": "language", "Zona horaria": "timezone",
        "Fuente original": "source", "Estado del lead": None, "Fecha de creación": None,
        "Suscripción cancelada": None,
    },
    "Spanish spreadsheet": {
        "Nº de cliente": "external_id", "NOMBRE": "first_name", "APELLIDO(S)": "last_name",
        "Razón social": "company_name", "Puesto": "job_title", "Teléfono móvil": "phone",
        "Correo electronico (obligatorio)": "email", "Direccion": None, "Código postal": None,
        "Población": "city", "Provincia": None, "Pais": "country", "Estado": None,
        "Acepta publicidad": "is_subscribed", "Activo/a": "is_active", "Baja": None,
        "Etiquetas": "tags", "Observaciones": None, "Firma": None,
    },
    "Spanish whole names": {
        "Nombre": "full_name", "E-mail": "email", "Tfno.": "phone", "Empresa": "company_name",
        "Tipo de contacto": None, "Origen": "source",
    },
    "Brazilian RD Station": {
        "E-mail": "email", "Nome": "full_name", "Telefone": "phone", "Celular": None,
        "Telefone / WhatsApp": None, "Cargo": "job_title", "Empresa": "company_name",
        "Cidade": "city", "Estado": None, "País": "country", "Origem do lead": "source",
        "Tags": "tags", "Data de nascimento": None,
    },
    "Brazilian spreadsheet": {
        "Código do cliente": "external_id", "Nome": "first_name", "Sobrenome": "last_name",
        "Apelido": None, "E-mail (obrigatório)": "email", "Celular": "phone", "CPF": None,
        "Razão Social": "company_name", "Função": "job_title", "CEP": None, "UF": None,
        "Município": "city", "Idioma": "language", "Fuso horário": "timezone",
        "Aceita receber e-mails": "is_subscribed", "Ativo": "is_active", "Descadastrado": None,
        "Observações": None,
    },
    "Portuguese Outlook": {
        "Título": None, "Primeiro nome": "first_name", "Outros nomes/apelidos": None,
        "Apelido": "last_name", "Empresa": "company_name", "Departamento": None,
        "Cargo": "job_title", "Rua da empresa": None, "Localidade da empresa": "city",
        "Código postal da empresa": None, "País/Região da Empresa": "country",
        "Telefone da empresa": None, "Telemóvel": "phone",
        "Endereço de correio electrónico": "email", "Categorias": "tags", "Idioma": "language",
        "Notas": None,
    },
    "Portuguese spreadsheet": {
        "Nome": "first_name", "Apelido": "last_name", "Correio eletrónico": "email",
        "N.º de telemóvel": "phone", "Morada": None, "Localidade": "city", "NIF": None,
        "Subscrito": "is_subscribed", "Nº de sócio": "external_id",
    },
    "Italian Outlook": {
        "Titolo": None, "Nome": "first_name", "Secondo nome": None, "Cognome": "last_name",
        "Società": "company_name", "Reparto": None, "Posizione": "job_title", "Via (uff.)": None,
        "Città (uff.)": "city", "CAP (uff.)": None, "Paese/area geografica (uff.)": "country",
        "Ufficio": None, "Cellulare": "phone", "Indirizzo posta elettronica": "email",
        "Categorie": "tags", "Lingua": "language", "Notes": None,
    },
    "Italian spreadsheet": {
        "Codice cliente": "external_id", "Ragione sociale": "company_name",
        "COGNOME": "last_name", "NOME": "first_name", "Qualifica": "job_title",
        "Tel. cellulare": "phone", "E-mail (obbligatorio)": "email", "PEC": None,
        "Codice fiscale": None, "Citta'": "city", "Prov.": None, "Nazione": "country",
        "Stato": None, "Consenso marketing": "is_subscribed", "Disiscritto": None,
        "Attivo": "is_active", "Fonte": "source", "Fuso orario": "timezone", "Note": None,
        "Firma": None,
    },
    "Italian whole names": {
        "Nome": "full_name", "Indirizzo e-mail": "email", "Azienda": "company_name",
        "Numero di telefono": "phone", "Etichette": "tags",
    },
    "Dutch Outlook": {
        "Titel": None, "Voornaam": "first_name", "Middelste naam": None,
        "Achternaam": "last_name", "Achtervoegsel": None, "Bedrijf": "company_name",
        "Afdeling": None, "Functie": "job_title", "Werkadres, straat": None,
        "Werkadres, plaats": "city", "Werkadres, postcode": None,
        "Land/regio (werk)": "country", "Telefoon op werk": None, "Mobiele telefoon": "phone",
        "E-mailadres": "email", "Categorieën": "tags", "Taal": "language", "Notities": None,
    },
    "Dutch spreadsheet": {
        "Klantnr.": "external_id", "Aanhef": None, "Voornaam": "first_name",
        "Tussenvoegsel": None, "Achternaam": "last_name", "Naam": None,
        "Bedrijfsnaam": "company_name", "E-mail (verplicht)": "email", "Mobiel": "phone",
        "Adres": None, "Postcode": None, "Woonplaats": "city", "Land": "country",
        "Nieuwsbrief": "is_subscribed", "Actief": "is_active", "Uitgeschreven": None,
        "Bron": "source", "Tijdzone": "timezone", "Trefwoorden": "tags", "Opmerkingen": None,
    },
    "Belgian spreadsheet": {
        "Voornaam": "first_name", "Naam": "last_name", "E-mailadres": "email",
        "GSM-nummer": "phone", "Gemeente": "city",
    },
    "Dutch whole names": {
        "Naam": "full_name", "E-mail": "email", "Organisatie": "company_name",
        "Telefoonnummer": "phone", "Type": None,
    },
}  # fmt: skip
