//! Where one meets over video: for two people, and for a while.

use super::{Office, ahead};
use carehub::accounts::Role;
use jsonwebtoken::{DecodingKey, Validation};
use serde_json::{Value, json};

const SECRET: &str = "a secret of the video server";
const JITSI: [(&str, &str); 3] =
    [("JITSI_URL", "https://meet.example.org"), ("JITSI_APP_ID", "carehub"), ("JITSI_APP_SECRET", SECRET)];

/// An appointment over video that is confirmed, and begins in so many minutes.
async fn begins_in(office: &Office, minutes: i64) -> String {
    let body = json!({"client": office.ann.id, "clinician": office.maya.id, "startsAt": ahead(40), "mode": "video"});
    let made = office.maya.post("ehr/appointments", body).await.expect(201);
    let id = made["items"][0]["id"].as_str().unwrap().to_owned();
    let begin = format!(
        "UPDATE appointments SET during = tstzrange(at, at + interval '50 minutes'), taken = tstzrange(at, at + interval
            '1 hour') FROM (SELECT now() + interval '{minutes} minutes' AS at) soon WHERE id = '{id}'"
    );
    office.sql(&begin).await;
    id
}

#[actix_web::test]
async fn a_room_opens_for_its_two_parties_with_a_token_for_this_room_and_time() {
    let office = Office::open_with(&JITSI).await;
    let appointment = begins_in(&office, 9).await;
    let mut rooms = Vec::new();
    for (who, door) in [(&office.ann, "portal"), (&office.maya, "ehr")] {
        let place = who.get(&format!("{door}/appointments/{appointment}/join")).await.expect(200);
        let (room, token) = place["url"].as_str().unwrap().split_once("?jwt=").unwrap();
        let mut validation = Validation::new(jsonwebtoken::Algorithm::HS256);
        validation.set_audience(&["jitsi"]);
        validation.set_issuer(&["carehub"]);
        // It counts from ten minutes before, and that is so now.
        validation.validate_nbf = true;
        let key = DecodingKey::from_secret(SECRET.as_bytes());
        let claims = jsonwebtoken::decode::<Value>(token, &key, &validation).unwrap().claims;
        assert_eq!(room, format!("https://meet.example.org/{}", claims["room"].as_str().unwrap()));
        assert_eq!(claims["exp"].as_i64().unwrap() - claims["nbf"].as_i64().unwrap(), 60 * 60);
        let user = json!({"id": who.id, "moderator": who.role == Role::Clinician});
        assert_eq!((&claims["sub"], &claims["context"]["user"]), (&json!("meet.example.org"), &user));
        assert!(!claims.to_string().contains("Field"), "the server learns no name");
        rooms.push(room.to_owned());
    }
    assert_eq!(rooms[0], rooms[1]);
    assert!(!rooms[0].contains(&appointment), "the room is not guessed from the appointment");
    // Whoever else may see it may not come in.
    office.flo.get(&format!("ehr/appointments/{appointment}/join")).await.refused(404, "notFound");
}

#[actix_web::test]
async fn a_room_is_shut_before_and_after_and_for_what_is_not_confirmed_or_not_over_video() {
    let office = Office::open_with(&JITSI).await;
    for minutes in [11, -51] {
        let appointment = begins_in(&office, minutes).await;
        office.ann.get(&format!("portal/appointments/{appointment}/join")).await.refused(409, "conflict");
        office.maya.get(&format!("ehr/appointments/{appointment}/join")).await.refused(409, "conflict");
        office.sql("UPDATE appointments SET state = 'cancelled', cancelled_by = 'practice'").await;
    }
    let appointment = begins_in(&office, -49).await;
    let join = format!("portal/appointments/{appointment}/join");
    office.ann.get(&join).await.expect(200);
    office.sql("UPDATE appointments SET mode = 'phone'").await;
    office.ann.get(&join).await.refused(409, "conflict");
    office.sql("UPDATE appointments SET mode = 'video', state = 'requested' WHERE state <> 'cancelled'").await;
    office.ann.get(&join).await.refused(409, "conflict");
}

#[actix_web::test]
async fn a_clinicians_own_link_is_used_where_there_is_one() {
    let office = Office::open().await;
    let appointment = begins_in(&office, 5).await;
    let join = format!("portal/appointments/{appointment}/join");
    office.ann.get(&join).await.refused(409, "conflict");
    let mut week = super::around_the_clock(1);
    week["roomUrl"] = json!("https://video.example.org/maya");
    office.maya.put("ehr/availability", week).await.expect(200);
    assert_eq!(office.ann.get(&join).await.expect(200)["url"], "https://video.example.org/maya");
}
