//! The commands of a dossier's course, each on a page of its own that asks for what it needs and says what will happen.
//! The same table of commands as the API's: a name, what it takes, and the use case.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::assessment;
use super::controls::Fields;
use super::decide::Decide;
use super::differences;
use super::dossier::{self, Whole};
use super::duplicate::{Asked, Duplicate};
use super::form::Form;
use super::kept;
use super::places;
use super::shell::{self, Shell};
use super::submit::{self, Submit};
use super::visit::{self, Asks, Report};
use crate::domain::approval::Answer;
use crate::domain::codes::{Code, Direction, SigningForm};
use crate::domain::dossier::Command;
use crate::domain::ids::DossierId;
use crate::domain::refusal::Refusal;
use crate::http::api::issued;
use crate::http::body;
use crate::http::caller::{Caller, Reply};
use crate::http::problem::Problem;
use crate::service::course::{
    self, BegunPaper, Closing, Declaration, DuplicateOf, Foreseen, Lacking, NewPaper, Reason, Reception,
    Signing, TakenBack, VisitReport,
};
use crate::service::decisions::{self, NewDecision};
use crate::service::mandates::MandateView;
use crate::service::opinions::{self, NewOpinion};
use crate::service::rules::overrides::{self, OverrideView};
use crate::service::views::{self, Earlier};
use crate::service::{Context, Result as ServiceResult};
use crate::store::{ReadTx, Recorded, WriteTx};

/// Visits before this one that a decider is shown.
const VISITS_BEFORE: usize = 5;

#[derive(Template)]
#[template(path = "course.html")]
struct Ask<'p> {
    shell: &'p Shell,
    whole: Whole,
    command: Command,
    fields: Fields,
    assessment: String,
    /// Whether our own register gives the number of the paper.
    registered: bool,
}

impl Ask<'_> {
    fn is(&self, name: &str) -> bool {
        self.command.code() == name
    }

    fn forms(&self) -> String {
        self.fields.some_coded::<SigningForm>("/forms:list")
    }

    fn answers(&self) -> String {
        self.fields.choice::<Answer>("/answer")
    }

    /// Whether what is taken back is an amendment: the content that is permitted comes back.
    fn gives_up_changes(&self) -> bool {
        self.is("recall") && self.whole.view.revision_in_force.is_some()
    }

    /// The fields that a submitted amendment changes, in words.
    fn given_up(&self) -> Vec<String> {
        let view = &self.whole.view;
        let pending = self.whole.rounds.iter().filter(|round| round.no == view.revision);
        let pending = pending.filter(|round| Some(round.no) != view.revision_in_force);
        pending.flat_map(|round| &round.changes).map(|one| differences::about(self.shell, one)).collect()
    }

    /// The open step whose body answers on paper.
    fn asked_step(&self) -> String {
        let open = self.whole.view.waiting_for.iter().find(|waiting| waiting.body.is_some());
        open.and_then(|waiting| waiting.step_id).map(|id| id.to_string()).unwrap_or_default()
    }

    /// Commands that take something away look different.
    fn is_grave(&self) -> bool {
        matches!(self.command, Command::Cancel | Command::Revoke) || self.gives_up_changes()
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
    // Who may not, or no longer, is told so; the form is not shown to be filled in for nothing, nor to be corrected.
    // Whoever sent it a second time, after going back, is told that.
    let again = Refusal::KeyReused.code();
    let asks = refused.is_none_or(|(_, problem)| {
        problem.status == StatusCode::UNPROCESSABLE_ENTITY && problem.code != again
    });
    let typed = match refused {
        Some((form, _)) => form.json(),
        None => Form::parse(request.query_string().as_bytes()).json(),
    };
    let read = caller.read(move |tx, ctx| {
        let whole = dossier::read(tx, ctx, id)?;
        if asks {
            views::must_be_offered(ctx, &whole.view, command)?;
        }
        let beside = match whole.view.commands.contains(&command) {
            true => Beside::of(tx, ctx, id, command, &typed)?,
            false => Beside::Nothing,
        };
        Ok((whole, beside))
    });
    let (whole, beside) = read.await?;
    if let Some((_, problem)) = refused
        && !whole.view.commands.contains(&command)
    {
        return Err(problem.clone());
    }
    let fields = kept::fields(request, caller, refused, begun(&shell, command, &whole, &beside)).await?;
    let (must, registered) =
        (must(command), matches!(&beside, Beside::Issue(BegunPaper { registered: true, .. })));
    let mut fields = fields
        .words_of(form_of(command, whole.view.content.direction), refused.map(|(_, problem)| problem))
        .must(must);
    if command == Command::Issue && !registered {
        fields = fields.must(&["/number"]);
    }
    if command == Command::Advance {
        fields = fields.explained_at_the_form();
    }
    if let (Command::Submit, Some((_, problem))) = (command, refused) {
        let said = fields.said(&problem.faults, &problem.violations, &|pointer| places::of(id, pointer));
        fields.summary = if said.is_empty() { fields.summary } else { said };
    }
    let shell = &shell;
    let (view, rules) = (&whole.view, whole.explanation.as_ref());
    let assessment = assessment::shown(shell, caller, view, rules, &whole.members);
    let place = caller.state().settings.stationery.place.clone();
    match beside {
        Beside::Submission(foreseen, lacking) => {
            let answers = submit::answers(shell, &whole);
            // What was refused stands there already.
            let lacking = match fields.summary.is_empty() {
                true => fields.lacking(&lacking.faults, &lacking.stopped, &|pointer| places::of(id, pointer)),
                false => Vec::new(),
            };
            let page = Submit { shell, whole, fields, foreseen, answers, assessment, lacking };
            shell::page(status, shell.lang, &page)
        }
        Beside::Decision(Deciding { earlier, overrides, mandate }) => {
            let page = Decide { shell, whole, fields, earlier, overrides, mandate, place };
            shell::page(status, shell.lang, &page)
        }
        Beside::Duplicate(asked) => {
            let fields = asked.fields(fields, refused.is_some());
            shell::page(status, shell.lang, &Duplicate { shell, whole, fields, asked })
        }
        Beside::Report(asks) => shell::page(status, shell.lang, &Report { shell, whole, fields, asks }),
        Beside::Issue(_) | Beside::Nothing => {
            shell::page(status, shell.lang, &Ask { shell, whole, command, fields, assessment, registered })
        }
    }
}

/// What a form begins with: a paper with today and whoever approved; a report with what was reported before.
fn begun(shell: &Shell, command: Command, whole: &Whole, beside: &Beside) -> Value {
    match (command, beside) {
        (Command::Report, _) => visit::begun(whole),
        (_, Beside::Issue(paper)) => begun_paper(shell, paper.signing.as_ref()),
        _ => Value::Null,
    }
}

/// A paper begins with today, and with whoever decided.
pub(super) fn begun_paper(shell: &Shell, signing: Option<&Signing>) -> Value {
    let who = |signing: &Signing| {
        json!({
            "date": shell.today,
            "signer": signing.signer,
            "acting_for": signing.acting_for,
            "forms": signing.forms,
        })
    };
    signing.map_or_else(|| json!({"date": shell.today}), who)
}

/// The form whose own words are used.
fn form_of(command: Command, direction: Direction) -> &'static str {
    match (command, direction) {
        (Command::Receive, _) => "receive",
        (Command::Advance, _) => "decide",
        (Command::Issue, _) => "issue",
        // What is missing is called as on the form of the dossier.
        (Command::Submit, Direction::Outbound) => "outbound",
        _ => "",
    }
}

/// What must be filled in for a command.
fn must(command: Command) -> &'static [&'static str] {
    match command {
        Command::Submit => &["/contains_no_state_secret"],
        Command::Receive => &["/number"],
        Command::Advance => &["/decision"],
        Command::RecordOpinion => &["/answer"],
        Command::Issue => &["/symbol", "/date", "/signer"],
        Command::Report => &["/groups/came"],
        Command::Cancel | Command::Revoke => &["/reason"],
        Command::Recall => &["/gives_up_changes"],
        Command::Duplicate => &["/of"],
        _ => &[],
    }
}

/// What some commands have to be thought over with.
enum Beside {
    Submission(Foreseen, Lacking),
    Decision(Deciding),
    Issue(BegunPaper),
    Report(Asks),
    Duplicate(Asked),
    Nothing,
}

/// What a decision has to be thought over with.
struct Deciding {
    earlier: Earlier,
    overrides: Vec<OverrideView>,
    mandate: Option<MandateView>,
}

impl Beside {
    fn of(
        tx: &mut ReadTx<'_>,
        ctx: &Context,
        id: DossierId,
        command: Command,
        typed: &Value,
    ) -> ServiceResult<Self> {
        Ok(match command {
            Command::Submit => {
                Self::Submission(course::foreseen(tx, ctx, id)?, course::lacking(tx, ctx, id)?)
            }
            Command::Advance => Self::Decision(Deciding {
                earlier: views::earlier(tx, ctx, id, VISITS_BEFORE)?,
                overrides: overrides::list(tx, ctx, id)?,
                mandate: decisions::mandate_of(tx, ctx, id)?,
            }),
            Command::Issue => Self::Issue(course::begun(tx, ctx, id)?),
            Command::Report => Self::Report(Asks::read(tx, ctx, id, typed)?),
            Command::Duplicate => Self::Duplicate(Asked::read(tx, ctx, id, typed)?),
            _ => Self::Nothing,
        })
    }
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
            with::<TakenBack>(request, caller, form, |tx, ctx, id, version, said| {
                course::recall(tx, ctx, id, version, *said)
            })
            .await
        }
        Command::Receive => with::<Reception>(request, caller, form, course::receive).await,
        Command::Advance => with::<NewDecision>(request, caller, form, decisions::decide).await,
        Command::RecordOpinion => with::<NewOpinion>(request, caller, form, opinions::record).await,
        Command::Issue => issue(request, caller, form).await,
        Command::Report => match visit::groups_are_counted(form) {
            Ok(()) => with::<VisitReport>(request, caller, form, course::report_whole).await,
            Err(problem) => Err(problem),
        },
        Command::Close => with::<Closing>(request, caller, form, course::close).await,
        Command::Cancel => with::<Reason>(request, caller, form, course::cancel).await,
        Command::Revoke => with::<Reason>(request, caller, form, course::revoke).await,
        Command::Duplicate => with::<DuplicateOf>(request, caller, form, course::duplicate).await,
        _ => Err(Refusal::NotFound.into()),
    };
    kept::settle(request, caller, form, done, async |problem| {
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
    form.command(caller, move |tx, ctx, sent: &B| Ok(back(work(tx, ctx, id, version, sent)?))).await
}
