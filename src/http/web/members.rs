//! The members of a delegation: one typed in, or a whole list pasted from a spreadsheet, which is shown cell by cell
//! before anything is saved.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde_json::Value;

use super::controls::{self, Choice, Fields, vocabulary};
use super::form::Form;
use super::preview::{self, BadRow};
use super::shell::{self, Shell};
use super::{kept, member};
use crate::domain::codes::{Direction, MemberRole, PassportType, Sex, Visa};
use crate::domain::countries;
use crate::domain::dossier::Command;
use crate::domain::ids::{DossierId, MemberId};
use crate::domain::pasted::{self, Cell, Row};
use crate::domain::refusal::{Fault, Refusal};
use crate::http::body;
use crate::http::caller::{Caller, Reply};
use crate::http::problem::Problem;
use crate::service::members::{self, Meeting, MemberView, NewMember, Visits};
use crate::service::people::directory::PersonView;
use crate::service::views::{self, DelegationView};
use crate::texts;

#[derive(Template)]
#[template(path = "members.html")]
struct Members<'p> {
    shell: &'p Shell,
    view: DelegationView,
    people: Vec<MemberView>,
    fields: Fields,
    countries: Vec<Choice>,
    pasted: String,
    rows: Vec<Row>,
    /// What of the paste is not read: headings of columns, and lines.
    unread: (Vec<String>, Vec<String>),
    meetings: Vec<Meeting>,
    who: Option<String>,
    found: Vec<(PersonView, Visits)>,
}

impl Members<'_> {
    fn may_edit(&self) -> bool {
        self.view.commands.iter().any(|command| matches!(command, Command::Save | Command::Amend))
    }

    /// Whether a change may open an amendment: what is there is permitted.
    fn amends(&self) -> bool {
        self.view.commands.contains(&Command::Amend)
    }

    fn may_submit(&self) -> bool {
        self.view.commands.contains(&Command::Submit)
    }

    fn nationality(&self) -> String {
        self.fields.one_of("/nationality", &self.countries)
    }

    fn role(&self) -> String {
        self.fields.coded::<MemberRole>("/role")
    }

    fn visa(&self) -> String {
        self.fields.coded::<Visa>("/visa")
    }

    fn are_sent(&self) -> bool {
        self.view.content.direction == Direction::Outbound
    }

    /// What is said of somebody who is sent, and what is not said yet.
    fn sent_as(&self, member: &MemberView) -> Vec<String> {
        if !self.are_sent() {
            return Vec::new();
        }
        let unsaid =
            |pointer| self.shell.t1("members-unsaid", "what", controls::label(self.shell.lang, pointer));
        let managed = member.managed_by.map_or_else(|| unsaid("/managed_by"), |one| self.shell.coded(&one));
        let leads = member.leadership.map_or_else(|| unsaid("/leadership"), |one| self.shell.coded(&one));
        vec![managed, leads]
    }

    /// What decides on who is asked about somebody who is sent.
    fn standing(&self) -> String {
        if self.are_sent() { member::standing(&self.fields) } else { String::new() }
    }

    fn sex(&self) -> String {
        self.fields.coded::<Sex>("/sex")
    }

    fn passport_type(&self) -> String {
        self.fields.coded::<PassportType>("/passport/type")
    }

    fn label(&self, cell: &Cell) -> String {
        controls::label(self.shell.lang, &format!("/{}", cell.field))
    }

    /// What a cell became, in words.
    fn became(&self, cell: &Cell) -> String {
        if let Some(why) = cell.fault {
            return controls::why_words(self.shell.lang, &self.label(cell), why);
        }
        match cell.field {
            "sex" | "visa" => self.shell.word(cell.field, &cell.became),
            "role" => self.shell.word("member-role", &cell.became),
            "passport/type" => self.shell.word("passport-type", &cell.became),
            "managed_by" => self.shell.word("managed-by", &cell.became),
            "leadership" => self.shell.word("leadership", &cell.became),
            "party_member" => self.shell.t(if cell.became == "true" { "page-yes" } else { "page-no" }),
            "nationality" => countries::name(&cell.became, self.shell.lang),
            "birth_date" | "passport/expires_on" => {
                cell.became.parse().map_or_else(|_| cell.became.clone(), |day| self.shell.day(&day))
            }
            _ => cell.became.clone(),
        }
    }

    /// Whom a row of the preview means, if somebody who was met before.
    fn met(&self, row: &usize) -> String {
        match self.meetings.get(*row) {
            Some(Meeting::Met(_, name, visits)) => texts::text(
                self.shell.lang,
                "members-met",
                &[("name", name.as_str()), ("visits", &self.visits(visits))],
            ),
            Some(Meeting::Contradicts) => self.shell.t("members-contradicts"),
            _ => String::new(),
        }
    }

    fn visits(&self, visits: &Visits) -> String {
        let n = self.shell.t1("members-visits", "n", visits.n);
        match &visits.last_on {
            Some(day) => format!("{n}, {}", self.shell.t1("members-last", "date", self.shell.day(day))),
            None => n,
        }
    }

    fn is_member(&self, person: &PersonView) -> bool {
        self.people.iter().any(|member| member.person_id == person.id)
    }

    fn roles(&self) -> Vec<Choice> {
        vocabulary::<MemberRole>(self.shell.lang)
    }

    /// What somebody is offered to be: the head where there is none.
    fn is_usual(&self, role: &str) -> bool {
        let has_head = self.people.iter().any(|member| member.role == MemberRole::Head);
        role == if has_head { "member" } else { "head" }
    }

    fn passport<'v>(&self, person: &'v PersonView) -> &'v str {
        person.passports.first().map_or("", |passport| passport.number.as_str())
    }

    fn is_clean(&self) -> bool {
        is_clean(&self.rows)
    }
}

/// Whether all of a list can be added.
fn is_clean(rows: &[Row]) -> bool {
    !rows.is_empty() && rows.len() <= pasted::MOST && !rows.iter().any(Row::is_faulty)
}

struct Pasted<'f> {
    text: &'f str,
    read: pasted::Pasted,
}

async fn page(
    request: &HttpRequest,
    caller: &Caller,
    status: StatusCode,
    refused: Option<(&Form, &Problem)>,
    pasted: Option<Pasted<'_>>,
) -> Result<HttpResponse, Problem> {
    let id: DossierId = body::id(request, "id")?;
    let shell = Shell::of(request, caller)?;
    let who = asked(request);
    let wanted = who.clone();
    // What cannot be read has no member yet.
    let listed: Vec<Option<NewMember>> = pasted.iter().flat_map(|one| &one.read.rows).map(member).collect();
    let read = caller.read(move |tx, ctx| {
        let known: Vec<NewMember> = listed.iter().flatten().cloned().collect();
        let mut met = members::met(tx, ctx, id, &known)?.into_iter();
        let meetings = listed.iter().map(|one| one.as_ref().and_then(|_| met.next()).unwrap_or(Meeting::New));
        let meetings: Vec<Meeting> = meetings.collect();
        let found = match &wanted {
            Some(words) => members::look_up(tx, ctx, id, words)?,
            None => Vec::new(),
        };
        Ok((views::delegation(tx, ctx, id)?, members::list(tx, ctx, id)?, meetings, found))
    });
    let (view, members, meetings, found) = read.await?;
    let kept = if refused.is_none() { kept::load(request, caller).await? } else { None };
    let kept_list = kept.as_ref().and_then(|kept| kept.form.get("pasted")).map(str::to_owned);
    let fields = match refused {
        Some((form, problem)) => Fields::typed(shell.lang, form, Some(problem)),
        None => Fields::kept_or(shell.lang, kept, Value::Null),
    };
    let countries = countries::list(shell.lang).into_iter().map(|(value, label)| Choice { value, label });
    let countries = countries.collect();
    let (pasted, read) = match pasted {
        Some(pasted) => (pasted.text.to_owned(), pasted.read),
        None => (kept_list.unwrap_or_default(), pasted::Pasted::default()),
    };
    let (rows, unread) = (read.rows, (read.ignored, read.skipped));
    let mut fields = fields.must(&["/full_name", "/role"]);
    preview::refuse(&shell, &mut fields, rows.len(), &bad_rows(&shell, &rows), "members-nothing-yet");
    let shell = &shell;
    let page = Members {
        shell,
        view,
        people: members,
        fields,
        countries,
        pasted,
        rows,
        unread,
        meetings,
        who,
        found,
    };
    shell::page(status, shell.lang, &page)
}

/// The rows that cannot be read, in words.
fn bad_rows(shell: &Shell, rows: &[Row]) -> Vec<BadRow> {
    let words = |cell: &Cell| {
        let pointer = format!("/{}", cell.field);
        let label = controls::label(shell.lang, &pointer);
        Some(preview::cell(&label, &controls::why_words(shell.lang, &label, cell.fault?)))
    };
    let bad = rows.iter().filter(|row| row.is_faulty());
    bad.map(|row| BadRow { line: row.line, words: row.cells.iter().filter_map(words).collect() }).collect()
}

/// The words of a name that are looked for among those who were met before.
fn asked(request: &HttpRequest) -> Option<String> {
    let mut pairs = url::form_urlencoded::parse(request.query_string().as_bytes());
    let (_, words) = pairs.find(|(name, _)| name == "who")?;
    Some(words.trim().to_owned()).filter(|words| !words.is_empty() && !words.chars().any(char::is_control))
}

fn member(row: &Row) -> Option<NewMember> {
    if row.is_faulty() { None } else { body::value(row.member.clone()).ok() }
}

/// The members and the two ways to add more.
///
/// # Errors
/// 404 where the reader may not know of the delegation.
pub async fn show(request: HttpRequest, caller: Caller) -> Result<HttpResponse, Problem> {
    page(&request, &caller, StatusCode::OK, None, None).await
}

fn back(id: DossierId) -> Reply {
    Reply::see_other(format!("/delegations/{id}/members"))
}

/// Adds one.
///
/// # Errors
/// As the use case refuses, where the form cannot help.
pub async fn add(request: HttpRequest, caller: Caller, form: Form) -> Result<HttpResponse, Problem> {
    let id: DossierId = body::id(&request, "id")?;
    let caller = caller.with_form(&form);
    let version = caller.version()?;
    let add = form.command(&caller, move |tx, ctx, new: &NewMember| {
        Ok(members::add(tx, ctx, id, version, new)?.map(|_| back(id)))
    });
    let done = add.await;
    kept::settle(&request, &caller, &form, done, async |problem| {
        page(&request, &caller, problem.status, Some((&form, &problem)), None).await
    })
    .await
}

/// Shows what a pasted list became; with `confirm`, adds all of it or nothing.
///
/// # Errors
/// As the use case refuses, where the page cannot help.
pub async fn paste(request: HttpRequest, caller: Caller, form: Form) -> Result<HttpResponse, Problem> {
    let id: DossierId = body::id(&request, "id")?;
    let caller = caller.with_form(&form);
    let version = caller.version()?;
    let text = form.get("pasted").unwrap_or_default();
    let there = caller.read(move |tx, ctx| members::list(tx, ctx, id)).await?;
    let has_head = there.iter().any(|member| member.role == MemberRole::Head);
    let mut read = pasted::read(text, has_head);
    if form.get("confirm").is_none() || !is_clean(&read.rows) {
        let refused = match read.rows.len() {
            0 => Some("nothing-pasted"),
            n if n > pasted::MOST => Some("too-many-rows"),
            _ => None,
        };
        let refused = refused.map(|code| Problem::from(Refusal::field("/pasted", code)));
        let refused = refused.as_ref().map(|problem| (&form, problem));
        return page(&request, &caller, StatusCode::OK, refused, Some(Pasted { text, read })).await;
    }
    let rows = std::mem::take(&mut read.rows);
    let one = |row: &Row| body::value::<NewMember>(row.member.clone());
    let new = rows.iter().map(one).collect::<Result<Vec<NewMember>, Refusal>>()?;
    let add = caller.command(form.sent(), move |tx, ctx| {
        Ok(members::add_all(tx, ctx, id, version, &new)?.map(|()| back(id)))
    });
    let done = add.await;
    kept::settle(&request, &caller, &form, done, async |problem| {
        read.rows = with_faults(rows, &problem.faults);
        let pasted = Some(Pasted { text, read });
        page(&request, &caller, problem.status, Some((&form, &problem)), pasted).await
    })
    .await
}

/// Puts what the use case says against a row to its cell.
fn with_faults(mut rows: Vec<Row>, faults: &[Fault]) -> Vec<Row> {
    for fault in faults {
        let mut parts = fault.pointer.trim_start_matches('/').splitn(2, '/');
        let at = parts.next().and_then(|at| at.parse::<usize>().ok());
        let field = parts.next().unwrap_or_default();
        if let Some(row) = at.and_then(|at| rows.get_mut(at)) {
            match row.cells.iter_mut().find(|cell| cell.field == field) {
                Some(cell) => cell.fault = Some(fault.why()),
                None => row.cells.push(Cell {
                    field: "full_name",
                    typed: String::new(),
                    became: String::new(),
                    fault: Some(fault.why()),
                }),
            }
        }
    }
    rows
}

/// Takes one away.
///
/// # Errors
/// As the use case refuses.
pub async fn remove(request: HttpRequest, caller: Caller, form: Form) -> Result<HttpResponse, Problem> {
    let (id, member): (DossierId, MemberId) = (body::id(&request, "id")?, body::id(&request, "member")?);
    let caller = caller.with_form(&form);
    let version = caller.version()?;
    caller
        .command(form.sent(), move |tx, ctx| {
            Ok(members::remove(tx, ctx, id, version, member)?.map(|_| back(id)))
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::codes::{Lang, Leadership, ManagedBy};

    /// The codes that words become below a heading.
    fn read_back(heading: &str, field: &str, words: &[Choice]) {
        for word in words {
            let list = format!("Họ tên\t{heading}\nTRẦN Văn A\t{}", word.label);
            let read = pasted::read(&list, true);
            let became = &read.rows[0].cells[1];
            assert_eq!((became.field, &became.became, became.fault), (field, &word.value, None), "{list}");
        }
    }

    #[test]
    fn a_list_may_say_what_pages_say() {
        for lang in [Lang::Vi, Lang::En] {
            read_back("Giới tính", "sex", &vocabulary::<Sex>(lang));
            read_back("Vai trò", "role", &vocabulary::<MemberRole>(lang));
            read_back("Thị thực", "visa", &vocabulary::<Visa>(lang));
            read_back("Loại hộ chiếu", "passport/type", &vocabulary::<PassportType>(lang));
            for heading in ["Cấp quản lý cán bộ", "Managed by"] {
                read_back(heading, "managed_by", &vocabulary::<ManagedBy>(lang));
            }
            read_back("Chức danh lãnh đạo", "leadership", &vocabulary::<Leadership>(lang));
        }
    }
}
