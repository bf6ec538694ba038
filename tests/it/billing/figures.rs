//! How a practice bills.

use super::Till;
use serde_json::json;

#[actix_web::test]
async fn the_currency_stays_once_there_is_an_entry_and_settings_are_changed_by_one_at_a_time() {
    let till = Till::open().await;
    let path = "ehr/billing/settings";
    let mut settings = till.flo.get(path).await.expect(200);
    assert_eq!(
        (&settings["revision"], &settings["currency"], &settings["dueDays"]),
        (&json!(0), &json!("USD"), &json!(30))
    );
    settings["currency"] = json!("EUR");
    settings["howToPay"] = json!("By transfer, please.");
    let stored = till.flo.put(path, settings.clone()).await.expect(200);
    assert_eq!((&stored["revision"], &stored["currencyIsFixed"]), (&json!(1), &json!(false)));
    till.flo.put(path, settings).await.refused(409, "conflict");
    till.charge(100).await;
    let mut settings = till.flo.get(path).await.expect(200);
    assert_eq!((&settings["currencyIsFixed"], &settings["howToPay"]), (&json!(true), &json!("By transfer, please.")));
    settings["currency"] = json!("USD");
    till.flo.put(path, settings.clone()).await.refused(409, "conflict");
    // Stripe counts ISK and UGX otherwise than everybody else does, browsers IQD.
    for unknown in ["eur", "ISK", "UGX", "MGA", "IQD", "XYZ"] {
        settings["currency"] = json!(unknown);
        till.flo.put(path, settings.clone()).await.refused(422, "invalid");
        assert!(!settings["currencies"].as_array().unwrap().contains(&json!(unknown)));
    }
    assert_eq!(till.items("charges").await[0]["currency"], "EUR");
}

#[actix_web::test]
async fn superbills_learn_who_a_clinician_is() {
    let till = Till::open().await;
    let path = format!("ehr/billing/clinicians/{}", till.maya.id);
    till.flo.put(&path, json!({"npi": "1234567890"})).await.refused(422, "invalid");
    let known = json!({"npi": "1234567893", "licence": "IL 071.012345", "credentials": "PhD"});
    till.flo.put(&path, known).await.expect(200);
    let list = till.flo.get("ehr/billing/clinicians").await.expect(200);
    assert_eq!((&list["items"][0]["name"], &list["items"][0]["npi"]), (&json!("Maya Lind"), &json!("1234567893")));
    till.flo.put(&format!("ehr/billing/clinicians/{}", till.ann.id), json!({})).await.refused(404, "notFound");
}
