//! English.

use super::{Letter, Phrases, Unsubscribe};
use crate::notify::mail::SecurityNotice;

pub(super) const PHRASES: Phrases = Phrases {
    language: "en",
    footer: "This e-mail was sent automatically; nobody reads replies to it. We never ask for your password by e-mail. \
        In an emergency call 911; in a crisis call or text 988.",
    verify: Letter {
        subject: "Please confirm your e-mail address",
        paragraphs: &[
            "Somebody gave this e-mail address for an account. If it was you, confirm it with the button below. It works \
             once, until {time}.",
            "If it was not you, do not use the button, and let your practice know: without it, nothing happens.",
        ],
        action: "Confirm this address",
    },
    reset: Letter {
        subject: "Choose a new password",
        paragraphs: &[
            "A new password was asked for your account. Choose one with the button below. It works once, until {time}, \
             and ends all sessions of your account.",
            "If you did not ask for this, you need not do anything: your password stays as it is.",
        ],
        action: "Choose a new password",
    },
    invitation: Letter {
        subject: "You are invited to open an account",
        paragraphs: &[
            "{practice} invites you to open your account. The button below works once, until {time}. If you come later, \
             the page sends you a new one.",
            "If you do not know this practice, please ignore this e-mail.",
        ],
        action: "Open my account",
    },
    registered_already: Letter {
        subject: "You have an account already",
        paragraphs: &[
            "Somebody tried to register with this e-mail address, which has an account already. If it was you, just sign \
             in; if you have forgotten your password, the sign-in page helps you on.",
            "If it was not you, you need not do anything.",
        ],
        action: "Sign in",
    },
    happened_at: "It happened on {time}.",
    not_you: "If it was not you, choose a new password now and let your practice know.",
    to_security: "Look at my account",
    notice,
    page: Letter {
        subject: "Somebody needs you now",
        paragraphs: &[
            "Somebody needs you in Carehub now.",
            "Say that you have it with the button below. Until somebody does, others are called.",
        ],
        action: "I have it",
    },
    drill: Letter {
        subject: "DRILL: somebody needs you now",
        paragraphs: &[
            "DRILL, nobody is in danger: somebody needs you in Carehub now.",
            "Say that you have it with the button below, as if it were real. Until somebody does, others are called. DRILL.",
        ],
        action: "DRILL: I have it",
    },
    last_resort: Letter {
        subject: "Nobody has answered an emergency",
        paragraphs: &[
            "Nobody has answered an emergency in Carehub: everybody was called in vain. Somebody has to see to it now.",
        ],
        action: "See to it",
    },
    last_resort_drill: Letter {
        subject: "DRILL: nobody has answered an emergency",
        paragraphs: &["DRILL, nobody is in danger: nobody has answered in Carehub, and everybody was called in vain."],
        action: "DRILL: see to it",
    },
    phone_code: Letter {
        subject: "Your code",
        paragraphs: &["{code} is your code. Nobody from the practice will ask you for it. Until {time}."],
        action: "",
    },
    replies: [
        "You will get no more text messages from us. Answer START to get them again.",
        "You will get text messages again. Answer STOP to get none.",
        "These messages come from your practice's portal; nobody reads answers. In an emergency call 911; in a crisis \
         call or text 988. Answer STOP to get no more.",
        "Nobody reads messages to this number. In an emergency call 911; in a crisis call or text 988. To write to your \
         practice, sign in to the portal.",
    ],
    unsubscribe: Unsubscribe {
        language: "en",
        title: "No more e-mails that something is new?",
        explanation: "You will still find everything in the portal, and get e-mails about the security of your account.",
        action: "End these e-mails",
        done: "Done. You choose in your account what you are told of, and how.",
    },
};

fn notice(notice: SecurityNotice) -> (&'static str, &'static str) {
    match notice {
        SecurityNotice::NewSignIn => {
            ("A new sign-in", "Somebody signed in to your account from a place we have not seen.")
        }
        SecurityNotice::Registered => ("Your account is open", "Your account is open. You can sign in now."),
        SecurityNotice::PasswordChanged => ("Your password was changed", "The password of your account was changed."),
        SecurityNotice::EmailChanged => (
            "Your e-mail address was changed",
            "Your account has another e-mail address now. This one no longer signs in.",
        ),
        SecurityNotice::SecondFactorAdded => {
            ("Two-step sign-in is on", "Signing in to your account now asks for a code as well.")
        }
        SecurityNotice::SecondFactorRemoved => {
            ("Two-step sign-in is off", "Signing in to your account no longer asks for a code.")
        }
        SecurityNotice::BackupCodeUsed => {
            ("A backup code was used", "A backup code of your account was used to sign in.")
        }
        SecurityNotice::BackupCodesRenewed => {
            ("New backup codes", "New backup codes were made for your account. The old ones open nothing any more.")
        }
        SecurityNotice::PasskeyAdded => ("A passkey was added", "A passkey was added to your account."),
        SecurityNotice::PasskeyRemoved => ("A passkey was removed", "A passkey was removed from your account."),
        SecurityNotice::IdentityLinked => {
            ("Another way to sign in", "Your account was linked to an identity provider, which now opens it.")
        }
        SecurityNotice::IdentityUnlinked => {
            ("A way to sign in was removed", "An identity provider no longer opens your account.")
        }
        SecurityNotice::PhoneChanged => (
            "Your telephone number was changed",
            "The number for text messages of your account was changed or taken away.",
        ),
        SecurityNotice::AccountLocked => (
            "Your account was locked",
            "Your account was locked for half an hour, because a wrong password was given several times.",
        ),
        SecurityNotice::BreakGlass => {
            ("Emergency access was used", "Somebody used emergency access. Sign in to see who, when and why.")
        }
    }
}
