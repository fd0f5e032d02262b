//! How the values of entries are named: `reason`, `/title` and `/members/{id}` (a field of a dossier), `state.from`,
//! `note:{id}`, `attendance/{id}`.

use uuid::Uuid;

/// A name taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named<'n> {
    /// A member of a dossier, by its pointer.
    Member(&'n str),
    /// A field of a dossier's content, by its pointer.
    Field(&'n str),
    /// Something of one of several things: what, and the id or code of the thing.
    Of(&'n str, &'n str),
    /// Something, as it was before.
    Before(&'n str),
    /// Something, as it was after.
    After(&'n str),
    /// Something.
    Plain(&'n str),
}

impl<'n> Named<'n> {
    /// Takes a name apart.
    #[must_use]
    pub fn of(name: &'n str) -> Self {
        if name.starts_with("/members/") {
            return Self::Member(name);
        }
        if name.starts_with('/') {
            return Self::Field(name);
        }
        if let Some((what, of)) = name.split_once([':', '/']) {
            return Self::Of(what, of);
        }
        match name.rsplit_once('.') {
            Some((what, "from")) => Self::Before(what),
            Some((what, "to")) => Self::After(what),
            Some((what, no)) if no.bytes().all(|b| b.is_ascii_digit()) => Self::Of(what, no),
            _ => Self::Plain(name),
        }
    }
}

/// The pieces of a value between spaces and signs: ids stand whole among them.
pub fn pieces(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive(|c: char| !(c.is_alphanumeric() || c == '-' || c == '_'))
}

/// The ids in a value.
pub fn ids(text: &str) -> impl Iterator<Item = Uuid> {
    let bare = |piece: &str| piece.get(..36)?.parse().ok();
    pieces(text).filter_map(bare)
}

#[cfg(test)]
mod tests {
    use super::{Named, ids, pieces};

    #[test]
    fn ids_are_found_in_a_value() {
        let id = "019cac46-1500-702b-b79b-ad44efdb6007";
        let text = format!("auditor {id}, {id}");
        let found: Vec<String> = ids(&text).map(|id| id.to_string()).collect();
        assert_eq!(found, [id, id]);
        assert_eq!(pieces(&text).collect::<String>(), text);
        assert_eq!(ids("Họp lúc 08:30 - chuyến 019cac46").count(), 0);
    }

    #[test]
    fn names_are_taken_apart() {
        assert_eq!(Named::of("/members/0199"), Named::Member("/members/0199"));
        assert_eq!(Named::of("/title"), Named::Field("/title"));
        assert_eq!(Named::of("note:0199"), Named::Of("note", "0199"));
        assert_eq!(Named::of("attendance/0199"), Named::Of("attendance", "0199"));
        assert_eq!(Named::of("email.from"), Named::Before("email"));
        assert_eq!(Named::of("email.to"), Named::After("email"));
        assert_eq!(Named::of("grant.2"), Named::Of("grant", "2"));
        assert_eq!(Named::of("IN-POLICE-COPY/2026-03-20"), Named::Of("IN-POLICE-COPY", "2026-03-20"));
        assert_eq!(Named::of("reason"), Named::Plain("reason"));
    }
}
