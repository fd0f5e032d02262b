//! The list of delegations as a file, exactly as it is shown: the same filter, the same order, all of its pages. Read page
//! by page, each in a short read of its own, and handed out at once; what is longer is asked for as a long export.

use std::io::Read;

use sha2::{Digest, Sha256};

use super::corrupt;
use super::making::{delegation, lang_title};
use crate::clock::day_in_vietnam;
use crate::depot::{Depot, DepotError};
use crate::domain::access::{Action, Actor};
use crate::domain::codes::Lang;
use crate::domain::event::Event;
use crate::domain::refusal::{Refusal, Why};
use crate::report::RenderError;
use crate::report::stream::{DELEGATION_LIST, Head, Streamed};
use crate::service::returns::{self, Format};
use crate::service::{Context, Error, Result};
use crate::store::dossiers::{self, Filter, Mark, Order, Sort, Stored};
use crate::store::organisations;
use crate::store::{Recorded, Store, WriteTx, journal};

/// Rows of a page.
const PAGE: i64 = 200;
/// Most rows of a list that is handed out at once.
const MOST: i64 = 100_000;

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Listing {
    /// Which delegations.
    pub filter: Filter,
    /// In which order.
    pub order: Order,
    /// CSV or XLSX.
    pub format: Format,
    /// In whose language.
    pub lang: Lang,
    /// The filter as its address says it, for the journal.
    pub query: String,
}

/// A list that was made.
#[derive(Debug, Clone)]
pub struct Made {
    /// Name of the file.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// How many delegations are in it.
    pub rows: i64,
}

fn too_many(count: i64) -> Why {
    let number = |n: i64| usize::try_from(n).unwrap_or(usize::MAX);
    Why::too_many(number(MOST), number(count))
}

/// Makes the list, for whoever asks. For a thread that may wait.
///
/// # Errors
/// `Forbidden`; `Invalid` for a format that is no table and for more rows than are handed out at once.
pub fn make(store: &Store, depot: &Depot, ctx: &Context, listing: &Listing) -> Result<Made> {
    ctx.must(Action::ReadDossier)?;
    let scope = ctx.actor.scope(Action::ReadDossier);
    let (as_of, lang) = (day_in_vietnam(store.now()), listing.lang);
    let (tree, count) = store.read_blocking(|tx| {
        Ok::<_, Error>((organisations::list(tx)?, dossiers::count(tx, &scope, &listing.filter)?))
    })?;
    if count > MOST {
        return Err(Refusal::field("?format", too_many(count)).into());
    }
    let organisation = returns::whose(&tree, &scope).map(|one| one.name(lang).to_owned());
    let title = lang_title(lang).to_owned();
    let head = Head { lang, title, organisation: organisation.unwrap_or_default(), as_of };
    let into = depot.scratch()?;
    let mut out = match listing.format {
        Format::Csv => Streamed::csv(DELEGATION_LIST, &head, into),
        Format::Xlsx => Streamed::xlsx(DELEGATION_LIST, &head, into, depot.room()),
        _ => return Err(Refusal::field("?format", "unknown-code").into()),
    }
    .map_err(unwritten)?;
    let (mut rows, mut after) = (0, None);
    loop {
        let page = store.read_blocking(|tx| {
            Ok::<_, Error>(dossiers::sorted(tx, &scope, &listing.filter, listing.order, after, PAGE)?)
        })?;
        for stored in &page {
            out.row(&delegation(stored, &tree, lang)).map_err(unwritten)?;
            rows += 1;
        }
        match page.last() {
            Some(last) if rows <= MOST => after = Some(place(listing.order, last)),
            _ => break,
        }
    }
    let mut bytes = Vec::new();
    let mut file = out.finish().map_err(unwritten)?;
    file.read_to_end(&mut bytes).map_err(DepotError::from)?;
    Ok(Made { name: format!("legation-delegations-{as_of}.{}", listing.format), bytes, rows })
}

fn unwritten(error: RenderError) -> Error {
    match error {
        RenderError::Io(cause) => DepotError::from(cause).into(),
        other => corrupt(other),
    }
}

fn place(order: Order, stored: &Stored) -> Mark {
    let id = stored.dossier.id;
    match order.by {
        Sort::Registered => Mark::Id(id),
        Sort::Arrival => Mark::Day(stored.content.starts_on(), id),
        Sort::Code => Mark::Code(stored.dossier.code.as_deref().and_then(dossiers::parsed_code), id),
        Sort::Since => Mark::Since(stored.state_since.naive_utc(), id),
    }
}

/// Journals that a list was handed out.
///
/// # Errors
/// `Error::Store` when the database cannot write now.
pub fn record(tx: &mut WriteTx<'_>, actor: &Actor, listing: &Listing, made: &Made) -> Result<Recorded<()>> {
    let event = Event::new("delegations.exported", "list", "")
        .by(actor.account)
        .with("query", &listing.query)
        .with("format", listing.format)
        .with("rows", made.rows)
        .with("sha256", hex::encode(Sha256::digest(&made.bytes)));
    Ok(journal::append(tx, event)?.returning(()))
}
