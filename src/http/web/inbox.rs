//! The first page: what waits for me, why, since when, until when; and where what I filed is stuck.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use chrono::NaiveDate;

use super::shell::{self, Shell};
use crate::domain::access::{Action, Reach};
use crate::domain::ids::OrganisationId;
use crate::http::caller::Caller;
use crate::http::cursor::MOST;
use crate::http::problem::Problem;
use crate::service::views::{self, Filed, InboxItem};
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
    names: BTreeMap<OrganisationId, String>,
}

impl Inbox<'_> {
    fn host(&self, id: &Option<OrganisationId>) -> &str {
        id.and_then(|id| self.names.get(&id)).map_or("", String::as_str)
    }

    fn organisation(&self, id: &OrganisationId) -> &str {
        self.names.get(id).map_or("", String::as_str)
    }

    fn due(&self, due_on: &Option<NaiveDate>, working_days: &Option<i64>) -> Due {
        Due::of(self.shell, *due_on, *working_days)
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
}

fn read(
    tx: &mut ReadTx<'_>,
    ctx: &Context,
) -> ServiceResult<(Vec<InboxItem>, Vec<Filed>, BTreeMap<OrganisationId, String>)> {
    let may = |action| ctx.actor.reach(action) != Reach::Never;
    let items = if may(Action::ReadInbox) { views::inbox(tx, ctx, MOST)? } else { Vec::new() };
    let filed = if may(Action::Register) { views::filed(tx, ctx, FILED)? } else { Vec::new() };
    Ok((items, filed, organisations::names(tx, ctx.actor.lang)?))
}

/// The first page. Whoever has no inbox is led to what he or she may see.
///
/// # Errors
/// 503 when the database cannot be asked.
pub async fn show(request: HttpRequest, caller: Caller) -> Result<HttpResponse, Problem> {
    let shell = Shell::of(&request, &caller)?;
    let (items, filed, names) = caller.read(read).await?;
    let files = shell.may_register;
    let page = Inbox { shell: &shell, items, filed, files, names };
    shell::page(StatusCode::OK, shell.lang, &page)
}
