//! Where what a dossier says is written: the page and the control of each field.

use super::controls;
use crate::domain::ids::DossierId;

/// Where a field is filled in.
#[must_use]
pub fn of(id: DossierId, pointer: &str) -> String {
    let dossier = format!("/delegations/{id}");
    match pointer.split('/').nth(1) {
        // It is said where the dossier is submitted.
        Some("contains_no_state_secret") => format!("#{}", controls::id(pointer)),
        Some(page @ ("members" | "papers")) => format!("{dossier}/{page}"),
        _ => format!("{dossier}/edit#{}", on_the_form(pointer)),
    }
}

/// Lists have a section of their own on the form, what has parts begins with one of them; everything else has a control.
fn on_the_form(pointer: &str) -> String {
    let row = pointer.rsplit('/').next().is_some_and(|last| last.parse::<usize>().is_ok());
    let list = pointer.split('/').nth(1).unwrap_or_default();
    match (list, pointer) {
        ("programme" | "groups" | "stays" | "funding", whole) if row || whole.matches('/').count() == 1 => {
            list.to_owned()
        }
        (_, "/request_letter") => controls::id("/request_letter/number"),
        (_, "/contact") => controls::id("/contact/name"),
        (_, "/ngo_registration") => controls::id("/ngo_registration/number"),
        (_, "/plan") => controls::id("/plan/status"),
        (_, "/co_host_ids" | "/countries") => controls::id(&format!("{pointer}/0")),
        (_, other) => controls::id(other),
    }
}

#[cfg(test)]
mod tests {
    use super::on_the_form;

    #[test]
    fn a_list_has_a_section_and_a_cell_has_a_control() {
        for (pointer, place) in [
            ("/title", "f-title"),
            ("/programme", "programme"),
            ("/programme/1", "programme"),
            ("/programme/1/what", "f-programme-1-what"),
            ("/countries", "f-countries-0"),
            ("/plan", "f-plan-status"),
        ] {
            assert_eq!(on_the_form(pointer), place, "{pointer}");
        }
    }
}
