//! The demo: a year of a city's work, told through the services as if it had happened, and the folder that keeps it.
//! Like the command line it may name service, store and startup; it must not write a row by itself.

mod cast;
mod content;
mod data;
mod folder;
mod plan;
mod tell;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use chrono::NaiveDate;

use crate::clock::SetClock;
use crate::config::{Config, DatabaseUrl};
use crate::domain::access::Role;
use crate::domain::codes::Code;
use crate::jobs::Jobs;
use crate::mail::{Correspondent, Transport};
use crate::password::Passwords;
use crate::startup::{StartError, settings};
use crate::store::{DbUrl, Sizes, Store};
use crate::vault;

pub use data::Account;
pub use folder::Folder;

use cast::Cast;
use data::Data;
use tell::Teller;

/// How far the telling is: deeds done, of how many.
pub type Progress<'p> = &'p dyn Fn(usize, usize);

/// One account per role, in the order in which they are shown, each with the name of its organisation.
///
/// # Errors
/// What is broken in `config/demo`.
pub fn accounts() -> Result<Vec<(Account, String)>, StartError> {
    let data = Data::read()?;
    let order = [
        Role::Officer,
        Role::Clerk,
        Role::Appraiser,
        Role::Approver,
        Role::Secretary,
        Role::Auditor,
        Role::Admin,
    ];
    let shown = |role: Role| data.accounts.iter().find(|account| account.printed && account.role == role);
    let with_name = |account: &Account| {
        let of = data.organisations.iter().find(|organisation| organisation.code == account.organisation);
        (account.clone(), of.map(|organisation| organisation.name_vi.clone()).unwrap_or_default())
    };
    let all: Vec<_> = order.into_iter().filter_map(shown).map(with_name).collect();
    if all.len() == Role::ALL.len() {
        return Ok(all);
    }
    Err(StartError("config/demo/accounts.toml: not every role has an account to show".to_owned()))
}

/// Tells the demo year into an empty database of the folder, with keys of its own, as of `today`. A telling that was
/// broken off is begun anew. `config` names the cost of passwords and the sender of mails.
///
/// # Errors
/// What the file system, the data or a service says.
pub fn load(
    folder: &Folder,
    config: &Config,
    today: NaiveDate,
    progress: Progress<'_>,
) -> Result<(), StartError> {
    folder.clear()?;
    vault::init(&folder.keys()).map_err(|fault| StartError::of("keys", fault))?;
    let mut config = config.clone();
    config.keys.dir = folder.keys();
    let url = DbUrl::from(&DatabaseUrl::Sqlite(folder.loading()));
    let hasty = url.clone().throw_away();
    Store::migrate(&hasty)?;
    let clock = SetClock::at(opening_day().unwrap_or_default());
    let store =
        Store::open(&hasty, clock.clone(), Sizes { readers: 1, write_queue: 16, postgres_writers: 1 }, true)?;
    let told = tell_year(&store, clock, &config, today, progress);
    store.close();
    drop(store);
    told?;
    Store::checkpoint(&url)?;
    folder.finish()
}

/// The last working day before the demo year, in office hours: the offices enter.
fn opening_day() -> Option<crate::clock::Instant> {
    NaiveDate::from_ymd_opt(2024, 12, 31).map(|day| plan::at(day, 9, 0))
}

fn tell_year(
    store: &Store,
    clock: Arc<SetClock>,
    config: &Config,
    today: NaiveDate,
    progress: Progress<'_>,
) -> Result<(), StartError> {
    let data = Data::read()?;
    let (scenes, start) = plan::plan(&data, today);
    progress(0, scenes.len());
    let settings = Arc::new(settings(config)?);
    let passwords =
        Passwords::new(config.auth.argon2).map_err(|fault| StartError::of("auth.argon2", fault))?;
    let from = Correspondent::parse(&config.mail.from).map_err(|fault| StartError::of("mail.from", fault))?;
    let transport = Some(Transport::memory());
    let base_url = config.server.base_url.as_str().to_owned();
    let (own, reminded) = (Arc::clone(&settings), Mutex::default());
    let jobs = Jobs {
        remembered: None,
        store: store.clone(),
        depot: None,
        settings: own,
        reminded,
        prepared: Mutex::default(),
        stopping: std::sync::atomic::AtomicBool::default(),
        transport,
        from,
        base_url,
        witness: None,
    };
    let shipped = store.write_blocking(crate::service::rules::ship);
    shipped.map_err(|fault: crate::service::Error| StartError::of("rulebook", fault))?;
    let cast = Cast::enter(store, &settings, &passwords, &data)?;
    let (dossiers, incoming) = (BTreeMap::new(), BTreeMap::new());
    let mut teller = Teller { data, cast, settings, jobs, clock, start, dossiers, incoming };
    let done = std::cell::Cell::new(0);
    teller.tell(&scenes, || {
        done.set(done.get() + 1);
        progress(done.get(), scenes.len());
    })
}
