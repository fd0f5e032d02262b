//! What was typed and not saved, listed: one line a form, with the way to it and a way to throw it away.

use super::form::Form;
use super::routes;
use super::shell::Shell;
use crate::clock::Instant;
use crate::domain::ids::DossierId;
use crate::http::web::words;
use crate::service::{Context, Result, kept_forms, views};
use crate::store::ReadTx;
use crate::texts;

/// A form that is kept, as it was read.
pub struct Kept {
    place: String,
    since: Instant,
    /// The dossier that it is about.
    title: Option<String>,
}

/// A line of the list.
pub struct Unsaved {
    /// Where the form stands.
    pub href: String,
    /// What it is.
    pub what: String,
    /// Since when it is kept.
    pub since: String,
}

/// The reader's kept forms into which something was typed. One statement, and one more where some are of dossiers.
///
/// # Errors
/// `Error::Store` of the database.
pub fn read(tx: &mut ReadTx<'_>, ctx: &Context) -> Result<Vec<Kept>> {
    let all = kept_forms::list(tx, &ctx.settings, ctx.actor.account)?;
    let typed = all.into_iter().filter(|(_, typed, _)| Form::parse(typed).says_something());
    let typed: Vec<(String, Instant)> = typed.map(|(place, _, since)| (place, since)).collect();
    let ids: Vec<DossierId> = typed.iter().filter_map(|(place, _)| dossier(place)).collect();
    let known = if ids.is_empty() { Vec::new() } else { views::many(tx, ctx, &ids)? };
    let kept = |(place, since): (String, Instant)| {
        let id = dossier(&place);
        let of = known.iter().find(|item| Some(item.id) == id);
        Kept { title: of.map(|item| item.title.clone()), place, since }
    };
    Ok(typed.into_iter().map(kept).collect())
}

/// The lines, but for the form that stands on this page.
#[must_use]
pub fn shown(shell: &Shell, kept: Vec<Kept>) -> Vec<Unsaved> {
    let elsewhere = kept.into_iter().filter(|kept| kept.place != shell.place);
    let line = |kept: Kept| {
        let name = name(shell, &kept.place)?;
        let what = match &kept.title {
            Some(title) if !title.is_empty() => format!("{name} – {title}"),
            _ => name,
        };
        Some(Unsaved { what, since: words::instant(kept.since), href: kept.place })
    };
    elsewhere.filter_map(line).collect()
}

fn dossier(place: &str) -> Option<DossierId> {
    place.strip_prefix("/delegations/")?.split('/').next()?.parse().ok()
}

/// What a form is called, by the page that it stands on; nothing for what stands on none.
fn name(shell: &Shell, place: &str) -> Option<String> {
    let (path, query) = place.split_once('?').unwrap_or((place, ""));
    let page = routes::page_of(path)?;
    if let Some(command) = path.rsplit_once("/do/").map(|(_, command)| command) {
        return Some(shell.word("command", command));
    }
    let fixed: Vec<&str> =
        page.split('/').filter(|part| !part.is_empty() && !part.starts_with('{')).collect();
    let out = if query.contains("outbound") { "-outbound" } else { "" };
    let key = format!("unsaved-{}{out}", fixed.join("-"));
    Some(shell.t(if texts::has(shell.lang, &key) { &key } else { "unsaved-else" }))
}
