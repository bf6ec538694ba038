//! A week of shifts for tests.

use crate::support::practice::Caller;
use serde_json::{Value, json};

/// One person on call all week, in a layer.
pub fn all_week(layer: &str, who: &Caller) -> Vec<Value> {
    let shift =
        |weekday| json!({"layer": layer, "user": who.id, "weekday": weekday, "starts": "08:00", "ends": "08:00"});
    (1..=7).map(shift).collect()
}

/// Both layers, all week.
pub fn without_holes(on_call: &Caller, backup: &Caller) -> Vec<Value> {
    [all_week("onCall", on_call), all_week("backup", backup)].concat()
}

/// Puts this week in place of the one with this revision; the new one.
pub async fn put(admin: &Caller, revision: i64, shifts: Vec<Value>) -> i64 {
    let changed = admin.put("ehr/on-call", json!({"revision": revision, "shifts": shifts})).await.expect(200);
    changed["revision"].as_i64().unwrap()
}

/// The people of a layer of `ehr/on-call/now`.
pub async fn on_call_now(caller: &Caller, layer: &str) -> Vec<String> {
    let now = caller.get("ehr/on-call/now").await.expect(200);
    let layers = now["layers"].as_array().unwrap();
    let of = layers.iter().find(|of| of["layer"] == layer).unwrap();
    let name = |person: &Value| person["name"].as_str().unwrap().to_owned();
    of["people"].as_array().unwrap().iter().map(name).collect()
}
