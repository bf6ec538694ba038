//! One's own account: who one is, what one wants to be told, who can get in, and who has looked. The pages say what each
//! choice does; what is stored and allowed is the calls' business.

use super::{
    assets,
    shell::{Away, Shell, framed, page},
};

framed! {
    /// `GET /portal/account/profile`
    profile: Profile("account/profile.html"), Portal, "account.js";
    /// `GET /portal/account/security`
    security: Security("account/security.html"), Portal, "account.js";
    /// `GET /portal/account/privacy`
    privacy: Privacy("account/privacy.html"), Portal, "account.js";
    /// `GET /portal/account/notifications`
    notifications: Notifications("account/notifications.html"), Portal, "notices.js";
    /// `GET /portal/notifications`
    notices: Notices("notifications.html"), Portal, "notices.js";
    /// `GET /ehr/account/notifications`
    notifications_of_staff: StaffNotifications("account/notifications.html"), Ehr, "notices.js";
    /// `GET /ehr/notifications`
    notices_of_staff: StaffNotices("notifications.html"), Ehr, "notices.js";
    /// `GET /ehr/account/security`
    of_staff: StaffAccount("account/security.html"), Ehr, "account.js";
}
