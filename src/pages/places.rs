//! Where people can go: the links at the top of every page, and those between pages that belong together. Shows only
//! what a role may use; the pages and calls behind decide for themselves.

use crate::accounts::{Audience, Permission, Role};

/// A link.
pub struct Place {
    pub href: &'static str,
    pub words: &'static str,
    /// It leads to the page that is shown, or to the one above it.
    pub current: bool,
}

type Link = (&'static str, &'static str);

/// Address, English, Spanish.
type Spoken = (&'static str, &'static str, &'static str);

const PORTAL: &[Spoken] = &[
    ("/portal", "Messages", "Mensajes"),
    ("/portal/appointments", "Appointments", "Citas"),
    ("/portal/forms", "Forms", "Formularios"),
    ("/portal/questionnaires", "Questionnaires", "Cuestionarios"),
    ("/portal/documents", "Documents", "Documentos"),
    ("/portal/billing", "Billing", "Facturación"),
    ("/portal/account", "Account", "Cuenta"),
];
const ACCOUNT: &[Spoken] = &[
    ("/portal/account/profile", "Profile", "Perfil"),
    ("/portal/account/security", "Security", "Seguridad"),
    ("/portal/account/notifications", "Notifications", "Avisos"),
    ("/portal/account/privacy", "Privacy", "Privacidad"),
];
const OWN_BILLING: &[Spoken] = &[
    ("/portal/billing", "Overview", "Resumen"),
    ("/portal/billing/charges", "Charges", "Cargos"),
    ("/portal/billing/invoices", "Invoices", "Facturas"),
    ("/portal/billing/statements", "Statements", "Estados de cuenta"),
    ("/portal/billing/history", "History", "Movimientos"),
    ("/portal/billing/methods", "Cards and autopay", "Tarjetas y pago automático"),
    ("/portal/billing/plans", "Payment plans", "Planes de pago"),
];
const EHR: &[(Link, Option<Permission>)] = &[
    (("/ehr", "Inbox"), None),
    (("/ehr/escalations", "Emergencies"), None),
    (("/ehr/appointments", "Appointments"), Some(Permission::WorkAppointments)),
    (("/ehr/clients", "Clients"), Some(Permission::FindPeople)),
    (("/ehr/billing", "Billing"), Some(Permission::ManageBilling)),
    (("/ehr/forms", "Forms"), Some(Permission::WorkForms)),
    (("/ehr/assessments", "Assessments"), Some(Permission::WorkAssessments)),
    (("/ehr/admin", "Practice"), Some(Permission::ManageUsers)),
    (("/ehr/account", "Account"), None),
];
const EMERGENCIES: &[(Link, Option<Permission>)] = &[
    (("/ehr/escalations", "Emergencies"), None),
    (("/ehr/on-call", "On call"), None),
    (("/ehr/admin/escalation-policy", "Policy"), Some(Permission::ManageEscalation)),
    (("/ehr/admin/crisis-phrases", "Crisis phrases"), Some(Permission::ManageEscalation)),
    (("/ehr/admin/undelivered", "Undelivered"), Some(Permission::ResendMessages)),
];
const APPOINTMENTS: &[(Link, Option<Permission>)] = &[
    (("/ehr/appointments", "Schedule"), Some(Permission::WorkAppointments)),
    (("/ehr/appointments/requests", "Requests"), Some(Permission::WorkAppointments)),
    (("/ehr/availability", "Availability"), Some(Permission::WorkAppointments)),
    (("/ehr/admin/appointment-policy", "Policy"), Some(Permission::ManageAppointments)),
];
const BILLING: &[(Link, Option<Permission>)] = &[
    (("/ehr/billing", "Overview"), Some(Permission::ManageBilling)),
    (("/ehr/billing/invoices", "Invoices"), Some(Permission::ManageBilling)),
    (("/ehr/billing/settings", "Settings"), Some(Permission::ManageBilling)),
];
const FORMS: &[(Link, Option<Permission>)] = &[
    (("/ehr/forms", "Forms"), Some(Permission::WorkForms)),
    (("/ehr/submissions", "Submitted"), Some(Permission::WorkForms)),
];
const STAFF_ACCOUNT: &[Link] =
    &[("/ehr/account/security", "Security"), ("/ehr/account/notifications", "Notifications")];
const ADMIN: &[(Link, Permission)] = &[
    (("/ehr/admin", "People"), Permission::ManageUsers),
    (("/ehr/admin/invitations", "Invitations"), Permission::ManageUsers),
    (("/ehr/admin/api-keys", "API keys"), Permission::ManageApiKeys),
    (("/ehr/admin/audit", "Audit log"), Permission::ReadAudit),
    (("/ehr/admin/retention", "Retention"), Permission::ManagePrivacy),
    (("/ehr/admin/erasures", "Erasures"), Permission::ManagePrivacy),
];

/// The links at the top; a client's in their language.
pub fn main(role: Role, language: &str, path: &str) -> Vec<Place> {
    let path = match path {
        path if is_among(EMERGENCIES, path) => "/ehr/escalations",
        path if is_among(APPOINTMENTS, path) => "/ehr/appointments",
        path if is_among(FORMS, path) => "/ehr/forms",
        // A document is part of a client's record, wherever its address stands.
        path if path.starts_with("/ehr/documents") => "/ehr/clients",
        path => path,
    };
    match role.audience() {
        Audience::Portal => marked(spoken(PORTAL, language), path),
        Audience::Ehr => marked(granted(EHR, role), path),
    }
}

/// Whether a page is one of those that belong together, wherever its address stands.
fn is_among(links: &[(Link, Option<Permission>)], path: &str) -> bool {
    links.iter().any(|((href, _), _)| path.starts_with(href))
}

/// The links between the pages that the one at `path` belongs to.
pub fn beside(role: Role, language: &str, path: &str) -> Vec<Place> {
    if path.starts_with("/portal/account") {
        return marked(spoken(ACCOUNT, language), path);
    }
    if path.starts_with("/ehr/account") {
        return marked(STAFF_ACCOUNT.to_vec(), path);
    }
    for links in [EMERGENCIES, APPOINTMENTS, BILLING, FORMS] {
        if is_among(links, path) {
            return marked(granted(links, role), path);
        }
    }
    if path.starts_with("/ehr/admin") {
        return marked(ADMIN.iter().filter(|(_, needed)| role.grants(*needed)).map(|(link, _)| *link).collect(), path);
    }
    Vec::new()
}

/// The links between a client's pages of billing, in their language.
pub fn own_billing(language: &str, path: &str) -> Vec<Place> {
    // Paying is part of the overview.
    let path = if path == "/portal/billing/pay" { "/portal/billing" } else { path };
    marked(spoken(OWN_BILLING, language), path)
}

fn spoken(links: &[Spoken], language: &str) -> Vec<Link> {
    let words = |(href, english, spanish): &Spoken| (*href, if language == "es" { *spanish } else { *english });
    links.iter().map(words).collect()
}

fn granted(links: &[(Link, Option<Permission>)], role: Role) -> Vec<Link> {
    let may = |needed: &Option<Permission>| needed.is_none_or(|permission| role.grants(permission));
    links.iter().filter(|(_, needed)| may(needed)).map(|(link, _)| *link).collect()
}

/// The longest address that leads to `path` is the current one.
fn marked(links: Vec<Link>, path: &str) -> Vec<Place> {
    let leads = |href: &str| path.strip_prefix(href).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let current = links.iter().filter(|(href, _)| leads(href)).map(|(href, _)| href.len()).max();
    links
        .into_iter()
        .map(|(href, words)| Place { href, words, current: Some(href.len()) == current && leads(href) })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn current(places: &[Place]) -> Vec<&str> {
        places.iter().filter(|place| place.current).map(|place| place.words).collect()
    }

    #[test]
    fn one_place_is_the_current_one_and_it_is_the_nearest() {
        assert_eq!(current(&main(Role::Client, "en", "/portal/messages/1")), ["Messages"]);
        for page in ["/portal/account/profile", "/portal/account/security", "/portal/account/privacy"] {
            assert_eq!(current(&main(Role::Client, "en", page)), ["Account"]);
        }
        assert_eq!(current(&beside(Role::Client, "en", "/portal/account/security")), ["Security"]);
        assert_eq!(current(&main(Role::Admin, "en", "/ehr/admin/audit")), ["Practice"]);
        assert_eq!(current(&main(Role::Clinician, "en", "/ehr/threads/1")), ["Inbox"]);
        for page in ["/ehr/escalations/1", "/ehr/on-call", "/ehr/admin/escalation-policy"] {
            assert_eq!(current(&main(Role::Admin, "en", page)), ["Emergencies"]);
        }
        assert_eq!(current(&beside(Role::Admin, "en", "/ehr/admin/undelivered")), ["Undelivered"]);
        for page in ["/ehr/appointments/1", "/ehr/availability", "/ehr/admin/appointment-policy"] {
            assert_eq!(current(&main(Role::Admin, "en", page)), ["Appointments"]);
        }
        assert_eq!(current(&main(Role::Client, "en", "/portal/appointments/new")), ["Appointments"]);
        assert_eq!(current(&main(Role::Client, "es", "/portal/appointments/new")), ["Citas"]);
    }

    #[test]
    fn nobody_is_shown_where_their_role_does_not_let_them_in() {
        assert!(main(Role::Clinician, "en", "/ehr").iter().all(|place| place.href != "/ehr/admin"));
        assert!(beside(Role::Staff, "en", "/ehr/admin").is_empty());
    }
}
