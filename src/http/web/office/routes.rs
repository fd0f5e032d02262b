//! The rows of the office's pages in the table of pages.

use actix_web::http::Method;

use super::{
    calendar, mailbox, mandates, me, organisations, outbox, partners, people, plans, register, rules,
    sign_ins, trial, users,
};
use crate::domain::access::Action as A;
use crate::http::guard::Access;
use crate::http::web::routes::{PageRow, page};

/// Every page of the office.
#[must_use]
pub fn table() -> Vec<PageRow> {
    use Access::{Needs, Public};
    let get = Method::GET;
    let post = Method::POST;
    vec![
        page(Needs(A::ReadSelf), get.clone(), "/me", me::show),
        page(Needs(A::ReadSelf), post.clone(), "/me/language", me::speak),
        page(Needs(A::ReadSelf), post.clone(), "/me/password", me::change_password),
        page(Needs(A::ReadSelf), post.clone(), "/me/sign-ins/end", sign_ins::end_own),
        page(Needs(A::ReadSelf), post.clone(), "/me/sign-ins/end-others", sign_ins::end_others),
        page(Public, get.clone(), "/mailbox", mailbox::list),
        page(Public, get.clone(), "/mailbox/{id}", mailbox::show),
        page(Needs(A::ReadOrganisations), get.clone(), "/office", super::show),
        page(Needs(A::ReadOrganisations), get.clone(), "/office/organisations", organisations::list),
        page(Needs(A::EditOrganisations), post.clone(), "/office/organisations", organisations::add),
        page(Needs(A::EditOrganisations), get.clone(), "/office/organisations/{id}", organisations::show),
        page(Needs(A::EditOrganisations), post.clone(), "/office/organisations/{id}", organisations::rename),
        page(Needs(A::ReadUsers), get.clone(), "/office/users", users::list),
        page(Needs(A::EditUsers), get.clone(), "/office/users/new", users::new),
        page(Needs(A::EditUsers), post.clone(), "/office/users/new", users::add),
        page(Needs(A::ReadUsers), get.clone(), "/office/users/{id}", users::show),
        page(Needs(A::EditUsers), post.clone(), "/office/users/{id}", users::update),
        page(Needs(A::EditUsers), post.clone(), "/office/users/{id}/grant", users::grant),
        page(Needs(A::EditUsers), post.clone(), "/office/users/{id}/end-grant", users::end_grant),
        page(Needs(A::EditUsers), post.clone(), "/office/users/{id}/link", users::link),
        page(Needs(A::EditUsers), post.clone(), "/office/users/{id}/lock", users::lock),
        page(Needs(A::EditUsers), post.clone(), "/office/users/{id}/unlock", users::unlock),
        page(Needs(A::EditUsers), post.clone(), "/office/users/{id}/sign-ins/end", sign_ins::end_of),
        page(Needs(A::EditUsers), post.clone(), "/office/users/{id}/sign-ins/end-all", sign_ins::end_all_of),
        page(Needs(A::ReadMandates), get.clone(), "/office/mandates", mandates::list),
        page(Needs(A::GiveMandate), post.clone(), "/office/mandates", mandates::give),
        page(Needs(A::GiveMandate), post.clone(), "/office/mandates/end", mandates::end),
        page(Needs(A::ReadRules), get.clone(), "/office/rules", rules::versions),
        page(Needs(A::ReadRules), get.clone(), "/office/rules/try", trial::show),
        page(Needs(A::ReadRules), get.clone(), "/office/rules/{id}", rules::version),
        page(Needs(A::ReadRules), get.clone(), "/office/rules/{id}/impact", rules::impact),
        page(Needs(A::ReadOrganisations), get.clone(), "/office/calendar", calendar::show),
        page(Needs(A::ReadDossier), get.clone(), "/office/register", register::show),
        page(Needs(A::ReadOutbox), get.clone(), "/office/outbox", outbox::list),
        page(Needs(A::ResendMail), post.clone(), "/office/outbox/resend", outbox::resend),
        page(Needs(A::ReadPeople), get.clone(), "/people", people::list),
        page(Needs(A::ReadPeople), get.clone(), "/people/{id}", people::show),
        page(Needs(A::EditPeople), post.clone(), "/people/{id}", people::edit),
        page(Needs(A::EditPeople), post.clone(), "/people/{id}/passports", people::renew),
        page(Needs(A::ReadPartners), get.clone(), "/partners", partners::list),
        page(Needs(A::EditPartners), get.clone(), "/partners/new", partners::new),
        page(Needs(A::EditPartners), post.clone(), "/partners/new", partners::add),
        page(Needs(A::ReadPartners), get.clone(), "/partners/{id}", partners::show),
        page(Needs(A::ReadPlan), get.clone(), "/plans", plans::list),
        page(Needs(A::EditPlan), get.clone(), "/plans/new", plans::new),
        page(Needs(A::EditPlan), post.clone(), "/plans/new", plans::add),
        page(Needs(A::ReadPlan), get, "/plans/{id}", plans::show),
        page(Needs(A::EditPlan), post, "/plans/{id}", plans::edit),
    ]
}
