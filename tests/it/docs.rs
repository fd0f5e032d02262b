//! What can be generated is generated: diagram, matrix and configuration reference in the documents are what the code
//! says. `LEGATION_WRITE_DOCS=1 cargo test docs` writes them anew.

use std::path::{Path, PathBuf};

use legation::domain::rulebook::{Book, examples};
use legation::domain::{access, dossier};
use legation::service::rules;

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn writing() -> bool {
    std::env::var("LEGATION_WRITE_DOCS").is_ok()
}

/// Compares, or writes, what stands between `<!-- name -->` and `<!-- /name -->`.
fn block(name: &str, generated: &str) {
    let file = path("ARCHITECTURE.md");
    let text = std::fs::read_to_string(&file).unwrap();
    let (begin, end) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
    let (before, rest) = text.split_once(&begin).expect(name);
    let (present, after) = rest.split_once(&end).expect(name);
    if writing() {
        std::fs::write(&file, format!("{before}{begin}{generated}{end}{after}")).unwrap();
    } else {
        assert_eq!(present, generated, "{name}: LEGATION_WRITE_DOCS=1 cargo test docs");
    }
}

#[test]
fn the_documents_say_what_the_code_says() {
    block("state diagram", &format!("```mermaid\n{}```\n", dossier::diagram()));
    block("access matrix", &access::matrix());
    let (file, generated) = (path("docs/configuration.md"), legation::config::reference());
    if writing() {
        std::fs::create_dir_all(path("docs")).unwrap();
        std::fs::write(&file, &generated).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap(), generated, "LEGATION_WRITE_DOCS=1 cargo test docs");
}

/// Every shipped rule with its examples, each of which is run by a test of the rulebook.
#[test]
fn the_examples_of_the_rules_are_readable() {
    let book = Book::read(&rules::shipped()).unwrap();
    let text = std::fs::read_to_string(path("config/rulebook/examples.toml")).unwrap();
    let generated = examples::table(&book, &examples::read(&text).unwrap());
    let file = path("config/rulebook/EXAMPLES.md");
    if writing() {
        std::fs::write(&file, &generated).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap(), generated, "LEGATION_WRITE_DOCS=1 cargo test docs");
}
