//! Spanish.

use super::{Kind, Language, Outside, Words};

pub(super) const LANGUAGE: Language = Language {
    code: "es",
    title,
    outside,
    digest_subject: "Lo que hay de nuevo para usted",
    digest_text: "Desde el último resumen hay estas novedades. Inicie sesión para verlas.",
    action: "Abrir Carehub",
    choose: "En su cuenta puede elegir de qué le avisamos, cuándo y cómo.",
};

fn title(kind: Kind) -> &'static str {
    match kind {
        Kind::NewMessage => "Tiene un mensaje nuevo",
        Kind::ThreadAssigned => "Se le asignó una conversación",
        Kind::ThreadHandedOver => "Le entregaron una conversación",
        Kind::ThreadWaiting => "Un mensaje espera y nadie se ha hecho cargo todavía",
        Kind::Emergency => "Emergencia: alguien le necesita",
        Kind::CoverageHole => "En algún momento de la próxima semana no se avisaría a nadie",
        Kind::AppointmentRequested => "Se solicitó una cita",
        Kind::AppointmentConfirmed => "Su cita está confirmada",
        Kind::AppointmentChanged => "Se cambió una cita",
        Kind::AppointmentCancelled => "Se canceló una cita",
        Kind::AppointmentReminder => "Tiene una cita pronto",
        Kind::AppointmentOffered => "Quedó libre una hora para usted",
        Kind::WaitlistRemoved => "Ya no está en una lista de espera",
        Kind::FormAssigned => "Tiene un formulario por completar",
        Kind::FormDue => "Pronto vence un formulario",
        Kind::FormReviewed => "Se revisó su formulario",
        Kind::DocumentReceived => "Un cliente entregó o firmó un documento",
        Kind::SignatureRequested => "Un documento espera su firma",
        Kind::AssessmentAssigned => "Tiene un cuestionario por responder",
        Kind::AssessmentDue => "Pronto vence un cuestionario",
        Kind::DocumentShared => "Se compartió un documento con usted",
        Kind::BillIssued => "Hay una factura nueva",
        Kind::PaymentReceived => "Se recibió su pago",
        Kind::AutopayFailed => "Falló un pago automático",
        Kind::PlanEnded => "Su plan de pagos terminó antes de tiempo",
        Kind::RefundFailed => "Un reembolso no llegó",
        Kind::PaymentDisputed => "Se disputa un pago",
        Kind::RefillRequested => "Se solicitó renovar una receta",
        Kind::RefillDecided => "Hay respuesta a su solicitud de receta",
        Kind::Reminder => "Pidió que se lo recordáramos",
        Kind::Security => "Algo cambió en su cuenta",
    }
}

fn outside(what: Outside) -> Words {
    match what {
        Outside::Message => Words {
            subject: "Tiene un mensaje nuevo",
            text: "Le espera un mensaje. Inicie sesión para leerlo.",
            one: "1 conversación con mensajes nuevos",
            many: "{n} conversaciones con mensajes nuevos",
        },
        Outside::Conversation => Words {
            subject: "Le espera una conversación",
            text: "Tiene una conversación a su cargo. Inicie sesión para verla.",
            one: "1 conversación a su cargo",
            many: "{n} conversaciones a su cargo",
        },
        Outside::Appointment => Words {
            subject: "Sobre una cita",
            text: "Hay una novedad sobre una cita. Inicie sesión para verla.",
            one: "1 novedad sobre una cita",
            many: "{n} novedades sobre citas",
        },
        Outside::Account => Words {
            subject: "Algo cambió en su cuenta",
            text: "Algo cambió en su cuenta. Inicie sesión para ver qué.",
            one: "1 cambio en su cuenta",
            many: "{n} cambios en su cuenta",
        },
        Outside::Something => Words {
            subject: "Hay algo nuevo para usted",
            text: "Hay algo nuevo para usted. Inicie sesión para verlo.",
            one: "1 novedad más",
            many: "{n} novedades más",
        },
    }
}
