//! An authenticator made of software (WebAuthn level 2, attestation "none"), which also does what no honest one does:
//! its counter, its origin and its challenge are the test's to choose.

use super::practice::{Caller, Practice};
use aws_lc_rs::{
    digest::{SHA256, digest},
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};

const USER_PRESENT_AND_VERIFIED: u8 = 0b0000_0101;
const WITH_CREDENTIAL: u8 = 0b0100_0000;

/// One passkey and what keeps it.
pub struct Authenticator {
    /// Of the page that asks. A browser tells the truth here.
    pub origin: String,
    /// Grows with each use.
    pub counter: u32,
    key: EcdsaKeyPair,
    id: [u8; 16],
    user_handle: String,
    relying_party: String,
}

fn base64url(bytes: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// A byte string of CBOR, for up to 65,535 bytes.
fn cbor_bytes(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).unwrap().to_be_bytes();
    [&[0x59, length[0], length[1]], bytes].concat()
}

impl Authenticator {
    /// Makes a passkey in answer to `navigator.credentials.create` on a page of `origin`, and tells what it would send.
    pub fn create(origin: &str, question: &Value) -> (Self, Value) {
        let options = &question["publicKey"];
        assert_eq!(options["authenticatorSelection"]["residentKey"], "required", "{options}");
        assert_eq!(options["authenticatorSelection"]["userVerification"], "required", "{options}");
        let authenticator = Self {
            origin: origin.to_owned(),
            counter: 0,
            key: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap(),
            id: *uuid::Uuid::new_v4().as_bytes(),
            user_handle: options["user"]["id"].as_str().unwrap().to_owned(),
            relying_party: options["rp"]["id"].as_str().unwrap().to_owned(),
        };
        let answer = authenticator.registration(options["challenge"].as_str().unwrap());
        (authenticator, answer)
    }

    fn registration(&self, challenge: &str) -> Value {
        // An EC2 key of P-256 for ES256: {1: 2, 3: -7, -1: 1, -2: x, -3: y}.
        let point = self.key.public_key().as_ref();
        let (x, y) = (&point[1..33], &point[33..65]);
        let cose = [&[0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20], x, &[0x22, 0x58, 0x20], y].concat();
        let credential = [[0; 16].as_slice(), &[0, 16], &self.id, &cose].concat();
        let data = [self.data(USER_PRESENT_AND_VERIFIED | WITH_CREDENTIAL), credential].concat();
        // {"fmt": "none", "attStmt": {}, "authData": …}
        let object = [b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData".as_slice(), &cbor_bytes(&data)].concat();
        json!({
            "id": base64url(&self.id), "rawId": base64url(&self.id), "type": "public-key",
            "clientExtensionResults": {},
            "response": {
                "clientDataJSON": base64url(&self.client_data("webauthn.create", challenge)),
                "attestationObject": base64url(&object),
                "transports": ["internal"],
            },
        })
    }

    /// Answers `navigator.credentials.get`.
    pub fn get(&mut self, question: &Value) -> Value {
        self.answer(question["publicKey"]["challenge"].as_str().unwrap())
    }

    /// Answers a challenge, whoever posed it.
    pub fn answer(&mut self, challenge: &str) -> Value {
        self.counter += 1;
        let data = self.data(USER_PRESENT_AND_VERIFIED);
        let client_data = self.client_data("webauthn.get", challenge);
        let signed = [data.as_slice(), digest(&SHA256, &client_data).as_ref()].concat();
        let signature = self.key.sign(&SystemRandom::new(), &signed).unwrap();
        json!({
            "id": base64url(&self.id), "rawId": base64url(&self.id), "type": "public-key",
            "clientExtensionResults": {},
            "response": {
                "clientDataJSON": base64url(&client_data),
                "authenticatorData": base64url(&data),
                "signature": base64url(signature.as_ref()),
                "userHandle": self.user_handle,
            },
        })
    }

    fn data(&self, flags: u8) -> Vec<u8> {
        let party = digest(&SHA256, self.relying_party.as_bytes());
        [party.as_ref(), &[flags], &self.counter.to_be_bytes()].concat()
    }

    fn client_data(&self, kind: &str, challenge: &str) -> Vec<u8> {
        json!({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": false}).to_string().into()
    }
}

impl Practice {
    /// A passkey that somebody has, as a row: for what is done about it without using it. Its id.
    pub async fn old_passkey(&self, who: &Caller) -> String {
        let insert = format!(
            "INSERT INTO passkeys (id, user_id, credential_id, name, credential)
            VALUES (gen_random_uuid(), '{}', uuid_send(gen_random_uuid()), 'An old phone', '{{}}') RETURNING id",
            who.id
        );
        self.database.query(&insert).await.remove(0)
    }
}
