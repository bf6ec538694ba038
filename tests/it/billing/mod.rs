//! Billing, through the calls that people make.

mod acts;
mod aging;
mod at_once;
mod books;
mod exported;
mod figures;
mod histories;
mod invoices;
mod limits;
mod stripe;
mod to_charge;

use crate::support::practice::{Answer, Caller, Practice};
use carehub::accounts::Role;
use serde_json::{Value, json};

/// A practice with somebody who bills and somebody who owes.
struct Till {
    practice: Practice,
    ann: Caller,
    maya: Caller,
    flo: Caller,
}

impl Till {
    async fn open() -> Self {
        let practice = Practice::start().await;
        Self {
            ann: practice.person("Ann Field", Role::Client).await,
            maya: practice.person("Maya Lind", Role::Clinician).await,
            flo: practice.person("Flo Gray", Role::Staff).await,
            practice,
        }
    }

    /// The path of something on Ann's account.
    fn of_ann(&self, what: &str) -> String {
        format!("ehr/billing/clients/{}/{what}", self.ann.id)
    }

    async fn charge(&self, amount: i64) -> String {
        let charge = json!({"code": "90834", "description": "Psychotherapy, 45 minutes", "unitAmount": amount});
        id(&self.flo.post(&self.of_ann("charges"), charge).await.expect(201))
    }

    /// Of an earlier day.
    async fn charge_on(&self, amount: i64, days_ago: i64) -> String {
        let day = (self.today() - chrono::TimeDelta::days(days_ago)).to_string();
        let charge = json!({"description": "A letter", "unitAmount": amount, "serviceOn": day});
        id(&self.flo.post(&self.of_ann("charges"), charge).await.expect(201))
    }

    /// Where the practice is.
    fn today(&self) -> chrono::NaiveDate {
        carehub::clock::Clock::system().now().with_timezone(&chrono_tz::America::Chicago).date_naive()
    }

    async fn pay(&self, amount: i64) -> Answer {
        self.flo.post(&self.of_ann("payments"), json!({"amount": amount, "method": "cash"})).await
    }

    async fn paid(&self, amount: i64) -> String {
        id(&self.pay(amount).await.expect(201))
    }

    async fn refund(&self, payment: &str, amount: i64) -> Answer {
        let refund = json!({"amount": amount, "reason": "Paid twice."});
        self.flo.post(&format!("ehr/billing/payments/{payment}/refunds"), refund).await
    }

    async fn adjust(&self, amount: i64) -> Answer {
        self.flo.post(&self.of_ann("adjustments"), json!({"amount": amount, "reason": "Hardship."})).await
    }

    async fn void(&self, charge: &str) -> Answer {
        self.flo.post(&format!("ehr/billing/charges/{charge}/void"), json!({"reason": "A mistake."})).await
    }

    async fn bill(&self, body: Value) -> Answer {
        self.flo.post(&self.of_ann("invoices"), body).await
    }

    async fn account(&self) -> Value {
        self.flo.get(&format!("ehr/billing/clients/{}", self.ann.id)).await.expect(200)
    }

    /// What Ann owes, as her account says, after having compared it with the ledger behind the hub's back.
    async fn balance(&self) -> i64 {
        let shown = self.account().await["balance"].as_i64().unwrap();
        let sum = format!(
            "SELECT COALESCE(sum(amount), 0) FROM ledger_postings p JOIN ledger_transactions t ON t.id = p.transaction_id
            WHERE account = 'receivable' AND client_id = '{}'",
            self.ann.id
        );
        assert_eq!(self.practice.database.query(&sum).await, [shown.to_string()]);
        let odd = "SELECT transaction_id FROM ledger_postings GROUP BY 1 HAVING sum(amount) <> 0";
        assert_eq!(self.practice.database.query(odd).await, Vec::<String>::new());
        shown
    }

    async fn items(&self, what: &str) -> Vec<Value> {
        self.flo.get(&self.of_ann(what)).await.expect(200)["items"].as_array().unwrap().clone()
    }
}

fn id(value: &Value) -> String {
    value["id"].as_str().unwrap().to_owned()
}
