//! The papers of a delegation: what is there and what is missing, uploading, recording what is held on paper, taking
//! away; official papers to be had, and the signed files that come after. What is downloaded goes by the API's handlers.

mod take_away;
mod upload;

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::{Value, json};

use super::assessment;
use super::controls::{Choice, Fields, Said, vocabulary};
use super::dossier;
use super::form::{Form, stated};
use super::kept;
use super::shell::{self, Shell};
use crate::domain::codes::Code;
use crate::domain::file::{FileKind, MediaType};
use crate::domain::ids::{DossierId, FileId, MemberId, PaperId};
use crate::domain::rulebook::PapersView;
use crate::http::body;
use crate::http::caller::{Caller, Reply};
use crate::http::problem::Problem;
use crate::paper::{Format, Kind};
use crate::service::files::{self, Done, OfflinePaper, PaperRights, PaperState, PaperView};
use crate::service::members::{self, MemberView};
use crate::service::papers;
use crate::service::papers::issued::{self, NewSignedFile};
use crate::service::views::{self, DelegationView};
use crate::service::{Context, Result as ServiceResult, rules, users};
use crate::store::{ReadTx, Recorded};

pub use take_away::{ask_why, delete, quarantine};
pub(super) use upload::fields;
pub use upload::upload;

/// Without which nothing is kept: of an upload, and of a paper that stays outside.
const MUST: &[&str] = &["/kind", "/file", "/offline/kind", "/offline/number", "/offline/date"];

struct Read {
    view: DelegationView,
    papers: Vec<PaperView>,
    asked: PapersView,
    members: Vec<MemberView>,
    people: BTreeMap<String, String>,
    rights: PaperRights,
    kinds: Vec<Kind>,
    formats: Vec<Format>,
}

fn read(tx: &mut ReadTx<'_>, ctx: &Context, id: DossierId) -> ServiceResult<Read> {
    let view = views::delegation(tx, ctx, id)?;
    let papers = files::list(tx, ctx, id)?;
    let gone = papers.iter().filter_map(|paper| paper.taken_away.as_ref().map(|gone| gone.by));
    let people = papers.iter().map(|paper| paper.uploaded_by).chain(gone).collect();
    let (kinds, formats) = papers::offered(tx, ctx, id)?;
    Ok(Read {
        asked: rules::explain(tx, ctx, id)?.papers,
        members: members::list(tx, ctx, id)?,
        people: users::names(tx, people)?,
        rights: files::rights(tx, ctx, id)?,
        view,
        papers,
        kinds,
        formats,
    })
}

#[derive(Template)]
#[template(path = "papers.html")]
struct Papers<'p> {
    shell: &'p Shell,
    fields: Fields,
    most: u64,
    all: Read,
    /// What was uploaded and was here already.
    known: Known,
    /// That the file is too large, and how much is taken; empty otherwise.
    too_large: String,
}

impl Papers<'_> {
    /// Since when the issued papers permit nothing any more.
    fn void_since(&self) -> Option<NaiveDate> {
        dossier::void_since(&self.all.view)
    }

    fn who(&self, id: &impl ToString) -> String {
        self.all.people.get(&id.to_string()).cloned().unwrap_or_default()
    }

    /// What the rules ask for and is not there; copies of passports also where somebody's lacks.
    fn missing(&self) -> Vec<FileKind> {
        let asked = &self.all.asked;
        let scans = (!asked.without_passport_scan.is_empty()).then_some(FileKind::PassportScan);
        let scans = scans.filter(|scans| !asked.missing.contains(scans));
        asked.missing.iter().copied().chain(scans).collect()
    }

    /// What is to be said of a paper that lacks: what is typed in already, of whom it lacks.
    fn of_missing(&self, kind: &FileKind) -> String {
        let (shell, members) = (self.shell, &self.all.members);
        let whose = assessment::without_scan(shell, &self.all.asked, members);
        match kind {
            FileKind::PassportScan if !whose.is_empty() => shell.t1("papers-scans-of", "names", whose),
            kind => assessment::typed_in(shell, &self.all.view, members, *kind),
        }
    }

    fn kind(&self) -> String {
        self.fields.coded::<FileKind>("/kind")
    }

    /// What can be held on paper: no scan of a passport.
    fn offline_kind(&self) -> String {
        let mut kinds = vocabulary::<FileKind>(self.shell.lang);
        kinds.retain(|kind| kind.value != FileKind::PassportScan.code());
        self.fields.one_of("/offline/kind", &kinds)
    }

    fn member(&self) -> String {
        let choice =
            |member: &MemberView| Choice { value: member.id.to_string(), label: member.full_name.clone() };
        self.fields.one_of("/member_id", &self.all.members.iter().map(choice).collect::<Vec<_>>())
    }

    fn traveller(&self, id: &MemberId) -> &str {
        let member = self.all.members.iter().find(|member| member.id == *id);
        member.map_or("", |member| member.full_name.as_str())
    }

    fn size(&self, bytes: &i64) -> String {
        size(self.shell, *bytes)
    }

    /// The paper that has the bytes which were uploaded, if there was one before.
    fn same(&self) -> Option<&PaperView> {
        let id = self.known.same.or(self.known.twin)?;
        self.all.papers.iter().find(|paper| paper.id == id)
    }

    fn was_added(&self) -> bool {
        self.known.same.is_none()
    }

    /// What is wrong with the file.
    fn wrong(&self) -> String {
        if self.too_large.is_empty() { self.fields.error("/file") } else { self.too_large.clone() }
    }

    fn largest(&self) -> String {
        size(self.shell, i64::try_from(self.most).unwrap_or(i64::MAX))
    }

    fn media(&self, media: &MediaType) -> &'static str {
        match media {
            MediaType::Pdf => "PDF",
            MediaType::Png => "PNG",
            MediaType::Jpeg => "JPEG",
            MediaType::Tiff => "TIFF",
            MediaType::Docx => "DOCX",
            MediaType::Xlsx => "XLSX",
            MediaType::Odt => "ODT",
            MediaType::Ods => "ODS",
        }
    }

    fn is_here(&self, paper: &PaperView) -> bool {
        paper.state == PaperState::Stored
    }

    fn may(&self, what: &str, id: &FileId) -> bool {
        let rights = &self.all.rights;
        match what {
            "read" => rights.read.contains(id),
            "delete" => rights.delete.contains(id),
            _ => rights.quarantine.contains(id),
        }
    }

    /// Uploaded files that can be the signed one.
    fn signed_choices(&self) -> Vec<&PaperView> {
        let is_signed = |paper: &&PaperView| {
            paper.state == PaperState::Stored
                && matches!(paper.kind, FileKind::Permit | FileKind::SignedDecision)
        };
        self.all.papers.iter().filter(is_signed).collect()
    }
}

/// Bytes as people read them: with a comma in Vietnamese.
fn size(shell: &Shell, bytes: i64) -> String {
    let (tenths, unit) = match bytes {
        ..1_024 => return format!("{bytes} B"),
        1_024..1_048_576 => (bytes * 10 / 1_024, "KB"),
        _ => (bytes * 10 / 1_048_576, "MB"),
    };
    let mark = shell.pick(",", ".");
    match tenths % 10 {
        0 => format!("{} {unit}", tenths / 10),
        rest => format!("{}{mark}{rest} {unit}", tenths / 10),
    }
}

async fn page(
    request: &HttpRequest,
    caller: &Caller,
    status: StatusCode,
    refused: Option<(&Form, &Problem)>,
) -> Result<HttpResponse, Problem> {
    let id: DossierId = body::id(request, "id")?;
    let shell = Shell::of(request, caller)?;
    let all = caller.read(move |tx, ctx| read(tx, ctx, id)).await?;
    let fields = kept::fields(request, caller, refused, asked(request)).await?;
    let fields = if all.rights.add { fields.must(MUST) } else { fields };
    let most = caller.state().config.papers.max_bytes();
    let known = web::Query::<Known>::from_query(request.query_string()).ok();
    let known = known.map(web::Query::into_inner).unwrap_or_default();
    let mut page = Papers { shell: &shell, fields, most, all, known, too_large: String::new() };
    if refused.is_some_and(|(_, problem)| is_too_large(problem)) {
        page.too_large = shell.t1("papers-too-large", "size", page.largest());
        let words = page.too_large.clone();
        page.fields.summary = vec![Said { href: "#f-file".to_owned(), words }];
    }
    shell::page(status, shell.lang, &page)
}

/// The kind that a link asks to be uploaded.
fn asked(request: &HttpRequest) -> Value {
    let mut pairs = url::form_urlencoded::parse(request.query_string().as_bytes());
    let kind = pairs.find(|(name, _)| name == "kind").and_then(|(_, kind)| FileKind::parse(&kind));
    kind.map_or(Value::Null, |kind| json!({"kind": kind.code()}))
}

/// The papers.
///
/// # Errors
/// 404 where the reader may not know of the delegation.
pub async fn show(request: HttpRequest, caller: Caller) -> Result<HttpResponse, Problem> {
    page(&request, &caller, StatusCode::OK, None).await
}

fn back(dossier: DossierId) -> Reply {
    Reply::see_other(format!("/delegations/{dossier}/papers"))
}

/// Back to the papers; with the paper that has the same bytes, if the dossier had it already.
fn done(tx: &mut ReadTx<'_>, dossier: DossierId, done: Recorded<Done>) -> ServiceResult<Recorded<Reply>> {
    let (id, made) = (done.value().id, done.value().made);
    let known = match made {
        true => files::twin(tx, dossier, id)?.map(|twin| format!("twin={twin}")),
        false => Some(format!("same={id}")),
    };
    Ok(done.map(|_| match known {
        Some(known) => Reply::see_other(format!("/delegations/{dossier}/papers?{known}")),
        None => back(dossier),
    }))
}

/// What the address says of a paper that the dossier had already.
#[derive(Debug, Default, Deserialize)]
struct Known {
    same: Option<FileId>,
    twin: Option<FileId>,
}

/// Whether too much was sent; said at the file, with how much is taken.
fn is_too_large(problem: &Problem) -> bool {
    problem.status == StatusCode::PAYLOAD_TOO_LARGE
}

/// Whether the page itself can say what was wrong.
fn is_said_here(problem: &Problem) -> bool {
    !matches!(problem.status, StatusCode::NOT_FOUND | StatusCode::FORBIDDEN | StatusCode::UNAUTHORIZED)
        && problem.status.is_client_error()
}

async fn settled(
    request: &HttpRequest,
    caller: &Caller,
    form: Option<&Form>,
    done: Result<HttpResponse, Problem>,
) -> Result<HttpResponse, Problem> {
    match (done, form) {
        (Err(problem), Some(form)) if is_said_here(&problem) => {
            page(request, caller, problem.status, Some((form, &problem))).await
        }
        (done, _) => done,
    }
}

/// Records a paper that is held outside of this system: number and date alone.
///
/// # Errors
/// As the use case refuses, where the page cannot help.
pub async fn offline(request: HttpRequest, caller: Caller, form: Form) -> Result<HttpResponse, Problem> {
    let id: DossierId = body::id(&request, "id")?;
    let caller = caller.with_form(&form);
    let (version, most) = (caller.version()?, caller.state().config.papers.max_files);
    let said = form.json().pointer("/offline").cloned().unwrap_or_else(|| json!({}));
    let done = match body::value::<OfflinePaper>(stated(said)) {
        Ok(paper) => {
            let record = caller.command(form.sent(), move |tx, ctx| {
                let done = files::record_offline(tx, ctx, id, version, &paper, most)?;
                Ok(done.map(|_| back(id)))
            });
            record.await
        }
        Err(refusal) => Err(refusal.into()),
    };
    let done = done.map_err(|problem| below("/offline", problem));
    if done.is_ok() {
        kept::forget_here(&request, &caller).await?;
    }
    settled(&request, &caller, Some(&form), done).await
}

/// The same faults at fields that stand in a part of the form.
fn below(base: &str, mut problem: Problem) -> Problem {
    for fault in &mut problem.faults {
        fault.pointer.insert_str(0, base);
    }
    problem
}

/// Keeps an uploaded file as the signed one of an issued paper.
///
/// # Errors
/// As the use case refuses, where the page cannot help.
pub async fn keep_signed(request: HttpRequest, caller: Caller, form: Form) -> Result<HttpResponse, Problem> {
    let (id, paper): (DossierId, PaperId) = (body::id(&request, "id")?, body::id(&request, "paper")?);
    let caller = caller.with_form(&form);
    let version = caller.version()?;
    let keep = form.command(&caller, move |tx, ctx, new: &NewSignedFile| {
        let kept = issued::keep_signed(tx, ctx, (id, version), paper, new)?;
        Ok(kept.map(back))
    });
    let done = keep.await;
    settled(&request, &caller, Some(&form), done).await
}
