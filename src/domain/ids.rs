//! The ids of everything that is stored: UUIDv7, one type per kind of thing, so that a person's id
//! cannot be passed where a dossier's is wanted. Making an id needs a clock and randomness, so it is
//! done outside (`Ids` in `crate::clock`); this file only knows their shape.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What every id has in common.
pub trait Id: Copy + fmt::Display + FromStr {
    /// Wraps a UUID.
    fn from_uuid(uuid: Uuid) -> Self;
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[derive(utoipa::ToSchema)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl Id for $name {
            fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }
        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::try_parse(text).map(Self)
            }
        }
    )+};
}

ids! {
    /// An installation of this program; leaf 0 of the journal.
    InstallationId,
    /// A body in the tree of organisations.
    OrganisationId,
    /// Somebody who may sign in.
    AccountId,
    /// One role of one account at one organisation.
    GrantId,
    /// A sign-in: the family of refresh tokens that descend from it.
    SessionId,
    /// A dossier (hồ sơ).
    DossierId,
    /// A person, kept once per owning organisation.
    PersonId,
    /// A travel document of a person.
    DocumentId,
    /// An item of an annual plan.
    PlanItemId,
    /// A return that was closed.
    ClosingId,
    /// A return that was prepared for somebody to check and close.
    PreparedId,
    /// An export that is made while nobody waits.
    ExportId,
    /// A return that was handed over.
    HandOverId,
    /// A file of a dossier.
    FileId,
    /// An obligation of a dossier.
    ObligationId,
    /// A mandate to decide.
    MandateId,
    /// An opinion of a body without accounts.
    OpinionId,
    /// A rule passed by with a reason.
    OverrideId,
    /// A person's place in one delegation.
    MemberId,
    /// A partner abroad.
    PartnerId,
    /// A step of the approval chain of one dossier.
    StepId,
    /// One decision by one person.
    DecisionId,
    /// A numbered paper that was issued.
    PaperId,
    /// A mail that waits to be sent, or was.
    MailId,
    /// A view of the list that an account keeps.
    SavedFilterId,
}
