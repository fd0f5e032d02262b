//! Mandates (TUQ.): a written, dated authority to decide in the giver's place, within limits. Who holds one acts as the
//! giver's voice and never as a second one; whether one is in force is read with the actor at every request.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::codes::{Direction, Rank};
use super::ids::{AccountId, MandateId, OrganisationId, PersonId};

/// What a mandate covers. An empty list limits nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Only these directions.
    pub directions: Vec<Direction>,
    /// Only guests of these ranks; a dossier without a rank is not covered then.
    pub ranks: Vec<Rank>,
    /// Only steps of these kinds.
    pub kinds: Vec<String>,
}

impl Limits {
    /// Whether a dossier is covered.
    #[must_use]
    pub fn cover(&self, direction: Direction, rank: Option<Rank>) -> bool {
        (self.directions.is_empty() || self.directions.contains(&direction))
            && (self.ranks.is_empty() || rank.is_some_and(|rank| self.ranks.contains(&rank)))
    }

    /// The same limits, each list in order and without repetition: equal limits are equal.
    #[must_use]
    pub fn in_order(mut self) -> Self {
        self.directions.sort();
        self.directions.dedup();
        self.ranks.sort();
        self.ranks.dedup();
        self.kinds.sort();
        self.kinds.dedup();
        self
    }

    /// Whether a step of this kind is covered.
    #[must_use]
    pub fn cover_step(&self, kind: &str) -> bool {
        self.kinds.is_empty() || self.kinds.iter().any(|covered| covered == kind)
    }
}

/// Whether a seat belongs to one of the houses of a dossier, who filed it or hosts it, other than the one whose decisions
/// were handed on: nobody permits by another house's mandate what his own house asks for. `seat` is the path of an own
/// role's organisation, `/id/id/`; departments belong to their house.
#[must_use]
pub fn is_of_an_asking_house(houses: &[OrganisationId], giving: OrganisationId, seat: &str) -> bool {
    houses.iter().any(|house| *house != giving && seat.contains(&format!("/{house}/")))
}

/// A mandate in force, as its holder acts under it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mandated {
    /// Which.
    pub id: MandateId,
    /// In whose place.
    pub giver: AccountId,
    /// The natural person behind the giver.
    pub person: PersonId,
    /// For what.
    pub limits: Limits,
}
