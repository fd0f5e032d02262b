//! After the visit: the form of the report, which begins with what was reported before, and what the dossier's page says
//! of it to whoever may read the dossier.

use std::collections::BTreeSet;

use askama::Template;
use chrono::NaiveDate;
use serde_json::{Value, json};

use super::controls::{Choice, Fields};
use super::dossier::Whole;
use super::form::Form;
use super::shell::Shell;
use crate::domain::codes::{Attendance, Code, Lang, MemberRole, Outcome};
use crate::domain::countries;
use crate::domain::delegation::UnnamedGroup;
use crate::domain::ids::DossierId;
use crate::domain::refusal::Refusal;
use crate::http::problem::Problem;
use crate::service::course::{self, Unusual};
use crate::service::members::MemberView;
use crate::service::returns::covering::{self, Covering};
use crate::service::returns::told;
use crate::service::{Context, Result as ServiceResult};
use crate::store::ReadTx;
use crate::texts;

/// Empty rows that a list of the form offers beside those that are filled in.
const SPARE: usize = 2;

/// What the form of a report has to say and to ask besides what happened.
pub struct Asks {
    /// What has to be confirmed.
    confirm: Option<Unusual>,
    /// Closed returns that the report changes.
    closed: Vec<Covering>,
}

impl Asks {
    /// Reads it, also for the day that was typed.
    ///
    /// # Errors
    /// `NotFound` where the reader may not know of the dossier.
    pub fn read(tx: &mut ReadTx<'_>, ctx: &Context, id: DossierId, typed: &Value) -> ServiceResult<Self> {
        let typed = typed.pointer("/actual_arrives_on").and_then(Value::as_str);
        let typed: Option<NaiveDate> = typed.and_then(|day| day.parse().ok());
        let closed = covering::of_dossier(tx, ctx, id, typed)?;
        Ok(Self { confirm: course::to_confirm(tx, ctx, id)?, closed })
    }
}

/// Periods by their names, each once.
#[must_use]
pub fn names(lang: Lang, closed: &[Covering]) -> String {
    let mut seen = BTreeSet::new();
    let names = closed.iter().map(|one| told::called(one.period, lang));
    names.filter(|name| seen.insert(name.clone())).collect::<Vec<_>>().join(", ")
}

/// The form of the report.
#[derive(Template)]
#[template(path = "visit_report.html")]
pub struct Report<'p> {
    /// The page around it.
    pub shell: &'p Shell,
    /// The dossier.
    pub whole: Whole,
    /// What was typed, or reported before.
    pub fields: Fields,
    /// What else is asked and said.
    pub asks: Asks,
}

impl Report<'_> {
    /// Whether a guest is ticked as having come: everybody, until it is said otherwise.
    fn came(&self, row: &usize, member: &MemberView) -> bool {
        let typed = self.fields.text(&format!("/members/{row}/attendance"));
        match typed.as_str() {
            "" => member.attendance != Attendance::Absent,
            typed => typed != Attendance::Absent.code(),
        }
    }

    fn was_added(member: &MemberView) -> bool {
        member.attendance == Attendance::Added
    }

    /// An unnamed group: how many were expected, and from where.
    fn group(&self, group: &UnnamedGroup) -> String {
        let n = group.planned.to_string();
        let country = country(self.shell, group);
        texts::text(self.shell.lang, "report-group", &[("n", &n), ("country", &country)])
    }

    fn group_came(&self, row: &usize) -> String {
        self.fields.line(&format!("/groups/{row}/came:int"))
    }

    fn added_rows(&self) -> std::ops::Range<usize> {
        0..self.fields.rows("/added") + SPARE
    }

    fn added(&self, row: &usize, field: &str) -> String {
        self.fields.line(&format!("/added/{row}/{field}"))
    }

    fn added_country(&self, row: &usize) -> String {
        let countries = countries::list(self.shell.lang).into_iter();
        let choices: Vec<Choice> = countries.map(|(value, label)| Choice { value, label }).collect();
        self.fields.one_of(&format!("/added/{row}/nationality"), &choices)
    }

    fn added_role(&self, row: &usize) -> String {
        self.fields.coded::<MemberRole>(&format!("/added/{row}/role"))
    }

    /// Why the visit has to be confirmed; empty where it need not.
    fn unusual(&self) -> String {
        self.asks
            .confirm
            .map(|unusual| self.shell.t(&format!("visit-{}", unusual.code())))
            .unwrap_or_default()
    }

    fn closed(&self) -> String {
        names(self.shell.lang, &self.asks.closed)
    }
}

fn country(shell: &Shell, group: &UnnamedGroup) -> String {
    match &group.country {
        Some(_) => shell.country(&group.country),
        None => shell.t("page-unknown"),
    }
}

/// What the form begins with: what was reported, and unnamed groups that came as planned until then.
#[must_use]
pub fn begun(whole: &Whole) -> Value {
    let view = &whole.view;
    let came = |group: &UnnamedGroup| json!({"came": group.came.unwrap_or(group.planned)});
    json!({
        "actual_arrives_on": view.actual_arrives_on,
        "actual_departs_on": view.actual_departs_on,
        "no_show": view.outcome == Some(Outcome::NoShow),
        "groups": view.content.groups.iter().map(came).collect::<Vec<_>>(),
        "results": view.content.results,
    })
}

/// A group whose number was taken out would leave its place to the next one.
///
/// # Errors
/// 422 with the number that is missing.
pub fn groups_are_counted(form: &Form) -> Result<(), Problem> {
    let named = |at: usize| form.get(&format!("/groups/{at}/came:int")).map(|came| (at, came));
    let empty = (0..).map_while(named).find(|(_, came)| came.trim().is_empty());
    match empty {
        Some((at, _)) => Err(Refusal::field(format!("/groups/{at}/came"), "required").into()),
        None => Ok(()),
    }
}

/// What the dossier's page says of the visit, once something was reported.
pub struct Told {
    /// How many guests came, with and without names.
    pub came: u64,
    /// Whether a return had been closed before: which ones; empty for none.
    pub closed: String,
}

impl Told {
    /// Of a dossier of which something was reported.
    #[must_use]
    pub fn of(shell: &Shell, whole: &Whole) -> Option<Self> {
        let view = &whole.view;
        let reported = view.reported_at?;
        let persons = whole.members.iter().filter(|member| came(member)).count();
        let unnamed: u64 = view.content.groups.iter().filter_map(|group| group.came).map(u64::from).sum();
        let late: Vec<Covering> =
            whole.closed.iter().filter(|one| one.closed_at < reported).copied().collect();
        let came = u64::try_from(persons).unwrap_or_default() + unnamed;
        Some(Self { came, closed: names(shell.lang, &late) })
    }
}

/// Whether a member came, as it was reported.
#[must_use]
pub fn came(member: &MemberView) -> bool {
    matches!(member.attendance, Attendance::Came | Attendance::Added)
}

/// An unnamed group in words: how many of how many came.
#[must_use]
pub fn group_came(shell: &Shell, group: &UnnamedGroup) -> String {
    let (n, planned) = (group.came.unwrap_or_default().to_string(), group.planned.to_string());
    let country = country(shell, group);
    texts::text(shell.lang, "visit-group", &[("n", &n), ("planned", &planned), ("country", &country)])
}
