//! The people of the demo practice. All invented; their addresses are in domains that are reserved for examples.

use crate::accounts::Role;

/// The practice.
pub const PRACTICE_NAME: &str = "Harbor Lane Counseling";
/// Where the practice is.
pub const PRACTICE_TIME_ZONE: &str = "America/Chicago";
/// The password of everybody in the demo.
pub const PASSWORD: &str = "harbor-lane-demo";

/// Somebody in the demo; also their place in [`PEOPLE`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    Ruth,
    Dale,
    Maya,
    Tomas,
    Joanna,
    Eli,
    Grace,
    Samir,
    Hannah,
    Luis,
    Mei,
}

/// What the demo knows of somebody.
#[derive(Clone, Copy, Debug)]
pub struct DemoPerson {
    pub who: Who,
    pub role: Role,
    pub name: &'static str,
    pub email: &'static str,
    pub time_zone: &'static str,
}

const fn person(who: Who, role: Role, name: &'static str, email: &'static str, time_zone: &'static str) -> DemoPerson {
    DemoPerson { who, role, name, email, time_zone }
}

/// Everybody in the demo, in the order of [`Who`].
pub const PEOPLE: [DemoPerson; 11] = [
    person(Who::Ruth, Role::Admin, "Ruth Okafor", "ruth.okafor@example.org", PRACTICE_TIME_ZONE),
    person(Who::Dale, Role::Staff, "Dale Whitcomb", "dale.whitcomb@example.org", PRACTICE_TIME_ZONE),
    person(Who::Maya, Role::Clinician, "Maya Lindqvist, PhD", "maya.lindqvist@example.org", PRACTICE_TIME_ZONE),
    person(Who::Tomas, Role::Clinician, "Tomás Herrera, LCSW", "tomas.herrera@example.org", PRACTICE_TIME_ZONE),
    person(Who::Joanna, Role::Clinician, "Joanna Birch, LMFT", "joanna.birch@example.org", PRACTICE_TIME_ZONE),
    person(Who::Eli, Role::Client, "Eli Novak", "eli.novak@example.com", PRACTICE_TIME_ZONE),
    person(Who::Grace, Role::Client, "Grace Oyelaran", "grace.oyelaran@example.com", PRACTICE_TIME_ZONE),
    person(Who::Samir, Role::Client, "Samir Haddad", "samir.haddad@example.com", PRACTICE_TIME_ZONE),
    person(Who::Hannah, Role::Client, "Hannah Brandt", "hannah.brandt@example.com", "America/New_York"),
    person(Who::Luis, Role::Client, "Luis Ortega", "luis.ortega@example.com", PRACTICE_TIME_ZONE),
    person(Who::Mei, Role::Client, "Mei Tanaka", "mei.tanaka@example.com", "America/Los_Angeles"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_stands_where_they_are_looked_up() {
        for (place, person) in PEOPLE.iter().enumerate() {
            assert_eq!(person.who as usize, place, "{}", person.name);
        }
    }

    #[test]
    fn the_password_would_be_accepted_and_the_zones_exist() {
        assert!(PASSWORD.len() >= 12);
        for person in PEOPLE {
            person.time_zone.parse::<chrono_tz::Tz>().unwrap();
        }
    }
}
