//! `carehub bench-phrases`: how long a look for crisis phrases takes, which every message of a client waits for.

use crate::emergency::phrases::Detector;
use std::{
    hint::black_box,
    time::{Duration, Instant},
};

const LOOKS: u32 = 20_000;
/// As long as a message may be.
const LONGEST: usize = 8_000;

const ORDINARY: &str = "I wanted to let you know that the exercise you suggested helped me a lot this week, though I still \
                        have trouble sleeping when my brother calls late, and I think we should talk about it next time.";
const DENIED: &str = "I am not going to kill myself. ";

pub fn run() {
    let began = Instant::now();
    let detector = Detector::built_in();
    println!("reading the lists         {:>12.1?}", began.elapsed());
    for (name, text, looks) in [
        ("a message of 200 bytes", ORDINARY.to_owned(), LOOKS),
        ("8,000 characters of these", ORDINARY.chars().cycle().take(LONGEST).collect(), LOOKS / 40),
        ("8,000 of nothing but denials", DENIED.chars().cycle().take(LONGEST).collect(), LOOKS / 40),
    ] {
        let mut took: Vec<Duration> = (0..looks).map(|_| look(&detector, &text)).collect();
        took.sort_unstable();
        let at = |hundredth: usize| took[(took.len() - 1) * hundredth / 100];
        println!("{name:<28} p50 {:>10.1?}   p99 {:>10.1?}", at(50), at(99));
    }
}

fn look(detector: &Detector, text: &str) -> Duration {
    let began = Instant::now();
    black_box(detector.look(black_box(text)));
    began.elapsed()
}
