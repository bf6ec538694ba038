//! Web push, to browsers of a push service that checks signatures and decrypts.

use super::office::{Office, page};
use crate::support::{
    node::NodeServer,
    practice::{Caller, answer},
};
use carehub::{
    accounts::Role,
    notify::{Channel, outbox::Delivery},
};
use serde_json::{Value, json};
use std::time::Duration;

const LOOPBACK: (&str, &str) = ("CAREHUB_OUTGOING_LOOPBACK", "true");

/// A browser that subscribed.
struct Browser<'a> {
    service: &'a NodeServer,
    id: String,
}

impl<'a> Browser<'a> {
    async fn subscribe(service: &'a NodeServer, who: &Caller) -> Self {
        let key = who.get(&format!("{}/push-key", who.door())).await.expect(200)["publicKey"].clone();
        let options = json!({"userVisibleOnly": "true", "applicationServerKey": key});
        let made = ask(service, "subscribe", &options).await.expect(200)["data"].clone();
        let subscription = json!({"endpoint": made["endpoint"], "keys": made["keys"]});
        who.post(&format!("{}/push-subscriptions", who.door()), subscription).await.expect(201);
        Self { service, id: made["clientHash"].as_str().unwrap().to_owned() }
    }

    async fn messages(&self) -> Vec<Value> {
        let got = ask(self.service, "get-notifications", &json!({"clientHash": self.id})).await.expect(200);
        let messages = got["data"]["messages"].as_array().cloned().unwrap_or_default();
        messages.iter().map(|text| serde_json::from_str(text.as_str().unwrap()).unwrap()).collect()
    }

    async fn nth(&self, n: usize) -> Value {
        crate::support::eventually("a push message", Duration::from_secs(10), async || {
            self.messages().await.get(n - 1).cloned()
        })
        .await
    }
}

async fn ask(service: &NodeServer, path: &str, body: &Value) -> crate::support::practice::Answer {
    answer(reqwest::Client::new().post(format!("{}/{path}", service.url)).json(body).send().await.unwrap()).await
}

#[actix_web::test]
async fn a_browser_is_woken_with_words_that_say_nothing() {
    let service = NodeServer::start("push-service.mjs").await;
    let office = Office::open_with(&[LOOPBACK]).await;
    for role in [Role::Client, Role::Clinician] {
        let person = office.practice.person("Kim", role).await;
        let browser = Browser::subscribe(&service, &person).await;
        let id = office.page(&person, Channel::Push).await;
        let woken = browser.nth(1).await;
        let expected = json!({"title": "Somebody needs you now", "body": "Somebody needs you in Carehub now.",
            "url": "/ack/s3cret", "tag": id, "urgent": true});
        assert_eq!(woken, expected);
        office.becomes(id, "sent 1").await;
    }
}

#[actix_web::test]
async fn a_browser_that_is_gone_is_forgotten_after_one_try() {
    let service = NodeServer::start("push-service.mjs").await;
    let office = Office::open_with(&[LOOPBACK]).await;
    let kim = office.practice.person("Kim", Role::Clinician).await;
    let gone = Browser::subscribe(&service, &kim).await;
    let there = Browser::subscribe(&service, &kim).await;
    ask(&service, &format!("expire-subscription/{}", gone.id), &json!({})).await;
    let delivery = Delivery { urgent: true, ..Delivery::default() };
    let queued = office.queue(&kim, Channel::Push, page(false), delivery).await;
    office.becomes(queued[0], "bounced 1 push gone kept").await;
    office.becomes(queued[1], "sent 1").await;
    assert_eq!((gone.messages().await.len(), there.nth(1).await["urgent"].clone()), (0, json!(true)));
    let left = office.queue(&kim, Channel::Push, page(false), delivery).await;
    assert_eq!(left.len(), 1);
}

#[actix_web::test]
async fn a_browser_is_told_no_more_once_its_person_says_so() {
    let service = NodeServer::start("push-service.mjs").await;
    let office = Office::open_with(&[LOOPBACK]).await;
    let (kim, eve) =
        (office.practice.person("Kim", Role::Clinician).await, office.practice.person("Eve", Role::Clinician).await);
    Browser::subscribe(&service, &kim).await;
    let made = "SELECT count(*) FROM contact_points";
    let key = kim.get("ehr/push-key").await.expect(200)["publicKey"].clone();
    let options = json!({"userVisibleOnly": "true", "applicationServerKey": key});
    let other = ask(&service, "subscribe", &options).await.expect(200)["data"].clone();
    let subscription = json!({"endpoint": other["endpoint"], "keys": other["keys"]});
    for _ in 0..2 {
        kim.post("ehr/push-subscriptions", subscription.clone()).await.expect(201);
    }
    assert_eq!(office.practice.database.query(made).await, ["2"], "the same one twice is one");
    let endpoint = json!({"endpoint": other["endpoint"]});
    let delete = |who: &Caller| {
        let who = who.clone();
        let endpoint = endpoint.clone();
        async move { who.call(reqwest::Method::DELETE, "ehr/push-subscriptions", Some(endpoint)).await }
    };
    delete(&eve).await.refused(404, "notFound");
    delete(&kim).await.expect(204);
    delete(&kim).await.refused(404, "notFound");
    assert_eq!(office.practice.database.query(made).await, ["1"]);
}

#[actix_web::test]
async fn nobody_makes_the_hub_call_what_is_inside() {
    let office = Office::open().await;
    let kim = office.practice.person("Kim", Role::Clinician).await;
    let keys = json!({"auth": "_ordMnz7uTCmrpBTeUV4Bw",
        "p256dh": "BLn9b-VR0ca83knDNZ32dCHGyjJp-1riX9ZTN40MqV8K_LpQmLqxC_DoHvqvFXO_nGdAB4W9dogZb_sM-uV4JbY"});
    for endpoint in [
        "http://127.0.0.1:5432/",
        "https://127.0.0.1/",
        "https://localhost/",
        "https://[::1]/",
        "https://169.254.169.254/latest/meta-data/",
        "https://2852039166/",
        "https://10.0.0.1/",
        "https://[::ffff:192.168.0.1]/",
        "http://push.example.org/",
        "file:///etc/passwd",
        "https://user:word@push.example.org/",
    ] {
        let refused = kim.post("ehr/push-subscriptions", json!({"endpoint": endpoint, "keys": keys})).await;
        assert_eq!(refused.refused(422, "invalid")["errors"][0]["pointer"], "/endpoint", "{endpoint}");
    }
    for (pointer, keys) in [
        ("/keys/p256dh", json!({"auth": keys["auth"], "p256dh": "AAAA"})),
        ("/keys/auth", json!({"auth": "AAAA", "p256dh": keys["p256dh"]})),
    ] {
        let odd = json!({"endpoint": "https://push.example.org/x", "keys": keys});
        let refused = kim.post("ehr/push-subscriptions", odd).await.refused(422, "invalid");
        assert_eq!(refused["errors"][0]["pointer"], pointer);
    }
    assert_eq!(office.practice.database.query("SELECT count(*) FROM contact_points").await, ["0"]);
}

#[actix_web::test]
async fn what_wakes_browsers_is_served_at_one_address_and_checked_each_time() {
    let office = Office::open().await;
    let served = office.practice.request(reqwest::Method::GET, "/push-worker.js").send().await.unwrap();
    assert_eq!(served.status(), 200);
    assert_eq!(served.headers()["cache-control"], "no-cache");
    assert_eq!(served.headers()["content-type"], "text/javascript; charset=utf-8");
    assert!(served.text().await.unwrap().contains("showNotification"));
}
