//! Which changes after approval are material: they open a revision that must be approved again.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::text;

/// Which changes after approval need a new approval (`practice.md` section 2), as data.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Material {
    /// Fields of the content that are material whatever the change.
    pub fields: Vec<String>,
    /// What is material about members.
    pub members: MaterialMembers,
    /// What is material about unnamed groups.
    pub groups: MaterialGroups,
    /// What is material about the programme.
    pub programme: MaterialProgramme,
}

/// What is material about members.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct MaterialMembers {
    /// An addition or replacement.
    pub added: bool,
    /// A removal.
    pub removed: bool,
    /// Another head.
    pub head: bool,
    /// Another nationality.
    pub nationality: bool,
}

/// What is material about unnamed groups.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct MaterialGroups {
    /// A further group.
    pub added: bool,
    /// More guests than approved.
    pub planned_more: bool,
    /// Another nationality.
    pub country: bool,
    /// Naming a guest within count and nationality.
    pub named: bool,
}

/// What is material about the programme.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct MaterialProgramme {
    /// Items in these zones.
    pub zones: Vec<String>,
    /// Press conferences.
    #[serde(default)]
    pub press_conferences: bool,
}

impl Material {
    /// Whether a change at `pointer` needs a new approval.
    #[must_use]
    pub fn is_material(&self, pointer: &str, before: Option<&Value>, after: Option<&Value>) -> bool {
        let mut parts = pointer.trim_start_matches('/').split('/');
        match parts.next().unwrap_or_default() {
            "members" => self.member(before, after),
            "groups" => self.group(before, after),
            "programme" => special_items(before, &self.programme) != special_items(after, &self.programme),
            field => self.fields.iter().any(|material| material == field),
        }
    }

    fn member(&self, before: Option<&Value>, after: Option<&Value>) -> bool {
        let (Some(before), Some(after)) = (before, after) else {
            return if before.is_none() { self.members.added } else { self.members.removed };
        };
        let is_head = |member: &Value| member.get("role").and_then(Value::as_str) == Some("head");
        let differs = |field| before.get(field) != after.get(field);
        // Another name on the same line is another guest; capitals and marks are spelling.
        let name = |member: &Value| {
            text::folded(member.get("full_name").and_then(Value::as_str).unwrap_or_default())
        };
        (self.members.head && is_head(before) != is_head(after))
            || (self.members.added && (differs("person_id") || name(before) != name(after)))
            || (self.members.nationality && differs("nationality"))
    }

    /// More groups, more guests of a country than approved, or a country that was not there.
    fn group(&self, before: Option<&Value>, after: Option<&Value>) -> bool {
        let (before, after) = (planned_by_country(before), planned_by_country(after));
        after.iter().any(|(country, planned)| match before.get(country) {
            None => self.groups.added || self.groups.country,
            Some(approved) => self.groups.planned_more && planned > approved,
        })
    }
}

fn planned_by_country(groups: Option<&Value>) -> std::collections::BTreeMap<String, i64> {
    let mut planned = std::collections::BTreeMap::new();
    for group in groups.and_then(Value::as_array).into_iter().flatten() {
        let country = group.get("country").and_then(Value::as_str).unwrap_or_default().to_owned();
        *planned.entry(country).or_default() +=
            group.get("planned").and_then(Value::as_i64).unwrap_or_default();
    }
    planned
}

/// The programme items in special zones: those that need a notice or a permit of their own.
fn special_items(programme: Option<&Value>, material: &MaterialProgramme) -> Vec<Value> {
    let items = programme.and_then(Value::as_array).cloned().unwrap_or_default();
    let special = |item: &Value| {
        let zone = item.pointer("/place/zone").and_then(Value::as_str).unwrap_or_default();
        let conference = item.get("press_conference") == Some(&Value::Bool(true));
        material.zones.iter().any(|special| special == zone) || (material.press_conferences && conference)
    };
    items.into_iter().filter(special).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn material() -> Material {
        toml::from_str(include_str!("../../../config/rulebook/material.toml")).unwrap()
    }

    #[test]
    fn dates_are_material_a_telephone_number_is_not() {
        let rules = material();
        assert!(rules.is_material("/arrives_on", Some(&json!("2026-01-01")), Some(&json!("2026-01-02"))));
        assert!(!rules.is_material("/contact", Some(&json!({})), Some(&json!({"phone": "1"}))));
    }

    #[test]
    fn a_member_more_is_material_one_less_is_a_notice() {
        let rules = material();
        let member = json!({"role": "member", "nationality": "FR"});
        let head = json!({"role": "head", "nationality": "FR"});
        assert!(rules.is_material("/members/1", None, Some(&member)));
        assert!(!rules.is_material("/members/1", Some(&member), None));
        assert!(rules.is_material("/members/1", Some(&member), Some(&head)));
        let named = |name: &str| json!({"role": "member", "nationality": "FR", "full_name": name});
        let renamed = |to: &str| rules.is_material("/members/1", Some(&named("Lê Hoa")), Some(&named(to)));
        assert!(renamed("Trần Hoa") && !renamed("LE HOA"));
    }

    #[test]
    fn only_special_places_of_the_programme_are_material() {
        let rules = material();
        let plain = json!([{"place": {"zone": "normal", "name": "a"}}]);
        let other = json!([{"place": {"zone": "normal", "name": "b"}}]);
        let coast = json!([{"place": {"zone": "sea_border", "name": "b"}}]);
        assert!(!rules.is_material("/programme", Some(&plain), Some(&other)));
        assert!(rules.is_material("/programme", Some(&plain), Some(&coast)));
    }
}
