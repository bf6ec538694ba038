use std::{fs, path::PathBuf, process::Command};

/// The parts of the scripts that can do without a browser have their tests in `tests/pages`.
#[test]
fn the_scripts_of_the_pages_pass_their_own_tests() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/pages");
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let tests: Vec<PathBuf> = files.filter(|file| file.to_string_lossy().ends_with(".test.mjs")).collect();
    assert!(!tests.is_empty());
    let run = Command::new("node").args(["--test", "--test-reporter=tap"]).args(&tests).output();
    let run = run.expect("Node runs these tests; scripts/test installs it (Debian: apt-get install nodejs)");
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success(), "{said}{}", String::from_utf8_lossy(&run.stderr));
    assert!(said.contains("# fail 0") && !said.contains("# pass 0"), "{said}");
}
