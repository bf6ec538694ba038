//! The practice's pages about clients: finding one, and putting one on file. A client's name stands on the page only
//! once the call has said that its caller may know it.

use super::{
    assets,
    shell::{Away, Shell, framed, page},
};

framed! {
    /// `GET /ehr/clients`
    list: Clients("clients/list.html"), Ehr, "ehr-clients.js", FindPeople;
    /// `GET /ehr/clients/new`
    new: NewClient("clients/new.html"), Ehr, "ehr-clients.js", AdmitClients;
}
