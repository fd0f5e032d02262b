//! THE route table: access, handler and its description. Method, path and documentation come from the handler's
//! own `utoipa::path`, so nothing is written twice; router, OpenAPI document and access test are built from this.

use std::collections::BTreeMap;

use actix_web::dev::Handler;
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::from_fn;
use actix_web::{FromRequest, Responder, web};
use utoipa::openapi::RefOr;
use utoipa::openapi::path::{HttpMethod, Operation};
use utoipa::openapi::schema::Schema;

use super::api::{
    auth, closings, course, delegations, exports, inbox, issued, journal, mandates, me, members, obligations,
    organisations, outbox, papers, partners, people, plans, probes, readers, rendered, reports, rules, users,
};
use super::check;
use super::guard::{Access, Door, guard};
use super::problem::Problem;
use crate::domain::access::Action as A;

/// Named schemas that an operation refers to.
pub type Schemas = Vec<(String, RefOr<Schema>)>;

/// One row.
pub struct Row {
    /// Who may.
    pub access: Access,
    /// Method.
    pub method: Method,
    /// Path, with `{names}`.
    pub path: String,
    /// Description, for OpenAPI.
    pub operation: Operation,
    /// Schemas that it refers to.
    pub schemas: Schemas,
    route: Box<dyn FnOnce() -> actix_web::Route>,
}

fn row<P, F, Args>(access: Access, handler: F) -> Row
where
    P: utoipa::Path + utoipa::__dev::SchemaReferences + for<'t> utoipa::__dev::Tags<'t>,
    F: Handler<Args>,
    Args: FromRequest + 'static,
    F::Output: Responder + 'static,
{
    let method = method_of(&P::methods());
    let mut operation = P::operation();
    operation.tags = Some(P::tags().into_iter().map(str::to_owned).collect());
    let mut schemas = Schemas::new();
    P::schemas(&mut schemas);
    let route = {
        let method = method.clone();
        move || {
            let guarded = from_fn(move |request, next| guard(Door::Token, access, request, next));
            web::method(method).to(handler).wrap(guarded)
        }
    };
    Row { access, method, path: P::path(), operation, schemas, route: Box::new(route) }
}

fn method_of(methods: &[HttpMethod]) -> Method {
    match methods.first() {
        Some(HttpMethod::Post) => Method::POST,
        Some(HttpMethod::Put) => Method::PUT,
        Some(HttpMethod::Patch) => Method::PATCH,
        Some(HttpMethod::Delete) => Method::DELETE,
        _ => Method::GET,
    }
}

/// Every route of the service.
#[must_use]
pub fn table() -> Vec<Row> {
    of_dossiers().into_iter().chain(of_the_office()).collect()
}

/// Signing in, dossiers and their course.
fn of_dossiers() -> Vec<Row> {
    use Access::{Needs, Public};
    vec![
        row::<probes::__path_healthz, _, _>(Public, probes::healthz),
        row::<probes::__path_readyz, _, _>(Public, probes::readyz),
        row::<probes::__path_jwks, _, _>(Public, probes::jwks),
        row::<check::__path_page, _, _>(Public, check::page),
        row::<auth::__path_login, _, _>(Public, auth::login),
        row::<auth::__path_refresh, _, _>(Public, auth::refresh),
        row::<auth::__path_logout, _, _>(Public, auth::logout),
        row::<auth::__path_activate, _, _>(Public, auth::activate),
        row::<me::__path_me, _, _>(Needs(A::ReadSelf), me::me),
        row::<delegations::__path_list, _, _>(Needs(A::ReadDossier), delegations::list),
        row::<delegations::__path_register, _, _>(Needs(A::Register), delegations::register),
        row::<delegations::__path_get, _, _>(Needs(A::ReadDossier), delegations::get),
        row::<delegations::__path_edit, _, _>(Needs(A::Edit), delegations::edit),
        row::<delegations::__path_copy, _, _>(Needs(A::Register), delegations::copy),
        row::<delegations::__path_history, _, _>(Needs(A::ReadDossier), delegations::history),
        row::<delegations::__path_revisions, _, _>(Needs(A::ReadDossier), delegations::revisions),
        row::<delegations::__path_steps, _, _>(Needs(A::ReadDossier), delegations::steps),
        row::<members::__path_list, _, _>(Needs(A::ReadDossier), members::list),
        row::<members::__path_add, _, _>(Needs(A::Edit), members::add),
        row::<members::__path_edit, _, _>(Needs(A::Edit), members::edit),
        row::<members::__path_remove, _, _>(Needs(A::Edit), members::remove),
        row::<papers::__path_list, _, _>(Needs(A::ReadDossier), papers::list),
        row::<papers::__path_upload, _, _>(Needs(A::AddPaper), papers::upload),
        row::<papers::__path_offline, _, _>(Needs(A::AddPaper), papers::offline),
        row::<papers::__path_download, _, _>(Needs(A::ReadPaper), papers::download),
        row::<rendered::__path_render, _, _>(Needs(A::ReadPaper), rendered::render),
        row::<papers::__path_delete, _, _>(Needs(A::DeletePaper), papers::delete),
        row::<papers::__path_quarantine, _, _>(Needs(A::QuarantinePaper), papers::quarantine),
        row::<course::__path_submit, _, _>(Needs(A::Submit), course::submit),
        row::<course::__path_recall, _, _>(Needs(A::Submit), course::recall),
        row::<course::__path_receive, _, _>(Needs(A::Receive), course::receive),
        row::<course::__path_decide, _, _>(Needs(A::Decide), course::decide),
        row::<issued::__path_issue, _, _>(Needs(A::Issue), issued::issue),
        row::<issued::__path_text, _, _>(Needs(A::ReadPaper), issued::text),
        row::<issued::__path_keep_signed, _, _>(Needs(A::Issue), issued::keep_signed),
        row::<issued::__path_register, _, _>(Needs(A::ReadDossier), issued::register),
        row::<course::__path_report, _, _>(Needs(A::ReportVisit), course::report),
        row::<course::__path_close, _, _>(Needs(A::Close), course::close),
        row::<course::__path_cancel, _, _>(Needs(A::Cancel), course::cancel),
        row::<course::__path_revoke, _, _>(Needs(A::Revoke), course::revoke),
        row::<course::__path_duplicate, _, _>(Needs(A::MarkDuplicate), course::duplicate),
        row::<readers::__path_list, _, _>(Needs(A::ReadDossier), readers::list),
        row::<readers::__path_name, _, _>(Needs(A::Edit), readers::name),
        row::<rules::__path_explain, _, _>(Needs(A::ReadDossier), rules::explain),
        row::<rules::__path_overrides, _, _>(Needs(A::ReadDossier), rules::overrides),
        row::<rules::__path_ask, _, _>(Needs(A::Edit), rules::ask),
        row::<rules::__path_answer, _, _>(Needs(A::Override), rules::answer),
        row::<rules::__path_versions, _, _>(Needs(A::ReadRules), rules::versions),
        row::<rules::__path_version, _, _>(Needs(A::ReadRules), rules::version),
        row::<rules::__path_evaluate, _, _>(Needs(A::ReadRules), rules::evaluate),
        row::<rules::__path_impact, _, _>(Needs(A::ReadRules), rules::impact),
        row::<obligations::__path_list, _, _>(Needs(A::ReadDossier), obligations::list),
        row::<obligations::__path_done, _, _>(Needs(A::Discharge), obligations::done),
        row::<obligations::__path_mine, _, _>(Needs(A::ReadInbox), obligations::mine),
        row::<obligations::__path_alerts, _, _>(Needs(A::ReadDossier), obligations::alerts),
        row::<inbox::__path_inbox, _, _>(Needs(A::ReadInbox), inbox::inbox),
        row::<inbox::__path_prepare, _, _>(Needs(A::PrepareInbox), inbox::prepare),
        row::<inbox::__path_decide_all, _, _>(Needs(A::Decide), inbox::decide_all),
        row::<course::__path_record_opinion, _, _>(Needs(A::RecordOpinion), course::record_opinion),
    ]
}

/// Registers, returns, accounts, the journal and the mail.
fn of_the_office() -> Vec<Row> {
    use Access::{Needs, Public};
    vec![
        row::<mandates::__path_list, _, _>(Needs(A::ReadMandates), mandates::list),
        row::<mandates::__path_give, _, _>(Needs(A::GiveMandate), mandates::give),
        row::<mandates::__path_end, _, _>(Needs(A::GiveMandate), mandates::end),
        row::<organisations::__path_list, _, _>(Needs(A::ReadOrganisations), organisations::list),
        row::<organisations::__path_add, _, _>(Needs(A::EditOrganisations), organisations::add),
        row::<people::__path_list, _, _>(Needs(A::ReadPeople), people::list),
        row::<people::__path_get, _, _>(Needs(A::ReadPeople), people::get),
        row::<people::__path_edit, _, _>(Needs(A::EditPeople), people::edit),
        row::<people::__path_renew, _, _>(Needs(A::EditPeople), people::renew),
        row::<partners::__path_list, _, _>(Needs(A::ReadPartners), partners::list),
        row::<partners::__path_get, _, _>(Needs(A::ReadPartners), partners::get),
        row::<partners::__path_add, _, _>(Needs(A::EditPartners), partners::add),
        row::<plans::__path_list, _, _>(Needs(A::ReadPlan), plans::list),
        row::<plans::__path_add, _, _>(Needs(A::EditPlan), plans::add),
        row::<plans::__path_edit, _, _>(Needs(A::EditPlan), plans::edit),
        row::<reports::__path_export, _, _>(Needs(A::ReadReturn), reports::export),
        row::<closings::__path_prepared, _, _>(Needs(A::ReadReturn), closings::prepared),
        row::<closings::__path_close, _, _>(Needs(A::CloseReturn), closings::close),
        row::<closings::__path_list, _, _>(Needs(A::ReadReturn), closings::list),
        row::<closings::__path_changes, _, _>(Needs(A::ReadReturn), closings::changes),
        row::<closings::__path_hand_over, _, _>(Needs(A::CloseReturn), closings::hand_over),
        row::<exports::__path_ask, _, _>(Needs(A::ReadReturn), exports::ask),
        row::<exports::__path_list, _, _>(Needs(A::ReadReturn), exports::list),
        row::<exports::__path_get, _, _>(Needs(A::ReadReturn), exports::get),
        row::<exports::__path_file, _, _>(Needs(A::ReadReturn), exports::file),
        row::<users::__path_list, _, _>(Needs(A::ReadUsers), users::list),
        row::<users::__path_get, _, _>(Needs(A::ReadUsers), users::get),
        row::<users::__path_add, _, _>(Needs(A::EditUsers), users::add),
        row::<users::__path_update, _, _>(Needs(A::EditUsers), users::update),
        row::<users::__path_grant, _, _>(Needs(A::EditUsers), users::grant),
        row::<users::__path_end_grant, _, _>(Needs(A::EditUsers), users::end_grant),
        row::<users::__path_link, _, _>(Needs(A::EditUsers), users::link),
        row::<journal::__path_list, _, _>(Needs(A::ReadJournal), journal::list),
        row::<journal::__path_checkpoint, _, _>(Needs(A::ReadJournal), journal::checkpoint),
        row::<journal::__path_consistency, _, _>(Needs(A::ReadJournal), journal::consistency),
        row::<journal::__path_keys, _, _>(Needs(A::ReadJournal), journal::keys),
        row::<journal::__path_proof, _, _>(Needs(A::ReadJournal), journal::proof),
        row::<outbox::__path_list, _, _>(Needs(A::ReadOutbox), outbox::list),
        row::<outbox::__path_resend, _, _>(Needs(A::ResendMail), outbox::resend),
        row::<outbox::__path_mailbox, _, _>(Public, outbox::mailbox),
    ]
}

/// Builds the router out of the table. A path that exists answers other methods with 405 and `Allow`.
#[expect(clippy::disallowed_methods, reason = "this is the table that the others are sent to")]
pub fn configure(config: &mut web::ServiceConfig) {
    let mut by_path: BTreeMap<String, Vec<(Method, actix_web::Route)>> = BTreeMap::new();
    for row in table() {
        by_path.entry(row.path.clone()).or_default().push((row.method, (row.route)()));
    }
    for page in super::web::routes::table() {
        by_path.entry(page.path.to_owned()).or_default().push((page.method, (page.route)()));
    }
    // What is fixed in a path goes before what is a name in it: `/delegations/new` is no delegation.
    let mut paths: Vec<_> = by_path.into_iter().collect();
    paths.sort_by_key(|(path, _)| (path.contains('{'), path.clone()));
    for (path, routes) in paths {
        let allow = routes.iter().map(|(method, _)| method.as_str()).collect::<Vec<_>>().join(", ");
        let mut resource = web::resource(path);
        for (_, route) in routes {
            resource = resource.route(route);
        }
        config.service(resource.default_service(web::to(move || {
            let allow = Some(allow.clone());
            async move {
                Err::<actix_web::HttpResponse, Problem>(Problem {
                    allow,
                    ..Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed")
                })
            }
        })));
    }
}
