//! Marking a dossier as a duplicate: first which other one, then both beside each other, then the command.

use askama::Template;
use serde_json::{Value, json};

use super::controls::Fields;
use super::dossier::Whole;
use super::shell::Shell;
use crate::domain::ids::{DossierId, OrganisationId};
use crate::domain::refusal::Refusal;
use crate::http::problem::Problem;
use crate::service::course::{self, Compared, Side};
use crate::service::{Context, Error, Result as ServiceResult};
use crate::store::ReadTx;

/// Which other dossier is asked about.
pub struct Asked {
    /// As it was typed: an official number, or an id.
    of: String,
    /// Both, where there is such a dossier.
    compared: Option<Compared>,
}

impl Asked {
    /// Reads it.
    ///
    /// # Errors
    /// `NotFound` where the reader may not know of the dossier that would be marked.
    pub fn read(tx: &mut ReadTx<'_>, ctx: &Context, id: DossierId, typed: &Value) -> ServiceResult<Self> {
        let of = typed.pointer("/of").and_then(Value::as_str).unwrap_or_default().to_owned();
        let compared = match course::compared(tx, ctx, id, &of) {
            Ok(compared) => Some(compared),
            Err(Error::Refused { refusal: Refusal::Invalid(_), .. }) => None,
            Err(error) => return Err(error),
        };
        Ok(Self { of, compared })
    }

    /// The fields with what was typed in the address, and what is wrong with it.
    #[must_use]
    pub fn fields(&self, fields: Fields, refused: bool) -> Fields {
        if refused || self.of.is_empty() {
            return fields;
        }
        let mut typed = fields.with_values(json!({"of": self.of}));
        if self.compared.is_none() {
            typed.refuse(&Problem::from(Refusal::field("/of", "unknown-dossier")));
        }
        typed
    }
}

/// The page.
#[derive(Template)]
#[template(path = "duplicate.html")]
pub struct Duplicate<'p> {
    /// The page around it.
    pub shell: &'p Shell,
    /// The dossier.
    pub whole: Whole,
    /// Which other one, as it was typed.
    pub fields: Fields,
    /// Both.
    pub asked: Asked,
}

impl Duplicate<'_> {
    /// The two, the one that would be marked first; none before they are compared.
    fn sides(&self) -> Vec<&Side> {
        self.asked.compared.iter().flat_map(|both| [&both.this, &both.original]).collect()
    }

    fn heading(&self, is_first: &bool) -> String {
        self.shell.t(if *is_first { "duplicate-this" } else { "duplicate-original" })
    }

    fn organisation(&self, id: &OrganisationId) -> &str {
        self.whole.names.get(id).map_or("", String::as_str)
    }
}
