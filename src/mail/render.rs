//! Makes a mail from a notice: words in the reader's language, text and HTML, headers. Owns the last look
//! at what goes out; must not send. The same notice always gives the same bytes.
//!
//! lettre panics on some input (a line feed in a display name does it), and one poisoned row must not stop
//! the outbox: everything typed is checked before, and the building is isolated besides.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::SystemTime;

use askama::Template;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use lettre::Message;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{MultiPart, SinglePart};
use sha2::{Digest, Sha256};

use super::address::has_controls;
use super::templates::{Fact, Html, Line, PlainText, Words};
use super::{BadAddress, Correspondent, DigestLine, Kind, Mail, MessageId, Notice};
use crate::domain::codes::{Code, Direction, Lang};
use crate::texts::{has, text};

/// Why no mail can be made from a notice. The row is parked; another attempt would end the same way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unmailable {
    /// The reader's name or address, or the Message-ID.
    #[error(transparent)]
    Address(#[from] BadAddress),
    /// A notice about a dossier without its code.
    #[error("the notice has no dossier code")]
    NoCode,
    /// A control character or line end in the named field.
    #[error("the notice has control characters in its {0}")]
    ControlCharacters(&'static str),
    /// A link that is no plain http(s) URL.
    #[error("the notice has no usable link")]
    Link,
    /// A year that mail headers cannot hold.
    #[error("the notice has a date out of range")]
    Date,
    /// The mail library refused or panicked, or made something else than clean ASCII lines.
    #[error("the mail could not be built")]
    Build,
}

/// Makes the mail that `notice` describes.
///
/// # Errors
/// When something in the notice may not go into a mail.
pub fn render(notice: &Notice) -> Result<Mail, Unmailable> {
    check(notice)?;
    let to = Correspondent::new(&notice.to_name, &notice.to_address)?;
    let message_id = MessageId::parse(&notice.message_id)?;
    let words = words(notice, &to);
    let plain = PlainText { words: &words }.render().or(Err(Unmailable::Build))?;
    let html = Html { words: &words }.render().or(Err(Unmailable::Build))?;
    let mut mail = Mail {
        message_id,
        from: notice.from.clone(),
        to,
        lang: notice.lang,
        date: notice.date,
        subject: words.subject,
        text: plain,
        html,
        raw: Vec::new(),
    };
    mail.raw = catch_unwind(AssertUnwindSafe(|| message(&mail))).unwrap_or(None).ok_or(Unmailable::Build)?;
    if clean(&mail.raw) { Ok(mail) } else { Err(Unmailable::Build) }
}

fn check(notice: &Notice) -> Result<(), Unmailable> {
    if notice.kind.about_a_dossier() && !notice.kind.before_a_code() && notice.code.is_none() {
        return Err(Unmailable::NoCode);
    }
    let typed = [
        ("code", notice.code.as_deref().unwrap_or_default()),
        ("step", notice.step.as_deref().unwrap_or_default()),
        ("organisation", &notice.organisation),
        ("period", notice.period.as_deref().unwrap_or_default()),
        ("sha256", notice.sha256.as_deref().unwrap_or_default()),
    ];
    let listed =
        notice.lines.iter().flat_map(|line| [("code", &*line.code), ("organisation", &*line.organisation)]);
    if let Some((field, _)) = typed.into_iter().chain(listed).find(|(_, value)| has_controls(value)) {
        return Err(Unmailable::ControlCharacters(field));
    }
    if !plain_link(&notice.link) || !notice.lines.iter().all(|line| plain_link(&line.link)) {
        return Err(Unmailable::Link);
    }
    dated(notice.date)
}

/// Four digits: what a `Date` header can say, and before 1970 the library cannot.
pub(super) fn dated(date: DateTime<Utc>) -> Result<(), Unmailable> {
    if (1970..=9999).contains(&date.year()) { Ok(()) } else { Err(Unmailable::Date) }
}

/// An http(s) URL of printable ASCII without characters that would end it in text or HTML.
fn plain_link(link: &str) -> bool {
    let rest = link.strip_prefix("https://").or_else(|| link.strip_prefix("http://"));
    rest.is_some_and(|rest| {
        !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_graphic() && !b"\"'<>\\^`{|}".contains(&b))
    })
}

fn words(notice: &Notice, to: &Correspondent) -> Words {
    let say = |key: &str, variables: &[(&str, &str)]| text(notice.lang, key, variables);
    let step =
        notice.step.as_deref().filter(|step| ["endorse", "appraise", "opinion", "approve"].contains(step));
    let delegation = match notice.direction {
        Some(Direction::Inbound) => "mail-delegation-inbound",
        Some(Direction::Outbound) => "mail-delegation-outbound",
        None => "mail-delegation",
    };
    let count = notice.lines.len().to_string();
    let without_code = say("mail-no-code", &[]);
    let variables = [
        ("count", count.as_str()),
        ("code", notice.code.as_deref().unwrap_or(&without_code)),
        ("organisation", &notice.organisation),
        ("period", notice.period.as_deref().unwrap_or_default()),
        ("delegation", &say(delegation, &[])),
        ("step", &say(&format!("mail-step-{}", step.unwrap_or("other")), &[])),
    ];
    let action = match notice.kind {
        Kind::Invitation => "mail-action-sign-in",
        Kind::Digest => "mail-action-list",
        kind if kind.about_a_return() => "mail-action-return",
        _ => "mail-action-open",
    };
    let greeting = match to.name() {
        "" => say("mail-greeting-nameless", &[]),
        name => say("mail-greeting", &[("name", name)]),
    };
    Words {
        lang: notice.lang.code(),
        subject: say(&notice.kind.key("subject"), &variables),
        greeting,
        lead: say(&notice.kind.key("lead"), &variables),
        facts: facts(notice),
        lines: notice.lines.iter().map(|line| line_of(notice.lang, line)).collect(),
        action: say(action, &[]),
        link: notice.link.clone(),
        footer: say("mail-footer", &[]),
    }
}

fn facts(notice: &Notice) -> Vec<Fact> {
    let days = [
        ("mail-label-arrives", notice.arrives_on),
        ("mail-label-departs", notice.departs_on),
        ("mail-label-due", notice.due_on),
    ];
    let known = [
        ("mail-label-code", notice.code.clone()),
        ("mail-label-organisation", Some(notice.organisation.clone()).filter(|name| !name.is_empty())),
        ("mail-label-period", notice.period.clone()),
        ("mail-label-sha256", notice.sha256.clone()),
    ];
    let dated = days.into_iter().map(|(label, on)| (label, on.map(day)));
    let all = known.into_iter().chain(dated);
    all.filter_map(|(label, value)| Some(Fact { label: text(notice.lang, label, &[]), value: value? }))
        .collect()
}

fn line_of(lang: Lang, line: &DigestLine) -> Line {
    let day = day(line.on);
    let matter = format!("mail-matter-{}", line.matter.replace('_', "-"));
    let matter = if has(lang, &matter) { matter } else { "mail-matter-other".to_owned() };
    let when = match (line.matter, line.overdue) {
        ("no_permit", _) => "mail-when-arrives",
        ("permit_expires", _) => "mail-when-expires",
        (_, true) => "mail-when-overdue",
        (_, false) => "mail-when-due",
    };
    Line {
        code: line.code.clone(),
        organisation: line.organisation.clone(),
        matter: text(lang, &matter, &[]),
        when: text(lang, when, &[("day", &day)]),
        link: line.link.clone(),
    }
}

/// `dd/mm/yyyy`, in both languages: the office's way of writing a day.
fn day(on: NaiveDate) -> String {
    on.format("%d/%m/%Y").to_string()
}

fn message(mail: &Mail) -> Option<Vec<u8>> {
    const AUTO_SUBMITTED: HeaderName = HeaderName::new_from_ascii_str("Auto-Submitted");
    const CONTENT_LANGUAGE: HeaderName = HeaderName::new_from_ascii_str("Content-Language");
    let parts = MultiPart::alternative()
        .boundary(boundary(&mail.message_id))
        .singlepart(SinglePart::plain(mail.text.clone()))
        .singlepart(SinglePart::html(mail.html.clone()));
    let message = Message::builder()
        .message_id(Some(mail.message_id.to_string()))
        .date(SystemTime::from(mail.date))
        .from(mail.from.for_lettre())
        .to(mail.to.for_lettre())
        .subject(mail.subject.as_str())
        .raw_header(HeaderValue::new(AUTO_SUBMITTED, "auto-generated".to_owned()))
        .raw_header(HeaderValue::new(CONTENT_LANGUAGE, mail.lang.code().to_owned()))
        .multipart(parts);
    message.ok().map(|message| message.formatted())
}

/// The same for every attempt, and not to be met by chance in a text.
pub(super) fn boundary(message_id: &MessageId) -> String {
    let digest = Sha256::digest(format!("boundary of {message_id}"));
    format!("b_{}", URL_SAFE_NO_PAD.encode(digest))
}

/// ASCII in lines of at most 998 bytes that end in CR LF, with no other CR, LF or NUL: such bytes are what
/// a second message is smuggled in with.
pub(super) fn clean(raw: &[u8]) -> bool {
    const LONGEST_LINE: usize = 998;
    let Some(text) = str::from_utf8(raw).ok().filter(|text| text.is_ascii()) else { return false };
    let Some(lines) = text.strip_suffix("\r\n") else { return false };
    lines.split("\r\n").all(|line| line.len() <= LONGEST_LINE && !line.contains(['\r', '\n', '\0']))
}
