//! The sign-ins that live: one's own on one's own page, and anybody's, for an administrator, on the account's page. Each
//! can be ended alone; all others together.

use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use super::me;
use crate::domain::ids::AccountId;
use crate::http::body;
use crate::http::caller::{Caller, Reply};
use crate::http::problem::Problem;
use crate::http::web::form::Form;
use crate::http::web::shell::Shell;
use crate::service::own_account::{self, SignInView};
use crate::texts;

/// Where they stand on their page.
pub const ANCHOR: &str = "sign-ins";

/// Some sign-ins with the forms that end them.
pub struct SignIns {
    /// Which live.
    pub live: Vec<SignInView>,
    /// The form that ends one.
    pub end: String,
    /// The form that ends the others.
    pub end_others: String,
    /// Whether they are the reader's own.
    pub own: bool,
}

impl SignIns {
    /// One's own.
    #[must_use]
    pub fn own(live: Vec<SignInView>) -> Self {
        let (end, end_others) = ("/me/sign-ins/end".to_owned(), "/me/sign-ins/end-others".to_owned());
        Self { live, end, end_others, own: true }
    }

    /// Of an account.
    #[must_use]
    pub fn of(account: AccountId, live: Vec<SignInView>) -> Self {
        let at = format!("/office/users/{account}/sign-ins");
        Self { live, end: format!("{at}/end"), end_others: format!("{at}/end-all"), own: false }
    }

    /// Whether there are some that may be ended together.
    #[must_use]
    pub fn several(&self) -> bool {
        self.live.iter().filter(|one| !one.current).count() > 1
    }

    /// From what one was opened, in words.
    #[must_use]
    pub fn device(&self, shell: &Shell, one: &SignInView) -> String {
        let Some(device) = one.device else { return shell.t("sign-ins-unknown-device") };
        let (browser, platform) = (shell.coded(&device.browser), shell.coded(&device.platform));
        texts::text(shell.lang, "sign-ins-device", &[("browser", &browser), ("platform", &platform)])
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Which {
    sign_in: String,
}

/// Ends one of one's own.
///
/// # Errors
/// 404 when it has ended.
pub async fn end_own(caller: Caller, form: Form) -> Result<HttpResponse, Problem> {
    let caller = caller.with_form(&form);
    let which: Which = form.read()?;
    caller
        .command(form.sent(), move |tx, ctx| {
            let ended = own_account::end_sign_in(tx, ctx, ctx.actor.account, &which.sign_in)?;
            Ok(ended.map(|()| me::back()))
        })
        .await
}

/// Ends one's own except this one.
///
/// # Errors
/// 503 when the database cannot write now.
pub async fn end_others(caller: Caller, form: Form) -> Result<HttpResponse, Problem> {
    let caller = caller.with_form(&form);
    caller
        .command(form.sent(), move |tx, ctx| {
            let ended = own_account::end_other_sign_ins(tx, ctx, ctx.actor.account)?;
            Ok(ended.map(|()| me::back()))
        })
        .await
}

fn back_to(account: AccountId) -> Reply {
    Reply::see_other(format!("/office/users/{account}#{ANCHOR}"))
}

/// Ends one of an account.
///
/// # Errors
/// 404 when it has ended, 403 for one's own account.
pub async fn end_of(request: HttpRequest, caller: Caller, form: Form) -> Result<HttpResponse, Problem> {
    let account: AccountId = body::id(&request, "id")?;
    let caller = caller.with_form(&form);
    let which: Which = form.read()?;
    caller
        .command(form.sent(), move |tx, ctx| {
            let ended = own_account::end_sign_in(tx, ctx, account, &which.sign_in)?;
            Ok(ended.map(|()| back_to(account)))
        })
        .await
}

/// Ends all of an account.
///
/// # Errors
/// 404 for an unknown account, 403 for one's own.
pub async fn end_all_of(request: HttpRequest, caller: Caller, form: Form) -> Result<HttpResponse, Problem> {
    let account: AccountId = body::id(&request, "id")?;
    let caller = caller.with_form(&form);
    caller
        .command(form.sent(), move |tx, ctx| {
            let ended = own_account::end_other_sign_ins(tx, ctx, account)?;
            Ok(ended.map(|()| back_to(account)))
        })
        .await
}
