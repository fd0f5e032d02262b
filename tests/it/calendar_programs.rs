//! The calendar for programs, read by programs that people keep their calendars in: khal and calcurse, each with a reader
//! of its own. `.ci/run` installs them and sets `LEGATION_TEST_REQUIRE_CALENDARS`; where they are not there, the test
//! says so and passes by.

use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use legation::domain::access::Role;
use serde_json::json;

use super::app::{TestApp, on_each};
use super::make;
use super::month_pages::{opened, raw};
use super::pages::Browser;

fn are_there() -> bool {
    let is_there = |name: &&str| Command::new(name).arg("--version").output().is_ok();
    let missing: Vec<&str> = ["khal", "calcurse"].into_iter().filter(|name| !is_there(name)).collect();
    if missing.is_empty() {
        return true;
    }
    let required = std::env::var("LEGATION_TEST_REQUIRE_CALENDARS").is_ok();
    assert!(!required, "LEGATION_TEST_REQUIRE_CALENDARS is set, and there is no {}", missing.join(", no "));
    let words = format!("\nlegation: NOT READ by calendar programs, for want of {}\n", missing.join(", "));
    std::io::stderr().write_all(words.as_bytes()).unwrap();
    false
}

fn says(command: &mut Command) -> String {
    let done = command.env("LC_ALL", "C.UTF-8").output().unwrap();
    let (said, faults) = (String::from_utf8(done.stdout).unwrap(), String::from_utf8_lossy(&done.stderr));
    assert!(done.status.success() && faults.is_empty(), "{said}{faults}");
    said
}

/// What khal lists of a file after importing it: first and last day, and the summary.
fn khal(dir: &Path, file: &Path) -> String {
    let (config, events) = (dir.join("khal.conf"), dir.join("events"));
    std::fs::create_dir(&events).unwrap();
    let day = "%Y-%m-%d";
    let words = format!(
        "[calendars]\n[[feed]]\npath = {}\n[locale]\ndateformat = {day}\nlongdateformat = {day}\ntimeformat = %H:%M\n\
         datetimeformat = {day} %H:%M\nlongdatetimeformat = {day} %H:%M\n[default]\ndefault_calendar = feed\n\
         [sqlite]\npath = {}\n",
        events.display(),
        dir.join("khal.db").display(),
    );
    std::fs::write(&config, words).unwrap();
    let khal = || {
        let mut command = Command::new("khal");
        command.env("HOME", dir).arg("-c").arg(&config);
        command
    };
    says(khal().args(["import", "--batch", "-a", "feed"]).arg(file));
    let line = "{start-date} {end-date} {title}";
    says(khal().args(["list", "--once", "--day-format", "", "--format", line, "2026-03-01", "400d"]))
}

/// What calcurse keeps of a file after importing it.
fn calcurse(dir: &Path, file: &Path) -> String {
    let kept = dir.join("calcurse");
    std::fs::create_dir(&kept).unwrap();
    let mut import = Command::new("calcurse");
    says(import.env("HOME", dir).args(["-q", "-D"]).arg(&kept).arg("-C").arg(&kept).arg("-i").arg(file));
    std::fs::read_to_string(kept.join("apts")).unwrap()
}

fn permitted(app: &TestApp, from: &str, to: &str, no: u32) -> String {
    let mut body = make::body(app, from);
    body["departs_on"] = json!(to);
    let officer = app.as_(Role::Officer);
    let mut made = make::permitted_as(app, &officer, &body, no);
    made.seen(&officer)["code"].as_str().unwrap().to_owned()
}

#[test]
fn programs_of_people_show_the_same_days() {
    if !are_there() {
        return;
    }
    on_each(|app| {
        let visits = [
            ("2026-03-20", "2026-03-22", 1),
            ("2026-04-30", "2026-05-02", 11),
            ("2026-05-19", "2026-05-19", 21),
        ];
        let codes = visits.map(|(from, to, no)| permitted(app, from, to, no));
        let address = opened(&Browser::of(app, Role::Officer, app.world().union));
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("feed.ics");
        std::fs::write(&file, raw(app, None, ("GET", &address), None).text()).unwrap();
        let (listed, kept) = (khal(dir.path(), &file), calcurse(dir.path(), &file));
        for ((from, to, _), code) in visits.iter().zip(codes) {
            assert!(listed.contains(&format!("{from} {to} {code}")), "{listed}");
            let american = |day: &str| format!("{}/{}/{}", &day[5..7], &day[8..], &day[..4]);
            let days = format!("{} [1] {{1D -> {}}}", american(from), american(to));
            let one = format!("{} [1]", american(from));
            let line = kept.lines().find(|line| line.contains(&format!("{code} · "))).expect(&kept);
            assert!(line.starts_with(&days) || from == to && line.starts_with(&one), "{line}");
            // What is due of it too.
            let due = format!("Việc phải làm · {code}");
            assert!(kept.contains(&due) && listed.contains(&due), "{due} in {listed} {kept}");
        }
    });
}
