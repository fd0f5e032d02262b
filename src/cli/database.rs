//! `legation db copy --from sqlite://.. [--to postgres://..]`: an office that outgrows one machine takes everything along,
//! and gets told whether it arrived.

use std::io::Write;
use std::sync::Arc;

use super::audit::own_keys;
use crate::clock::{Clock, SystemClock};
use crate::config::{Config, DatabaseUrl};
use crate::domain::journal::check::Verified;
use crate::startup::{StartError, open_existing_store};
use crate::store::DbUrl;
use crate::store::copying;
use crate::store::journal::audit;

/// Copies an installation into an empty database and verifies the journal there, as it was verified before. The keys
/// and the folder of papers stay where they are.
///
/// # Errors
/// Why nothing was copied, or what of the copy does not verify.
pub fn copy(config: Config, from: String, to: Option<String>) -> Result<(), StartError> {
    let url = |name: &str, text: String| {
        DatabaseUrl::try_from(text).map_err(|fault| StartError(format!("{name} {fault}")))
    };
    let from = url("--from", from)?;
    let to = to.map_or_else(|| Ok(config.database.url.clone()), |to| url("--to", to))?;
    if matches!(to, DatabaseUrl::Sqlite(_)) || matches!(from, DatabaseUrl::Postgres(_)) {
        return Err(StartError("it copies from sqlite:// to postgres:// alone".to_owned()));
    }
    let at = |url: &DatabaseUrl| {
        let mut config = config.clone();
        config.database.url = url.clone();
        config
    };
    let before = verified(&at(&from)).map_err(|fault| StartError::of("the source", fault))?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let copied = copying::copy(&DbUrl::from(&from), &DbUrl::from(&to), clock)
        .map_err(|fault| StartError::of("nothing was copied", fault))?;
    let mut words = String::new();
    for one in copied.iter().filter(|one| one.rows > 0) {
        words += &format!("{:>10}  {}\n", one.rows, one.table);
    }
    let after = verified(&at(&to)).map_err(|fault| StartError::of("the copy does not verify", fault))?;
    words += &format!(
        "OK: the journal's {} entries and the one that tells of the copy verify, root {}.\n\
         Keys and papers stay where they are. Serve the copy from now on, and the old database never again: from \
         entry {} on its journal would be another one.\n",
        before.count,
        hex::encode(after.root),
        before.count,
    );
    std::io::stdout().write_all(words.as_bytes()).map_err(|cause| StartError::of("output", cause))
}

/// Verifies the journal of a database.
fn verified(config: &Config) -> Result<Verified, StartError> {
    let store = open_existing_store(config, Arc::new(SystemClock))?;
    let keys = own_keys(config, &store)?;
    let verified = audit::verify(&store, &keys, &[], |_checked, _of| {});
    store.close();
    verified?.map_err(|misfit| StartError(misfit.to_string()))
}
