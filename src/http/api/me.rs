//! Who I am, to the service.

use actix_web::HttpResponse;
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::access::Role;
use crate::domain::codes::Lang;
use crate::domain::ids::{AccountId, MandateId, OrganisationId, PersonId};
use crate::http::caller::Caller;

/// A role that I hold.
#[derive(Debug, Serialize, ToSchema)]
pub struct HeldView {
    /// The role.
    pub role: Role,
    /// Where.
    pub organisation_id: OrganisationId,
    /// The mandate under which it is held, for decisions alone.
    pub mandate_id: Option<MandateId>,
}

/// Who I am.
#[derive(Debug, Serialize, ToSchema)]
pub struct Me {
    /// Account.
    pub id: AccountId,
    /// Sign-in name.
    pub username: String,
    /// Name as shown.
    pub display_name: String,
    /// Language.
    pub lang: Lang,
    /// The person behind the account.
    pub person_id: Option<PersonId>,
    /// Roles in force.
    pub roles: Vec<HeldView>,
}

/// Who I am and which roles I hold now.
#[utoipa::path(get, path = "/api/v1/me", tag = "auth", responses((status = 200, body = Me)))]
pub async fn me(caller: Caller) -> HttpResponse {
    let actor = &caller.known.actor;
    let held = actor.held.iter().map(|held| HeldView {
        role: held.role,
        organisation_id: held.organisation,
        mandate_id: held.mandate.as_ref().map(|mandate| mandate.id),
    });
    HttpResponse::Ok().json(Me {
        id: actor.account,
        username: actor.username.clone(),
        display_name: actor.display_name.clone(),
        lang: actor.lang,
        person_id: actor.person,
        roles: held.collect(),
    })
}
