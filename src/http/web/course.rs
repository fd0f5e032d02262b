//! The commands of a dossier's course, each on a page of its own that asks for what it needs and says what will happen.
//! The same table of commands as the API's: a name, what it takes, and the use case.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::de::DeserializeOwned;

use super::controls::Fields;
use super::form::Form;
use super::kept;
use super::shell::{self, Shell};
use crate::domain::codes::Code;
use crate::domain::dossier::Command;
use crate::domain::ids::DossierId;
use crate::domain::refusal::Refusal;
use crate::http::body;
use crate::http::caller::{Caller, Reply};
use crate::http::problem::Problem;
use crate::service::course::{self, Closing, Declaration, DuplicateOf, Plain, Reason, Reception};
use crate::service::views::{self, DelegationView};
use crate::service::{Context, Result as ServiceResult};
use crate::store::{Recorded, WriteTx};

#[derive(Template)]
#[template(path = "course.html")]
struct Ask<'p> {
    shell: &'p Shell,
    view: DelegationView,
    command: Command,
    fields: Fields,
}

impl Ask<'_> {
    fn is(&self, name: &str) -> bool {
        self.command.code() == name
    }

    /// Commands that take something away look different.
    fn is_grave(&self) -> bool {
        matches!(self.command, Command::Cancel | Command::Revoke | Command::Duplicate)
    }
}

fn asked(request: &HttpRequest) -> Result<(DossierId, Command), Problem> {
    let id = body::id(request, "id")?;
    let command = request.match_info().get("command").and_then(Command::parse).ok_or(Refusal::NotFound)?;
    Ok((id, command))
}

async fn form_page(
    request: &HttpRequest,
    caller: &Caller,
    status: StatusCode,
    refused: Option<(&Form, &Problem)>,
) -> Result<HttpResponse, Problem> {
    let (id, command) = asked(request)?;
    let shell = Shell::of(request, caller)?;
    let view = caller.read(move |tx, ctx| views::delegation(tx, ctx, id)).await?;
    let fields = match refused {
        Some((form, problem)) => Fields::typed(shell.lang, form, Some(problem)),
        None => Fields::kept_or(shell.lang, kept::load(request, caller).await?, serde_json::Value::Null),
    };
    // Who may not, or no longer, is told so; the form is not shown to be filled in for nothing.
    if refused.is_none() && !view.commands.contains(&command) {
        return Err(Refusal::illegal(view.state, command).into());
    }
    shell::page(status, shell.lang, &Ask { shell: &shell, view, command, fields })
}

/// Asks for what a command needs.
///
/// # Errors
/// 404 for an unknown dossier or command, 409 where it is not for this reader now.
pub async fn ask(request: HttpRequest, caller: Caller) -> Result<HttpResponse, Problem> {
    form_page(&request, &caller, StatusCode::OK, None).await
}

/// Runs a command and goes back to the dossier; what was refused is shown on the form.
///
/// # Errors
/// As the use case refuses, where the form cannot help.
pub async fn run(request: HttpRequest, caller: Caller, form: Form) -> Result<HttpResponse, Problem> {
    let (_, command) = asked(&request)?;
    let caller = caller.with_form(&form);
    let (request, caller, form) = (&request, &caller, &form);
    let done = match command {
        Command::Submit => {
            with::<Declaration>(request, caller, form, |tx, ctx, id, version, declared| {
                course::submit(tx, ctx, id, version, *declared)
            })
            .await
        }
        Command::Recall => {
            with::<Plain>(request, caller, form, |tx, ctx, id, version, _| {
                course::recall(tx, ctx, id, version)
            })
            .await
        }
        Command::Receive => with::<Reception>(request, caller, form, course::receive).await,
        Command::Close => with::<Closing>(request, caller, form, course::close).await,
        Command::Cancel => with::<Reason>(request, caller, form, course::cancel).await,
        Command::Revoke => with::<Reason>(request, caller, form, course::revoke).await,
        Command::Duplicate => with::<DuplicateOf>(request, caller, form, course::duplicate).await,
        _ => Err(Refusal::NotFound.into()),
    };
    kept::settle(request, caller, form, done, |problem| async move {
        form_page(request, caller, problem.status, Some((form, &problem))).await
    })
    .await
}

type Work<B> = fn(&mut WriteTx<'_>, &Context, DossierId, i64, &B) -> ServiceResult<Recorded<DossierId>>;

/// Reads the form, runs the use case with the version that its page showed, and goes back to the dossier.
///
/// # Errors
/// As the use case refuses.
pub async fn with<B: DeserializeOwned + Send + 'static>(
    request: &HttpRequest,
    caller: &Caller,
    form: &Form,
    work: Work<B>,
) -> Result<HttpResponse, Problem> {
    let (id, version): (DossierId, i64) = (body::id(request, "id")?, caller.version()?);
    let sent: B = form.read()?;
    caller
        .command(form.sent(), move |tx, ctx| {
            let done = work(tx, ctx, id, version, &sent)?;
            Ok(done.map(|id| Reply::see_other(format!("/delegations/{id}"))))
        })
        .await
}
