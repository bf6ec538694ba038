//! The document of a policy, as it is sent and stored. Knows the bounds of its fields; whether somebody is reached by it
//! is another question.

use crate::{emergency::rota::Layer, error::FieldError, ids::UserId, notify::Channel};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, ops::RangeInclusive, time::Duration};
use utoipa::ToSchema;

/// More steps than that nobody waits for.
const STEPS: RangeInclusive<usize> = 1..=10;
const ROUNDS: RangeInclusive<u8> = 1..=10;
/// Less leaves no time to open the page, more is no emergency.
const ACKNOWLEDGE_WITHIN: RangeInclusive<Duration> = Duration::from_secs(30)..=Duration::from_secs(1_800);
const SILENCE: RangeInclusive<Duration> = Duration::from_secs(60)..=Duration::from_secs(86_400);
const LANGUAGES: usize = 20;
const WORDS_CHARACTERS: usize = 500;

/// Whom an emergency calls, in which order, and what happens when nobody comes.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    pub steps: Vec<Step>,
    /// How many times all steps are gone through before the last resort.
    pub rounds: u8,
    /// After so many seconds without a word from whoever acknowledged, it starts again.
    #[serde(rename = "silenceSeconds", with = "seconds")]
    #[schema(value_type = u64)]
    pub silence: Duration,
    pub last_resort: LastResort,
}

/// Some people, called at once.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = EscalationStep)]
pub struct Step {
    pub target: Target,
    /// By each that the person has.
    pub channels: Vec<Channel>,
    /// After so many seconds without an acknowledgement, the next step follows.
    #[serde(rename = "acknowledgeWithinSeconds", with = "seconds")]
    #[schema(value_type = u64)]
    pub acknowledge_within: Duration,
}

/// Who is called.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum Target {
    /// Who looks after the thread.
    Assigned,
    /// Who is on call.
    OnCall,
    /// Who is on call behind them.
    Backup,
    /// Every clinician of the practice, on leave or not.
    AllClinicians,
}

/// When all steps were gone through in vain.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LastResort {
    /// The practice's telephone, as +15125550100: it gets a text message, and staff and client are told to call it.
    pub phone: Option<String>,
    /// Who answers that telephone: its text message then has a link by which they take the emergency. None: it leads to
    /// the sign-in.
    #[serde(default)]
    pub answered_by: Option<UserId>,
    /// What the client reads then, by language (ISO 639-1); languages without words of the practice get the built-in
    /// ones.
    #[serde(default)]
    pub client_is_told: BTreeMap<String, String>,
}

impl Target {
    /// As stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Assigned => "assigned",
            Self::OnCall => "onCall",
            Self::Backup => "backup",
            Self::AllClinicians => "allClinicians",
        }
    }

    /// In which layer of the rota they are; None: in none.
    pub fn layer(self) -> Option<Layer> {
        match self {
            Self::OnCall => Some(Layer::OnCall),
            Self::Backup => Some(Layer::Backup),
            Self::Assigned | Self::AllClinicians => None,
        }
    }

    /// In a sentence, as whom it calls.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Assigned => "the assigned clinician",
            Self::OnCall => "whoever is on call",
            Self::Backup => "the backup",
            Self::AllClinicians => "all clinicians",
        }
    }
}

impl Plan {
    /// What a practice has that switched on none of its own: assigned, on call, backup, all clinicians, by every channel,
    /// twice, then the practice itself.
    pub fn built_in() -> Self {
        let step = |target, seconds| Step {
            target,
            channels: vec![Channel::InApp, Channel::Email, Channel::Sms, Channel::Push],
            acknowledge_within: Duration::from_secs(seconds),
        };
        Self {
            steps: vec![
                step(Target::Assigned, 180),
                step(Target::OnCall, 300),
                step(Target::Backup, 300),
                step(Target::AllClinicians, 600),
            ],
            rounds: 2,
            silence: Duration::from_secs(1_800),
            last_resort: LastResort::default(),
        }
    }

    /// What is wrong with single fields; the pointers start at `/`.
    pub fn field_errors(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        let mut refuse = |pointer: String, message: String| errors.push(FieldError { pointer, message });
        if !STEPS.contains(&self.steps.len()) {
            refuse("/steps".into(), format!("Between {} and {} steps.", STEPS.start(), STEPS.end()));
        }
        for (at, step) in self.steps.iter().enumerate() {
            if !ACKNOWLEDGE_WITHIN.contains(&step.acknowledge_within) {
                refuse(format!("/steps/{at}/acknowledgeWithinSeconds"), between(&ACKNOWLEDGE_WITHIN));
            }
            if (1..step.channels.len()).any(|next| step.channels[..next].contains(&step.channels[next])) {
                refuse(format!("/steps/{at}/channels"), "Name each channel once.".into());
            }
        }
        if !ROUNDS.contains(&self.rounds) {
            refuse("/rounds".into(), format!("Between {} and {} rounds.", ROUNDS.start(), ROUNDS.end()));
        }
        if !SILENCE.contains(&self.silence) {
            refuse("/silenceSeconds".into(), between(&SILENCE));
        }
        if self.last_resort.phone.as_deref().is_some_and(|phone| !is_e164(phone)) {
            let message = "Write the number with its country, digits only, such as +15125550100.";
            refuse("/lastResort/phone".into(), message.into());
        }
        if self.last_resort.phone.is_none() && self.last_resort.answered_by.is_some() {
            refuse("/lastResort/answeredBy".into(), "Give the telephone that this person answers.".into());
        }
        let told = &self.last_resort.client_is_told;
        if told.len() > LANGUAGES {
            refuse("/lastResort/clientIsTold".into(), format!("At most {LANGUAGES} languages."));
        }
        for (language, words) in told {
            if language.len() != 2 || !language.bytes().all(|c| c.is_ascii_lowercase()) {
                refuse("/lastResort/clientIsTold".into(), "Name languages by two letters, such as en.".into());
            }
            if words.trim().is_empty() || words.chars().count() > WORDS_CHARACTERS {
                let message = format!("Between 1 and {WORDS_CHARACTERS} characters.");
                refuse(format!("/lastResort/clientIsTold/{}", language.replace(['~', '/'], "")), message);
            }
        }
        errors
    }
}

fn between(bounds: &RangeInclusive<Duration>) -> String {
    format!("Between {} and {} seconds.", bounds.start().as_secs(), bounds.end().as_secs())
}

/// ITU-T E.164: a plus, then 8 to 15 digits, the first of them not zero.
fn is_e164(text: &str) -> bool {
    let Some(digits) = text.strip_prefix('+') else { return false };
    (8..=15).contains(&digits.len()) && digits.bytes().all(|c| c.is_ascii_digit()) && !digits.starts_with('0')
}

/// Durations as whole seconds.
mod seconds {
    use serde::{Deserialize, Deserializer, Serializer};
    use std::time::Duration;

    pub fn serialize<S: Serializer>(duration: &Duration, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_u64(duration.as_secs())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        u64::deserialize(from).map(Duration::from_secs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_plan_is_within_its_own_bounds_and_comes_back_as_it_was_stored() {
        let plan = Plan::built_in();
        assert!(plan.field_errors().is_empty());
        let stored = serde_json::to_string(&plan).unwrap();
        assert!(stored.contains(r#""acknowledgeWithinSeconds":180"#), "{stored}");
        assert_eq!(serde_json::from_str::<Plan>(&stored).unwrap(), plan);
    }

    #[test]
    fn every_field_out_of_bounds_is_named() {
        let mut plan = Plan::built_in();
        plan.steps[1].acknowledge_within = Duration::from_secs(29);
        plan.steps[2].channels = vec![Channel::Sms, Channel::Email, Channel::Sms];
        plan.rounds = 0;
        plan.silence = Duration::from_secs(86_401);
        plan.last_resort.phone = Some("512-555-0100".into());
        plan.last_resort.client_is_told = [("EN".into(), "Call us.".into()), ("es".into(), " ".into())].into();
        let errors = plan.field_errors();
        let pointers: Vec<_> = errors.iter().map(|error| error.pointer.as_str()).collect();
        let expected = [
            "/steps/1/acknowledgeWithinSeconds",
            "/steps/2/channels",
            "/rounds",
            "/silenceSeconds",
            "/lastResort/phone",
            "/lastResort/clientIsTold",
            "/lastResort/clientIsTold/es",
        ];
        assert_eq!(pointers, expected);
    }

    #[test]
    fn telephone_numbers_are_those_of_e164() {
        for (text, good) in [
            ("+15125550100", true),
            ("+4930123456", true),
            ("15125550100", false),
            ("+05125550100", false),
            ("+1512555", false),
            ("+1234567890123456", false),
            ("+1 512 5550100", false),
            ("+1512555010a", false),
        ] {
            assert_eq!(is_e164(text), good, "{text}");
        }
    }
}
