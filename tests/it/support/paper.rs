//! What stands in a PDF, as poppler reads it.

use std::{path::Path, process::Command};

/// Its words, line by line as they are set.
pub fn read(at: &Path) -> String {
    let text = Command::new("pdftotext").args(["-layout", "-enc", "UTF-8"]).arg(at).arg("-").output();
    let text = text.expect("pdftotext is not there; ./scripts/test installs it");
    assert!(text.status.success(), "{}", String::from_utf8_lossy(&text.stderr));
    String::from_utf8(text.stdout).unwrap()
}
