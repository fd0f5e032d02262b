//! The configuration reference: the comments of the defaults as Markdown.

use std::fmt::Write;

use super::DEFAULTS;
use super::layers::variable;

/// Every setting with its variable, default and meaning, as Markdown. A test keeps the document that is
/// published equal to it.
#[must_use]
pub fn reference() -> String {
    let mut text = String::from("# Configuration reference\n");
    let mut section = String::new();
    let mut comments: Vec<&str> = Vec::new();
    for line in DEFAULTS.lines() {
        if let Some(comment) = line.strip_prefix("# ") {
            comments.push(comment);
            continue;
        }
        let meaning = std::mem::take(&mut comments).join(" ");
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            name.clone_into(&mut section);
            heading(&mut text, &section, &meaning);
        } else if let Some((name, default)) = line.split_once(" = ") {
            row(&mut text, &format!("{section}.{name}"), default, &meaning);
        } else if !meaning.is_empty() {
            // The words at the head of the file.
            let _ = writeln!(text, "\n{meaning}");
        }
    }
    text
}

fn heading(text: &mut String, section: &str, meaning: &str) {
    let _ = writeln!(text, "\n## `[{section}]`\n\n{meaning}\n");
    let _ = writeln!(text, "| Setting | Variable | Default | Meaning |\n|---|---|---|---|");
}

fn row(text: &mut String, name: &str, default: &str, meaning: &str) {
    let meaning = meaning.replace('|', "\\|");
    let _ = writeln!(text, "| `{name}` | `{}` | `{default}` | {meaning} |", variable(name));
}
