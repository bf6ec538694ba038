//! Assessments: assigned, answered, scored; what means danger, and that nothing else does.

mod answering;
mod assigning;
mod before;
mod calendar;
mod danger;
mod killed;
mod reading;

use crate::support::practice::{Caller, Practice};
use carehub::accounts::Role;
use serde_json::{Value, json};

/// A client and their clinician.
pub struct Clinic {
    pub practice: Practice,
    pub ada: Caller,
    pub maya: Caller,
}

impl Clinic {
    pub async fn open() -> Self {
        let practice = Practice::start().await;
        let ada = practice.person("Ada", Role::Client).await;
        let maya = practice.person("Maya", Role::Clinician).await;
        practice.cares(&maya, &ada).await;
        Self { practice, ada, maya }
    }

    /// Assigns an instrument to Ada, once; the assessment that waits for her.
    pub async fn assign(&self, instrument: &str) -> String {
        self.assign_as(instrument, json!({"kind": "once"})).await;
        self.waiting().await.into_iter().find(|one| one["instrument"] == instrument).unwrap()["id"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// Assigns an instrument to Ada; the plan.
    pub async fn assign_as(&self, instrument: &str, recurrence: Value) -> String {
        let body = json!({"instrument": instrument, "recurrence": recurrence});
        let plan = self.maya.post(&format!("ehr/clients/{}/assessments", self.ada.id), body).await.expect(201);
        plan["id"].as_str().unwrap().to_owned()
    }

    /// What waits for Ada.
    pub async fn waiting(&self) -> Vec<Value> {
        self.ada.get("portal/assessments").await.expect(200)["items"].as_array().unwrap().clone()
    }

    pub async fn count(&self, sql: &str) -> String {
        self.practice.database.query(sql).await.remove(0)
    }
}

/// Nine items, the last of them as given, with the tenth where it is asked.
pub fn phq9(each: u8, ninth: u8) -> Value {
    let mut answers = json!({"9": ninth});
    for item in 1..=8 {
        answers[item.to_string()] = each.into();
    }
    if each > 0 || ninth > 0 {
        answers["10"] = 1.into();
    }
    json!({"answers": answers})
}

pub fn gad7(each: u8) -> Value {
    let mut answers = json!({});
    for item in 1..=7 {
        answers[item.to_string()] = each.into();
    }
    if each > 0 {
        answers["8"] = 0.into();
    }
    json!({"answers": answers})
}
