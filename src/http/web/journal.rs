//! The journal for auditors: what happened in words, one entry with what it commits to and its proof, and how far the
//! whole of it can be trusted, verified here and told how to be verified without us.

mod offered;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::controls::{Choice, Fields, Said};
use super::form::Form;
use super::shell::{self, Shell};
use super::told;
use crate::domain::journal::check::Fault;
use crate::domain::refusal::Refusal;
use crate::domain::text::day;
use crate::http::api;
use crate::http::caller::Caller;
use crate::http::cursor::{self, Page, USUAL};
use crate::http::problem::Problem;
use crate::service::trail::{self, Asked as Wanted, Committed, Entry, Line, Names, Outcome, Standing};

pub use offered::{ACTIONS, KINDS};

/// What the address says. An unknown word is no filter.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    dossier: Option<String>,
    actor: Option<String>,
    action: Option<String>,
    kind: Option<String>,
    object: Option<String>,
    from: Option<String>,
    to: Option<String>,
    cursor: Option<String>,
}

fn filled(text: &Option<String>) -> Option<String> {
    text.clone().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty() && !text.contains('\0'))
}

impl Asked {
    fn wanted(&self) -> Result<Wanted, Problem> {
        Ok(Wanted {
            dossier: filled(&self.dossier),
            actor: filled(&self.actor),
            action: filled(&self.action).filter(|action| ACTIONS.contains(&action.as_str())),
            kind: filled(&self.kind).filter(|kind| KINDS.contains(&kind.as_str())),
            object: filled(&self.object),
            from: filled(&self.from).and_then(|text| day(&text)),
            to: filled(&self.to).and_then(|text| day(&text)),
            before: cursor::key(self.cursor.as_deref())?,
        })
    }

    /// What was typed as a day of the filter and is none: nothing is shown then, rather than everything.
    fn no_day(&self) -> Vec<&'static str> {
        let typed = [("from", &self.from), ("to", &self.to)];
        let wrong = |text: &Option<String>| filled(text).is_some_and(|text| day(&text).is_none());
        typed.into_iter().filter(|(_, text)| wrong(text)).map(|(name, _)| name).collect()
    }

    fn pairs(&self) -> [(&'static str, &Option<String>); 7] {
        [
            ("dossier", &self.dossier),
            ("actor", &self.actor),
            ("action", &self.action),
            ("kind", &self.kind),
            ("object", &self.object),
            ("from", &self.from),
            ("to", &self.to),
        ]
    }

    /// The same view, from another place on.
    fn address(&self, cursor: Option<&str>) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        let pairs = self.pairs().map(|(name, value)| (name, value.as_deref()));
        for (name, value) in pairs.into_iter().chain([("cursor", cursor)]) {
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                query.append_pair(name, value);
            }
        }
        format!("/journal?{}", query.finish())
    }
}

/// What an entry is about, in words: its kind, or the kind itself where there are none.
fn object(shell: &Shell, line: &Line) -> String {
    shell.word("object", &line.object_kind)
}

/// What an entry is about, by name, and where that leads.
struct Linked {
    name: String,
    href: Option<String>,
}

fn linked(names: &Names, id: &str) -> Option<Linked> {
    let known = names.of(id)?;
    Some(Linked { name: known.name().to_owned(), href: told::href(id, &known) })
}

fn event(shell: &Shell, line: &Line) -> String {
    shell.word("event", line.action.replace('.', "-"))
}

fn actor(shell: &Shell, line: &Line) -> String {
    let key = if line.actor_id.is_some() { "journal-somebody" } else { "dossier-by-system" };
    line.actor.clone().unwrap_or_else(|| shell.t(key))
}

#[derive(Template)]
#[template(path = "journal.html")]
struct List<'p> {
    shell: &'p Shell,
    asked: &'p Asked,
    actions: Vec<Choice>,
    kinds: Vec<Choice>,
    items: Vec<Line>,
    names: Names,
    next: Option<String>,
    filtered: bool,
    /// The name of what was typed and is no day, as in the address.
    no_day: Vec<&'static str>,
}

impl List<'_> {
    /// What is wrong with a day of the filter; empty for nothing.
    fn wrong(&self, name: &str) -> String {
        match self.no_day.contains(&name) {
            true => self.shell.t("page-field-not-a-date"),
            false => String::new(),
        }
    }

    fn said<'a>(&self, asked: &'a Option<String>) -> &'a str {
        asked.as_deref().unwrap_or_default()
    }

    fn is(&self, asked: &Option<String>, value: &str) -> bool {
        asked.as_deref() == Some(value)
    }

    fn event(&self, line: &Line) -> String {
        event(self.shell, line)
    }

    fn actor(&self, line: &Line) -> String {
        actor(self.shell, line)
    }

    fn object(&self, line: &Line) -> String {
        object(self.shell, line)
    }

    fn known(&self, line: &Line) -> Option<Linked> {
        linked(&self.names, &line.object_id)
    }

    /// What was said, where something was; of a denial, what was denied and why.
    fn reason(&self, line: &Line) -> String {
        let told = |names: &[&str]| {
            let found = names.iter().find_map(|name| line.values.iter().find(|(own, _)| own == name));
            found.map(|(name, text)| told::says(self.shell, &self.names, name, text))
        };
        let denied = (line.action == "access.denied").then(|| told(&["action"])).flatten();
        let why = told(&["reason", "comment", "refusal"]);
        let members = told::members(self.shell, &line.values);
        [members, denied, why].into_iter().flatten().collect::<Vec<_>>().join(" – ")
    }
}

/// The journal, the newest entries first.
///
/// # Errors
/// 400 for a cursor that we did not hand out.
pub async fn list(
    request: HttpRequest,
    caller: Caller,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Problem> {
    let shell = Shell::of(&request, &caller)?;
    let wanted = asked.wanted()?;
    let no_day = asked.no_day();
    let filtered = asked.pairs().iter().any(|(_, value)| filled(value).is_some());
    let readable = no_day.is_empty();
    let read = caller.read(move |tx, ctx| {
        let rows = if readable { trail::list(tx, ctx, &wanted, USUAL + 1)? } else { Vec::new() };
        let names = trail::names(tx, ctx, &rows)?;
        Ok((rows, names))
    });
    let (rows, names) = read.await?;
    let Page { items, next_cursor } = Page::of(rows, USUAL, |line| line.seq.to_string());
    let choice = |action: &&str| Choice {
        value: (*action).to_owned(),
        label: shell.word("event", action.replace('.', "-")),
    };
    let kind = |kind: &&str| Choice { value: (*kind).to_owned(), label: shell.word("object", kind) };
    let page = List {
        actions: ACTIONS.iter().map(choice).collect(),
        kinds: KINDS.iter().map(kind).collect(),
        next: next_cursor.map(|cursor| asked.address(Some(&cursor))),
        shell: &shell,
        asked: &asked,
        items,
        names,
        filtered,
        no_day,
    };
    shell::page(StatusCode::OK, shell.lang, &page)
}

#[derive(Template)]
#[template(path = "entry.html")]
struct EntryPage<'p> {
    shell: &'p Shell,
    entry: Entry,
    names: Names,
}

impl EntryPage<'_> {
    fn event(&self) -> String {
        event(self.shell, &self.entry.line)
    }

    fn actor(&self) -> String {
        actor(self.shell, &self.entry.line)
    }

    fn object(&self) -> String {
        object(self.shell, &self.entry.line)
    }

    fn organisation(&self) -> String {
        let id = self.entry.line.organisation_id.as_deref().and_then(|id| id.parse().ok());
        let name = id.and_then(|id| self.names.organisations().get(&id)).cloned();
        name.unwrap_or_else(|| self.shell.t("page-none"))
    }

    fn known(&self) -> Option<Linked> {
        linked(&self.names, &self.entry.line.object_id)
    }

    /// Everything about the same thing.
    fn all_about(&self) -> String {
        let Line { object_kind, object_id, .. } = &self.entry.line;
        let (kind, object) = (Some(object_kind.clone()), Some(object_id.clone()));
        Asked { kind, object, ..Asked::default() }.address(None)
    }

    fn called(&self, value: &Committed) -> String {
        told::called(self.shell, &self.names, &value.name)
    }

    fn says(&self, value: &Committed) -> Option<String> {
        let text = value.text.as_deref()?;
        Some(told::says(self.shell, &self.names, &value.name, text))
    }

    fn utc(&self) -> String {
        self.entry.line.at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true)
    }

    fn neighbour(&self, by: i64) -> Option<i64> {
        let seq = self.entry.line.seq + by;
        u64::try_from(seq).is_ok_and(|seq| seq < self.entry.count).then_some(seq)
    }
}

fn seq(request: &HttpRequest) -> Result<u64, Problem> {
    let seq = request.match_info().get("seq").and_then(|seq| seq.parse().ok());
    seq.ok_or_else(|| Refusal::NotFound.into())
}

/// One entry.
///
/// # Errors
/// 404 where there is none.
pub async fn one(request: HttpRequest, caller: Caller) -> Result<HttpResponse, Problem> {
    let shell = Shell::of(&request, &caller)?;
    let (seq, installation) = (seq(&request)?, caller.state().store.installation());
    let read = caller.read(move |tx, ctx| {
        let entry = trail::entry(tx, ctx, installation, seq)?;
        let names = trail::names(tx, ctx, std::slice::from_ref(&entry.line))?;
        Ok((entry, names))
    });
    let (entry, names) = read.await?;
    shell::page(StatusCode::OK, shell.lang, &EntryPage { shell: &shell, entry, names })
}

#[derive(Template)]
#[template(path = "verify.html")]
struct Verify<'p> {
    shell: &'p Shell,
    standing: Standing,
    outcome: Option<Outcome>,
    may_run: bool,
    /// What was typed for the number of an old checkpoint, and is none.
    odd: Option<String>,
    fields: Fields,
}

impl Verify<'_> {
    /// What stands in the field of an old checkpoint's number: what was typed, else the one that the witness was told.
    fn size(&self) -> String {
        let told = self.standing.witness.as_ref().map(|told| told.size.to_string());
        self.odd.clone().or(told).unwrap_or_default()
    }

    fn wrong(&self) -> &str {
        self.fields.summary.first().map_or("", |said| said.words.as_str())
    }

    fn root(&self) -> String {
        self.standing.last.as_ref().map(|last| hex::encode(last.root)).unwrap_or_default()
    }

    fn hex(&self, hash: &[u8; 32]) -> String {
        hex::encode(hash)
    }

    /// What was done to the journal, as far as can be told.
    fn fault(&self, fault: &Fault) -> String {
        self.shell.t(match fault {
            Fault::Changed => "journal-fault-changed",
            Fault::Missing => "journal-fault-missing",
            Fault::Inserted => "journal-fault-inserted",
            Fault::Reordered => "journal-fault-reordered",
            Fault::CutTail => "journal-fault-cut-tail",
            Fault::Forked => "journal-fault-forked",
            Fault::RolledBack => "journal-fault-rolled-back",
            Fault::AnotherInstallation => "journal-fault-another-installation",
            Fault::Unsigned => "journal-fault-unsigned",
        })
    }
}

async fn verify_page(
    request: &HttpRequest,
    caller: &Caller,
    outcome: Option<Outcome>,
    odd: Option<String>,
) -> Result<HttpResponse, Problem> {
    let shell = Shell::of(request, caller)?;
    let installation = caller.state().store.installation();
    let standing = caller.read(move |tx, ctx| trail::standing(tx, ctx, installation)).await?;
    let may_run = standing.count <= trail::MOST_VERIFIED;
    let mut fields = Fields::of(shell.lang, serde_json::Value::Null);
    let words =
        || shell.t1("journal-appended-wrong", "most", standing.last.as_ref().map_or(0, |last| last.size));
    fields.summary = odd.iter().map(|_| Said { href: "#size".to_owned(), words: words() }).collect();
    let status = if odd.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = Verify { shell: &shell, standing, outcome, may_run, odd, fields };
    shell::page(status, shell.lang, &page)
}

/// The proof that the last checkpoint begins with an old one, as a file.
///
/// # Errors
/// 503 when the database cannot be asked.
pub async fn consistency(request: HttpRequest, caller: Caller) -> Result<HttpResponse, Problem> {
    match api::journal::consistency(request.clone(), caller.clone()).await {
        Err(problem) if matches!(problem.status, StatusCode::BAD_REQUEST | StatusCode::NOT_FOUND) => {
            let mut asked = url::form_urlencoded::parse(request.query_string().as_bytes());
            let typed = asked.find(|(name, _)| name == "from").map(|(_, typed)| typed.into_owned());
            verify_page(&request, &caller, None, Some(typed.unwrap_or_default())).await
        }
        done => done,
    }
}

/// How far the journal can be trusted.
///
/// # Errors
/// 503 when the database cannot be asked.
pub async fn verify(request: HttpRequest, caller: Caller) -> Result<HttpResponse, Problem> {
    verify_page(&request, &caller, None, None).await
}

/// Recomputes the stored journal, unless it is too long for a request, and shows what was found.
///
/// # Errors
/// 503 when too many others wait for slow work.
pub async fn run(request: HttpRequest, caller: Caller, _form: Form) -> Result<HttpResponse, Problem> {
    let store = caller.state().store.clone();
    let found = caller.at_the_press(move |settings| trail::verify(&store, settings)).await?;
    verify_page(&request, &caller, Some(found?), None).await
}
