//! Spanish.

use super::{Letter, Phrases, Unsubscribe};
use crate::notify::mail::SecurityNotice;

pub(super) const PHRASES: Phrases = Phrases {
    language: "es",
    footer: "Este correo se envió automáticamente; nadie lee las respuestas. Nunca pedimos su contraseña por correo. En \
        una emergencia llame al 911; en una crisis llame o envíe un mensaje de texto al 988.",
    verify: Letter {
        subject: "Confirme su dirección de correo electrónico",
        paragraphs: &[
            "Alguien indicó esta dirección de correo para una cuenta. Si fue usted, confírmela con el botón de abajo. \
             Funciona una sola vez, hasta el {time}.",
            "Si no fue usted, no use el botón y avise a su consultorio: sin él no ocurre nada.",
        ],
        action: "Confirmar esta dirección",
    },
    reset: Letter {
        subject: "Elija una nueva contraseña",
        paragraphs: &[
            "Se pidió una nueva contraseña para su cuenta. Elíjala con el botón de abajo. Funciona una sola vez, hasta el \
             {time}, y cierra todas las sesiones de su cuenta.",
            "Si no la pidió usted, no tiene que hacer nada: su contraseña no cambia.",
        ],
        action: "Elegir una nueva contraseña",
    },
    invitation: Letter {
        subject: "Le invitamos a abrir una cuenta",
        paragraphs: &[
            "{practice} le invita a abrir su cuenta. El botón de abajo funciona una sola vez, hasta el {time}. Si llega \
             más tarde, la página le envía uno nuevo.",
            "Si no conoce este consultorio, ignore este correo.",
        ],
        action: "Abrir mi cuenta",
    },
    registered_already: Letter {
        subject: "Ya tiene una cuenta",
        paragraphs: &[
            "Alguien intentó registrarse con esta dirección de correo, que ya tiene una cuenta. Si fue usted, simplemente \
             inicie sesión; si olvidó su contraseña, la página de inicio de sesión le ayuda.",
            "Si no fue usted, no tiene que hacer nada.",
        ],
        action: "Iniciar sesión",
    },
    happened_at: "Ocurrió el {time}.",
    not_you: "Si no fue usted, elija ahora una nueva contraseña y avise a su consultorio.",
    to_security: "Ver mi cuenta",
    notice,
    page: Letter {
        subject: "Alguien le necesita ahora",
        paragraphs: &[
            "Alguien le necesita ahora en Carehub.",
            "Confirme con el botón de abajo que usted se encarga. Mientras nadie lo haga, se llama a otras personas.",
        ],
        action: "Yo me encargo",
    },
    drill: Letter {
        subject: "SIMULACRO: alguien le necesita ahora",
        paragraphs: &[
            "SIMULACRO (DRILL), nadie está en peligro: alguien le necesita ahora en Carehub.",
            "Confirme con el botón de abajo que usted se encarga, como si fuera real. Mientras nadie lo haga, se llama a \
             otras personas. SIMULACRO (DRILL).",
        ],
        action: "SIMULACRO: yo me encargo",
    },
    last_resort: Letter {
        subject: "Nadie ha respondido a una emergencia",
        paragraphs: &[
            "Nadie ha respondido a una emergencia en Carehub: se llamó a todos en vano. Alguien tiene que atenderla ahora.",
        ],
        action: "Atenderla",
    },
    last_resort_drill: Letter {
        subject: "SIMULACRO: nadie ha respondido a una emergencia",
        paragraphs: &[
            "SIMULACRO (DRILL), nadie está en peligro: nadie ha respondido en Carehub y se llamó a todos en vano.",
        ],
        action: "SIMULACRO: atenderla",
    },
    phone_code: Letter {
        subject: "Su código",
        paragraphs: &["{code} es su código. Nadie del consultorio se lo pedirá. Hasta el {time}."],
        action: "",
    },
    replies: [
        "No recibirá más mensajes de texto nuestros. Responda START para volver a recibirlos.",
        "Volverá a recibir mensajes de texto. Responda ALTO para no recibir ninguno.",
        "Estos mensajes vienen del portal de su consultorio; nadie lee las respuestas. En una emergencia llame al 911; en \
         una crisis llame o escriba al 988. Responda ALTO para no recibir más.",
        "Nadie lee los mensajes a este número. En una emergencia llame al 911; en una crisis llame o escriba al 988. Para \
         escribir a su consultorio, inicie sesión en el portal.",
    ],
    unsubscribe: Unsubscribe {
        language: "es",
        title: "¿No quiere más correos sobre novedades?",
        explanation: "Todo seguirá estando en el portal, y seguirá recibiendo correos sobre la seguridad de su cuenta.",
        action: "Terminar estos correos",
        done: "Listo. En su cuenta elige de qué se le avisa y cómo.",
    },
};

fn notice(notice: SecurityNotice) -> (&'static str, &'static str) {
    match notice {
        SecurityNotice::NewSignIn => {
            ("Un nuevo inicio de sesión", "Alguien inició sesión en su cuenta desde un lugar que no conocíamos.")
        }
        SecurityNotice::Registered => ("Su cuenta está abierta", "Su cuenta está abierta. Ya puede iniciar sesión."),
        SecurityNotice::PasswordChanged => ("Su contraseña cambió", "Se cambió la contraseña de su cuenta."),
        SecurityNotice::EmailChanged => (
            "Su dirección de correo cambió",
            "Su cuenta tiene ahora otra dirección de correo. Con esta ya no se puede iniciar sesión.",
        ),
        SecurityNotice::SecondFactorAdded => (
            "La verificación en dos pasos está activada",
            "Ahora, al iniciar sesión en su cuenta, también se pide un código.",
        ),
        SecurityNotice::SecondFactorRemoved => {
            ("La verificación en dos pasos está desactivada", "Al iniciar sesión en su cuenta ya no se pide un código.")
        }
        SecurityNotice::BackupCodeUsed => {
            ("Se usó un código de respaldo", "Se usó un código de respaldo de su cuenta para iniciar sesión.")
        }
        SecurityNotice::BackupCodesRenewed => (
            "Códigos de respaldo nuevos",
            "Se crearon códigos de respaldo nuevos para su cuenta. Los anteriores ya no sirven.",
        ),
        SecurityNotice::PasskeyAdded => ("Se agregó una llave de acceso", "Se agregó una llave de acceso a su cuenta."),
        SecurityNotice::PasskeyRemoved => {
            ("Se quitó una llave de acceso", "Se quitó una llave de acceso de su cuenta.")
        }
        SecurityNotice::IdentityLinked => {
            ("Otra forma de iniciar sesión", "Su cuenta se vinculó con un proveedor de identidad, que ahora la abre.")
        }
        SecurityNotice::IdentityUnlinked => {
            ("Se quitó una forma de iniciar sesión", "Un proveedor de identidad ya no abre su cuenta.")
        }
        SecurityNotice::PhoneChanged => {
            ("Su número de teléfono cambió", "Se cambió o se quitó el número de su cuenta para mensajes de texto.")
        }
        SecurityNotice::AccountLocked => (
            "Su cuenta fue bloqueada",
            "Su cuenta fue bloqueada por media hora, porque se dio varias veces una contraseña equivocada.",
        ),
        SecurityNotice::BreakGlass => (
            "Se usó el acceso de emergencia",
            "Alguien usó el acceso de emergencia. Inicie sesión para ver quién, cuándo y por qué.",
        ),
    }
}
