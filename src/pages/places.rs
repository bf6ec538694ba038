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

const PORTAL: &[Link] = &[("/portal", "Messages"), ("/portal/account", "Account")];
const ACCOUNT: &[Link] = &[
    ("/portal/account/profile", "Profile"),
    ("/portal/account/security", "Security"),
    ("/portal/account/privacy", "Privacy"),
];
const EHR: &[(Link, Option<Permission>)] = &[
    (("/ehr", "Inbox"), None),
    (("/ehr/clients", "Clients"), Some(Permission::FindPeople)),
    (("/ehr/admin", "Practice"), Some(Permission::ManageUsers)),
    (("/ehr/account", "Account"), None),
];
const ADMIN: &[(Link, Permission)] = &[
    (("/ehr/admin", "People"), Permission::ManageUsers),
    (("/ehr/admin/invitations", "Invitations"), Permission::ManageUsers),
    (("/ehr/admin/api-keys", "API keys"), Permission::ManageApiKeys),
    (("/ehr/admin/audit", "Audit log"), Permission::ReadAudit),
    (("/ehr/admin/retention", "Retention"), Permission::ManagePrivacy),
    (("/ehr/admin/erasures", "Erasures"), Permission::ManagePrivacy),
];

/// The links at the top.
pub fn main(role: Role, path: &str) -> Vec<Place> {
    match role.audience() {
        Audience::Portal => marked(PORTAL.to_vec(), path),
        Audience::Ehr => {
            let may = |needed: &Option<Permission>| needed.is_none_or(|permission| role.grants(permission));
            marked(EHR.iter().filter(|(_, needed)| may(needed)).map(|(link, _)| *link).collect(), path)
        }
    }
}

/// The links between the pages that the one at `path` belongs to.
pub fn beside(role: Role, path: &str) -> Vec<Place> {
    if path.starts_with("/portal/account") {
        return marked(ACCOUNT.to_vec(), path);
    }
    if path.starts_with("/ehr/admin") {
        return marked(ADMIN.iter().filter(|(_, needed)| role.grants(*needed)).map(|(link, _)| *link).collect(), path);
    }
    Vec::new()
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
        assert_eq!(current(&main(Role::Client, "/portal/messages/1")), ["Messages"]);
        for page in ["/portal/account/profile", "/portal/account/security", "/portal/account/privacy"] {
            assert_eq!(current(&main(Role::Client, page)), ["Account"]);
        }
        assert_eq!(current(&beside(Role::Client, "/portal/account/security")), ["Security"]);
        assert_eq!(current(&main(Role::Admin, "/ehr/admin/audit")), ["Practice"]);
        assert_eq!(current(&main(Role::Clinician, "/ehr/threads/1")), ["Inbox"]);
    }

    #[test]
    fn nobody_is_shown_where_their_role_does_not_let_them_in() {
        assert!(main(Role::Clinician, "/ehr").iter().all(|place| place.href != "/ehr/admin"));
        assert!(beside(Role::Staff, "/ehr/admin").is_empty());
    }
}
