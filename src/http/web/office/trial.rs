//! The rules tried out on facts that no dossier states: by when a request would have to be filed, which papers it would need
//! and who would have to agree. Nothing is stored; the question stands in the address, so that it can be sent to others.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use crate::domain::codes::{Channel, Direction, GuestKind, HeadLevel, Rank};
use crate::domain::countries;
use crate::domain::refusal::Refusal;
use crate::domain::rulebook::{Explanation, Facts};
use crate::http::caller::Caller;
use crate::http::problem::Problem;
use crate::http::web::assessment;
use crate::http::web::controls::{self, Choice, Fields};
use crate::http::web::form::Form;
use crate::http::web::shell::{self, Shell};
use crate::service::rules::{self, Evaluation};

#[derive(Template)]
#[template(path = "office/trial.html")]
struct Trial<'p> {
    shell: &'p Shell,
    fields: Fields,
    /// What the rules say; empty while nothing is asked.
    assessment: String,
}

impl Trial<'_> {
    fn direction(&self) -> String {
        self.fields.choice::<Direction>("/direction")
    }

    fn country(&self, no: usize) -> String {
        let all = countries::list(self.shell.lang).into_iter();
        let all: Vec<Choice> = all.map(|(value, label)| Choice { value, label }).collect();
        self.fields.one_of(&format!("/countries/{no}"), &all)
    }

    fn channel(&self) -> String {
        self.fields.coded::<Channel>("/channel")
    }

    fn rank(&self) -> String {
        self.fields.coded::<Rank>("/rank")
    }

    fn level(&self) -> String {
        self.fields.coded::<HeadLevel>("/head_level")
    }

    fn kinds(&self) -> String {
        self.fields.some_coded::<GuestKind>("/guest_kinds:list")
    }
}

/// The form, and what the rules say of what it states.
///
/// # Errors
/// 503 when the database cannot be asked.
pub async fn show(request: HttpRequest, caller: Caller) -> Result<HttpResponse, Problem> {
    let shell = Shell::of(&request, &caller)?;
    let form = Form::parse(request.query_string().as_bytes());
    let asked = form.get("/direction").is_some();
    let answer = if asked { explained(&caller, &form).await } else { Ok(None) };
    let (status, said, refused) = match answer {
        Ok(said) => (StatusCode::OK, said.map(|said| assessment::of_facts(&shell, &said)), None),
        Err(problem) if controls::is_about_input(&problem) => (problem.status, None, Some(problem)),
        Err(problem) => return Err(problem),
    };
    let fields =
        Fields::typed(shell.lang, &form, None).must(&["/direction"]).words_of("trial", refused.as_ref());
    shell::page(status, shell.lang, &Trial { shell: &shell, fields, assessment: said.unwrap_or_default() })
}

/// What the rules say; nothing where nothing is asked yet.
async fn explained(caller: &Caller, form: &Form) -> Result<Option<Explanation>, Problem> {
    Refusal::unless_empty(form.unreadable())?;
    let asked = Evaluation { version: None, facts: form.read::<Facts>()? };
    let explanation = caller.read(move |tx, ctx| rules::evaluate(tx, ctx, &asked)).await;
    // The form has the facts alone.
    let of_the_form = |mut problem: Problem| {
        for fault in &mut problem.faults {
            fault.pointer = fault.pointer.trim_start_matches("/facts").to_owned();
        }
        problem
    };
    explanation.map(Some).map_err(of_the_form)
}
