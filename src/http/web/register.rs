//! Registering and editing a delegation in one form with sections, saved as a draft at any time; beside it what the rules
//! say of what is saved.

mod offered;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;
use serde_json::{Value, json};

use self::offered::Offered;
use super::assessment;
use super::controls::Fields;
use super::form::{Form, stated};
use super::kept;
use super::shell::{self, Shell};
use super::unsaved::{self, Unsaved};
use crate::domain::access::{Action, Reach};
use crate::domain::codes::{
    Channel, Code, Direction, Field, GuestBase, GuestKind, HeadLevel, Origin, Payer, Rank, Zone,
};
use crate::domain::delegation::Content;
use crate::domain::dossier::Command;
use crate::domain::ids::{DossierId, OrganisationId, PartnerId};
use crate::domain::refusal::Refusal;
use crate::http::body;
use crate::http::caller::{Caller, Reply};
use crate::http::problem::Problem;
use crate::service::{course, delegations, members, rules, views};

/// Empty rows that a list of the form offers beside those that are filled in.
const SPARE: usize = 2;

#[derive(Template)]
#[template(path = "register.html")]
struct Register<'p> {
    shell: &'p Shell,
    fields: Fields,
    direction: Direction,
    saved: Option<Saved>,
    offered: Offered,
    /// What the rules say of what is saved.
    assessment: String,
    may_add_partner: bool,
    /// Other new dossiers that were typed and not saved.
    unsaved: Vec<Unsaved>,
}

/// The dossier that is edited.
struct Saved {
    id: DossierId,
    version: i64,
    title: String,
    /// Whether saving it may open an amendment.
    amends: bool,
}

impl Register<'_> {
    fn inbound(&self) -> bool {
        self.direction == Direction::Inbound
    }

    fn rows(&self, list: &str) -> std::ops::Range<usize> {
        0..self.fields.rows(list) + SPARE
    }

    fn one(&self, name: &str, what: &str) -> String {
        match what {
            "rank" => self.fields.coded::<Rank>(name),
            "field" => self.fields.coded::<Field>(name),
            "channel" => self.fields.coded::<Channel>(name),
            "base" => self.fields.coded::<GuestBase>(name),
            "zone" => self.fields.coded::<Zone>(name),
            "payer" => self.fields.coded::<Payer>(name),
            "level" => self.fields.coded::<HeadLevel>(name),
            "organisation" => self.fields.one_of(name, &self.offered.organisations),
            "owner" => self.fields.one_of(name, &self.offered.owners),
            "plan" => self.fields.one_of(name, &self.offered.plan_statuses),
            "item" => self.fields.one_of(name, &self.offered.plan_items),
            "partner" => self.fields.one_of(name, &self.offered.partners),
            _ => self.fields.one_of(name, &self.offered.countries),
        }
    }

    fn kinds(&self) -> String {
        self.fields.some_coded::<GuestKind>("/guest_kinds:list")
    }

    fn other_fields(&self) -> String {
        self.fields.some_coded::<Field>("/other_fields:list")
    }

    fn is_after_the_fact(&self) -> bool {
        self.fields.text("/origin") == Origin::AfterTheFact.code()
            || !self.fields.text("/origin_reason").is_empty()
    }

    fn origins(&self) -> String {
        self.fields.radios("/origin", &self.offered.origins)
    }

    fn covers(&self, row: &usize) -> String {
        self.fields.some_of(&format!("/funding/{row}/covers:list"), &self.offered.covers)
    }

    fn press_conference(&self, row: &usize) -> String {
        self.fields.tick(&format!("/programme/{row}/press_conference:bool"))
    }

    /// How many of a group came, as the report said it: saving the form takes nothing of that back.
    fn came(&self, row: &usize) -> String {
        self.fields.text(&format!("/groups/{row}/came"))
    }

    fn line(&self, list: &str, row: &usize, field: &str) -> String {
        self.fields.line(&format!("/{list}/{row}/{field}"))
    }

    fn pick(&self, list: &str, row: &usize, field: &str, what: &str) -> String {
        let name = if field.is_empty() { format!("/{list}/{row}") } else { format!("/{list}/{row}/{field}") };
        self.one(&name, what)
    }
}

/// What the address says.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    direction: Option<String>,
}

/// A partner that was just added, in the address: it is chosen already.
#[derive(Debug, Default, Deserialize)]
pub struct Added {
    partner: Option<PartnerId>,
}

async fn show(
    request: &HttpRequest,
    caller: &Caller,
    status: StatusCode,
    id: Option<DossierId>,
    refused: Option<(&Form, &Problem)>,
    asked: Direction,
) -> Result<HttpResponse, Problem> {
    let shell = Shell::of(request, caller)?;
    let added = web::Query::<Added>::from_query(request.query_string()).ok().and_then(|added| added.partner);
    let today = shell.today;
    let (empty, own): (Content, _) = (body::value(json!({ "direction": asked }))?, only_own(caller));
    let (known, offered, lacking, kept) = caller
        .read(move |tx, ctx| {
            let known = match id {
                Some(id) => {
                    let members = members::list(tx, ctx, id)?;
                    Some((views::delegation(tx, ctx, id)?, rules::explain(tx, ctx, id)?, members))
                }
                None => None,
            };
            let view = known.as_ref().map(|(view, ..)| view);
            let direction = view.map_or(asked, |view| view.content.direction);
            let offered = Offered::read(tx, ctx, view, (direction, added, today))?;
            let lacking = match id {
                Some(id) => course::lacking(tx, ctx, id)?,
                None => course::lacking_at_first(tx, ctx, &empty, own)?,
            };
            let kept = if id.is_none() { unsaved::read(tx, ctx)? } else { Vec::new() };
            Ok((known, offered, lacking, kept))
        })
        .await?;
    let direction = known.as_ref().map_or(asked, |(view, ..)| view.content.direction);
    let mut stored = known.as_ref().map_or_else(
        || json!({ "direction": direction, "origin": Origin::System, "organisation_id": own }),
        |(view, ..)| serde_json::to_value(&view.content).unwrap_or_default(),
    );
    if let (Some(added), Value::Object(fields)) = (added, &mut stored) {
        fields.insert("partner_id".to_owned(), json!(added));
    }
    let fields = kept::fields(request, caller, refused, stored).await?.must_later(lacking.fields());
    let own_words = if direction == Direction::Outbound { "outbound" } else { "" };
    let fields = fields.words_of(own_words, refused.map(|(_, problem)| problem));
    let rules = known.as_ref().map(|(view, explanation, members)| {
        assessment::shown(&shell, caller, view, Some(explanation), members)
    });
    let assessment = rules.unwrap_or_default();
    let saved = known.map(|(view, ..)| Saved {
        id: view.id,
        version: view.version,
        amends: view.commands.contains(&Command::Amend),
        title: view.content.title,
    });
    let may_add_partner = caller.known.actor.reach(Action::EditPartners) != Reach::Never;
    let mut unsaved = unsaved::shown(&shell, kept);
    unsaved.retain(|one| one.href.starts_with("/delegations/new") && refused.is_none());
    let page =
        Register { shell: &shell, fields, direction, saved, offered, assessment, may_add_partner, unsaved };
    shell::page(status, shell.lang, &page)
}

/// The empty form.
///
/// # Errors
/// 503 when the database cannot be asked.
pub async fn new(
    request: HttpRequest,
    caller: Caller,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Problem> {
    let direction = asked.direction.as_deref().and_then(Direction::parse).unwrap_or(Direction::Inbound);
    show(&request, &caller, StatusCode::OK, None, None, direction).await
}

/// Saves a new draft and goes on to its page, where members and papers are added.
///
/// # Errors
/// As the use case refuses, where the form cannot help.
pub async fn create(request: HttpRequest, caller: Caller, form: Form) -> Result<HttpResponse, Problem> {
    let caller = caller.with_form(&form);
    let asked = form.get("/direction").and_then(Direction::parse).unwrap_or(Direction::Inbound);
    let then = Then::of(&form);
    let mut sent = stated(form.json());
    let done = match owner(&mut sent).and_then(|owner| Ok((owner, body::value::<Content>(sent)?))) {
        Ok((owner, content)) => {
            let register = caller.command(form.sent(), move |tx, ctx| {
                let done = delegations::register(tx, ctx, owner, content.clone())?;
                Ok(done.map(|id| Reply::see_other(next(id, then))))
            });
            register.await
        }
        Err(refusal) => Err(refusal.into()),
    };
    kept::settle(&request, &caller, &form, done, async |problem| {
        show(&request, &caller, problem.status, None, Some((&form, &problem)), asked).await
    })
    .await
}

/// The body for which the reader registers, where it is one: bodies below it have to be chosen.
fn only_own(caller: &Caller) -> Option<OrganisationId> {
    let mut own = caller.known.actor.roles_for(Action::Register).map(|held| held.organisation);
    let first = own.next()?;
    own.all(|other| other == first).then_some(first)
}

/// For whom it is registered: a word of the form that is not the dossier's.
fn owner(sent: &mut Value) -> Result<Option<OrganisationId>, Refusal> {
    let named = sent.as_object_mut().and_then(|fields| fields.remove("organisation_id"));
    let unknown = |_shape| Refusal::field("/organisation_id", "unknown-organisation");
    named.map(|id| body::value(id).map_err(unknown)).transpose()
}

/// Where a saved form leads.
#[derive(Debug, Clone, Copy)]
enum Then {
    /// Back to the form.
    Stay,
    /// To the dossier's page.
    Leave,
    /// To the form of a new partner, which leads back here.
    Partner,
}

impl Then {
    fn of(form: &Form) -> Self {
        match form.get("then") {
            Some("leave") => Self::Leave,
            Some("partner") => Self::Partner,
            _ => Self::Stay,
        }
    }
}

fn next(id: DossierId, then: Then) -> String {
    match then {
        Then::Stay => format!("/delegations/{id}/edit"),
        Then::Leave => format!("/delegations/{id}"),
        Then::Partner => format!("/partners/new?delegation={id}"),
    }
}

/// The form of a dossier.
///
/// # Errors
/// 404 where the reader may not know of it.
pub async fn edit(request: HttpRequest, caller: Caller) -> Result<HttpResponse, Problem> {
    let id = body::id(&request, "id")?;
    show(&request, &caller, StatusCode::OK, Some(id), None, Direction::Inbound).await
}

/// Saves a dossier: what the form shows takes the place of what was there, everything else stays.
///
/// # Errors
/// As the use case refuses, where the form cannot help.
pub async fn save(request: HttpRequest, caller: Caller, form: Form) -> Result<HttpResponse, Problem> {
    let id: DossierId = body::id(&request, "id")?;
    let caller = caller.with_form(&form);
    let (version, patch) = (caller.version()?, form.json());
    let then = Then::of(&form);
    let save = caller.command(form.sent(), move |tx, ctx| {
        let done = delegations::edit(tx, ctx, id, version, |content| body::merged(content, &patch))?;
        Ok(done.map(|id| Reply::see_other(next(id, then))))
    });
    let done = save.await;
    kept::settle(&request, &caller, &form, done, async |problem| {
        show(&request, &caller, problem.status, Some(id), Some((&form, &problem)), Direction::Inbound).await
    })
    .await
}
