//! A rulebook: rules, chain and material fields, read from its files and checked as a whole. A bad file is refused
//! with file, line and reason, all of them at once.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use toml::Spanned;

use super::facts::Facts;
use super::material::Material;
use super::model::{Confidence, Demand, Rule, SelectedBy, Severity, Status};
use crate::domain::access::Role;
use crate::domain::approval::Chain;
use crate::domain::codes::Direction;
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
}

/// Longest term of a rule: more is a slip of the keyboard.
const MOST_UNITS: u32 = 10_000;

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
        let mut rules: Vec<(Rule, &str, usize)> = Vec::new();
        let (mut chain, mut material) = (None, None);
        for source in sources {
            match source.name.as_str() {
                CHAIN => chain = chain_of(source, &mut defects),
                MATERIAL => material = material_of(source, &mut defects),
                EXAMPLES => {}
                _ => {
                    let file: Option<RuleFile> = parse(source, &mut defects);
                    for rule in file.into_iter().flat_map(|file| file.rule) {
                        let line = line_of(&source.text, rule.span().start);
                        rules.push((rule.into_inner(), &source.name, line));
                    }
                }
            }
        }
        rules.sort_by(|(a, ..), (b, ..)| (&a.id, a.valid_from).cmp(&(&b.id, b.valid_from)));
        for (rule, file, line) in &rules {
            let faults = faults_of(rule).into_iter();
            defects.extend(faults.map(|reason| Defect { file: (*file).to_owned(), line: *line, reason }));
        }
        for ((before, ..), (after, file, line)) in rules.iter().zip(rules.iter().skip(1)) {
            if before.id == after.id && before.valid_to.is_none_or(|last| last >= after.valid_from) {
                let reason = format!("rule {}: two wordings are in force on {}", after.id, after.valid_from);
                defects.push(Defect { file: (*file).to_owned(), line: *line, reason });
            }
        }
        let mut needed = |name: &str| {
            defects.push(Defect { file: name.to_owned(), line: 1, reason: "the file is missing".to_owned() });
        };
        if !sources.iter().any(|source| source.name == CHAIN) {
            needed(CHAIN);
        }
        if !sources.iter().any(|source| source.name == MATERIAL) {
            needed(MATERIAL);
        }
        if let Some(chain) = &chain {
            for (rule, file, line) in &rules {
                let Demand::Opinions { bodies } = &rule.demand else { continue };
                for body in bodies.iter().filter(|body| chain.body(body).is_none()) {
                    let reason = format!("rule {}: the chain lists no body {body}", rule.id);
                    defects.push(Defect { file: (*file).to_owned(), line: *line, reason });
                }
            }
        }
        match (chain, material) {
            (Some(chain), Some(material)) if defects.is_empty() => {
                let rules: Vec<Rule> = rules.into_iter().map(|(rule, ..)| rule).collect();
                Ok(Self { families: families(&rules), rules, chain, material })
            }
            _ => Err(defects),
        }
    }

    /// Checks one file of rules by itself.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn check(source: &Source) -> Result<usize, Vec<Defect>> {
        let mut defects = Vec::new();
        match source.name.as_str() {
            CHAIN => chain_of(source, &mut defects).map(|chain| chain.step.len()),
            MATERIAL => material_of(source, &mut defects).map(|material| material.fields.len()),
            _ => parse::<RuleFile>(source, &mut defects).map(|file| {
                for rule in &file.rule {
                    let line = line_of(&source.text, rule.span().start);
                    let defect = |reason| Defect { file: source.name.clone(), line, reason };
                    defects.extend(faults_of(rule.get_ref()).into_iter().map(defect));
                }
                file.rule.len()
            }),
        }
        .filter(|_| defects.is_empty())
        .ok_or(defects)
    }

    /// All rules, in order of id and validity.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The wordings of each id.
    pub fn families(&self) -> impl Iterator<Item = &[Rule]> {
        self.families.iter().filter_map(|range| self.rules.get(range.clone()))
    }

    /// Rules that differ between two books: id and wording before and after.
    #[must_use]
    pub fn differences<'a>(&'a self, other: &'a Self) -> Vec<(Option<&'a Rule>, Option<&'a Rule>)> {
        let keyed = |book: &'a Self| -> BTreeMap<(&'a str, chrono::NaiveDate), &'a Rule> {
            book.rules.iter().map(|rule| ((rule.id.as_str(), rule.valid_from), rule)).collect()
        };
        let (before, after) = (keyed(self), keyed(other));
        let mut keys: Vec<_> = before.keys().chain(after.keys()).copied().collect();
        keys.sort_unstable();
        keys.dedup();
        let pairs = keys.into_iter().map(|key| (before.get(&key).copied(), after.get(&key).copied()));
        pairs.filter(|(before, after)| before != after).collect()
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

/// Reads a chain and puts its steps in the order of their stages.
fn chain_of(source: &Source, defects: &mut Vec<Defect>) -> Option<Chain> {
    let mut chain: Chain = parse(source, defects)?;
    let defect = |reason| Defect { file: source.name.clone(), line: 1, reason };
    defects.extend(chain.faults().into_iter().map(defect));
    for (place, step) in (1..).zip(&mut chain.step) {
        step.stage.get_or_insert(place);
    }
    chain.step.sort_by_key(|step| step.stage);
    Some(chain)
}

fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}

/// What no type can say: a rule that cites nothing, a blocking one that nobody may override, an uncertain fact that
/// calls itself law.
fn faults_of(rule: &Rule) -> Vec<String> {
    let mut faults = Vec::new();
    let mut fault = |is: bool, reason: &str| {
        if is {
            faults.push(format!("rule {}: {reason}", rule.id));
        }
    };
    let name = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '-';
    fault(rule.id.is_empty() || !rule.id.chars().all(name), "the id is not in capitals, digits and hyphens");
    fault(rule.basis.iter().all(|basis| basis.document.trim().is_empty()), "it cites nothing");
    fault(rule.basis.iter().any(|basis| basis.document.trim().is_empty()), "a legal basis names no document");
    let known = serde_json::to_value(Facts::unknown(Direction::Inbound)).unwrap_or_default();
    for text in [&rule.message_vi, &rule.message_en] {
        let named = text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name);
        let strange: Vec<&str> = named.filter(|name| known.get(name).is_none()).collect();
        fault(!strange.is_empty(), &format!("its message names no fact {}", strange.join(", ")));
    }
    fault(rule.valid_to.is_some_and(|last| last < rule.valid_from), "it ends before it begins");
    for (text, reason) in [
        (&rule.title_vi, "title_vi is empty"),
        (&rule.title_en, "title_en is empty"),
        (&rule.message_vi, "message_vi is empty"),
        (&rule.message_en, "message_en is empty"),
    ] {
        fault(text.trim().is_empty(), reason);
    }
    let blocks = rule.severity == Severity::Block;
    fault(blocks && rule.override_by.is_none(), "it blocks, but names nobody who may override it");
    let decides = |role: Role| matches!(role, Role::Appraiser | Role::Approver);
    fault(rule.override_by.is_some_and(|role| !decides(role)), "only appraisers and approvers override");
    fault(!blocks && rule.override_by.is_some(), "it names who may override it, but does not block");
    fault(
        rule.confidence == Confidence::U && (rule.status == Status::Law || blocks),
        "an uncertain fact (U) is neither law nor blocks",
    );
    if let Demand::Obligation { n, .. } | Demand::Lead { n, .. } = rule.demand {
        fault(n > MOST_UNITS, "its term is longer than ten thousand units");
    }
    if let Demand::Obligation { .. } = rule.demand {
        fault(rule.selected_by == SelectedBy::Filing, "an obligation is selected by the event");
        fault(blocks, "an obligation cannot block: it begins with the permit");
    }
    if let Demand::Stated { facts } = &rule.demand {
        for fact in facts {
            let known = super::evaluate::is_fact(fact);
            fault(!known, &format!("there is no fact {fact}"));
        }
    }
    faults
}
