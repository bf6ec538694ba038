//! No text makes the detector of crisis phrases panic, or slow.

use carehub::emergency::phrases::Detector;
use proptest::prelude::*;
use rustix::time::{ClockId, clock_gettime};
use std::time::Duration;

/// As long as a message may be, in characters.
const LONGEST: usize = 8_000;

fn filled(with: &str) -> String {
    with.chars().cycle().take(LONGEST).collect()
}

/// Processor time of this thread, which other work on the machine does not add to.
fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.try_into().unwrap(), time.tv_nsec.try_into().unwrap())
}

/// The quickest of a few tries.
fn takes(detector: &Detector, text: &str) -> Duration {
    let once = || {
        let began = processor_time();
        std::hint::black_box(detector.look(text));
        processor_time() - began
    };
    (0..5).map(|_| once()).min().unwrap()
}

#[test]
fn the_longest_message_of_anything_takes_time_in_proportion_to_its_length() {
    let detector = Detector::built_in();
    for with in [
        "a",
        "i ",
        "i want to ",
        "i am not going to kill myself ",
        "i do not want to i can not i will not ",
        "not ",
        "k i l l ",
        "\"he said \"",
        "*k*",
        "a*b#c@d$e!f",
        "4",
        "\u{FDFA}",
        "e\u{301}",
        "\u{200B}x",
        "😀",
        "matarme no quiero ",
        "my friend said \"i want to die\" years ago ",
        ". ",
        "'",
    ] {
        let (whole, part) = (filled(with), filled(with).chars().take(LONGEST / 8).collect::<String>());
        let (long, short) = (takes(&detector, &whole), takes(&detector, &part));
        // Eight times the length; what would grow with the square takes 64 times as long.
        assert!(
            long < short * 32 + Duration::from_millis(2),
            "{with:?}: {short:?}, and {long:?} for eight times as much"
        );
        assert!(long < Duration::from_millis(250), "{with:?} takes {long:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_it_panic(text in any::<String>()) {
        Detector::built_in().look(&text);
    }

    #[test]
    fn what_stands_around_cannot_hide_an_emergency(
        before in "[a-z0-9 ,.!?\u{e9}\u{1F600}\n]{0,80}",
        after in "[a-z0-9 ,.!?\u{e9}\u{1F600}\n]{0,80}",
    ) {
        let text = format!("{before}. I want to kill myself. {after}");
        prop_assert!(Detector::built_in().look(&text).is_some(), "{}", text);
    }
}
