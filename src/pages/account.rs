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
    /// `GET /ehr/account`
    of_staff: StaffAccount("account/security.html"), Ehr, "account.js";
}
