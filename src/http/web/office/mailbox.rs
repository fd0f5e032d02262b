//! The demo's mailbox: the mails that would have gone out, as text. Anywhere else this page does not exist.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use crate::domain::refusal::Refusal;
use crate::http::State;
use crate::http::api::users::base_url;
use crate::http::body;
use crate::http::problem::Problem;
use crate::http::web::shell::{self, Shell};
use crate::mail::Mail;

/// Most mails that the list shows.
const SHOWN: usize = 200;

struct Line {
    id: String,
    mail: Mail,
}

impl Line {
    fn to(&self) -> String {
        self.mail.to.address().to_string()
    }
}

#[derive(Template)]
#[template(path = "office/mailbox.html")]
struct List<'p> {
    shell: &'p Shell,
    lines: Vec<Line>,
}

/// A piece of a mail's text: words, or an address of ours, which leads there.
struct Piece {
    text: String,
    href: Option<String>,
}

#[derive(Template)]
#[template(path = "office/mail.html")]
struct One<'p> {
    shell: &'p Shell,
    line: Line,
    pieces: Vec<Piece>,
}

/// A mail's name in addresses: its Message-ID without the brackets.
fn name_of(mail: &Mail) -> String {
    mail.message_id.to_string().trim_matches(['<', '>']).to_owned()
}

/// The mails, newest first.
///
/// # Errors
/// 404 where this is no demo.
pub async fn list(request: HttpRequest, state: web::Data<State>) -> Result<HttpResponse, Problem> {
    let mailbox = state.mailbox.as_ref().ok_or(Refusal::NotFound)?;
    let shell = Shell::of_whoever(&request, &state).await?;
    let line = |mail: Mail| Line { id: name_of(&mail), mail };
    let lines = mailbox.mails().into_iter().rev().take(SHOWN).map(line).collect();
    shell::page(StatusCode::OK, shell.lang, &List { shell: &shell, lines })
}

/// One mail's text.
///
/// # Errors
/// 404 where this is no demo, or there is no such mail.
pub async fn show(request: HttpRequest, state: web::Data<State>) -> Result<HttpResponse, Problem> {
    let mailbox = state.mailbox.as_ref().ok_or(Refusal::NotFound)?;
    let id: String = body::id(&request, "id")?;
    let shell = Shell::of_whoever(&request, &state).await?;
    let mut mails = mailbox.mails().into_iter().rev();
    let mail = mails.find(|mail| name_of(mail) == id).ok_or(Refusal::NotFound)?;
    let pieces = pieces(&mail.text, &base_url(&state));
    shell::page(StatusCode::OK, shell.lang, &One { shell: &shell, line: Line { id, mail }, pieces })
}

/// A text in pieces: addresses that begin with our own lead to their page; everything else is words.
fn pieces(text: &str, base: &str) -> Vec<Piece> {
    let base = base.trim_end_matches('/');
    let mut pieces: Vec<Piece> = Vec::new();
    for word in text.split_inclusive(char::is_whitespace) {
        let address = word.trim_end();
        match address.strip_prefix(base).filter(|path| path.starts_with('/')) {
            Some(path) => {
                let space = word.get(address.len()..).unwrap_or_default().to_owned();
                pieces.push(Piece { text: address.to_owned(), href: Some(path.to_owned()) });
                pieces.push(Piece { text: space, href: None });
            }
            None => match pieces.last_mut().filter(|last| last.href.is_none()) {
                Some(last) => last.text.push_str(word),
                None => pieces.push(Piece { text: word.to_owned(), href: None }),
            },
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_addresses_lead_there_and_nothing_else_does() {
        let text =
            "Xem http://a.vn:8080/delegations/1\nhoặc http://evil.vn/x, http://a.vn:8080.evil.vn/y <b>";
        let all = pieces(text, "http://a.vn:8080/");
        let links: Vec<&str> = all.iter().filter_map(|piece| piece.href.as_deref()).collect();
        assert_eq!(links, ["/delegations/1"]);
        assert_eq!(all.iter().map(|piece| piece.text.as_str()).collect::<String>(), text);
    }
}
