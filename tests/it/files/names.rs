//! Hostile names: whatever somebody calls a file, the name is shown as words and leads nowhere.

use super::{kept, pair, pdf};
use crate::support::practice::Practice;

/// Markup, paths, headers, directions of writing, names that systems keep for themselves, and what is too long.
pub const HOSTILE: &[&str] = &[
    "<img src=x onerror='window.hit = 1'>.pdf",
    "<script>window.hit = 1</script>.pdf",
    "\"><svg onload=window.hit=1>.pdf",
    "javascript:window.hit=1.pdf",
    "{{constructor.constructor('window.hit=1')()}}.pdf",
    "../../../../etc/passwd",
    "..\\..\\windows\\win.ini",
    "plan.pdf\r\nContent-Type: text/html\r\n\r\n<script>",
    "annual\u{202e}fdp.exe",
    "plan\u{200b}\u{feff}.pdf\0.exe",
    "/proc/self/environ",
    "plan.pdf; filename=\"evil.exe\"",
    "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    "CON",
    ".htaccess",
    "....",
    "=cmd|' /C calc'!A0.pdf",
    "$(reboot).pdf",
    "'; DROP TABLE objects; --.pdf",
    "\u{1f4a9}\u{301}\u{301}\u{301}.pdf",
    "   ",
];

#[actix_web::test]
async fn a_hostile_name_is_kept_as_words_and_becomes_no_path_header_or_markup() {
    let practice = Practice::start().await;
    let (ada, _) = pair(&practice).await;
    let long = "x".repeat(2_000) + ".pdf";
    let names = HOSTILE.iter().copied().chain([long.as_str()]);
    for (at, name) in names.enumerate() {
        let made = ada.upload("portal/documents", name, pdf("words")).await.expect(201);
        let shown = made["file"]["name"].as_str().unwrap();
        assert!(shown.ends_with(".pdf") && (5..=160).contains(&shown.chars().count()), "{name:?} became {shown:?}");
        let wrong = |c: char| {
            c.is_control()
                || "/\\<>:\"|?*".contains(c)
                || matches!(c, '\u{202a}'..='\u{202e}' | '\u{200b}' | '\u{feff}')
        };
        assert!(!shown.contains(wrong) && !shown.starts_with('.'), "{name:?} became {shown:?}");
        let link = format!("portal/documents/{}/download", made["id"].as_str().unwrap());
        let link = ada.get(&link).await.expect(200)["url"].as_str().unwrap().to_owned();
        let given = ada.fetch(&link).await;
        let header = |name: &str| given.headers()[name].to_str().unwrap().to_owned();
        let disposition = header("content-disposition");
        assert!(disposition.starts_with("attachment; filename=\""), "{disposition}");
        assert_eq!(disposition.matches('"').count(), 2, "{disposition}");
        assert_eq!(
            (header("content-type").as_str(), given.headers().get_all("content-type").iter().count()),
            ("application/pdf", 1)
        );
        assert_eq!(kept(&practice).len(), at + 1, "it lies where all files lie, under no name");
    }
    assert_eq!(
        practice.database.query("SELECT count(*) FROM objects WHERE state = 'stored'").await,
        [(HOSTILE.len() + 1).to_string()]
    );
}
