//! The PCL-5: how much somebody was bothered by the twenty symptoms of PTSD (DSM-5) in the past month. Made by the
//! National Center for PTSD of the United States Department of Veterans Affairs; a work of the government, in the public
//! domain. In English alone: translations exist, but none whose exact wording was at hand. No answer of it means danger.

use super::{Band, Instrument, Item, Part, Scoring, Wording, Words, words};

/// Twenty items, with a sum for each cluster of symptoms.
pub static PCL_5: Instrument = Instrument {
    id: "pcl-5",
    version: "1",
    name: "PCL-5",
    items: &[
        Item::counted("1"),
        Item::counted("2"),
        Item::counted("3"),
        Item::counted("4"),
        Item::counted("5"),
        Item::counted("6"),
        Item::counted("7"),
        Item::counted("8"),
        Item::counted("9"),
        Item::counted("10"),
        Item::counted("11"),
        Item::counted("12"),
        Item::counted("13"),
        Item::counted("14"),
        Item::counted("15"),
        Item::counted("16"),
        Item::counted("17"),
        Item::counted("18"),
        Item::counted("19"),
        Item::counted("20"),
    ],
    // National Center for PTSD: a cut-point between 31 and 33 is indicative of probable PTSD. There are no published
    // bands of severity, hence none here: below it, in it, above it.
    scoring: Scoring::Sum {
        bands: &[
            Band {
                from: 0,
                code: "belowCutPoint",
                en: "Below the suggested cut-point",
                es: "Por debajo del punto de corte",
            },
            Band { from: 31, code: "atCutPoint", en: "At the suggested cut-point", es: "En el punto de corte" },
            Band {
                from: 34,
                code: "aboveCutPoint",
                en: "Above the suggested cut-point",
                es: "Por encima del punto de corte",
            },
        ],
        parts: &[
            Part { code: "B", name: "Intrusion (1–5)", items: 0..=4 },
            Part { code: "C", name: "Avoidance (6–7)", items: 5..=6 },
            Part { code: "D", name: "Negative changes in cognition and mood (8–14)", items: 7..=13 },
            Part { code: "E", name: "Arousal and reactivity (15–20)", items: 14..=19 },
        ],
    },
    wordings: &[ENGLISH],
    attribution: "Weathers, F. W., Litz, B. T., Keane, T. M., Palmieri, P. A., Marx, B. P., & Schnurr, P. P. (2013). The \
        PTSD Checklist for DSM-5 (PCL-5) – Standard. National Center for PTSD. In the public domain.",
    sources: &[
        "National Center for PTSD, https://www.ptsd.va.gov/professional/assessment/adult-sr/ptsd-checklist.asp",
        "Blevins CA, Weathers FW, Davis MT, Witte TK, Domino JL. The Posttraumatic Stress Disorder Checklist for DSM-5 \
         (PCL-5). J Trauma Stress 2015;28:489-498",
        "Bovin MJ et al. Psychometric properties of the PTSD Checklist for DSM-5 in veterans. Psychol Assess \
         2016;28:1379-1391",
    ],
};

const ENGLISH: Wording = Wording {
    language: "en",
    // To the letter, also where a screen has nothing to circle and no right.
    instruction: "Below is a list of problems that people sometimes have in response to a very stressful experience. Please \
        read each problem carefully and then circle one of the numbers to the right to indicate how much you have been \
        bothered by that problem in the past month. In the past month, how much were you bothered by:",
    items: ENGLISH_ITEMS,
    scales: &[&["Not at all", "A little bit", "Moderately", "Quite a bit", "Extremely"]],
};

const ENGLISH_ITEMS: &[Words] = &[
    words("Repeated, disturbing, and unwanted memories of the stressful experience?"),
    words("Repeated, disturbing dreams of the stressful experience?"),
    words(
        "Suddenly feeling or acting as if the stressful experience were actually happening again (as if you were \
         actually back there reliving it)?",
    ),
    words("Feeling very upset when something reminded you of the stressful experience?"),
    words(
        "Having strong physical reactions when something reminded you of the stressful experience (for example, heart \
         pounding, trouble breathing, sweating)?",
    ),
    words("Avoiding memories, thoughts, or feelings related to the stressful experience?"),
    words(
        "Avoiding external reminders of the stressful experience (for example, people, places, conversations, \
         activities, objects, or situations)?",
    ),
    words("Trouble remembering important parts of the stressful experience?"),
    words(
        "Having strong negative beliefs about yourself, other people, or the world (for example, having thoughts such \
         as: I am bad, there is something seriously wrong with me, no one can be trusted, the world is completely \
         dangerous)?",
    ),
    words("Blaming yourself or someone else for the stressful experience or what happened after it?"),
    words("Having strong negative feelings such as fear, horror, anger, guilt, or shame?"),
    words("Loss of interest in activities that you used to enjoy?"),
    words("Feeling distant or cut off from other people?"),
    words(
        "Trouble experiencing positive feelings (for example, being unable to feel happiness or have loving feelings for \
         people close to you)?",
    ),
    words("Irritable behavior, angry outbursts, or acting aggressively?"),
    words("Taking too many risks or doing things that could cause you harm?"),
    words("Being “superalert” or watchful or on guard?"),
    words("Feeling jumpy or easily startled?"),
    words("Having difficulty concentrating?"),
    words("Trouble falling or staying asleep?"),
];
