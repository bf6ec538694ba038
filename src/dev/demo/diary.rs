//! One long conversation: a sleep diary over five weeks, so that there is something to page back through.

use super::{
    conversations::{Said, When, say},
    people::Who::{Eli, Maya},
};

const DAYS: i64 = 35;

const NIGHTS: [&str; 7] = [
    "Asleep around 11:30, awake once at 3, up at 6:45.",
    "Took a while, maybe midnight. Slept through until 6:30.",
    "No screen after 10 pm as agreed. Asleep by 11, up at 7.",
    "Restless. Awake from 2 to 3:15, read a few pages, then slept.",
    "Good night! About seven and a half hours.",
    "Late dinner with friends, bed at 1. Slept in until 9.",
    "Seven hours, one short wake-up. Coffee only before noon.",
];

const ANSWERS: [&str; 5] = [
    "Thank you for keeping this up, Eli. Getting up when you cannot sleep, instead of watching the clock, is exactly \
     right.",
    "The week looks steadier than the last one. Let us keep the getting-up time, also on the weekend, and see what it \
     does.",
    "I like the evenings without a screen. What was different on the restless night, if anything?",
    "Several good nights. Notice what you did on those evenings, we will talk about it on Tuesday.",
    "That is a real change compared with the beginning. How do you feel during the day now?",
];

/// An entry each morning, and an answer at the end of each week.
pub(super) fn said() -> Vec<Said> {
    let mut said = vec![say(
        Maya,
        When::Day(DAYS + 1, 16, 30),
        "Hi Eli, as agreed today: a short note here each morning about the night before. A line is enough, and gaps \
         are no problem.",
    )];
    for (day, night) in (1..=DAYS).rev().zip(NIGHTS.iter().cycle()) {
        let rested = 5 + (day * 5) % 4;
        let mood = 4 + (DAYS - day) / 8 + day % 2;
        said.push(say(Eli, When::Day(day, 7, 50), format!("{night} Rested: {rested} of 10. Mood: {mood} of 10.")));
        if day % 7 == 1 {
            let week = usize::try_from((DAYS - day) / 7).unwrap_or_default();
            said.push(say(Maya, When::Day(day, 12, 10), ANSWERS[week % ANSWERS.len()]));
        }
    }
    said.push(say(
        Eli,
        When::Minutes(11),
        "Less tired, honestly. I walked to work twice this week. Should I bring the whole list on Tuesday, or do you \
         have it here?",
    ));
    said
}
