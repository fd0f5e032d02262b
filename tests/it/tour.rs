//! The README's tour, run as it is printed against the real demo.

use std::path::Path;
use std::process::{Command, Stdio};

use super::process::Process;

/// What the tour must have shown, in this order.
const SHOWN: [&str; 10] = [
    "\"username\":\"hanh\"",
    "\"state\":\"draft\"",
    "MARTIN Claire",
    "\"state\":\"submitted\"",
    "\"code\":\"forbidden\"",
    "\"state\":\"received\"",
    "\"waits_for\":\"decide\"",
    "\"state\":\"issued\"",
    "\"inbound_delegations\": 57",
    "delegation.closed",
];

#[test]
fn the_tour_of_the_readme_shows_what_it_says() {
    let readme = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let tour = readme.split("<!-- tour -->").nth(1).unwrap().split("<!-- /tour -->").next().unwrap();
    let script = tour.trim().trim_start_matches("```sh").trim_end_matches("```");
    if Command::new("curl").arg("--version").stdout(Stdio::null()).status().is_err() {
        assert!(std::env::var("CI").is_err(), "curl is needed");
        eprintln!("not run: this machine has no curl");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut demo = Process::start(&["demo", "--json", "--addr", "127.0.0.1:0"], &[], folder.path());
    let printed: serde_json::Value = serde_json::from_str(&demo.line()).unwrap();
    let mut shell = Command::new("bash");
    shell.args(["-eu", "-c", script]).env("API", printed["url"].as_str().unwrap());
    let output = shell.output().unwrap();
    let shown = String::from_utf8_lossy(&output.stdout).into_owned();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{shown}\n{said}");
    let mut rest = shown.as_str();
    for expected in SHOWN {
        let at =
            rest.find(expected).unwrap_or_else(|| panic!("{expected} is not shown after:\n{shown}\n{said}"));
        rest = &rest[at..];
    }
}
