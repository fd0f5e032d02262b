//! The calendar as the service starts with it: built-in files, and a folder of one's own.

use std::fs;

use chrono::NaiveDate;
use legation::domain::calendar::Unit;
use legation::startup::calendar;

fn d(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

#[test]
fn a_folder_adds_to_the_built_in_files_and_replaces_those_of_the_same_name() {
    let folder = tempfile::tempdir().unwrap();
    let day = |date: &str, kind: &str| {
        format!(
            "\n[[day]]\ndate = {date}\nkind = \"{kind}\"\nname_vi = \"Tết Nguyên đán\"\nname_en = \"Lunar New Year\"\n\
             source = \"QĐ 1/QĐ-TTg\"\nconfidence = \"CITY\"\n"
        )
    };
    // Nothing there: the built-in files alone. What is no `.toml` is not looked at.
    fs::write(folder.path().join("README.md"), "year = x").unwrap();
    let plain = calendar(Some(folder.path())).unwrap();
    assert!(!plain.covers(2027) && plain.is_working(d("2027-02-08")));

    let decided = format!("year = 2027\ncomplete = true\n{}", day("2027-02-04\nto = 2027-02-10", "holiday"));
    fs::write(folder.path().join("vn-2027.toml"), decided).unwrap();
    fs::write(folder.path().join("our-house.toml"), day("2026-06-15", "closure")).unwrap();
    let own = calendar(Some(folder.path())).unwrap();
    assert!(own.covers(2027) && own.covers(2026) && !own.is_working(d("2027-02-08")));
    assert_eq!(own.before(d("2027-02-11"), 1, Unit::WorkingDay), d("2027-02-03"));
    assert!(own.is_working(d("2027-04-16")), "replaced, not merged");
    assert!(!own.is_working(d("2026-06-15")) && !own.is_working(d("2026-02-16")), "added");

    fs::write(folder.path().join("our-house.toml"), day("2026-02-16", "closure")).unwrap();
    let twice = calendar(Some(folder.path())).unwrap_err().to_string();
    assert!(twice.contains("2026-02-16 stands in our-house.toml, line 3 already"), "{twice}");
    fs::write(folder.path().join("our-house.toml"), day("2026-06-15", "party")).unwrap();
    let bad = calendar(Some(folder.path())).unwrap_err().to_string();
    assert!(bad.starts_with("calendar: our-house.toml, line 4: unknown variant `party`"), "{bad}");
    let nowhere = calendar(Some(&folder.path().join("nowhere"))).unwrap_err().to_string();
    assert!(nowhere.contains("calendar.dir") && nowhere.contains("nowhere"), "{nowhere}");
}
