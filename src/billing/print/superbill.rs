//! A superbill: which services were given to whom, by whom, for what, and what was paid: what a client sends to an insurer
//! who pays them back. It says no more of a treatment than that asks for.

use super::{Letterhead, letterhead::column};
use crate::{billing::money::Amount, pdf::Align};
use chrono::NaiveDate;

/// What a superbill says.
#[derive(Clone, Debug)]
pub struct Superbill {
    pub from: NaiveDate,
    /// Its last day.
    pub until: NaiveDate,
    pub providers: Vec<Provider>,
}

/// Whoever gave services, and which.
#[derive(Clone, Debug)]
pub struct Provider {
    /// With what stands behind it, such as "PhD, LPC".
    pub name: String,
    pub npi: Option<String>,
    pub licence: Option<String>,
    pub services: Vec<Service>,
}

/// One service.
#[derive(Clone, Debug)]
pub struct Service {
    pub on: NaiveDate,
    /// CPT or HCPCS, with its modifiers; none of what is no service to an insurer.
    pub code: String,
    /// Place of service, as CMS numbers them.
    pub place: String,
    pub what: String,
    /// ICD-10-CM.
    pub diagnoses: Vec<String>,
    pub units: i32,
    pub charged: Amount,
    /// What of it is paid.
    pub paid: Amount,
}

/// The file. Takes a while: call it beside the web workers.
///
/// # Errors
/// When it cannot be written.
pub fn pdf(head: &Letterhead, superbill: &Superbill) -> anyhow::Result<Vec<u8>> {
    let say = |english, spanish| head.tongue.say(english, spanish);
    let span = format!("{} – {}", head.tongue.day(superbill.from), head.tongue.day(superbill.until));
    let all = || superbill.providers.iter().flat_map(|provider| &provider.services);
    let (charged, paid): (Amount, Amount) = (all().map(|one| one.charged).sum(), all().map(|one| one.paid).sum());
    let facts = vec![
        (say("Services from – to", "Servicios del – al"), span),
        (say("Charged in all", "Total cobrado"), head.money(charged)),
        (say("Paid in all", "Total pagado"), head.money(paid)),
        (say("Printed on", "Impreso el"), head.day(head.made_at)),
    ];
    let mut document = head.begin(say("Superbill", "Superbill (factura para el seguro)").to_owned(), facts)?;
    if superbill.providers.is_empty() {
        document.paragraph(say("There were no services on these days.", "No hubo servicios en estas fechas."));
    }
    for provider in &superbill.providers {
        document.heading(&provider.name);
        document.facts(&[
            ("NPI", provider.npi.clone().unwrap_or_else(|| say("not given", "no consta").to_owned())),
            (
                say("License", "Licencia"),
                provider.licence.clone().unwrap_or_else(|| say("not given", "no consta").to_owned()),
            ),
        ]);
        let columns = [
            column(say("Day", "Fecha"), 1.8, Align::Start),
            column("CPT", 1.7, Align::Start),
            column(say("Place", "Lugar"), 1.1, Align::Start),
            column(say("Service", "Servicio"), 2.4, Align::Start),
            column(say("ICD-10", "CIE-10"), 1.3, Align::Start),
            column(say("Units", "Cant."), 1.0, Align::End),
            column(say("Charged", "Cobrado"), 1.5, Align::End),
            column(say("Paid", "Pagado"), 1.5, Align::End),
        ];
        let row = |one: &Service| {
            vec![
                one.on.format("%m/%d/%Y").to_string(),
                one.code.clone(),
                one.place.clone(),
                one.what.clone(),
                one.diagnoses.join(", "),
                one.units.to_string(),
                head.money(one.charged),
                head.money(one.paid),
            ]
        };
        document.table(&columns, &provider.services.iter().map(row).collect::<Vec<_>>());
    }
    document.note(say(
        "For services that the client paid or owes. It is no claim: the client sends it to their insurer.",
        "De servicios que el cliente pagó o debe. No es una reclamación: el cliente la envía a su seguro.",
    ));
    document.finish()
}
