"""Spanish, of Spain and Latin America."""

from typing import Final

from imports.mapping.languages.language import Language

SPANISH: Final = Language(
    names={
        "email": """
            correo electrónico, dirección de correo electrónico, correo, dirección de correo,
            dirección de e-mail, dirección e-mail, correo-e, e-mail principal, correo principal,
            correo electrónico principal, correo de contacto, correo electrónico de contacto,
            correo del contacto, correo electrónico del contacto, e-mail de contacto,
            mail de contacto, correo electrónico 1, correo del trabajo, correo electrónico laboral,
            correo electrónico del trabajo, correo electrónico de trabajo, correo corporativo,
            correo empresa, correo personal, correo electrónico personal, correo del cliente,
            tu correo electrónico, cuenta de correo
        """,
        "external_id": """
            id externo, identificador externo, id de cliente, id del cliente, id cliente,
            id de contacto, id del contacto, id contacto, id de registro, id del registro,
            código de cliente, código cliente, cód cliente, código del cliente, número de cliente,
            número cliente, nº de cliente, nº cliente, n° cliente, núm cliente, id de suscriptor,
            id del suscriptor, número de socio, nº de socio, nº socio, identificador
        """,
        "phone": """
            teléfono, número de teléfono, nº de teléfono, nº teléfono, núm teléfono, móvil,
            teléfono móvil, número de móvil, número móvil, nº móvil, número de teléfono móvil,
            celular, teléfono celular, número de celular, número celular, cel, tel móvil,
            tel celular, tfno, tlf, tlfno, telf, teléfono principal, teléfono 1,
            teléfono de contacto, teléfono del contacto, teléfono contacto, teléfono fijo,
            teléfono del trabajo, teléfono de trabajo, teléfono trabajo, teléfono de oficina,
            teléfono de la empresa, teléfono empresa, teléfono particular, teléfono personal,
            teléfono de casa, teléfono casa, teléfono del cliente, número de whatsapp
        """,
        "first_name": "primer nombre, nombre de pila, nombre propio",
        "last_name": "apellidos, apellido, primer apellido, apellido paterno",
        "full_name": """
            nombre, nombres, nombre completo, nombre y apellidos, nombre y apellido,
            nombres y apellidos, nombre apellidos, nombre del contacto, nombre de contacto,
            nombre contacto, contacto, persona de contacto, nombre del cliente, nombre cliente,
            nombre del suscriptor, nombre del socio, nombre mostrado, nombre para mostrar,
            tu nombre
        """,
        "company_name": """
            empresa, compañía, nombre de la empresa, nombre de empresa, nombre empresa,
            nombre de la compañía, razón social, nombre comercial, denominación social,
            organización, nombre de la organización, institución, entidad, sociedad,
            nombre de la cuenta, nombre de cuenta, negocio, empleador
        """,
        "job_title": """
            cargo, puesto, puesto de trabajo, título del puesto, título del trabajo,
            cargo en la empresa, cargo o puesto, cargo/puesto, profesión, ocupación, función, rol
        """,
        "city": """
            ciudad, localidad, población, municipio, ciudad de residencia, ciudad de trabajo,
            ciudad del trabajo, ciudad del domicilio, ciudad de facturación, ciudad de envío,
            otra ciudad
        """,
        "country": """
            país, país/región, país o región, código de país, código del país, código país,
            nombre del país, país de residencia, país o región del domicilio,
            país o región del trabajo, país de facturación, país de envío, otro país o región
        """,
        "language": """
            idioma, idioma preferido, idioma de preferencia, idioma de contacto,
            idioma de comunicación, lengua, código de idioma, código del idioma
        """,
        "timezone": "zona horaria, huso horario",
        "source": """
            origen, fuente, fuente original, fuente de origen, origen del contacto,
            fuente del contacto, origen del cliente, origen del prospecto, fuente del prospecto,
            origen del candidato, origen del lead, fuente del lead, procedencia, canal,
            canal de adquisición, canal de captación, cómo nos conociste, cómo nos conoció
        """,
        "is_subscribed": """
            suscrito, suscrita, suscrito/a, suscrito al boletín, suscrito a la newsletter,
            suscrito newsletter, suscripción al boletín, suscripción boletín,
            suscripción newsletter, suscripción a la newsletter, boletín, recibe boletín,
            recibir boletín, recibe newsletter, acepta boletín, acepta newsletter,
            acepta marketing, acepta el marketing, acepta marketing por correo electrónico,
            acepta publicidad, acepta comunicaciones, acepta comunicaciones comerciales,
            acepta correos, consentimiento, consentimiento de marketing, consentimiento marketing,
            consentimiento comercial, estado de suscripción, estado de la suscripción
        """,
        "is_active": "activo, activa, activo/a, está activo, contacto activo, cliente activo",
        "kind": "tipo de contacto, tipo contacto, tipo de persona",
        "tags": """
            etiquetas, etiqueta, grupos, categorías, listas, segmentos, palabras clave,
            etiquetas del contacto
        """,
    },
    opted_out="""
        desuscrito, desuscrita, desuscrito/a, no suscrito, suscripción cancelada,
        canceló la suscripción, cancelar suscripción, cancelación de suscripción, baja, de baja,
        dado de baja, dada de baja, baja newsletter, baja boletín, baja del boletín,
        fecha de baja, fecha de cancelación de suscripción, no contactar, no enviar correos,
        no enviar correo, no enviar e-mail, no enviar e-mails, no enviar publicidad,
        no desea publicidad, no acepta publicidad, rechaza publicidad, lista negra,
        lista robinson, bloqueado, opt-out correo electrónico
    """,
    bare_name="nombre, nombres",
    bare_name_is="first_name",
    # A signature.
    false_friends="firma",
)
