//! Preparing the returns whose period is over: made, fingerprinted and announced to those who check and close them.
//! Nothing is frozen by it; once per organisation and period, in their order, however long nobody served.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use super::{Format, Made, Wanted, make, of_organisation};
use crate::clock::day_in_vietnam;
use crate::domain::access::{Action, Role};
use crate::domain::codes::{Code, Lang};
use crate::domain::event::Event;
use crate::domain::ids::{AccountId, OrganisationId, PreparedId};
use crate::domain::notice::Kind as Mail;
use crate::domain::report::period::Kind;
use crate::domain::report::{Period, ReportError, Window};
use crate::domain::rulebook::returns::ReturnRule;
use crate::report::json;
use crate::service::rules::Rulebooks;
use crate::service::{Context, Result, Settings};
use crate::store::organisations::{self, Organisation};
use crate::store::prepared::{self, Prepared};
use crate::store::{Entry, ReadTx, Recorded, StoreError, WriteTx, accounts, installation, journal, outbox};

/// A return that is to be prepared.
#[derive(Debug, Clone)]
pub struct Due {
    /// Whose.
    pub organisation: Organisation,
    /// Of which period.
    pub period: Period,
    /// Cut how.
    pub window: Window,
    /// The rulebook that says so ..
    rulebook_version: i32,
    /// .. and how.
    rule: ReturnRule,
}

/// The returns that are to be prepared now: of periods that are over in Vietnam, that did not end before the
/// installation was made, and that nobody has prepared or closed; each organisation's in the order of their periods.
///
/// # Errors
/// `Error::Store` of the database.
pub fn due(tx: &mut ReadTx<'_>, settings: &Settings) -> Result<Vec<Due>> {
    let (today, window) = (day_in_vietnam(tx.now()), settings.window);
    let born = day_in_vietnam(installation::born(tx)?);
    let (rulebook_version, book) = settings.rulebooks.active(tx)?;
    let tree = organisations::list(tx)?;
    let mut due = Vec::new();
    for rule in book.returns.rows() {
        let from = rule.from.map_or(born, |from| from.max(born));
        for organisation in tree.iter().filter(|one| rule.prepared_for.contains(&one.kind)) {
            let settled = prepared::settled(tx, organisation.id, rule.kind, window)?;
            let over = Period::over(rule.kind, window, from, today);
            let open = over.filter(|period| !settled.contains(&period.label()));
            due.extend(open.map(|period| Due {
                organisation: organisation.clone(),
                period,
                window,
                rulebook_version,
                rule: rule.clone(),
            }));
        }
    }
    due.sort_by_key(|one| one.period.range(window).to);
    Ok(due)
}

/// Makes a return that is due, as known today.
///
/// # Errors
/// `Error::Store` of the database; inside, why there is no return.
pub fn prepare(
    tx: &mut ReadTx<'_>,
    due: &Due,
    books: &Rulebooks,
) -> Result<std::result::Result<(Made, NaiveDate), ReportError>> {
    let as_of = day_in_vietnam(tx.now());
    let Due { period, window, .. } = *due;
    let wanted = Wanted { period, window, as_of, format: Format::Json, table: None, lang: Lang::Vi };
    Ok(make(tx, &of_organisation(&due.organisation), &wanted, books)?.map(|made| (made, as_of)))
}

/// The fingerprint of a return that was made: SHA-256 of its JSON. For a thread that may wait.
///
/// # Errors
/// Why it cannot be written.
pub fn fingerprint(made: &Made) -> std::result::Result<String, super::Failure> {
    Ok(hex::encode(Sha256::digest(json(&made.form)?)))
}

/// Keeps that a return was prepared, and tells those who check it; both or neither. `false` when another process was
/// faster, or somebody has closed it meanwhile.
///
/// # Errors
/// `Error::Store` of the database.
pub fn keep(
    tx: &mut WriteTx<'_>,
    settings: &Settings,
    due: &Due,
    as_of: NaiveDate,
    sha256: &str,
) -> Result<Recorded<bool>> {
    let Due { organisation, period, window, rulebook_version, rule } = due;
    if prepared::settled(tx, organisation.id, period.kind(), *window)?.contains(&period.label()) {
        return Ok(tx.unrecorded("another process prepared it, or it was closed", false));
    }
    let new = Prepared {
        id: tx.fresh(),
        organisation: organisation.id,
        kind: period.kind(),
        label: period.label(),
        window: *window,
        as_of,
        due_on: rule.due_on(period.range(*window).to, &settings.calendar),
        rulebook_version: *rulebook_version,
        sha256: sha256.to_owned(),
        prepared_at: tx.now(),
    };
    prepared::insert(tx, &new)?;
    let event = Event::new("return.prepared", "return", new.id)
        .at(new.organisation)
        .with("kind", new.kind)
        .with("label", new.label)
        .with("window", new.window)
        .with("due_on", new.due_on)
        .with("sha256", new.sha256);
    let entry = journal::append(tx, event)?;
    tell(tx, entry, Mail::ReturnPrepared, organisation.id, &rule.checked_by)?;
    Ok(entry.returning(true))
}

/// One mail to each active account that holds one of the roles at the organisation.
pub(super) fn tell(
    tx: &mut WriteTx<'_>,
    entry: Entry,
    mail: Mail,
    organisation: OrganisationId,
    roles: &[Role],
) -> std::result::Result<(), StoreError> {
    let mut to: BTreeSet<AccountId> = BTreeSet::new();
    for role in roles {
        to.extend(accounts::holders(tx, *role, organisation)?);
    }
    outbox::queue(tx, entry, mail.code(), None, &to.into_iter().collect::<Vec<_>>())
}

/// A prepared return as shown.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PreparedView {
    /// Id.
    pub id: PreparedId,
    /// Whose return.
    pub organisation_id: OrganisationId,
    /// Of which kind of period ..
    pub kind: Kind,
    /// .. which one ..
    pub label: String,
    /// .. cut how.
    pub window: Window,
    /// First day of the period.
    pub from: NaiveDate,
    /// Last day of the period.
    pub to: NaiveDate,
    /// The state of knowledge when it was prepared.
    pub as_of: NaiveDate,
    /// The last day on which it is closed in time.
    pub due_on: NaiveDate,
    /// Working days from today to that day; negative behind it.
    pub working_days: i64,
    /// Whether that day is over.
    pub late: bool,
    /// What the due day rests on.
    pub due_basis: String,
    /// SHA-256 of the return as Vietnamese JSON, as it was then.
    pub sha256: String,
    /// When it was prepared.
    pub prepared_at: DateTime<Utc>,
}

/// Returns that were prepared and wait for somebody to check and close them, the longest waiting first.
///
/// # Errors
/// `Forbidden`; `Error::Store` of the database.
pub fn waiting(tx: &mut ReadTx<'_>, ctx: &Context) -> Result<Vec<PreparedView>> {
    ctx.must(Action::ReadReturn)?;
    let mut own = organisations::list(tx)?;
    own.retain(|one| ctx.actor.reaches_path(Action::ReadReturn, &one.path));
    let own: Vec<OrganisationId> = own.into_iter().map(|one| one.id).collect();
    let today = day_in_vietnam(tx.now());
    let mut views = Vec::new();
    for one in prepared::waiting(tx, &own)? {
        let book = ctx.settings.rulebooks.version(tx, one.rulebook_version)?;
        let corrupt = |_fault| StoreError::Corrupt(format!("prepared return {}: {}", one.id, one.label));
        let range = Period::parse_label(one.kind, &one.label).map_err(corrupt)?.range(one.window);
        views.push(PreparedView {
            id: one.id,
            organisation_id: one.organisation,
            kind: one.kind,
            label: one.label,
            window: one.window,
            from: range.from,
            to: range.to,
            as_of: one.as_of,
            due_on: one.due_on,
            working_days: ctx.settings.calendar.working_days_between(today, one.due_on),
            late: today > one.due_on,
            due_basis: book.returns.of(one.kind).map(ReturnRule::citation).unwrap_or_default(),
            sha256: one.sha256,
            prepared_at: one.prepared_at,
        });
    }
    Ok(views)
}
