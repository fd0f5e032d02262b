//! `legation user add`: an account without the service, such as the first administrator's. It prints a one-time
//! link; nobody but its reader ever knows the password.

use std::io::Write;
use std::sync::Arc;

use crate::clock::SystemClock;
use crate::config::Config;
use crate::domain::access::Role;
use crate::domain::approval::OrganisationKind;
use crate::domain::codes::Lang;
use crate::domain::ids::OrganisationId;
use crate::domain::refusal::Refusal;
use crate::http::api::users::Link;
use crate::service::organisations::{self as tree, NewOrganisation};
use crate::service::users::{self, Added, NewGrant, NewUser};
use crate::service::{Error, Settings};
use crate::startup::{StartError, open_store, settings};
use crate::store::{Recorded, WriteTx, organisations};

/// What `legation user add` is told.
#[derive(Debug, Clone)]
pub struct AddUser {
    /// Sign-in name.
    pub username: String,
    /// Name as shown.
    pub name: String,
    /// Where mail goes.
    pub email: String,
    /// Language.
    pub lang: Option<Lang>,
    /// An administrator.
    pub admin: bool,
    /// Code of the organisation; an administrator's is the root of the tree when none is given.
    pub organisation: Option<String>,
    /// Another role than administrator.
    pub role: Option<Role>,
}

/// Adds the account and prints its link to standard output, alone on its line.
///
/// # Errors
/// What is missing or wrong, in one sentence.
pub fn run(config: &Config, new: &AddUser) -> Result<(), StartError> {
    let settings = Arc::new(settings(config)?);
    let store = open_store(config, Arc::new(SystemClock), false)?;
    let command = {
        let (new, settings) = (new.clone(), Arc::clone(&settings));
        move |tx: &mut WriteTx<'_>| add(tx, &settings, &new)
    };
    let added = store.write_blocking(command).map_err(|error| in_words(&error))?;
    store.close();
    let base = config.server.base_url.as_str();
    let link = Link::of(base, &added);
    let told = writeln!(std::io::stdout(), "{}", link.url).and_then(|()| {
        writeln!(
            std::io::stderr(),
            "This link works once, until {}: {} chooses a password of at least 15 characters by it, or by\n\
             POST {}/api/v1/auth/activate {{\"token\": .., \"password\": ..}} with what stands after token=.",
            link.expires_at.format("%Y-%m-%d %H:%M UTC"),
            new.username,
            base.trim_end_matches('/'),
        )
    });
    told.map_err(|cause| StartError::of("output", cause))
}

fn add(tx: &mut WriteTx<'_>, settings: &Settings, new: &AddUser) -> Result<Recorded<Added>, Error> {
    let grants = match (new.admin, new.role) {
        (true, None) => {
            vec![NewGrant { organisation_id: place(tx, new)?, role: Role::Admin, confirmed: false }]
        }
        (false, Some(role)) => vec![NewGrant { organisation_id: place(tx, new)?, role, confirmed: false }],
        (false, None) => Vec::new(),
        (true, Some(_)) => return Err(Refusal::field("/role", "role-excludes").into()),
    };
    let user = NewUser {
        username: new.username.clone(),
        display_name: new.name.clone(),
        email: new.email.clone(),
        lang: new.lang,
        grants,
    };
    users::add(tx, None, settings, &user)
}

/// The organisation that is named, or the root. A database without any gets its root now, because an administrator
/// must be one somewhere.
fn place(tx: &mut WriteTx<'_>, new: &AddUser) -> Result<OrganisationId, Error> {
    let all = organisations::list(tx)?;
    if all.is_empty() && new.admin {
        let root = NewOrganisation {
            parent_id: None,
            code: new.organisation.clone().unwrap_or_else(|| "UBND".to_owned()),
            name_vi: "Ủy ban nhân dân thành phố".to_owned(),
            name_en: "City People's Committee".to_owned(),
            kind: OrganisationKind::City,
        };
        return Ok(tree::add(tx, None, &root)?.value().id);
    }
    let wanted = match &new.organisation {
        Some(code) => all.iter().find(|organisation| organisation.code == *code),
        None if new.admin => all.iter().find(|organisation| organisation.parent.is_none()),
        None => None,
    };
    let found = wanted.map(|organisation| organisation.id);
    found.ok_or_else(|| Refusal::field("/organisation", "unknown-organisation").into())
}

/// A refusal for a person at a terminal: the options that are at fault.
fn in_words(error: &Error) -> StartError {
    let Error::Refused { refusal: Refusal::Invalid(faults), .. } = error else {
        return StartError::of("user add", error);
    };
    let words: Vec<String> = faults
        .iter()
        .map(|fault| {
            let words = crate::texts::text(Lang::En, &format!("field-{}", fault.code), &[]);
            format!("{}: {words}", fault.pointer.trim_start_matches('/'))
        })
        .collect();
    StartError::of("user add", words.join("; "))
}
