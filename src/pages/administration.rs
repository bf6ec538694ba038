//! The pages of a practice's administrators: people, invitations, keys for other programs, the audit log. Each asks for
//! the permission that its calls ask for; what may be done is decided by those.

use super::{
    assets,
    shell::{Away, Shell, framed, page},
};

framed! {
    /// `GET /ehr/admin`
    users: Users("admin/users.html"), Ehr, "admin.js", ManageUsers;
    /// `GET /ehr/admin/invitations`
    invitations: Invitations("admin/invitations.html"), Ehr, "admin.js", ManageUsers;
    /// `GET /ehr/admin/api-keys`
    api_keys: ApiKeys("admin/api_keys.html"), Ehr, "admin.js", ManageApiKeys;
    /// `GET /ehr/admin/retention`
    retention: Retention("admin/retention.html"), Ehr, "admin.js", ManagePrivacy;
    /// `GET /ehr/admin/audit`
    audit: AuditLog("admin/audit.html"), Ehr, "audit.js", ReadAudit;
    /// `GET /ehr/admin/erasures`
    erasures: Erasures("admin/erasures.html"), Ehr, "admin.js", ManagePrivacy;
}
