//! The arrows between the rooms, held against the sources.

use std::path::{Path, PathBuf};

/// A room, the words it must not know, and why.
const WALLS: [(&str, &[&str], &str); 11] = [
    (
        "src/domain",
        &[
            "actix_web",
            "diesel",
            "lettre",
            "tokio",
            "rand::",
            "std::fs",
            "std::net",
            "std::env",
            "Utc::now",
            "crate::store",
            "crate::service",
            "crate::http",
            "crate::mail",
            "crate::vault",
            "crate::jobs",
            "crate::cli",
            "crate::config",
            "crate::clock",
            "crate::startup",
        ],
        "the domain knows nobody",
    ),
    (
        "src/store",
        &[
            "actix_web",
            "lettre",
            "crate::service",
            "crate::http",
            "crate::mail",
            "crate::vault",
            "crate::jobs",
            "crate::cli",
        ],
        "the store knows the domain alone, and moves sealed bytes without opening them",
    ),
    (
        "src/service",
        &[
            "actix_web",
            "diesel",
            "lettre",
            "crate::http",
            "crate::mail",
            "crate::jobs",
            "crate::cli",
            "crate::startup",
        ],
        "use cases know domain, store and vault",
    ),
    ("src/http", &["diesel", "lettre", "crate::jobs", "crate::cli", "std::fs"], "handlers call one use case"),
    ("src/jobs", &["actix_web", "diesel", "crate::http", "crate::cli"], "jobs call use cases"),
    (
        "src/demo",
        &["actix_web", "diesel", "lettre", "crate::http", "crate::cli"],
        "the demo is told through use cases",
    ),
    (
        "src/depot.rs",
        &[
            "actix_web",
            "diesel",
            "crate::store",
            "crate::service",
            "crate::http",
            "crate::vault",
            "crate::domain",
        ],
        "the depot moves bytes",
    ),
    (
        "src/mail",
        &["actix_web", "diesel", "crate::store", "crate::service", "crate::http"],
        "mail knows no dossier",
    ),
    (
        "src/report",
        &["actix_web", "diesel", "crate::store", "crate::service", "crate::http"],
        "rendering is pure",
    ),
    (
        "src/paper",
        &["actix_web", "diesel", "crate::store", "crate::service", "crate::http", "Utc::now", "Local::now"],
        "the press knows no dossier and no clock",
    ),
    (
        "src/vault",
        &["actix_web", "diesel", "crate::store", "crate::service", "crate::http"],
        "sealing knows no table",
    ),
];

fn sources(folder: &Path) -> Vec<PathBuf> {
    if folder.is_file() {
        return vec![folder.to_owned()];
    }
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
    found
}

/// Lines of code that name a forbidden word; words in comments are no arrows.
fn trespasses(text: &str, words: &[&str]) -> Vec<String> {
    let code = |line: &&str| !line.trim_start().starts_with("//");
    let names = |line: &&str| words.iter().any(|word| line.contains(word));
    text.lines().filter(code).filter(names).map(str::to_owned).collect()
}

#[test]
fn the_rooms_keep_their_walls() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    for (room, words, why) in WALLS {
        let files = sources(&root.join(room));
        assert!(!files.is_empty(), "{room} is empty: the wall guards nothing");
        for file in files {
            for line in trespasses(&std::fs::read_to_string(&file).unwrap(), words) {
                found.push(format!(
                    "{}: {} ({why})",
                    file.strip_prefix(root).unwrap().display(),
                    line.trim()
                ));
            }
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn a_hole_would_be_seen() {
    assert_eq!(trespasses("use diesel::prelude::*;\n// diesel\nlet a = 1;", &["diesel"]).len(), 1);
}

#[test]
fn each_module_begins_with_what_it_is() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let silent = |path: &PathBuf| !std::fs::read_to_string(path).unwrap().trim_start().starts_with("//!");
    let without: Vec<PathBuf> = sources(&root)
        .into_iter()
        .filter(silent)
        .filter(|path| !path.to_string_lossy().ends_with("tests.rs"))
        .collect();
    assert!(without.is_empty(), "{without:#?}");
}
