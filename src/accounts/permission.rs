//! What roles allow. A role grants named permissions; handlers ask for a permission, never for a role.

use super::model::Role;

/// One thing that somebody may be allowed to do.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Permission {
    /// Write and amend in threads of the practice's clients; claim, assign, close.
    WorkThreads,
    /// Look up the practice's clients and colleagues.
    FindPeople,
    /// Look up and write to every client of the practice, not only their own; shows nothing of what others wrote.
    ReachAllClients,
    /// Say who is in whose care team. The team itself always may.
    ManageCareTeams,
    /// See a record without being responsible for the client, with a reason.
    BreakGlass,
    /// Build forms, give them to clients, look at what one's own clients submitted.
    WorkForms,
    /// Assign assessments to clients whom one looks after, and read what they answered.
    WorkAssessments,
    /// Put clients on file, invite them, help them back into their account.
    AdmitClients,
    /// List the practice's users.
    ReadUsers,
    /// Add, change, lock and unlock users; invite staff; end sessions.
    ManageUsers,
    /// Make and revoke API keys.
    ManageApiKeys,
    /// See what could not be delivered, and send it again.
    ResendMessages,
    /// Read the practice's audit log.
    ReadAudit,
    /// Export everything about a client; legal holds; erase.
    ManagePrivacy,
    /// Make and change appointments: of one's own, of one's clients; for whoever reaches all clients, all of them.
    WorkAppointments,
    /// Say how the practice handles appointments.
    ManageAppointments,
    /// Charge clients, take payments, give money back; say how the practice bills. All clients of the practice.
    ManageBilling,
    /// Decide whom emergencies call: the escalation policy and the rota.
    ManageEscalation,
    /// See emergencies, acknowledge and resolve them; see who is on call, take leave, cover for others, hold drills.
    WorkEscalations,
}

impl Role {
    /// Whether this role grants it.
    pub fn grants(self, permission: Permission) -> bool {
        use Permission::*;
        match self {
            Role::Client => false,
            Role::Clinician => {
                matches!(
                    permission,
                    WorkThreads
                        | FindPeople
                        | BreakGlass
                        | WorkAssessments
                        | AdmitClients
                        | WorkAppointments
                        | WorkEscalations
                        | WorkForms
                )
            }
            Role::Staff => matches!(
                permission,
                WorkThreads
                    | FindPeople
                    | ReachAllClients
                    | ManageCareTeams
                    | AdmitClients
                    | WorkAppointments
                    | ManageBilling
                    | WorkEscalations
                    | WorkForms
            ),
            Role::Admin => true,
        }
    }
}
