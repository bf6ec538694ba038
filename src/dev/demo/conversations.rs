//! What was said in the demo practice: routine talk between people who treat and are treated, nothing alarming.

use super::{
    diary,
    people::Who::{self, *},
};
use crate::threads::model::{Kind, Priority, Status};

/// When something was said, seen from the first start of the demo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// So many days ago (at least one), at this time of the practice's day.
    Day(i64, u32, u32),
    /// So many minutes ago.
    Minutes(i64),
}

/// Something that was said.
#[derive(Clone, Debug)]
pub struct Said {
    pub who: Who,
    pub when: When,
    pub kind: Kind,
    pub body: String,
}

/// A thread with all that was said in it.
#[derive(Clone, Debug)]
pub struct Conversation {
    pub subject: &'static str,
    pub client: Who,
    /// None: it lies in the practice's pool.
    pub assignee: Option<Who>,
    /// Others of the practice who take part.
    pub colleagues: Vec<Who>,
    pub status: Status,
    pub priority: Priority,
    pub said: Vec<Said>,
    /// How many of the last entries the client has not read yet.
    pub unread_by_client: usize,
    /// How many of the last entries the practice has not read yet.
    pub unread_by_staff: usize,
}

pub(super) fn say(who: Who, when: When, body: impl Into<String>) -> Said {
    Said { who, when, kind: Kind::Message, body: body.into() }
}

fn note(who: Who, when: When, body: &str) -> Said {
    Said { kind: Kind::Note, ..say(who, when, body) }
}

impl Conversation {
    fn new(subject: &'static str, client: Who, assignee: Option<Who>, said: Vec<Said>) -> Self {
        Self {
            subject,
            client,
            assignee,
            colleagues: Vec::new(),
            status: Status::Open,
            priority: Priority::Normal,
            said,
            unread_by_client: 0,
            unread_by_staff: 0,
        }
    }
}

/// Every thread of the demo.
pub fn all() -> Vec<Conversation> {
    vec![
        sleep_diary(),
        moving_a_session(),
        homework(),
        intake_form(),
        refill(),
        insurance_card(),
        parking(),
        letter_for_the_employer(),
    ]
}

use When::{Day, Minutes};

fn sleep_diary() -> Conversation {
    Conversation { unread_by_staff: 1, ..Conversation::new("Sleep diary", Eli, Some(Maya), diary::said()) }
}

fn moving_a_session() -> Conversation {
    let said = vec![
        say(
            Grace,
            Day(1, 9, 12),
            "Good morning! My daughter has a school event on Thursday afternoon. Is there any chance to move our 3 pm \
             session to later that day, or to Friday?",
        ),
        say(
            Dale,
            Day(1, 9, 40),
            "Good morning Grace, this is Dale from the front desk. On Thursday Dr. Lindqvist has 5:30 pm free, on \
             Friday 10 am and 1 pm. What suits you?",
        ),
        say(Grace, Day(1, 12, 5), "Friday at 10 would be perfect."),
        say(Dale, Day(1, 12, 20), "Done: Friday at 10 am, same room. You will get a reminder the day before."),
        note(Maya, Day(1, 13, 2), "Moved from Thursday. For Friday: pick up the list of evening routines."),
        say(
            Maya,
            Minutes(52),
            "Thank you for letting us know early, Grace. Enjoy the school event, and see you on Friday!",
        ),
    ];
    Conversation {
        colleagues: vec![Dale],
        unread_by_client: 1,
        ..Conversation::new("Moving Thursday's session", Grace, Some(Maya), said)
    }
}

fn homework() -> Conversation {
    let said = vec![
        say(
            Tomas,
            Day(6, 16, 45),
            "Hi Samir, as discussed today: once a day, write down one situation that made you tense, what went through \
             your mind, and one other way to look at it. Three lines are plenty.",
        ),
        say(Samir, Day(6, 18, 30), "Got it. Is it okay to do this on my phone?"),
        say(Tomas, Day(5, 8, 55), "Absolutely. Whatever makes it easy to do."),
        say(
            Samir,
            Day(2, 21, 15),
            "Four entries so far. The one about the team meeting was hard to turn around, the others got easier.",
        ),
        say(
            Tomas,
            Day(1, 9, 5),
            "That is a good week's work already. Bring the one about the meeting to our session, that is the one to \
             look at together.",
        ),
        say(Samir, Minutes(95), "Will do. One question: should I also write down the good moments?"),
        say(Samir, Minutes(93), "I noticed there were more than I expected :)"),
    ];
    Conversation { unread_by_staff: 2, ..Conversation::new("Homework for the week", Samir, Some(Tomas), said) }
}

fn intake_form() -> Conversation {
    let said = vec![
        say(
            Hannah,
            Day(3, 19, 22),
            "Hello, I am filling in the intake form and am not sure about the part on previous treatment. Do you need \
             exact dates? I only remember the years.",
        ),
        note(Dale, Day(2, 8, 31), "Form was assigned last week, first session is on Monday. Passing on to Joanna."),
        say(
            Joanna,
            Day(2, 9, 10),
            "Hello Hannah, welcome! The years are completely fine. If you remember roughly how long it lasted and what \
             helped, that is more useful to me than dates.",
        ),
        say(Hannah, Day(2, 9, 48), "Great, that I can do. Thank you for the quick answer!"),
        say(Joanna, Day(2, 9, 55), "You're welcome. See you on Monday at 2 pm your time, by video."),
    ];
    Conversation {
        colleagues: vec![Dale],
        ..Conversation::new("Question about the intake form", Hannah, Some(Joanna), said)
    }
}

fn refill() -> Conversation {
    let said = vec![
        say(
            Luis,
            Day(8, 10, 2),
            "Hi, the pharmacy says that my prescription has one refill left. Just letting you know.",
        ),
        say(Tomas, Day(8, 11, 30), "Thanks Luis. I will ask for the next one, so that it is ready in time."),
        say(
            Luis,
            Minutes(24),
            "I am travelling from tomorrow on and have tablets until Saturday only. The pharmacy has nothing from you \
             yet. Could somebody send the refill today?",
        ),
    ];
    Conversation {
        priority: Priority::Urgent,
        unread_by_staff: 1,
        ..Conversation::new("Refill before the weekend", Luis, Some(Tomas), said)
    }
}

fn insurance_card() -> Conversation {
    let said = vec![say(
        Mei,
        Minutes(140),
        "Hello, my insurance changed on the first of this month. Where can I send a picture of the new card, and do I \
         need to do anything else before my next appointment?",
    )];
    Conversation::new("New insurance card", Mei, None, said)
}

fn parking() -> Conversation {
    let said = vec![
        say(Eli, Day(40, 14, 10), "Is there parking at the new building, or should I take the bus?"),
        say(
            Dale,
            Day(40, 14, 35),
            "There are six places behind the building, entrance from Pine Street, free for two hours. Bus 22 stops \
             right in front, too.",
        ),
        say(Eli, Day(40, 14, 41), "Perfect, thanks!"),
    ];
    Conversation {
        status: Status::Closed,
        colleagues: vec![Dale],
        ..Conversation::new("Parking at the new office", Eli, Some(Maya), said)
    }
}

fn letter_for_the_employer() -> Conversation {
    let said = vec![
        say(
            Luis,
            Day(63, 11, 20),
            "Could you confirm in writing that I attend an appointment every second Tuesday morning? My employer asks \
             for it. No details, please.",
        ),
        say(
            Joanna,
            Day(63, 15, 5),
            "Of course. The letter says only that you have a regular medical appointment on Tuesday mornings. Dale has \
             it ready at the front desk.",
        ),
        say(Luis, Day(62, 8, 15), "Picked it up, thank you."),
    ];
    Conversation { status: Status::Closed, ..Conversation::new("Letter for my employer", Luis, Some(Joanna), said) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::threads::model::{SUBJECT_CHARACTERS, check_body};

    #[test]
    fn every_kind_of_thread_is_there_and_could_have_been_sent() {
        let all = all();
        assert!(all.iter().any(|thread| thread.assignee.is_none()), "one in the pool");
        assert!(all.iter().any(|thread| thread.status == Status::Closed));
        assert!(all.iter().any(|thread| thread.priority == Priority::Urgent));
        assert!(all.iter().any(|thread| thread.said.len() > 40), "one to page back through");
        for thread in &all {
            assert!(thread.subject.chars().count() <= SUBJECT_CHARACTERS);
            assert!(thread.unread_by_client.max(thread.unread_by_staff) <= thread.said.len());
            for said in &thread.said {
                assert!(check_body(&said.body).is_ok());
                let takes_part = said.who == thread.client
                    || Some(said.who) == thread.assignee
                    || thread.colleagues.contains(&said.who);
                assert!(takes_part, "{:?} in {}", said.who, thread.subject);
            }
        }
    }
}
