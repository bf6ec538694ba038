//! No PHI outside: a practice full of marked words is told of everything by every channel, and none of the marks leaves.

use super::office::{Office, page};
use carehub::{
    accounts::Role,
    clock::Clock,
    notify::{
        Channel, Mail,
        content::{Content, PhoneCode},
        kind::Kind,
        mail::SecurityNotice,
        outbox::Delivery,
        told::{Digest, Told},
        wording::{self, Setting, short},
    },
};
use serde_json::json;

const MARK: &str = "canaryphi";
const KIM: &str = "+15125550123";

/// Every message there is, with marks in every field that somebody's words could reach. Whoever adds a kind cannot leave
/// it out: the match does not compile then.
fn all() -> Vec<Content> {
    let at = Clock::system().now();
    let path = || "/ack/s3cret".to_owned();
    let told = Kind::ALL
        .map(|kind| Content::Told(Told { kind, path: kind.path(true, Some(uuid::Uuid::now_v7())), confirm: None }));
    let digest = Digest { counts: Kind::ALL.map(|kind| (kind, 2)).to_vec(), path: "/notifications".into() };
    let mut all = vec![
        Content::Mail(Mail::VerifyEmail { path: path(), expires_at: at }),
        Content::Mail(Mail::ResetPassword { path: path(), expires_at: at }),
        // The name of a practice is the one word of somebody's that leaves: an invitation has to say whose it is.
        Content::Mail(Mail::Invitation { practice: "Elm Street".into(), path: path(), expires_at: at }),
        Content::Mail(Mail::RegisteredAlready { path: path() }),
        Content::Mail(Mail::Security { notice: SecurityNotice::PhoneChanged, at }),
        Content::Page(page(false)),
        Content::Page(page(true)),
        Content::LastResort(page(false)),
        Content::LastResort(page(true)),
        Content::PhoneCode(PhoneCode { code: "123456".into(), expires_at: at }),
        Content::Digest(digest),
    ];
    all.extend(told);
    for content in &all {
        match content {
            Content::Mail(
                Mail::VerifyEmail { .. }
                | Mail::ResetPassword { .. }
                | Mail::Invitation { .. }
                | Mail::RegisteredAlready { .. }
                | Mail::Security { .. },
            )
            | Content::Page(_)
            | Content::LastResort(_)
            | Content::PhoneCode(_)
            | Content::Told(_)
            | Content::Digest(_) => {}
        }
    }
    all
}

#[test]
fn a_drill_is_one_on_every_channel_and_in_every_language() {
    let hub = "https://portal.example.org".parse().unwrap();
    let setting = Setting { hub: &hub, zone: chrono_tz::UTC };
    for language in ["en", "es"] {
        for drill in [false, true] {
            for content in [Content::Page(page(drill)), Content::LastResort(page(drill))] {
                let mail = wording::of(&content, language, setting);
                let wake = short::wake(carehub::ids::OutboxId::new(), &content, language, setting, true);
                let every = [
                    mail.subject,
                    mail.paragraphs[0].clone(),
                    mail.action.unwrap().label.to_owned(),
                    short::text(&content, language, setting),
                    wake.title,
                    wake.body,
                ];
                for text in every {
                    let says = text.contains("DRILL") || text.contains("SIMULACRO");
                    assert_eq!(says, drill, "{language}: {text}");
                }
            }
        }
    }
}

#[test]
fn no_words_of_a_message_are_left_to_fill_in() {
    let hub = "https://portal.example.org".parse().unwrap();
    for language in ["en", "es", "fr"] {
        for content in all() {
            let setting = Setting { hub: &hub, zone: chrono_tz::UTC };
            let wording = wording::of(&content, language, setting);
            let text = format!(
                "{} {} {}",
                wording.subject,
                wording.paragraphs.join(" "),
                short::text(&content, language, setting)
            );
            assert!(!text.contains(['{', '}']) && !wording.subject.is_empty(), "{text}");
            assert!(!text.chars().any(char::is_control), "{text:?}");
        }
    }
}

#[actix_web::test]
async fn nothing_of_anybody_leaves_the_hub_by_any_channel() {
    let office = Office::open().await;
    let kim = office.person(&format!("{MARK} Kim"), Role::Clinician, KIM).await;
    let ada = office.practice.person(&format!("{MARK} Ada"), Role::Client).await;
    office.practice.cares(&kim, &ada).await;
    let thread = ada.open(MARK, MARK).await;
    kim.claim(&thread).await.expect(200);
    kim.post(&format!("ehr/threads/{thread}/reply"), json!({"body": MARK})).await.expect(201);
    kim.post(&format!("ehr/threads/{thread}/notes"), json!({"body": MARK})).await.expect(201);
    let mut last = None;
    for content in all() {
        for channel in [Channel::Sms, Channel::Email] {
            last = office
                .queue(&kim, channel, content.clone(), Delivery { expires_at: None, ..Delivery::default() })
                .await
                .pop();
        }
    }
    assert!(last.is_some());
    let waiting = "SELECT count(*) FROM outbox WHERE state = 'waiting'";
    crate::support::eventually("everything to be sent", std::time::Duration::from_secs(60), async || {
        (office.practice.database.query(waiting).await == ["0"]).then_some(())
    })
    .await;
    let texts = office.twilio.texts(KIM);
    let mails = office.mail.arrived(&kim.email);
    assert!(texts.len() >= 4 && mails.len() >= 4, "{} and {}", texts.len(), mails.len());
    let told = texts.iter().map(|text| text.body.clone()).chain(mails.into_iter().map(|mail| mail.text));
    for text in told {
        assert!(!text.to_lowercase().contains(MARK), "{text}");
    }
    assert!(!office.practice.hub.logged().contains(MARK));
}
