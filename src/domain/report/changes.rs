//! What became different since a return was closed: figures, and dossiers with the values that differ. It compares two
//! returns as they were written, so that it can read one that an older program froze.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::domain::codes::codes;

codes! {
    /// What happened to a dossier of a closed period.
    Kind {
        /// It was not in the closed return.
        Added = "added",
        /// It is in the period no longer.
        Removed = "removed",
        /// It says something else.
        Changed = "changed",
    }
}

/// A figure of the overview that is another one now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FigureChange {
    /// Part of the overview.
    pub section: String,
    /// Row.
    pub id: String,
    /// What the row is called.
    pub label: String,
    /// In the period, as closed.
    pub before: u64,
    /// In the period, now.
    pub after: u64,
}

/// A value of a dossier that is another one now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ValueChange {
    /// Where it stands: `annex1/visits`.
    pub path: String,
    /// As closed.
    pub before: Value,
    /// Now.
    pub after: Value,
}

/// A dossier that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DossierChange {
    /// Id.
    pub id: String,
    /// Official number.
    pub code: String,
    /// What happened to it.
    pub kind: Kind,
    /// What differs.
    pub values: Vec<ValueChange>,
}

/// What differs between two returns of one period.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Differences {
    /// Figures.
    pub figures: Vec<FigureChange>,
    /// Dossiers, in order of id.
    pub dossiers: Vec<DossierChange>,
}

/// The tables that have a row for a dossier, each dossier once.
const TABLES: [&str; 3] = ["/annex1/rows", "/annex2/rows", "/dossiers"];
/// Numbers of rows differ by what stands above them.
const NOT_COMPARED: [&str; 2] = ["no", "id"];

/// Compares a closed return with one of now, both as JSON.
#[must_use]
pub fn between(closed: &Value, now: &Value) -> Differences {
    let (before, after) = (dossiers(closed), dossiers(now));
    let mut ids: Vec<&String> = before.keys().chain(after.keys()).collect();
    ids.sort_unstable();
    ids.dedup();
    let change = |id: &String| {
        let (old, new) = (before.get(id), after.get(id));
        let kind = match (old, new) {
            (None, _) => Kind::Added,
            (_, None) => Kind::Removed,
            _ => Kind::Changed,
        };
        let values = values(old, new);
        let code = new.or(old).and_then(|row| row.get("dossiers/code")).and_then(|code| code.as_str());
        let code = code.unwrap_or_default().to_owned();
        (!values.is_empty()).then(|| DossierChange { id: id.clone(), code, kind, values })
    };
    Differences { figures: figures(closed, now), dossiers: ids.into_iter().filter_map(change).collect() }
}

type Row<'v> = BTreeMap<String, &'v Value>;

/// What each dossier says, by table and name.
fn dossiers(form: &Value) -> BTreeMap<String, Row<'_>> {
    let mut all: BTreeMap<String, Row<'_>> = BTreeMap::new();
    for pointer in TABLES {
        let table = pointer.trim_start_matches('/').trim_end_matches("/rows");
        for row in form.pointer(pointer).and_then(Value::as_array).into_iter().flatten() {
            let Some(id) = row.get("id").and_then(Value::as_str) else { continue };
            let said = all.entry(id.to_owned()).or_default();
            for (name, value) in row.as_object().into_iter().flatten() {
                if !NOT_COMPARED.contains(&name.as_str()) {
                    said.insert(format!("{table}/{name}"), value);
                }
            }
        }
    }
    all
}

fn values(old: Option<&Row<'_>>, new: Option<&Row<'_>>) -> Vec<ValueChange> {
    let mut paths: Vec<&String> = old.into_iter().chain(new).flat_map(BTreeMap::keys).collect();
    paths.sort_unstable();
    paths.dedup();
    let value = |row: Option<&Row<'_>>, path: &str| {
        row.and_then(|row| row.get(path)).map(|value| (*value).clone()).unwrap_or_default()
    };
    let change = |path: &String| {
        let (before, after) = (value(old, path), value(new, path));
        (before != after).then(|| ValueChange { path: path.clone(), before, after })
    };
    paths.into_iter().filter_map(change).collect()
}

fn figures(closed: &Value, now: &Value) -> Vec<FigureChange> {
    let rows = |form: &Value| -> BTreeMap<(String, String), (String, u64)> {
        let text =
            |row: &Value, name: &str| row.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let rows = form.get("overview").and_then(Value::as_array).into_iter().flatten();
        let figure = |row: &Value| row.get("in_period").and_then(Value::as_u64).unwrap_or_default();
        rows.map(|row| ((text(row, "section"), text(row, "id")), (text(row, "label"), figure(row)))).collect()
    };
    let (before, after) = (rows(closed), rows(now));
    let mut keys: Vec<&(String, String)> = before.keys().chain(after.keys()).collect();
    keys.sort_unstable();
    keys.dedup();
    let change = |key: &(String, String)| {
        let (old, new) = (before.get(key), after.get(key));
        let figure = |row: Option<&(String, u64)>| row.map_or(0, |(_, figure)| *figure);
        let label = new.or(old).map(|(label, _)| label.clone()).unwrap_or_default();
        (figure(old) != figure(new)).then(|| FigureChange {
            section: key.0.clone(),
            id: key.1.clone(),
            label,
            before: figure(old),
            after: figure(new),
        })
    };
    keys.into_iter().filter_map(change).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn form(visits: u64, dossiers: &[(&str, u64)]) -> Value {
        let rows = |each: &dyn Fn(&(&str, u64)) -> Value| dossiers.iter().map(each).collect::<Vec<_>>();
        json!({
            "overview": [{"section": "main", "id": "visits", "label": "Lượt khách", "in_period": visits}],
            "annex1": {"rows": rows(&|(id, visits)| json!({"id": id, "no": 1, "visits": visits}))},
            "annex2": {"rows": []},
            "dossiers": rows(&|(id, _)| json!({"id": id, "code": format!("DV-{id}")})),
        })
    }

    #[test]
    fn the_same_return_does_not_differ() {
        let closed = form(5, &[("a", 2), ("b", 3)]);
        assert_eq!(between(&closed, &closed), Differences::default());
    }

    #[test]
    fn what_was_added_removed_and_changed_is_named() {
        let (closed, now) = (form(5, &[("a", 2), ("b", 3)]), form(6, &[("b", 4), ("c", 2)]));
        let found = between(&closed, &now);
        let kinds: Vec<(&str, &str, Kind)> =
            found.dossiers.iter().map(|one| (one.id.as_str(), one.code.as_str(), one.kind)).collect();
        assert_eq!(
            kinds,
            [("a", "DV-a", Kind::Removed), ("b", "DV-b", Kind::Changed), ("c", "DV-c", Kind::Added)]
        );
        let visits = ValueChange { path: "annex1/visits".to_owned(), before: json!(3), after: json!(4) };
        assert_eq!(found.dossiers[1].values, [visits]);
        assert_eq!((found.figures[0].before, found.figures[0].after), (5, 6));
    }
}
