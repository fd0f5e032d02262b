//! The commands of a dossier's course, each on a page of its own that asks for what it needs and says what will happen.
//! The same table of commands as the API's: a name, what it takes, and the use case.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::de::DeserializeOwned;

use super::controls::{self, Choice, Fields};
use super::dossier::{self, Whole};
use super::form::Form;
use super::kept;
use super::shell::{self, Shell};
use crate::domain::approval::{Addressee, Answer, Verdict};
use crate::domain::codes::{Attendance, Code, MemberRole, SigningForm};
use crate::domain::dossier::Command;
use crate::domain::ids::DossierId;
use crate::domain::refusal::Refusal;
use crate::http::api::issued;
use crate::http::body;
use crate::http::caller::{Caller, Reply};
use crate::http::problem::Problem;
use crate::service::course::{
    self, Closing, Declaration, DuplicateOf, NewPaper, Plain, Reason, Reception, VisitReport,
};
use crate::service::decisions::{self, NewDecision};
use crate::service::members::MemberView;
use crate::service::opinions::{self, NewOpinion};
use crate::service::views::ChangeView;
use crate::service::{Context, Result as ServiceResult};
use crate::store::{Recorded, WriteTx};

#[derive(Template)]
#[template(path = "course.html")]
struct Ask<'p> {
    shell: &'p Shell,
    whole: Whole,
    command: Command,
    fields: Fields,
}

impl Ask<'_> {
    fn is(&self, name: &str) -> bool {
        self.command.code() == name
    }

    fn verdicts(&self) -> String {
        self.fields.choice::<Verdict>("/decision")
    }

    fn to(&self) -> String {
        self.fields.coded::<Addressee>("/to")
    }

    fn forms(&self) -> String {
        self.fields.some_coded::<SigningForm>("/forms:list")
    }

    fn answers(&self) -> String {
        self.fields.choice::<Answer>("/answer")
    }

    /// Members who may be struck out of an approval.
    fn strikable(&self) -> String {
        let members = self.whole.members.iter().filter(|member| member.role != MemberRole::Head);
        let choice = |member: &MemberView| Choice {
            value: member.id.to_string(),
            label: format!("{} – {}", member.full_name, member.position),
        };
        let choices: Vec<Choice> = members.map(choice).collect();
        if choices.is_empty() { String::new() } else { self.fields.some_of("/strike_members:list", &choices) }
    }

    /// Whether a guest came; the page begins with everybody who was announced.
    fn attendance(&self, row: &usize) -> String {
        let choice =
            |code: Attendance| Choice { value: code.code().to_owned(), label: self.shell.coded(&code) };
        let choices = [choice(Attendance::Came), choice(Attendance::Absent)];
        self.fields.one_of(&format!("/members/{row}/attendance"), &choices)
    }

    /// The open step whose body answers on paper.
    fn asked_step(&self) -> String {
        let open = self.whole.view.waiting_for.iter().find(|waiting| waiting.body.is_some());
        open.and_then(|waiting| waiting.step_id).map(|id| id.to_string()).unwrap_or_default()
    }

    fn changes(&self) -> &[ChangeView] {
        self.whole.rounds.last().map_or(&[], |round| round.changes.as_slice())
    }

    fn label(&self, pointer: &str) -> String {
        controls::label(self.shell.lang, pointer)
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
    let whole = caller.read(move |tx, ctx| dossier::read(tx, ctx, id)).await?;
    let mut fields = match refused {
        Some((form, problem)) => Fields::typed(shell.lang, form, Some(problem)),
        None => Fields::kept_or(shell.lang, kept::load(request, caller).await?, serde_json::Value::Null),
    };
    if command == Command::Submit {
        fields.elsewhere(&format!("/delegations/{id}/edit"), &["/contains_no_state_secret"]);
    }
    // Who may not, or no longer, is told so; the form is not shown to be filled in for nothing.
    if refused.is_none() && !whole.view.commands.contains(&command) {
        return Err(Refusal::illegal(whole.view.state, command).into());
    }
    shell::page(status, shell.lang, &Ask { shell: &shell, whole, command, fields })
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
        Command::Advance => with::<NewDecision>(request, caller, form, decisions::decide).await,
        Command::RecordOpinion => with::<NewOpinion>(request, caller, form, opinions::record).await,
        Command::Issue => issue(request, caller, form).await,
        Command::Report => with::<VisitReport>(request, caller, form, course::report).await,
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

/// Issues the paper: it is made before the command, and frozen by it.
async fn issue(request: &HttpRequest, caller: &Caller, form: &Form) -> Result<HttpResponse, Problem> {
    let (id, version): (DossierId, i64) = (body::id(request, "id")?, caller.version()?);
    let new: NewPaper = form.read()?;
    issued::issue_as(caller, form.sent(), (id, version), &new, |_tx, _ctx, done| Ok(back(done))).await
}

/// To the page of the dossier.
fn back(done: Recorded<DossierId>) -> Recorded<Reply> {
    done.map(|id| Reply::see_other(format!("/delegations/{id}")))
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
            Ok(back(done))
        })
        .await
}
