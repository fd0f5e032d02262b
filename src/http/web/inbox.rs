//! The first page: what waits for me, why, since when, until when; and where what I filed is stuck.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use chrono::NaiveDate;

use super::shell::{self, Shell};
use super::unsaved::{self, Kept, Unsaved};
use crate::domain::access::{Action, Reach};
use crate::domain::ids::OrganisationId;
use crate::http::caller::Caller;
use crate::http::cursor::MOST;
use crate::http::problem::Problem;
use crate::service::views::{self, Filed, InboxItem, Stuck};
use crate::service::{Context, Result as ServiceResult, organisations};
use crate::store::ReadTx;

/// Most of one's own dossiers that the first page shows.
const FILED: i64 = 20;

#[derive(Template)]
#[template(path = "inbox.html")]
struct Inbox<'p> {
    shell: &'p Shell,
    items: Vec<InboxItem>,
    filed: Vec<Filed>,
    files: bool,
    /// Whether this reader puts the leaders' inbox in order.
    prepares: bool,
    /// Whether this reader decides somewhere.
    decides: bool,
    /// What this reader can do with several at once.
    acts: Vec<&'static str>,
    names: BTreeMap<OrganisationId, String>,
    /// What was typed and not saved.
    unsaved: Vec<Unsaved>,
}

impl Inbox<'_> {
    fn host(&self, id: &Option<OrganisationId>) -> &str {
        id.and_then(|id| self.names.get(&id)).map_or("", String::as_str)
    }

    fn organisation(&self, id: &OrganisationId) -> &str {
        self.names.get(id).map_or("", String::as_str)
    }

    /// Whether a row can be ticked to be done with others.
    fn is_tickable(&self, item: &InboxItem) -> bool {
        self.acts.contains(&item.waits_for.as_str())
    }

    /// What is to be done with a row; a secretary only prepares what somebody else decides.
    fn matter(&self, item: &InboxItem) -> String {
        match self.is_prepared(item) {
            true => self.shell.t("inbox-to-prepare"),
            false => self.shell.word("waits-for", &item.waits_for),
        }
    }

    /// Whether a row is a leader's, which this reader only prepares.
    fn is_prepared(&self, item: &InboxItem) -> bool {
        let prepared = matches!(item.waits_for.as_str(), "decide" | "override");
        self.prepares && !self.decides && prepared
    }

    /// How many wait; of whoever decides nothing it is said that they wait for a leader.
    fn lead(&self) -> String {
        let alone = !self.items.is_empty() && self.items.iter().all(|item| self.is_prepared(item));
        let key = if alone { "inbox-lead-prepared" } else { "inbox-lead" };
        self.shell.t1(key, "n", self.items.len())
    }

    fn standing(&self, one: &Filed) -> String {
        let waits = one.waits.iter().filter_map(|stuck| stuck.standing).collect();
        self.shell.standing(one.delegation.state, Some(&waits))
    }

    /// Where a row leads: what waits for a decision, to the sheet on which it is decided.
    fn href(&self, item: &InboxItem) -> String {
        let id = item.delegation.id;
        match item.override_id {
            Some(asked) if !self.prepares => format!("/delegations/{id}/overrides/{asked}/answer"),
            Some(_) => format!("/delegations/{id}/overrides"),
            None if item.waits_for == "decide" && self.decides => format!("/delegations/{id}/do/advance"),
            None => format!("/delegations/{id}"),
        }
    }

    fn due(&self, item: &InboxItem) -> Due {
        let due = Due::of(self.shell, item.due_on, item.working_days);
        due.before(self.shell, &item.waits_for, item.due_on, item.delegation.arrives_on)
    }

    fn stuck(&self, one: &Filed, stuck: &Stuck) -> Due {
        let due = Due::of(self.shell, stuck.due_on, stuck.working_days);
        due.before(self.shell, stuck.waits_for, stuck.due_on, one.delegation.arrives_on)
    }
}

/// A deadline in words and in colour; the words alone say it too.
pub struct Due {
    /// `late`, `soon`, `calm` or `none`.
    pub tone: &'static str,
    /// The day.
    pub day: String,
    /// How many working days are left.
    pub left: String,
}

impl Due {
    /// Of a last day and the working days from today to it.
    #[must_use]
    pub fn of(shell: &Shell, due_on: Option<NaiveDate>, working_days: Option<i64>) -> Self {
        let Some(on) = due_on else {
            return Self { tone: "none", day: String::new(), left: shell.t("page-no-due") };
        };
        let day = shell.t1("page-due-on", "date", shell.day(&on));
        match working_days {
            Some(n) if on < shell.today => {
                Self { tone: "late", day, left: shell.t1("page-working-days-over", "n", n.abs()) }
            }
            Some(n) => {
                let tone = if n <= 2 { "soon" } else { "calm" };
                Self { tone, day, left: shell.t1("page-working-days-left", "n", n) }
            }
            None => Self { tone: "calm", day, left: String::new() },
        }
    }

    /// The same for something that must be done before a delegation begins: a day after its first is too late, whatever
    /// the clock of a desk says.
    #[must_use]
    pub fn before(
        mut self,
        shell: &Shell,
        waits_for: &str,
        due_on: Option<NaiveDate>,
        starts_on: Option<NaiveDate>,
    ) -> Self {
        let after = !matches!(waits_for, "report" | "close");
        if let (Some(due), Some(first)) = (due_on, starts_on)
            && after
            && due > first
        {
            let said = shell.t1("due-after-arrival", "date", shell.day(&first));
            self.day = format!("{} – {said}", self.day);
            self.tone = if self.tone == "calm" { "soon" } else { self.tone };
        }
        self
    }
}

/// What the page shows, as it was read.
struct Read {
    items: Vec<InboxItem>,
    filed: Vec<Filed>,
    names: BTreeMap<OrganisationId, String>,
    kept: Vec<Kept>,
}

fn read(tx: &mut ReadTx<'_>, ctx: &Context) -> ServiceResult<Read> {
    let may = |action| ctx.actor.reach(action) != Reach::Never;
    Ok(Read {
        items: if may(Action::ReadInbox) { views::inbox(tx, ctx, MOST)? } else { Vec::new() },
        filed: if may(Action::Register) { views::filed(tx, ctx, FILED)? } else { Vec::new() },
        names: organisations::names(tx, ctx.actor.lang)?,
        kept: unsaved::read(tx, ctx)?,
    })
}

/// Where somebody begins for whom no dossier ever waits: the right that leads there, and the page.
const BEGINNINGS: [(Action, &str); 2] =
    [(Action::ReadJournal, "/journal"), (Action::ReadOrganisations, "/office")];

/// The first page. Whoever has no inbox is led to what he or she is there for.
///
/// # Errors
/// 503 when the database cannot be asked.
pub async fn show(request: HttpRequest, caller: Caller) -> Result<HttpResponse, Problem> {
    let may = |action| caller.known.actor.reach(action) != Reach::Never;
    let elsewhere = BEGINNINGS.iter().find(|(action, _)| may(*action));
    if let Some((_, page)) = elsewhere.filter(|_| !may(Action::ReadInbox)) {
        return Ok(shell::see_other(page));
    }
    let shell = Shell::of(&request, &caller)?;
    let Read { items, filed, names, kept } = caller.read(read).await?;
    let files = shell.may_register;
    let known = [("decide", Action::Decide), ("receive", Action::Receive), ("issue", Action::Issue)];
    let mut acts: Vec<&'static str> =
        known.into_iter().filter(|(_, action)| may(*action)).map(|(act, _)| act).collect();
    // One alone is done on its own page.
    acts.retain(|act| items.iter().filter(|item| item.waits_for == *act).nth(1).is_some());
    let prepares = may(Action::PrepareInbox);
    let decides = may(Action::Decide);
    let unsaved = unsaved::shown(&shell, kept);
    let page = Inbox { shell: &shell, items, filed, files, prepares, decides, acts, names, unsaved };
    shell::page(StatusCode::OK, shell.lang, &page)
}
