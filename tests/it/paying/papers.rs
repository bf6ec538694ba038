use super::{Account, now};
use crate::support::{paper, practice::Caller};
use carehub::accounts::Role;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use std::process::Command;

/// What poppler reads in a paper, line by line.
async fn read(account: &Account, who: &Caller, path: &str) -> String {
    let request = account.practice.request(reqwest::Method::GET, &format!("/api/v1/{path}")).bearer_auth(&who.token);
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 200, "{path}");
    assert_eq!(response.headers()["content-type"], "application/pdf");
    let named = response.headers()["content-disposition"].to_str().unwrap().to_owned();
    assert!(named.starts_with("attachment; filename=\"") && !named.contains("Ann"), "{named}");
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().join("paper.pdf");
    std::fs::write(&at, response.bytes().await.unwrap()).unwrap();
    let info = String::from_utf8(Command::new("pdfinfo").arg(&at).output().unwrap().stdout).unwrap();
    assert!(info.contains("Tagged:          yes") && info.contains("JavaScript:      no"), "{info}");
    paper::read(&at)
}

/// Dollars as papers have them.
fn dollars(cents: &Value) -> String {
    let cents = cents.as_i64().unwrap();
    let whole = cents.abs() / 100;
    let whole = if whole >= 1_000 { format!("{},{:03}", whole / 1_000, whole % 1_000) } else { whole.to_string() };
    format!("{}${whole}.{:02}", if cents < 0 { "-" } else { "" }, cents.abs() % 100)
}

fn says(text: &str, words: &[&str]) {
    for words in words {
        assert!(text.contains(words), "{words:?} is not in {text}");
    }
}

/// A practice with an address, and a clinician with an NPI.
async fn settled(account: &Account) {
    let settings = format!(
        "INSERT INTO billing_settings (practice_id, revision, currency, due_days, how_to_pay, tax_id, address, phone, changed_at)
        VALUES ('{id}', 1, 'USD', 14, 'By check.', '12-3456789', '{{\"4 Elm Street\",\"Austin, TX 78701\"}}', '+1 512 555 0100', now());
        INSERT INTO billing_clinicians (user_id, practice_id, npi, licence, credentials, changed_at)
        VALUES ('{maya}', '{id}', '1234567893', 'TX 4711', 'PhD, LPC', now())",
        id = account.practice.id,
        maya = account.maya.id
    );
    account.practice.database.query(&settings).await;
}

#[tokio::test]
async fn a_statement_on_paper_has_the_figures_of_the_ledger() {
    let mut account = Account::open().await;
    settled(&account).await;
    let at: DateTime<Utc> = "2025-10-05T15:00:00Z".parse().unwrap();
    account.charge(123_456, "2025-10-05", at - TimeDelta::days(20)).await;
    // More than one page.
    for n in 0..60 {
        account.charge(1_001 + n, "2025-10-05", at + TimeDelta::minutes(n)).await;
    }
    account.pay(98_765, at + TimeDelta::days(1)).await;
    let data = account.ann.get("portal/billing/statements/2025-10").await.expect(200);
    let text = read(&account, &account.ann, "portal/billing/statements/2025-10/pdf").await;
    says(
        &text,
        &["Statement of October 2025", "4 Elm Street", "Austin, TX 78701", "12-3456789", "Ann Field", "Page 2 of"],
    );
    let figures = |key: &str| dollars(&data[key]);
    says(&text, &[&figures("opening"), &figures("closing")]);
    let lines = data["lines"].as_array().unwrap();
    assert_eq!(lines.len(), 61);
    for line in lines {
        let (amount, balance) = (dollars(&line["amount"]), dollars(&line["balance"]));
        let printed =
            text.lines().any(|row| row.contains(&format!(" {amount} ")) && row.trim_end().ends_with(&balance));
        assert!(printed, "{line} is not on paper: {text}");
    }

    account.practice.database.query("UPDATE users SET language = 'es' WHERE role = 'client'").await;
    let text = read(&account, &account.ann, "portal/billing/statements/2025-10/pdf").await;
    says(&text, &["Estado de cuenta de octubre de 2025", "Saldo inicial", "Página 2 de", &figures("closing")]);
}

#[tokio::test]
async fn a_receipt_says_what_was_paid_and_what_went_back() {
    let mut account = Account::open().await;
    settled(&account).await;
    let at = now() - TimeDelta::days(3);
    account.charge(50_000, "2026-01-05", at).await;
    let payment = account.pay(20_000, at).await;
    let path = format!("portal/payments/receipt/{payment}");
    let text = read(&account, &account.ann, &path).await;
    says(&text, &["Receipt", "Visa, ending in 4242", "$200.00", "Owed on this account: $300.00", &payment.to_string()]);
    assert!(!text.contains("Refund"), "{text}");
    account.refund(payment, 5_000, now()).await;
    let text = read(&account, &account.ann, &path).await;
    says(&text, &["Refund", "$50.00", "$150.00", "Owed on this account: $350.00"]);
    let listed = account.ann.get("portal/billing/payments").await.expect(200);
    let paid = &listed["items"][0];
    assert_eq!((&paid["amount"], &paid["givenBack"]), (&20_000.into(), &5_000.into()));
    // Nobody else's, whoever asks.
    let bea = account.practice.person("Bea", Role::Client).await;
    let (others, unknown) = (
        bea.get(&path).await,
        bea.get(&path.replace(&payment.to_string(), "01890a5d-ac96-774b-bcce-b302099a8057")).await,
    );
    assert_eq!((others.status, others.body["code"].clone()), (404, unknown.body["code"].clone()));
}

#[tokio::test]
async fn a_superbill_names_codes_provider_and_what_payments_cover_and_nothing_else_as_paid() {
    let mut account = Account::open().await;
    settled(&account).await;
    let at = now() - TimeDelta::days(100);
    account.charge(18_000, "2026-02-01", at).await;
    account.charge(18_000, "2026-02-08", at).await;
    account.charge(18_000, "2026-03-08", at).await;
    // One and a half are paid, and of the first the practice forgave a part: that is not paid.
    let first = account.one("SELECT id FROM charges ORDER BY service_on LIMIT 1").await;
    let forgiven = format!(
        "INSERT INTO adjustments (id, practice_id, client_id, charge_id, amount, currency, key_id, reason_sealed, made_on, made_at)
        SELECT gen_random_uuid(), practice_id, client_id, id, -3000, 'USD', key_id, '\\x00', service_on, now() FROM charges WHERE id = '{first}'"
    );
    account.practice.database.query(&forgiven).await;
    account.pay(24_000, at).await;
    let text = read(&account, &account.ann, "portal/billing/superbill?from=2026-02-01&until=2026-02-28").await;
    says(&text, &["Superbill", "Maya Lind, PhD, LPC", "1234567893", "TX 4711", "90834-95", "F41.1", "Ann Field"]);
    says(&text, &["Charged in all", "$360.00", "Paid in all", "$240.00"]);
    let row =
        |day: &str| text.lines().find(|line| line.contains(day)).unwrap_or_else(|| panic!("{day}: {text}")).to_owned();
    says(&row("02/01/2026"), &["$180.00", "$150.00"]);
    says(&row("02/08/2026"), &["$180.00", "$90.00"]);
    assert!(!text.contains("03/08/2026"), "{text}");
    for (from, until) in [("2026-02-28", "2026-02-01"), ("2025-01-01", "2026-02-01")] {
        account.ann.get(&format!("portal/billing/superbill?from={from}&until={until}")).await.expect(422);
    }
}

#[tokio::test]
async fn those_who_bill_have_the_same_papers_and_nobody_elses() {
    let mut account = Account::open().await;
    settled(&account).await;
    let at: DateTime<Utc> = "2025-10-05T15:00:00Z".parse().unwrap();
    account.charge(50_000, "2025-10-05", at).await;
    let payment = account.pay(20_000, at).await;
    let flo = account.practice.person("Flo Gray", Role::Staff).await;
    let of = |what: &str| format!("ehr/billing/clients/{}/{what}", account.ann.id);
    for (own, theirs) in [("statements", "statements"), ("statements/2025-10", "statements/2025-10")] {
        let shown = account.ann.get(&format!("portal/billing/{own}")).await.expect(200);
        assert_eq!(flo.get(&of(theirs)).await.expect(200), shown);
    }
    let days = "superbill?from=2025-10-01&until=2025-10-31";
    let receipt = format!("ehr/billing/payments/{payment}/receipt");
    for (own, theirs) in [
        ("portal/billing/statements/2025-10/pdf".to_owned(), of("statements/2025-10/pdf")),
        (format!("portal/billing/{days}"), of(days)),
        (format!("portal/payments/receipt/{payment}"), receipt.clone()),
    ] {
        assert_eq!(read(&account, &flo, &theirs).await, read(&account, &account.ann, &own).await, "{theirs}");
    }
    flo.get(&of("statements/1999-01")).await.refused(404, "notFound");
    let stranger = account.practice.stranger("Zed", Role::Staff).await;
    for path in [of("statements"), of("statements/2025-10"), of("statements/2025-10/pdf"), of(days), receipt] {
        account.maya.get(&path).await.refused(403, "forbidden");
        account.ann.get(&path).await.refused(403, "forbidden");
        stranger.get(&path).await.refused(404, "notFound");
    }
    let noted = "SELECT action || ' ' || count(*) FROM audit_events WHERE actor_id = (SELECT id FROM users WHERE name = 'Flo Gray')
        AND client_id IS NOT NULL AND action ~ 'downloaded' GROUP BY action ORDER BY action";
    assert_eq!(
        account.practice.database.query(noted).await,
        ["receipt.downloaded 1", "statement.downloaded 1", "superbill.downloaded 1"]
    );
}
