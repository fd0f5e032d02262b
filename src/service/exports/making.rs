//! Making an export: rows are read in pages, each in a short read of its own, and pass into a file without a name; that
//! file is sealed into the depot; one command says that it is done. Whoever loses the lease leaves nothing behind.

use std::fs::File;
use std::io::{Cursor, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::{NaiveDate, TimeDelta};
use sha2::{Digest, Sha256};

use super::{Asked, What, corrupt, fingerprint};
use crate::clock::{Instant, day_in_vietnam};
use crate::depot::{Depot, DepotError};
use crate::domain::access::{Action, Actor, Reach, Scope};
use crate::domain::codes::Lang;
use crate::domain::countries;
use crate::domain::event::Event;
use crate::domain::ids::{DossierId, ExportId};
use crate::domain::report::period::Range;
use crate::domain::report::{self, Counted};
use crate::report::stream::{DELEGATION_LIST, Head, Layout, Streamed, VISIT_LIST};
use crate::report::{DelegationRow, RenderError};
use crate::service::returns::{self, Failure, Format, Wanted, closings};
use crate::service::{Context, Error, Result, Settings};
use crate::store::accounts::{self, AccountState};
use crate::store::dossiers::{self, Filter, Stored};
use crate::store::exports::{self, Export, ExportFile};
use crate::store::organisations::{self, Organisation};
use crate::store::{ReadTx, Refuses, Store, StoreError, journal};
use crate::vault::{FileKey, Sealer};

/// Dossiers of a page.
const PAGE: usize = 100;
/// Rows after which it is said how far it is.
const STRIDE: i64 = 5_000;
/// Time after which it is said at the latest.
const SIGN: TimeDelta = TimeDelta::seconds(20);
/// How long a lease holds without a sign.
const LEASE: TimeDelta = TimeDelta::minutes(5);
/// How often an export is taken up: one that ends its maker each time is not taken up for ever.
const TRIES: i32 = 5;
/// Bytes that are sealed at once.
const BLOCK: usize = 256 * 1024;

/// Who makes exports, with what.
pub struct Worker<'w> {
    /// The database.
    pub store: &'w Store,
    /// Where the results lie.
    pub depot: &'w Depot,
    /// What use cases need.
    pub settings: &'w Arc<Settings>,
    /// The name under which it takes exports up, unlike any other's.
    pub owner: &'w str,
    /// Whether the service is about to end.
    pub stopping: &'w AtomicBool,
}

/// Why an export was not made to its end.
enum Stop {
    /// Somebody else has taken it up.
    Lost,
    /// The service ends: whoever comes next takes it up.
    Interrupted,
    /// It cannot be made, and the asker is told why.
    Failed(&'static str),
    /// A fault: of the moment, or a defect.
    Fault(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        match error {
            Error::Refused { .. } => Self::Failed("forbidden"),
            other => Self::Fault(other),
        }
    }
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Fault(Error::Store(error))
    }
}

impl From<DepotError> for Stop {
    fn from(error: DepotError) -> Self {
        Self::Fault(error.into())
    }
}

impl From<RenderError> for Stop {
    fn from(error: RenderError) -> Self {
        match error {
            RenderError::Io(cause) => DepotError::from(cause).into(),
            other => Self::Fault(corrupt(other)),
        }
    }
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        match failure.code() {
            "internal" => Self::Fault(corrupt(failure)),
            code => Self::Failed(code),
        }
    }
}

/// What was put together, in the open.
struct Written {
    name: String,
    file: File,
    rows: i64,
}

/// An export under way.
struct Job<'w> {
    worker: &'w Worker<'w>,
    export: Export,
    asked: Asked,
    actor: Actor,
    scope: Scope,
    said: (i64, Instant),
}

impl Worker<'_> {
    /// Takes up the next export and makes it; `false` when none waits.
    ///
    /// # Errors
    /// A fault of the moment: the lease runs out, and whoever is there takes it up again.
    pub fn next(&self) -> Result<bool> {
        let Some(id) = self.store.read_blocking(|tx| Ok::<_, Error>(exports::due(tx)?))? else {
            return Ok(false);
        };
        let owner = self.owner.to_owned();
        let claimed = self.store.write_blocking(move |tx| {
            let until = tx.now() + LEASE;
            let export = exports::claim(tx, id, &owner, until)?;
            Ok::<_, Error>(tx.unrecorded("taking up an export changes nothing that is evidence", export))
        })?;
        let Some(export) = claimed else { return Ok(true) };
        let attempts = export.attempts;
        let made = match attempts > TRIES {
            true => Err(Stop::Failed("export-gave-up")),
            false => catch_unwind(AssertUnwindSafe(|| Job::begin(self, export)?.make()))
                .unwrap_or(Err(Stop::Failed("internal"))),
        };
        match made {
            Ok(()) | Err(Stop::Lost) => {}
            Err(Stop::Interrupted) => self.give_back(id)?,
            Err(Stop::Failed(code)) => self.fail(id, code)?,
            Err(Stop::Fault(error)) if error.fault().is_some_and(StoreError::is_transient) => {
                return Err(error);
            }
            Err(Stop::Fault(error)) => {
                tracing::error!(%error, export = %id, "an export cannot be made");
                self.fail(id, "internal")?;
            }
        }
        Ok(true)
    }

    fn give_back(&self, id: ExportId) -> Result<()> {
        let owner = self.owner.to_owned();
        self.store.write_blocking(move |tx| {
            exports::give_back(tx, id, &owner)?;
            Ok(tx.unrecorded("giving an export back changes nothing that is evidence", ()))
        })
    }

    fn fail(&self, id: ExportId, code: &'static str) -> Result<()> {
        let owner = self.owner.to_owned();
        self.store.write_blocking(move |tx| {
            if !exports::fail(tx, id, &owner, code)? {
                return Ok(tx.unrecorded("somebody else makes it now", ()));
            }
            let event = Event::new("export.failed", "export", id).with("failure", code);
            Ok(journal::append(tx, event)?.returning(()))
        })
    }
}

/// The day on which the asker's account is active, and what it may read for this export.
fn reader(tx: &mut ReadTx<'_>, export: &Export, action: Action) -> Result<Option<(Actor, Scope)>> {
    let active = accounts::load(tx, export.account)?.is_some_and(|own| own.state == AccountState::Active);
    let actor = accounts::actor_of_account(tx, export.account)?.filter(|_| active);
    let actor = actor.filter(|actor| actor.reach(action) != Reach::Never);
    Ok(actor.map(|actor| {
        let scope = actor.scope(action);
        (actor, scope)
    }))
}

impl<'w> Job<'w> {
    fn begin(worker: &'w Worker<'w>, export: Export) -> std::result::Result<Self, Stop> {
        let asked: Asked = serde_json::from_str(&export.asked).map_err(corrupt)?;
        let reader = worker.store.read_blocking(|tx| reader(tx, &export, asked.export.action()))?;
        let (actor, scope) = reader.ok_or(Stop::Failed("forbidden"))?;
        let said = (0, worker.store.now());
        Ok(Self { worker, export, asked, actor, scope, said })
    }

    fn make(mut self) -> std::result::Result<(), Stop> {
        let written = match self.asked.export.what {
            What::Return => self.whole_return()?,
            What::Visits => self.visits()?,
            What::Delegations => self.delegations()?,
        };
        let action = self.asked.export.action();
        let now = self.worker.store.read_blocking(|tx| reader(tx, &self.export, action))?;
        let scope_sha256 = fingerprint(&self.scope);
        if now.is_none_or(|(_, scope)| fingerprint(&scope) != scope_sha256) {
            return Err(Stop::Failed("rights-changed"));
        }
        let rows = written.rows;
        let file = self.seal(written, scope_sha256)?;
        self.finish(rows, file)
    }

    /// Between two pages: shall it go on, and is it still ours?
    fn alive(&mut self, done: i64, total: Option<i64>) -> std::result::Result<(), Stop> {
        if self.worker.stopping.load(Ordering::Relaxed) {
            return Err(Stop::Interrupted);
        }
        let now = self.worker.store.now();
        if done - self.said.0 < STRIDE && now - self.said.1 < SIGN {
            return Ok(());
        }
        self.said = (done, now);
        let (id, owner) = (self.export.id, self.worker.owner.to_owned());
        let held = self.worker.store.write_blocking(move |tx| {
            let until = tx.now() + LEASE;
            let held = exports::progress(tx, id, &owner, (done, total), until)?;
            Ok::<_, Error>(tx.unrecorded("how far an export is, is no evidence", held))
        })?;
        if held { Ok(()) } else { Err(Stop::Lost) }
    }

    fn today(&self) -> NaiveDate {
        day_in_vietnam(self.worker.store.now())
    }

    fn wanted(&self) -> std::result::Result<Wanted, Stop> {
        let Asked { export, lang } = &self.asked;
        let wanted = export.wanted(self.worker.settings.window, self.today(), *lang);
        wanted.ok_or_else(|| Stop::Fault(corrupt("it names no period")))
    }

    fn tree(&self) -> Result<Vec<Organisation>> {
        self.worker.store.read_blocking(|tx| Ok(organisations::list(tx)?))
    }

    fn streamed<R>(
        &self,
        layout: Layout<R>,
        title: String,
        as_of: NaiveDate,
        tree: &[Organisation],
    ) -> std::result::Result<Streamed<R>, Stop> {
        let lang = self.asked.lang;
        let organisation = returns::whose(tree, &self.scope).map(|one| one.name(lang).to_owned());
        let head = Head { lang, title, organisation: organisation.unwrap_or_default(), as_of };
        let (into, room): (File, &Path) = (self.worker.depot.scratch()?, self.worker.depot.room());
        Ok(match self.asked.export.format {
            Format::Xlsx => Streamed::xlsx(layout, &head, into, room)?,
            _ => Streamed::csv(layout, &head, into)?,
        })
    }

    /// The return as the request for it would have given it, frozen if its period is closed; made in memory.
    fn whole_return(&mut self) -> std::result::Result<Written, Stop> {
        let wanted = self.wanted()?;
        let live = self.asked.export.as_of.is_some();
        let ctx = Context { actor: self.actor.clone(), settings: Arc::clone(self.worker.settings) };
        let frozen = match live {
            true => None,
            false => self.worker.store.read_blocking(|tx| closings::frozen(tx, &ctx, &wanted))?,
        };
        let (export, rows) = match frozen {
            Some(frozen) => (frozen, 0),
            None => {
                let made = self.worker.store.read_blocking(|tx| {
                    returns::make(tx, &self.scope, &wanted, &self.worker.settings.rulebooks)
                })?;
                let made = made.map_err(Failure::from)?;
                self.alive(0, None)?;
                let rows = i64::try_from(made.form.visits.len()).unwrap_or(i64::MAX);
                (returns::write(&made, &wanted, &self.worker.settings.stationery)?, rows)
            }
        };
        let mut file = self.worker.depot.scratch()?;
        std::io::copy(&mut Cursor::new(&export.bytes), &mut file).map_err(DepotError::from)?;
        std::io::Seek::rewind(&mut file).map_err(DepotError::from)?;
        Ok(Written { name: export.name, file, rows })
    }

    /// The visits of a period in the order of the return. First all dossiers of the period are judged, of which a line
    /// each is kept; then their rows are read in that order.
    fn visits(&mut self) -> std::result::Result<Written, Stop> {
        let (wanted, lang) = (self.wanted()?, self.asked.lang);
        let (range, as_of) = (wanted.period.range(wanted.window), wanted.as_of);
        let tree = self.tree()?;
        let order = self.counted(range, as_of, &tree)?;
        let total = i64::try_from(order.iter().map(|one| one.rows).sum::<u64>()).unwrap_or(i64::MAX);
        let label = wanted.period.label();
        let mut out = self.streamed(VISIT_LIST, format!("{label} ({})", wanted.window), as_of, &tree)?;
        let country = |code: &str| countries::name(code, lang);
        let mut done = 0_i64;
        let books = &self.worker.settings.rulebooks;
        for page in order.chunks(PAGE) {
            let ids: Vec<DossierId> = page.iter().map(|one| one.id).collect();
            let facts = self.worker.store.read_blocking(|tx| {
                let stored = dossiers::load_many(tx, &self.scope, &ids)?;
                Ok::<_, Error>(returns::facts_of(tx, &stored, (&tree, books), lang)?.0)
            })?;
            let first = u64::try_from(done).unwrap_or_default() + 1;
            for row in report::visits(&facts, range, as_of, &country, lang, first) {
                out.row(&row)?;
                done += 1;
            }
            self.alive(done, Some(total))?;
        }
        let stem = format!("legation-visits-{}-{label}-{}", wanted.period.kind(), wanted.window);
        Ok(Written { name: format!("{stem}.{}", wanted.format), file: out.finish()?, rows: done })
    }

    fn counted(
        &mut self,
        range: Range,
        as_of: NaiveDate,
        tree: &[Organisation],
    ) -> std::result::Result<Vec<Counted>, Stop> {
        let (mut order, mut after) = (Vec::new(), None);
        let books = &self.worker.settings.rulebooks;
        let limit = i64::try_from(PAGE).unwrap_or(i64::MAX);
        loop {
            let (counted, last) = self.worker.store.read_blocking(|tx| {
                let days = (range.from, range.to);
                let stored = dossiers::touching_page(tx, &self.scope, days, after, limit)?;
                let last = stored.last().map(|one| one.dossier.id);
                let facts = returns::facts_of(tx, &stored, (tree, books), self.asked.lang)?.0;
                Ok::<_, Error>((report::counted(&facts, range, as_of), last))
            })?;
            order.extend(counted);
            self.alive(0, None)?;
            match last {
                Some(last) => after = Some(last),
                None => break,
            }
        }
        order.sort();
        Ok(order)
    }

    fn delegations(&mut self) -> std::result::Result<Written, Stop> {
        let (asked, lang) = (self.asked.export.clone(), self.asked.lang);
        let (tree, as_of) = (self.tree()?, self.today());
        let filter = Filter {
            direction: asked.direction,
            state: asked.state,
            from: asked.from,
            to: asked.to,
            ..Filter::default()
        };
        let total = self
            .worker
            .store
            .read_blocking(|tx| Ok::<_, Error>(dossiers::count(tx, &self.scope, &filter)?))?;
        let title = lang_title(lang).to_owned();
        let mut out = self.streamed(DELEGATION_LIST, title, as_of, &tree)?;
        let (mut done, mut before) = (0, None);
        let limit = i64::try_from(PAGE).unwrap_or(i64::MAX);
        loop {
            let filter = Filter { before, ..filter.clone() };
            let page = self
                .worker
                .store
                .read_blocking(|tx| Ok::<_, Error>(dossiers::list(tx, &self.scope, &filter, limit)?))?;
            for stored in &page {
                out.row(&delegation(stored, &tree, lang))?;
                done += 1;
            }
            self.alive(done, Some(total))?;
            match page.last() {
                Some(last) => before = Some(last.dossier.id),
                None => break,
            }
        }
        let name = format!("legation-delegations-{as_of}.{}", asked.format);
        Ok(Written { name, file: out.finish()?, rows: done })
    }

    /// Hashes and seals what was put together, piece by piece, under a key of its own.
    fn seal(&self, written: Written, scope_sha256: String) -> std::result::Result<ExportFile, Stop> {
        let (id, key) = (self.export.id.to_string(), FileKey::fresh());
        let wrapped =
            self.worker.settings.vault.seal_installation("exports", "wrapped_key", id.clone(), key.bytes());
        let wrapped = wrapped.map_err(Error::from)?;
        let (sealer, header) = Sealer::new(&key, &id);
        let (mut sealer, mut header) = (Some(sealer), Some(header));
        let (mut file, mut hash, mut bytes) = (written.file, Sha256::new(), 0_i64);
        let mut block = vec![0; BLOCK];
        let next = || -> Result<Option<Vec<u8>>> {
            if let Some(header) = header.take() {
                return Ok(Some(header));
            }
            let Some(mut sealing) = sealer.take() else { return Ok(None) };
            let mut sealed = Vec::new();
            let read = file.read(&mut block).map_err(DepotError::from)?;
            let plain = block.get(..read).unwrap_or_default();
            if plain.is_empty() {
                sealing.finish(&mut sealed)?;
                return Ok(Some(sealed));
            }
            hash.update(plain);
            bytes += i64::try_from(read).unwrap_or_default();
            sealing.update(plain, &mut sealed)?;
            sealer = Some(sealing);
            Ok(Some(sealed))
        };
        // A try that was broken off may have left a file of its own name.
        let object = self.worker.depot.take_in(format!("{id}.{}", self.export.attempts), next)?;
        let sha256 = hex::encode(hash.finalize());
        Ok(ExportFile { name: written.name, bytes, sha256, kept: Some((object, wrapped)), scope_sha256 })
    }

    fn finish(&self, rows: i64, file: ExportFile) -> std::result::Result<(), Stop> {
        let (id, account, owner) = (self.export.id, self.export.account, self.worker.owner.to_owned());
        let (asked, own) = (self.asked.export.clone(), file.clone());
        let held = self.worker.store.write_blocking(move |tx| {
            if !exports::finish(tx, id, &owner, rows, &own)? {
                return Ok(tx.unrecorded("somebody else makes it now", false));
            }
            let event = Event::new("export.made", "export", id)
                .by(account)
                .with("what", asked.what)
                .with("format", asked.format)
                .with("label", asked.label.as_deref().unwrap_or_default())
                .with("rows", rows)
                .with("sha256", own.sha256.clone());
            Ok::<_, Error>(journal::append(tx, event)?.returning(true))
        })?;
        if let (false, Some((object, _))) = (held, &file.kept) {
            self.worker.depot.drop_blocking(object)?;
            return Err(Stop::Lost);
        }
        Ok(())
    }
}

pub(super) fn lang_title(lang: Lang) -> &'static str {
    report::words::pick(lang, "Danh sách đoàn", "Delegations")
}

pub(super) fn delegation(stored: &Stored, tree: &[Organisation], lang: Lang) -> DelegationRow {
    let name = |id| tree.iter().find(|one| one.id == id).map_or("", |one| one.name(lang)).to_owned();
    let (dossier, content) = (&stored.dossier, &stored.content);
    let countries = content.countries.iter().map(|code| countries::name(code, lang)).collect::<Vec<_>>();
    DelegationRow {
        code: dossier.code.clone().unwrap_or_default(),
        title: content.title.clone(),
        direction: dossier.direction,
        state: dossier.state,
        organisation: name(dossier.organisation),
        lead_host: content.lead_host_id.map(name).unwrap_or_default(),
        countries: countries.join(", "),
        rank: content.rank,
        field: content.primary_field,
        starts_on: content.starts_on(),
        ends_on: content.ends_on(),
        actual_starts_on: stored.actual_starts_on,
        actual_ends_on: stored.actual_ends_on,
    }
}

/// Takes away the files that were kept for as long as files are kept: first their keys, then their bytes.
///
/// # Errors
/// What the database or the depot says; what is left the sweep takes away.
pub fn clear(store: &Store, depot: &Depot, settings: &Settings) -> Result<()> {
    let before = store.now() - settings.exports_kept;
    let old = store.read_blocking(|tx| Ok::<_, Error>(exports::outlived(tx, before)?))?;
    if old.is_empty() {
        return Ok(());
    }
    let ids: Vec<ExportId> = old.iter().map(|(id, _)| *id).collect();
    store.write_blocking(move |tx| {
        exports::remove(tx, &ids)?;
        Ok::<_, Error>(tx.unrecorded("the journal keeps that it was made, and its hash", ()))
    })?;
    for object in old.iter().filter_map(|(_, object)| object.as_deref()) {
        depot.drop_blocking(object)?;
    }
    Ok(())
}
