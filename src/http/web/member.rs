//! One member of a delegation: what was typed or read from a list is corrected here. The person's own record is another
//! page.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde_json::{Value, json};

use super::controls::{Choice, Fields};
use super::form::Form;
use super::kept;
use super::shell::{self, Shell};
use crate::domain::codes::{Direction, Leadership, ManagedBy, MemberRole, Visa};
use crate::domain::countries;
use crate::domain::ids::{DossierId, MemberId};
use crate::domain::refusal::Refusal;
use crate::http::body;
use crate::http::caller::{Caller, Reply};
use crate::http::problem::Problem;
use crate::service::members::{self, MemberPatch, MemberView};
use crate::service::views::{self, DelegationView};

#[derive(Template)]
#[template(path = "member.html")]
struct MemberPage<'p> {
    shell: &'p Shell,
    view: DelegationView,
    member: MemberView,
    fields: Fields,
}

impl MemberPage<'_> {
    fn nationality(&self) -> String {
        let all = countries::list(self.shell.lang).into_iter();
        let choices: Vec<Choice> = all.map(|(value, label)| Choice { value, label }).collect();
        self.fields.one_of("/nationality", &choices)
    }

    fn role(&self) -> String {
        self.fields.coded::<MemberRole>("/role")
    }

    fn visa(&self) -> String {
        self.fields.coded::<Visa>("/visa")
    }

    /// What decides on who is asked about somebody who is sent.
    fn standing(&self) -> String {
        match self.view.content.direction {
            Direction::Inbound => String::new(),
            Direction::Outbound => standing(&self.fields),
        }
    }
}

/// The controls of what is said of those who are sent: rules and chain ask for it.
pub(super) fn standing(fields: &Fields) -> String {
    let managed = fields.coded::<ManagedBy>("/managed_by");
    managed + &fields.coded::<Leadership>("/leadership") + &fields.perhaps("/party_member:bool")
}

/// What the form shows of a member.
fn stored(member: &MemberView) -> Value {
    json!({
        "full_name": member.full_name,
        "native_name": member.native_name,
        "nationality": member.nationality,
        "position": member.position,
        "organisation": member.organisation,
        "role": member.role,
        "visa": member.visa,
        "managed_by": member.managed_by,
        "leadership": member.leadership,
        "party_member": member.party_member,
    })
}

async fn page(
    request: &HttpRequest,
    caller: &Caller,
    status: StatusCode,
    refused: Option<(&Form, &Problem)>,
) -> Result<HttpResponse, Problem> {
    let (id, member): (DossierId, MemberId) = (body::id(request, "id")?, body::id(request, "member")?);
    let shell = Shell::of(request, caller)?;
    let read = caller.read(move |tx, ctx| Ok((views::delegation(tx, ctx, id)?, members::list(tx, ctx, id)?)));
    let (view, all) = read.await?;
    let member = all.into_iter().find(|one| one.id == member).ok_or(Refusal::NotFound)?;
    let fields = kept::fields(request, caller, refused, stored(&member)).await?;
    let fields = fields.must(&["/full_name", "/role"]);
    shell::page(status, shell.lang, &MemberPage { shell: &shell, view, member, fields })
}

/// The form of a member.
///
/// # Errors
/// 404 where the reader may not know of it.
pub async fn show(request: HttpRequest, caller: Caller) -> Result<HttpResponse, Problem> {
    page(&request, &caller, StatusCode::OK, None).await
}

/// Saves a member: what the form shows takes the place of what was there, everything else stays.
///
/// # Errors
/// As the use case refuses, where the form cannot help.
pub async fn save(request: HttpRequest, caller: Caller, form: Form) -> Result<HttpResponse, Problem> {
    let (id, member): (DossierId, MemberId) = (body::id(&request, "id")?, body::id(&request, "member")?);
    let caller = caller.with_form(&form);
    let (version, patch) = (caller.version()?, form.json());
    let save = caller.command(form.sent(), move |tx, ctx| {
        let done =
            members::edit(tx, ctx, id, version, member, |member: &MemberPatch| body::merged(member, &patch))?;
        Ok(done.map(|_| Reply::see_other(format!("/delegations/{id}/members"))))
    });
    let done = save.await;
    kept::settle(&request, &caller, &form, done, async |problem| {
        page(&request, &caller, problem.status, Some((&form, &problem))).await
    })
    .await
}
