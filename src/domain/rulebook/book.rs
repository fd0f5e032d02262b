//! A rulebook: rules, chain and material fields, read from its files and checked as a whole. A bad file is refused
//! with file, line and reason, all of them at once.

use std::fmt;

use serde::Deserialize;
use toml::Spanned;

use super::evaluate::applicable;
use super::facts::Facts;
use super::faults::{empty_lists, faults_of, steps_at};
use super::material::Material;
use super::model::{Demand, Rule};
use super::returns::{self, Returns};
use crate::domain::approval::Chain;
use crate::domain::delegation::Content;

/// A file of a rulebook: name and text.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, Deserialize)]
pub struct Source {
    /// File name.
    pub name: String,
    /// TOML.
    pub text: String,
}

/// What is wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Defect {
    /// File.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Why.
    pub reason: String,
}

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.reason)
    }
}

/// A file of rules.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleFile {
    #[serde(default)]
    rule: Vec<Spanned<Rule>>,
}

/// A rulebook that was read and checked.
#[derive(Debug, Clone)]
pub struct Book {
    /// All rules, the wordings of one id together, in order of id and validity.
    rules: Vec<Rule>,
    /// Where the wordings of each id stand.
    families: Vec<std::ops::Range<usize>>,
    /// Chain of approval.
    pub chain: Chain,
    /// Material fields.
    pub material: Material,
    /// When returns are due, and which are prepared. A rulebook from before there was such a file says what the
    /// program brings along.
    pub returns: Returns,
}

/// Names of the files that are no files of rules.
const CHAIN: &str = "chain.toml";
const MATERIAL: &str = "material.toml";
/// Examples are no part of a rulebook.
pub const EXAMPLES: &str = "examples.toml";

impl Book {
    /// Reads and checks the files of a rulebook.
    ///
    /// # Errors
    /// Everything that is wrong, with file, line and reason.
    pub fn read(sources: &[Source]) -> Result<Self, Vec<Defect>> {
        let mut defects = Vec::new();
        let mut rules: Vec<Placed<'_>> = Vec::new();
        let (mut chain, mut material, mut returns) = (None, None, None);
        for source in sources {
            match source.name.as_str() {
                CHAIN => chain = chain_of(source, &mut defects),
                MATERIAL => material = material_of(source, &mut defects),
                returns::FILE => returns = returns_of(source, &mut defects),
                EXAMPLES => {}
                _ => rules.extend(rules_of(source, &mut defects)),
            }
        }
        for name in [CHAIN, MATERIAL] {
            if !sources.iter().any(|source| source.name == name) {
                let reason = "the file is missing".to_owned();
                defects.push(Defect { file: name.to_owned(), line: 1, reason });
            }
        }
        if !sources.iter().any(|source| source.name == returns::FILE) {
            let text = returns::SHIPPED.to_owned();
            returns = returns_of(&Source { name: returns::FILE.to_owned(), text }, &mut defects);
        }
        overlapping(&mut rules, &mut defects);
        if rules.is_empty() && defects.is_empty() {
            let reason = "there is no rule in any file".to_owned();
            defects.push(Defect { file: "*.toml".to_owned(), line: 1, reason });
        }
        for placed in &rules {
            let ids = placed.rule.instead_of.iter();
            for id in ids.filter(|id| !rules.iter().any(|other| other.rule.id == **id)) {
                defects.push(placed.defect(&format!("it speaks instead of {id}, which is no rule")));
            }
            let special = |other: &&Placed<'_>| {
                placed.rule.instead_of.contains(&other.rule.id) && !other.rule.instead_of.is_empty()
            };
            if let Some(other) = rules.iter().find(special) {
                let words =
                    format!("it speaks instead of {}, which speaks instead of another", other.rule.id);
                defects.push(placed.defect(&words));
            }
            let (Demand::Opinions { bodies }, Some(chain)) = (&placed.rule.demand, &chain) else { continue };
            for body in bodies.iter().filter(|body| chain.body(body).is_none()) {
                defects.push(placed.defect(&format!("the chain lists no body {body}")));
            }
        }
        match (chain, material, returns) {
            (Some(chain), Some(material), Some(returns)) if defects.is_empty() => {
                let rules: Vec<Rule> = rules.into_iter().map(|placed| placed.rule).collect();
                Ok(Self { families: families(&rules), rules, chain, material, returns })
            }
            _ => Err(defects),
        }
    }

    /// Checks one file by itself: of rules, the chain, the material fields.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn check(source: &Source) -> Result<usize, Vec<Defect>> {
        let mut defects = Vec::new();
        let rows = match source.name.as_str() {
            CHAIN => chain_of(source, &mut defects).map_or(0, |chain| chain.step.len()),
            MATERIAL => material_of(source, &mut defects).map_or(0, |material| material.fields.len()),
            returns::FILE => returns_of(source, &mut defects).map_or(0, |returns| returns.rows().len()),
            _ => {
                let mut rules = rules_of(source, &mut defects);
                overlapping(&mut rules, &mut defects);
                rules.len()
            }
        };
        if defects.is_empty() { Ok(rows) } else { Err(defects) }
    }

    /// Ids of the general rules in whose place a special one speaks of this delegation.
    pub(super) fn replaced(&self, facts: &Facts) -> Vec<&str> {
        let special = |family: &&[Rule]| family.iter().any(|rule| !rule.instead_of.is_empty());
        let speaking = self.families().filter(special).filter_map(|family| applicable(family, facts));
        speaking.flat_map(|rule| &rule.instead_of).map(String::as_str).collect()
    }

    /// All rules, in order of id and validity.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The newest wording of a rule.
    #[must_use]
    pub fn newest(&self, id: &str) -> Option<&Rule> {
        self.rules.iter().rfind(|rule| rule.id == id)
    }

    /// The wordings of each id.
    pub fn families(&self) -> impl Iterator<Item = &[Rule]> {
        self.families.iter().filter_map(|range| self.rules.get(range.clone()))
    }
}

/// A rule and where it stands.
struct Placed<'s> {
    rule: Rule,
    file: &'s str,
    line: usize,
}

impl Placed<'_> {
    fn defect(&self, reason: &str) -> Defect {
        let reason = format!("rule {}: {reason}", self.rule.id);
        Defect { file: self.file.to_owned(), line: self.line, reason }
    }
}

/// Reads the rules of a file and what is wrong with each.
fn rules_of<'s>(source: &'s Source, defects: &mut Vec<Defect>) -> Vec<Placed<'s>> {
    let file: Option<RuleFile> = parse(source, defects);
    let place = |rule: Spanned<Rule>| {
        let line = line_of(&source.text, rule.span().start);
        Placed { rule: rule.into_inner(), file: &source.name, line }
    };
    let rules: Vec<Placed<'_>> = file.into_iter().flat_map(|file| file.rule).map(place).collect();
    for placed in &rules {
        defects.extend(faults_of(&placed.rule).iter().map(|reason| placed.defect(reason)));
    }
    if rules.is_empty() && defects.iter().all(|defect| defect.file != source.name) {
        let reason = "there is no rule in it".to_owned();
        defects.push(Defect { file: source.name.clone(), line: 1, reason });
    }
    empty(source, defects);
    rules
}

/// Sorts rules by id and validity, and finds wordings of one id that are in force at the same time.
fn overlapping(rules: &mut [Placed<'_>], defects: &mut Vec<Defect>) {
    rules.sort_by(|a, b| (&a.rule.id, a.rule.valid_from).cmp(&(&b.rule.id, b.rule.valid_from)));
    for (before, after) in rules.iter().zip(rules.iter().skip(1)) {
        let reaches = before.rule.valid_to.is_none_or(|last| last >= after.rule.valid_from);
        if before.rule.id == after.rule.id && reaches {
            let words = format!("two wordings are in force on {}", after.rule.valid_from);
            defects.push(after.defect(&words));
        }
    }
}

/// Finds empty lists.
fn empty(source: &Source, defects: &mut Vec<Defect>) {
    for (start, reason) in empty_lists(&source.text) {
        defects.push(Defect { file: source.name.clone(), line: line_of(&source.text, start), reason });
    }
}

fn families(rules: &[Rule]) -> Vec<std::ops::Range<usize>> {
    let mut families: Vec<std::ops::Range<usize>> = Vec::new();
    for (i, rule) in rules.iter().enumerate() {
        match families.last_mut() {
            Some(last) if rules.get(last.start).is_some_and(|first| first.id == rule.id) => last.end = i + 1,
            _ => families.push(i..i + 1),
        }
    }
    families
}

fn parse<T: serde::de::DeserializeOwned>(source: &Source, defects: &mut Vec<Defect>) -> Option<T> {
    match toml::from_str(&source.text) {
        Ok(parsed) => Some(parsed),
        Err(fault) => {
            let line = fault.span().map_or(1, |span| line_of(&source.text, span.start));
            let reason = fault.message().trim().to_owned();
            defects.push(Defect { file: source.name.clone(), line, reason });
            None
        }
    }
}

/// Reads the material fields: each must be one of a delegation's content.
fn material_of(source: &Source, defects: &mut Vec<Defect>) -> Option<Material> {
    let material: Material = parse(source, defects)?;
    // Every field but the direction has a default.
    let empty: Option<Content> = serde_json::from_value(serde_json::json!({ "direction": "inbound" })).ok();
    let known = serde_json::to_value(empty).unwrap_or_default();
    for field in material.fields.iter().filter(|field| known.get(field.as_str()).is_none()) {
        let at = source.text.find(&format!("\"{field}\"")).unwrap_or_default();
        let reason = format!("a delegation has no field {field}");
        defects.push(Defect { file: source.name.clone(), line: line_of(&source.text, at), reason });
    }
    Some(material)
}

/// Reads when returns are due.
fn returns_of(source: &Source, defects: &mut Vec<Defect>) -> Option<Returns> {
    let returns: Returns = parse(source, defects)?;
    for (start, reason) in returns.faults() {
        let line = line_of(&source.text, start);
        defects.push(Defect { file: source.name.clone(), line, reason });
    }
    Some(returns)
}

/// Reads a chain and puts its steps in the order of their stages.
fn chain_of(source: &Source, defects: &mut Vec<Defect>) -> Option<Chain> {
    let mut chain: Chain = parse(source, defects)?;
    let starts = steps_at(&source.text);
    for (step, reason) in chain.faults() {
        let line = step.and_then(|step| starts.get(step)).map_or(1, |start| line_of(&source.text, *start));
        defects.push(Defect { file: source.name.clone(), line, reason });
    }
    empty(source, defects);
    for (place, step) in (1..).zip(&mut chain.step) {
        step.stage.get_or_insert(place);
    }
    chain.step.sort_by_key(|step| step.stage);
    Some(chain)
}

fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}
