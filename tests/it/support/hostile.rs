//! Words that act where they are taken for more than words, and how a page shows that they did not.

use super::Browser;

/// What would run, or break out of its place, where text is taken for markup.
pub const MARKUP: &[&str] = &[
    "<script>window.hit = 1</script>",
    "\"><img src=x onerror=\"window.hit = 1\">",
    "<svg/onload=window.hit=1>",
    "</textarea></title></style><script>window.hit = 1</script>",
    "<a href=\"javascript:window.hit=1\">click</a>",
    "<iframe srcdoc=\"<script>parent.hit = 1</script>\"></iframe>",
    "{{ 7 * 7 }} ${window.hit = 1} <%= 7 %>",
    "' onmouseover='window.hit = 1' autofocus onfocus='window.hit = 1",
    "<meta http-equiv=refresh content=\"0;url=javascript:window.hit=1\">",
    "\u{202e}<b>turned around</b>",
];

/// What would begin another line, property or event where a calendar is written.
pub const CALENDAR: &[&str] = &[
    "Maya\r\nATTENDEE:mailto:eve@example.net",
    "Maya\nATTENDEE:mailto:eve@example.net",
    "Maya\rATTENDEE:mailto:eve@example.net",
    "Maya\r\n ATTENDEE:mailto:eve@example.net",
    "Maya\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nSUMMARY:Another",
    "Maya\u{2028}ATTENDEE:mailto:eve@example.net",
    "Maya\u{85}ATTENDEE:mailto:eve@example.net",
    "Maya\u{b}ATTENDEE:x\u{c}ATTENDEE:y",
    "Maya\\nATTENDEE:mailto:eve@example.net",
    "Maya;CN=\"x\":mailto:eve@example.net,\\,;\\;\\",
    "M\u{e1}y\u{e4} \u{6f22}\u{5b57} \u{1f98a} M\u{e1}y\u{e4} \u{6f22}\u{5b57} \u{1f98a} M\u{e1}y\u{e4} \u{6f22}\u{5b57} \u{1f98a} \u{6f22}\u{5b57}\u{6f22}\u{5b57}\u{6f22}\u{5b57}",
];

impl Browser {
    /// Nothing that somebody wrote became markup of this page, or ran.
    pub async fn is_inert(&self) {
        let made = "document.querySelectorAll('main script, main iframe, main meta, img[src=x], [onload], [onerror], [onfocus], [onmouseover], [href^=\"javascript:\"]').length";
        assert_eq!(self.eval(made).await, 0, "words became markup at {}", self.path().await);
        assert_eq!(self.eval("window.hit ?? 0").await, 0, "words ran at {}", self.path().await);
    }
}
