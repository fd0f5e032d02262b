//! The list of delegations: filters and order in the address, so that a view can be bookmarked, shared and kept; pages by
//! keyset; the same view as a file; and the first answers of a search that is still being typed.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::NaiveDate;
use serde::Deserialize;

use super::controls::{self, Choice, Fields, Said, vocabulary};
use super::form::Form;
use super::month::called;
use super::office::places;
use super::shell::{self, Shell};
use crate::clock::day_in_vietnam;
use crate::domain::codes::{Code, Direction, Field};
use crate::domain::countries;
use crate::domain::dossier::State;
use crate::domain::ids::{DossierId, OrganisationId, SavedFilterId};
use crate::domain::phase::{During, Phase};
use crate::domain::refusal::Why;
use crate::domain::text::day;
use crate::http::caller::{Caller, Reply};
use crate::http::cursor::{self, USUAL};
use crate::http::problem::Problem;
use crate::http::{State as Service, body, press};
use crate::service::exports::listed::{self, Listing};
use crate::service::returns::Format;
use crate::service::views::{self, DelegationItem, Standing};
use crate::service::{Context, organisations, saved_filters};
use crate::store::dossiers::{Filter, Mark, Order, Sort};
use crate::store::saved_filters::SavedFilter;
use crate::texts;

/// What the address says. An unknown word is no filter: a link that somebody shortened still shows a page.
#[derive(Debug, Default, Clone, Deserialize)]
pub struct Asked {
    q: Option<String>,
    direction: Option<String>,
    state: Option<String>,
    field: Option<String>,
    country: Option<String>,
    organisation: Option<String>,
    from: Option<String>,
    to: Option<String>,
    phase: Option<String>,
    month: Option<String>,
    sort: Option<String>,
    format: Option<String>,
    cursor: Option<String>,
}

/// A column that the list can be put in order by.
pub struct Column {
    by: Sort,
    label: String,
    href: String,
    /// For `aria-sort`.
    sorted: &'static str,
    /// What pressing it does.
    hint: String,
}

#[derive(Template)]
#[template(path = "list.html")]
struct List<'p> {
    shell: &'p Shell,
    asked: &'p Asked,
    directions: Vec<Choice>,
    states: Vec<Choice>,
    works: Vec<Choice>,
    countries: Vec<Choice>,
    organisations: Vec<Choice>,
    columns: [Column; 3],
    items: Vec<DelegationItem>,
    next: Option<String>,
    names: BTreeMap<OrganisationId, String>,
    standings: BTreeMap<DossierId, BTreeSet<Standing>>,
    saved: Vec<SavedFilter>,
    refused: Option<String>,
    typed: &'p str,
    phase: Option<String>,
    filtered: bool,
    /// What is wrong with the days of the filter.
    fields: Fields,
}

#[derive(Template)]
#[template(path = "answers.html")]
struct Answers<'p> {
    shell: &'p Shell,
    items: Vec<DelegationItem>,
    all: String,
}

impl List<'_> {
    fn host(&self, item: &DelegationItem) -> &str {
        let id = item.lead_host_id.unwrap_or(item.organisation_id);
        self.names.get(&id).map_or("", String::as_str)
    }

    fn standing(&self, item: &DelegationItem) -> String {
        self.shell.standing(item.state, self.standings.get(&item.id))
    }

    fn is(&self, asked: &Option<String>, value: &str) -> bool {
        asked.as_deref() == Some(value)
    }

    fn said<'a>(&self, asked: &'a Option<String>) -> &'a str {
        asked.as_deref().unwrap_or_default()
    }

    fn column(&self, by: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.by.code() == by)
    }

    fn file(&self, format: &str) -> String {
        self.asked.address("/delegations/export", &[("format", format)])
    }

    fn query(&self) -> String {
        self.asked.query(&[])
    }

    /// What is wrong with a day of the filter; empty for nothing.
    fn wrong(&self, name: &str) -> &str {
        let href = format!("#{name}");
        let said = self.fields.summary.iter().find(|said| said.href == href);
        said.and_then(|said| said.words.split_once(": ")).map_or("", |(_, why)| why)
    }
}

/// A month as the address says it: `2026-11`.
#[must_use]
pub fn month(text: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(&format!("{text}-01"), "%Y-%m-%d")
        .ok()
        .filter(|first| !crate::domain::delegation::is_far(*first))
}

impl Asked {
    fn filter(&self, today: NaiveDate) -> Filter {
        let said = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
        let phase = said(&self.phase).and_then(|code| Phase::parse(&code));
        let first = said(&self.month).and_then(|text| month(&text)).unwrap_or(today);
        Filter {
            direction: said(&self.direction).and_then(|code| Direction::parse(&code)),
            state: said(&self.state).and_then(|code| State::parse(&code)),
            country: said(&self.country).filter(|code| countries::is_known(code)),
            organisation: said(&self.organisation).and_then(|id| id.parse().ok()),
            from: said(&self.from).and_then(|text| day(&text)),
            to: said(&self.to).and_then(|text| day(&text)),
            field: said(&self.field).and_then(|code| Field::parse(&code)),
            words: said(&self.q),
            during: phase.map(|phase| During::of(phase, first, today)),
            ..Filter::default()
        }
    }

    /// What was typed as a day and is none, or ends before it begins: where it stands, and why. Nothing is shown then, rather
    /// than everything.
    fn wrong(&self) -> Vec<(&'static str, &'static str)> {
        let typed = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
        let (from, to) = (typed(&self.from), typed(&self.to));
        let days = [&from, &to].map(|text| text.as_deref().and_then(day));
        let no_day = [("from", &from), ("to", &to)].into_iter().zip(days);
        let no_day = no_day.filter(|((_, text), day)| text.is_some() && day.is_none());
        let mut wrong: Vec<_> = no_day.map(|((name, _), _)| (name, "not-a-date")).collect();
        if let [Some(from), Some(to)] = days
            && to < from
        {
            wrong.push(("to", "before-start"));
        }
        wrong
    }

    /// The order: a column's name, with `-` before it for the last first.
    fn order(&self) -> Order {
        let said = self.sort.as_deref().unwrap_or_default();
        let (by, descending) = said.strip_prefix('-').map_or((said, false), |by| (by, true));
        Sort::parse(by).map_or_else(Order::default, |by| Order { by, descending })
    }

    /// Where the page begins.
    fn after(&self, order: Order) -> Result<Option<Mark>, Problem> {
        let mark: Option<Mark> = cursor::key(self.cursor.as_deref())?;
        match mark {
            Some(mark) if !mark.fits(order) => Err(body::bad_parameter("cursor", "invalid-cursor")),
            other => Ok(other),
        }
    }

    /// What the address says, without where the page begins, and with these changes.
    fn query(&self, changes: &[(&str, &str)]) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        let named = [
            ("q", &self.q),
            ("direction", &self.direction),
            ("state", &self.state),
            ("field", &self.field),
            ("country", &self.country),
            ("organisation", &self.organisation),
            ("from", &self.from),
            ("to", &self.to),
            ("phase", &self.phase),
            ("month", &self.month),
            ("sort", &self.sort),
        ];
        for (name, value) in named {
            let is_changed = changes.iter().any(|(changed, _)| *changed == name);
            if let Some(value) = value.as_deref().filter(|value| !value.is_empty() && !is_changed) {
                query.append_pair(name, value);
            }
        }
        for (name, value) in changes {
            query.append_pair(name, value);
        }
        query.finish()
    }

    fn address(&self, path: &str, changes: &[(&str, &str)]) -> String {
        let query = self.query(changes);
        if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
    }

    fn is_filtered(&self) -> bool {
        let sorted = Self { sort: None, ..self.clone() };
        !sorted.query(&[]).is_empty()
    }

    fn column(&self, shell: &Shell, by: Sort, label: &str) -> Column {
        let order = self.order();
        let is_by = order.by == by;
        let ascending = is_by && order.descending || !is_by && by != Sort::Since;
        let sort = format!("{}{by}", if ascending { "" } else { "-" });
        Column {
            by,
            label: shell.t(label),
            href: self.address("/delegations", &[("sort", &sort)]),
            sorted: match (is_by, order.descending) {
                (true, false) => "ascending",
                (true, true) => "descending",
                (false, _) => "none",
            },
            hint: shell.t(if ascending { "list-ascending" } else { "list-descending" }),
        }
    }
}

/// The list.
///
/// # Errors
/// 400 for a cursor that we did not hand out.
pub async fn show(
    request: HttpRequest,
    caller: Caller,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Problem> {
    page(&request, &caller, &asked, StatusCode::OK, None).await
}

async fn page(
    request: &HttpRequest,
    caller: &Caller,
    asked: &Asked,
    status: StatusCode,
    refused: Option<(&str, String)>,
) -> Result<HttpResponse, Problem> {
    let shell = Shell::of(request, caller)?;
    let (filter, order, wrong) = (asked.filter(shell.today), asked.order(), asked.wrong());
    let (status, is_wrong) =
        if wrong.is_empty() { (status, false) } else { (StatusCode::UNPROCESSABLE_ENTITY, true) };
    let after = asked.after(order)?;
    let (mut items, names, standings, saved) = caller
        .read(move |tx, ctx| {
            let names = organisations::names(tx, ctx.actor.lang)?;
            let saved = saved_filters::list(tx, ctx)?;
            let items = match is_wrong {
                true => Vec::new(),
                false => views::sorted(tx, ctx, &filter, order, after, USUAL + 1)?,
            };
            let standings = views::standings(tx, &items)?;
            Ok((items, names, standings, saved))
        })
        .await?;
    let most = usize::try_from(USUAL).unwrap_or_default();
    let more = items.len() > most;
    items.truncate(most);
    let last = items.last().filter(|_| more).map(|item| views::mark(order, item).to_string());
    let next = last.map(|last| asked.address("/delegations", &[("cursor", &cursor::opaque(last))]));
    let countries = countries::list(shell.lang).into_iter().map(|(value, label)| Choice { value, label });
    let phase = asked.phase.as_deref().and_then(Phase::parse).map(|phase| {
        let first = asked.month.as_deref().and_then(month).unwrap_or(shell.today);
        let said = called(&shell, phase, first);
        let month = first.format("%m/%Y").to_string();
        texts::text(shell.lang, "list-phase", &[("phase", &said), ("month", &month)])
    });
    let (typed, refused) = refused.map_or(("", None), |(typed, words)| (typed, Some(words)));
    let page = List {
        directions: vocabulary::<Direction>(shell.lang),
        states: vocabulary::<State>(shell.lang),
        works: vocabulary::<Field>(shell.lang),
        countries: countries.collect(),
        organisations: places(&names),
        columns: [
            asked.column(&shell, Sort::Code, "list-by-code"),
            asked.column(&shell, Sort::Arrival, "list-dates"),
            asked.column(&shell, Sort::Since, "list-state"),
        ],
        filtered: asked.is_filtered(),
        fields: wrong_days(&shell, &wrong),
        shell: &shell,
        asked,
        items,
        next,
        names,
        standings,
        saved,
        refused,
        typed,
        phase,
    };
    shell::page(status, shell.lang, &page)
}

/// The days of a filter that cannot be read, summarised.
fn wrong_days(shell: &Shell, wrong: &[(&'static str, &'static str)]) -> Fields {
    let mut fields = Fields::of(shell.lang, serde_json::Value::Null);
    let said = |(name, why): &(&'static str, &'static str)| {
        let label = shell.t(&format!("list-{name}"));
        let why = controls::why_words(shell.lang, &label, Why::from(*why));
        Said { href: format!("#{name}"), words: format!("{label}: {why}") }
    };
    fields.summary = wrong.iter().map(said).collect();
    fields
}

/// The list as a file: the same filter, the same order, all of its pages.
///
/// # Errors
/// 400 for what is no format; 422 for more than is handed out at once.
pub async fn export(
    caller: Caller,
    state: web::Data<Service>,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Problem> {
    if let Some((name, why)) = asked.wrong().into_iter().next() {
        return Err(body::bad_parameter(name, why));
    }
    let format = asked.format.as_deref().and_then(Format::parse);
    let format = format.filter(|format| matches!(format, Format::Csv | Format::Xlsx));
    let format = format.ok_or_else(|| body::bad_parameter("format", "unknown-code"))?;
    let actor = caller.known.actor.clone();
    let listing = Listing {
        filter: asked.filter(day_in_vietnam(state.store.now())),
        order: asked.order(),
        format,
        lang: actor.lang,
        query: asked.query(&[]),
    };
    let ctx = Context { actor, settings: state.settings.clone() };
    let (listing, made) = press::at_the_press(&state, move |state| {
        let made = listed::make(&state.store, &state.depot, &ctx, &listing);
        (listing, made)
    })
    .await?;
    let made = made?;
    let disposition = format!("attachment; filename=\"{}\"", made.name);
    let bytes = made.bytes.clone();
    caller.record(move |tx, actor| listed::record(tx, actor, &listing, &made)).await?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, format.media_type()))
        .insert_header((header::CONTENT_DISPOSITION, disposition))
        .body(bytes))
}

/// The first answers of a search, as a part of a page: for the script, while somebody types.
///
/// # Errors
/// 503 when the database cannot be asked.
pub async fn search(
    request: HttpRequest,
    caller: Caller,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Problem> {
    let shell = Shell::of(&request, &caller)?;
    let words = asked.q.clone().unwrap_or_default();
    let all = asked.address("/delegations", &[]);
    let items = match words.trim().is_empty() {
        true => Vec::new(),
        false => caller.read(move |tx, ctx| views::found(tx, ctx, &words)).await?,
    };
    shell::page(StatusCode::OK, shell.lang, &Answers { shell: &shell, items, all })
}

/// Keeps the view under a name.
///
/// # Errors
/// 503 when the database cannot write now.
pub async fn keep(request: HttpRequest, caller: Caller, form: Form) -> Result<HttpResponse, Problem> {
    let query = form.get("query").unwrap_or_default();
    let asked = web::Query::<Asked>::from_query(query).map(web::Query::into_inner).unwrap_or_default();
    let (name, query) = (form.get("/name").unwrap_or_default().to_owned(), asked.query(&[]));
    let back = asked.address("/delegations", &[]);
    let done = caller.command(form.sent(), move |tx, ctx| {
        let kept = saved_filters::keep(tx, ctx, &name, &query)?;
        Ok(kept.map(|()| Reply::see_other(back.clone())))
    });
    match done.await {
        Err(problem) if controls::is_about_input(&problem) => {
            let lang = caller.known.actor.lang;
            let label = controls::label(lang, "/name");
            let fault = problem.faults.first();
            let said = fault.map(|fault| controls::why_words(lang, &label, fault.why())).unwrap_or_default();
            let typed = form.get("/name").unwrap_or_default();
            page(&request, &caller, &asked, problem.status, Some((typed, said))).await
        }
        other => other,
    }
}

/// Throws a kept view away.
///
/// # Errors
/// 404 where it is none of the reader's.
pub async fn discard(request: HttpRequest, caller: Caller, form: Form) -> Result<HttpResponse, Problem> {
    let id: SavedFilterId = body::id(&request, "id")?;
    caller
        .command(form.sent(), move |tx, ctx| {
            let gone = saved_filters::remove(tx, ctx, id)?;
            Ok(gone.map(|()| Reply::see_other("/delegations")))
        })
        .await
}
