//! What stands behind a return: the dossiers of a figure, looked up in the return itself, and its annexes and lists row
//! by row, each row a link to its dossier.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::Datelike;

use super::period;
use super::reports::{Asked, Place};
use super::shell::{self, Shell};
use super::words;
use crate::domain::access::{Action, Reach};
use crate::domain::codes::Code;
use crate::domain::ids::DossierId;
use crate::domain::refusal::Refusal;
use crate::domain::report::Return;
use crate::domain::report::figures::{CHECK, Column, Figure};
use crate::domain::report::form::CheckRow;
use crate::http::api::reports::unmade;
use crate::http::caller::Caller;
use crate::http::cursor;
use crate::http::problem::Problem;
use crate::report::shown::{self as parts, Head, Part, Shown};
use crate::service::returns::shown;
use crate::service::views::DelegationItem;

/// Rows of a page.
const ROWS: usize = 100;

/// A dossier behind a figure.
struct Behind {
    id: DossierId,
    /// What the return itself says of it, where it is one of the period; of a figure of the self-check, which rules.
    says: Vec<String>,
    code: String,
    /// What it adds to the figure, where that is known.
    share: Option<u64>,
    known: Option<DelegationItem>,
}

#[derive(Template)]
#[template(path = "figure.html")]
struct FigurePage<'p> {
    shell: &'p Shell,
    place: Place,
    figure: Figure,
    label: String,
    column: &'static str,
    rows: Vec<Behind>,
    next: Option<String>,
    /// Of items of the annual plan: of which year, and whether the reader may see them.
    plan: Option<(i32, bool)>,
    /// Of the self-check: each row names rules.
    is_check: bool,
}

impl FigurePage<'_> {
    fn up(&self) -> String {
        self.place.at("", &[])
    }

    fn name(&self) -> String {
        self.place.name(self.shell.lang)
    }

    fn days(&self, known: &DelegationItem) -> String {
        let from = known.actual_arrives_on.or(known.arrives_on);
        self.shell.days(&from, &known.actual_departs_on.or(known.departs_on))
    }

    fn has_shares(&self) -> bool {
        self.figure.shares.is_some()
    }

    fn says_head(&self) -> String {
        self.shell.t(if self.is_check { "records-rules-said" } else { "records-counted" })
    }

    fn has_says(&self) -> bool {
        self.rows.iter().any(|row| !row.says.is_empty())
    }

    fn range(&self) -> String {
        words::days(Some(self.figure.range.from), Some(self.figure.range.to))
    }
}

/// The rules behind a figure of the self-check, of one dossier, with what there is to say of each.
fn rules(form: &Return, result: &str, dossier: DossierId) -> Vec<String> {
    let rows = form.self_check.rows.iter().filter(|row| row.id == dossier && row.result.code == result);
    let said = |row: &CheckRow| {
        [&row.rule.text, &row.detail]
            .map(String::as_str)
            .into_iter()
            .filter(|text| !text.is_empty())
            .collect::<Vec<_>>()
            .join(" · ")
    };
    rows.map(said).collect()
}

/// Where a page of a list begins, by the cursor's row.
fn offset(asked: &Asked) -> Result<usize, Problem> {
    Ok(cursor::key::<usize>(asked.cursor.as_deref())?.unwrap_or_default())
}

/// The dossiers behind a figure, in the order of the return.
///
/// # Errors
/// 404 where the return has no such figure.
pub async fn figure(
    request: HttpRequest,
    caller: Caller,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Problem> {
    let shell = Shell::of(&request, &caller)?;
    let place = Place::of(&request, &caller, &asked)?;
    let name = request.match_info().get("figure").unwrap_or_default().to_owned();
    let column = asked.column.as_deref().and_then(Column::parse).unwrap_or(Column::InPeriod);
    let from = offset(&asked)?;
    let (wanted, named) = (period::asked(place, shell.lang), name.clone());
    let found = caller.read(move |tx, ctx| {
        let form = match shown::form(tx, ctx, &wanted)? {
            Ok(form) => form,
            Err(failure) => return Ok(Err(failure)),
        };
        let (section, row) = named.split_once('.').ok_or(Refusal::NotFound)?;
        let figure = form.figure(section, row, column).ok_or(Refusal::NotFound)?;
        let ids: Vec<DossierId> = figure.dossiers.iter().copied().skip(from).take(ROWS).collect();
        let mut known = shown::known(tx, ctx, &ids)?;
        let share = |at: usize| figure.shares.as_ref().and_then(|shares| shares.get(from + at)).copied();
        let behind = |(at, id): (usize, DossierId)| {
            let line = form.dossiers.iter().find(|line| line.id == id).filter(|_| column == Column::InPeriod);
            let known = known.remove(&id);
            let code = known.as_ref().and_then(|one| one.code.clone());
            Behind {
                id,
                says: if section == CHECK {
                    rules(&form, row, id)
                } else {
                    line.map(|line| line.text.clone()).into_iter().collect()
                },
                code: code.or_else(|| line.and_then(|line| line.code.clone())).unwrap_or_default(),
                share: share(at),
                known,
            }
        };
        let rows: Vec<Behind> = ids.into_iter().enumerate().map(behind).collect();
        Ok(Ok((figure, rows)))
    });
    let (figure, rows) = found.await?.map_err(|failure| unmade(&failure))?;
    let more = from + rows.len() < figure.dossiers.len();
    let next = more.then(|| {
        let cursor = cursor::opaque((from + rows.len()).to_string());
        place.at(&format!("/figures/{name}"), &[("column", column.code()), ("cursor", &cursor)])
    });
    let label = match name.split_once('.') {
        Some((CHECK, id)) => shell.word("check-figure", id),
        _ => figure.label.clone(),
    };
    let at = 1 + Column::ALL.iter().take_while(|one| **one != column).count();
    let column = parts::overview_head(shell.lang).into_iter().nth(at).unwrap_or_default();
    let is_check = name.split_once('.').is_some_and(|(section, _)| section == CHECK);
    let sees = caller.known.actor.reach(Action::ReadPlan) != Reach::Never;
    let plan = (name == "plan.items").then(|| (figure.range.to.year(), sees));
    let page = FigurePage { shell: &shell, place, figure, label, column, rows, next, plan, is_check };
    shell::page(StatusCode::OK, shell.lang, &page)
}

#[derive(Template)]
#[template(path = "part.html")]
struct PartPage<'p> {
    shell: &'p Shell,
    place: Place,
    part: Shown,
    known: BTreeMap<DossierId, DelegationItem>,
    count: usize,
    code_at: usize,
    next: Option<String>,
}

impl PartPage<'_> {
    fn up(&self) -> String {
        self.place.at("", &[])
    }

    fn name(&self) -> String {
        self.place.name(self.shell.lang)
    }

    fn class(&self, at: &usize) -> &'static str {
        match self.part.head.get(*at) {
            Some(Head { number: true, .. }) => "number",
            Some(Head { long: true, .. }) => "long",
            _ => "",
        }
    }
}

/// An annex or list of the return, row by row, each row a link to its dossier.
///
/// # Errors
/// 404 for what is no part of a return.
pub async fn part(
    request: HttpRequest,
    caller: Caller,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Problem> {
    let shell = Shell::of(&request, &caller)?;
    let place = Place::of(&request, &caller, &asked)?;
    let named = request.match_info().get("part").and_then(Part::parse).ok_or(Refusal::NotFound)?;
    let (wanted, from) = (period::asked(place, shell.lang), offset(&asked)?);
    let found = caller.read(move |tx, ctx| {
        let form = match shown::form(tx, ctx, &wanted)? {
            Ok(form) => form,
            Err(failure) => return Ok(Err(failure)),
        };
        let shown = parts::part(&form, named, from, ROWS).ok_or(Refusal::NotFound)?;
        let mut ids: Vec<DossierId> = shown.rows.iter().map(|(id, _)| *id).collect();
        ids.sort_unstable();
        ids.dedup();
        Ok(Ok((shown::known(tx, ctx, &ids)?, named.rows(&form), shown)))
    });
    let (known, count, part) = found.await?.map_err(|failure| unmade(&failure))?;
    let next = (from + part.rows.len() < count).then(|| {
        let cursor = cursor::opaque((from + part.rows.len()).to_string());
        place.at(&format!("/parts/{named}"), &[("cursor", &cursor)])
    });
    let code_at = part.head.iter().position(|head| matches!(head.words, "Mã" | "Code")).unwrap_or(0);
    let page = PartPage { shell: &shell, place, part, known, count, code_at, next };
    shell::page(StatusCode::OK, shell.lang, &page)
}
