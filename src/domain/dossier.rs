//! The dossier (hồ sơ): its states, the commands that move it, and the one table that says which is legal where.
//! A state changes only by a `Change`, and only this file makes one, together with its event.

use super::codes::{Code, Direction, Origin, Outcome, codes};
use super::event::Event;
use super::ids::{AccountId, DossierId, OrganisationId, PersonId};
use super::refusal::Refusal;

mod expected;

pub use expected::{expected, is_early};

codes! {
    /// Where a dossier is in its life (`model.md` section 1). Upcoming, under way, report due and overdue follow
    /// from dates and are never stored.
    State {
        Draft = "draft",
        Submitted = "submitted",
        Received = "received",
        Approved = "approved",
        Issued = "issued",
        Reported = "reported",
        Closed = "closed",
        Returned = "returned",
        Lapsed = "lapsed",
        Rejected = "rejected",
        Cancelled = "cancelled",
        Revoked = "revoked",
    }
    /// What can be done to a dossier. `advance`, `approve`, `return` and `reject` are the four ends of a decision;
    /// `save` and `amend` are the two kinds of edit.
    Command {
        Save = "save",
        Amend = "amend",
        Submit = "submit",
        Recall = "recall",
        Receive = "receive",
        Advance = "advance",
        RecordOpinion = "record_opinion",
        Approve = "approve",
        Return = "return",
        Reject = "reject",
        Issue = "issue",
        Report = "report",
        Close = "close",
        Cancel = "cancel",
        Revoke = "revoke",
        Duplicate = "duplicate",
        Lapse = "lapse",
    }
}

/// The table of legal moves. A revision in force bends some of them: see `Dossier::target`.
#[must_use]
pub fn next(state: State, command: Command) -> Option<State> {
    use Command as C;
    use State as S;
    Some(match (state, command) {
        (S::Draft, C::Save | C::Recall) => S::Draft,
        (S::Returned, C::Save) => S::Returned,
        (S::Approved, C::Save) => S::Approved,
        (S::Issued, C::Save) => S::Issued,
        (S::Approved | S::Issued, C::Amend) | (S::Submitted | S::Received | S::Returned, C::Recall) => {
            S::Draft
        }
        (S::Draft | S::Returned, C::Submit) => S::Submitted,
        (S::Submitted, C::Receive) | (S::Received, C::Advance | C::RecordOpinion) => S::Received,
        (S::Received, C::Approve) => S::Approved,
        (S::Received, C::Return) => S::Returned,
        (S::Received, C::Reject) => S::Rejected,
        (S::Returned, C::Lapse) => S::Lapsed,
        (S::Approved, C::Issue) => S::Issued,
        (S::Approved | S::Issued | S::Reported, C::Report) => S::Reported,
        // Who came before the answer did is recorded all the same; the decision is still owed.
        (S::Submitted | S::Received | S::Returned | S::Revoked | S::Closed, C::Report) => state,
        (S::Reported, C::Close) => S::Closed,
        (S::Draft | S::Submitted | S::Received | S::Returned | S::Approved | S::Issued, C::Cancel) => {
            S::Cancelled
        }
        (S::Approved | S::Issued | S::Reported, C::Revoke) => S::Revoked,
        (
            S::Draft | S::Submitted | S::Received | S::Returned | S::Approved | S::Issued | S::Reported,
            C::Duplicate,
        ) => S::Closed,
        _ => return None,
    })
}

/// The header that every kind of dossier has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dossier {
    /// Id.
    pub id: DossierId,
    /// Official number such as `DV-2025-0001`; drafts have none.
    pub code: Option<String>,
    /// Which way the delegation travels.
    pub direction: Direction,
    /// The organisation that filed it.
    pub organisation: OrganisationId,
    /// State.
    pub state: State,
    /// Fate that is not a state.
    pub outcome: Option<Outcome>,
    /// How it came to be here.
    pub origin: Origin,
    /// Bumped by every change, members included.
    pub version: i64,
    /// Submissions so far: revision = round.
    pub revision: i32,
    /// The approved revision that counts and is printed.
    pub revision_in_force: Option<i32>,
    /// A permit was issued for the revision in force.
    pub issued: bool,
    /// Arrival was confirmed.
    pub arrived: bool,
}

/// A legal move, with the event that tells it. Only `Dossier::change` makes one.
#[derive(Debug, Clone)]
pub struct Change {
    from: State,
    to: State,
    version: i64,
    revision: i32,
    revision_in_force: Option<i32>,
    outcome: Option<Outcome>,
    restores: Option<i32>,
    event: Event,
}

impl Change {
    /// State that the row must still have.
    #[must_use]
    pub fn from(&self) -> State {
        self.from
    }
    /// State that it gets.
    #[must_use]
    pub fn to(&self) -> State {
        self.to
    }
    /// Version that the row must still have.
    #[must_use]
    pub fn version(&self) -> i64 {
        self.version
    }
    /// Revision that it gets.
    #[must_use]
    pub fn revision(&self) -> i32 {
        self.revision
    }
    /// Revision in force that it gets.
    #[must_use]
    pub fn revision_in_force(&self) -> Option<i32> {
        self.revision_in_force
    }
    /// Outcome that it gets.
    #[must_use]
    pub fn outcome(&self) -> Option<Outcome> {
        self.outcome
    }
    /// The revision whose content comes back, when a pending one was refused or withdrawn.
    #[must_use]
    pub fn restores(&self) -> Option<i32> {
        self.restores
    }
    /// The event, for the journal.
    #[must_use]
    pub fn event(&self) -> &Event {
        &self.event
    }
    /// Adds a value to the event.
    #[must_use]
    pub fn telling(mut self, name: impl Into<String>, text: impl ToString) -> Self {
        self.event = self.event.with(name, text);
        self
    }
    /// Adds a value that is personal data of `person`: erasing the person erases it from the journal too.
    #[must_use]
    pub fn telling_of(mut self, person: PersonId, name: impl Into<String>, text: impl ToString) -> Self {
        self.event = self.event.about(name, text, person);
        self
    }
    /// Sets the outcome that goes with the move.
    #[must_use]
    pub fn with_outcome(mut self, outcome: Option<Outcome>) -> Self {
        self.outcome = outcome;
        self
    }
}

impl Dossier {
    /// Decides on a command: legal or not, and what follows.
    ///
    /// # Errors
    /// `IllegalMove`, or `AlreadyArrived` for a cancellation after arrival.
    pub fn change(&self, command: Command, actor: Option<AccountId>) -> Result<Change, Refusal> {
        let to = self.target(command).ok_or(Refusal::illegal(self.state, command))?;
        if command == Command::Cancel && self.arrived {
            return Err(Refusal::AlreadyArrived);
        }
        let restores = match self.is_amended() && ends_round(command) {
            true => self.revision_in_force,
            false => None,
        };
        let mut event =
            Event::new(action_of(command), "dossier", self.id).at(self.organisation).with("state", to.code());
        event.actor = actor;
        Ok(Change {
            from: self.state,
            to,
            version: self.version,
            revision: self.revision + i32::from(command == Command::Submit),
            revision_in_force: match command {
                Command::Approve => Some(self.revision),
                _ => self.revision_in_force,
            },
            outcome: match command {
                Command::Duplicate => Some(Outcome::Duplicate),
                _ => self.outcome,
            },
            restores,
            event: event.with("revision", self.revision),
        })
    }

    /// What a line of an old ledger becomes as soon as it is here: over, and never decided in this system.
    ///
    /// # Errors
    /// `IllegalMove` for whatever is no fresh line of a ledger.
    pub fn loaded(&self, actor: AccountId) -> Result<Change, Refusal> {
        let fresh = self.state == State::Draft && self.revision == 0 && self.revision_in_force.is_none();
        if !fresh || self.origin != Origin::Ledger {
            return Err(Refusal::IllegalMove { state: self.state.code(), command: "load" });
        }
        let event = Event::new("delegation.loaded", "dossier", self.id).at(self.organisation).by(actor);
        Ok(Change {
            from: self.state,
            to: State::Closed,
            version: self.version,
            revision: 0,
            revision_in_force: None,
            outcome: None,
            restores: None,
            event: event.with("state", State::Closed.code()),
        })
    }

    /// The commands that are legal now: the buttons of a page.
    #[must_use]
    pub fn legal(&self) -> Vec<Command> {
        Command::ALL.iter().copied().filter(|command| self.change(*command, None).is_ok()).collect()
    }

    /// The table of moves, bent where an approved revision stays in force while another is pending: refusing,
    /// withdrawing or letting the pending one lapse leads back to it, and what is in force can be revoked.
    fn target(&self, command: Command) -> Option<State> {
        let amended = self.is_amended();
        match command {
            Command::Revoke if amended => return Some(State::Revoked),
            Command::Recall if self.state == State::Draft && !amended => return None,
            // Nobody came under the number of a duplicate: who came is told of the other dossier.
            Command::Report if self.outcome == Some(Outcome::Duplicate) => return None,
            _ => {}
        }
        let plain = next(self.state, command)?;
        let leads_back = matches!(command, Command::Reject | Command::Recall | Command::Lapse);
        Some(match (amended && leads_back, self.issued) {
            (true, true) => State::Issued,
            (true, false) => State::Approved,
            (false, _) => plain,
        })
    }

    /// Whether a revision is in force while another one is being written or decided.
    fn is_amended(&self) -> bool {
        let pending =
            matches!(self.state, State::Draft | State::Submitted | State::Received | State::Returned);
        pending && self.revision_in_force.is_some()
    }
}

/// Commands that end a pending round without an approval.
fn ends_round(command: Command) -> bool {
    use Command as C;
    matches!(command, C::Reject | C::Recall | C::Lapse | C::Cancel | C::Revoke | C::Duplicate)
}

fn action_of(command: Command) -> &'static str {
    match command {
        Command::Save => "delegation.saved",
        Command::Amend => "delegation.amendment_opened",
        Command::Submit => "delegation.submitted",
        Command::Recall => "delegation.recalled",
        Command::Receive => "delegation.received",
        Command::Advance => "delegation.step_decided",
        Command::RecordOpinion => "delegation.opinion_recorded",
        Command::Approve => "delegation.approved",
        Command::Return => "delegation.returned",
        Command::Reject => "delegation.rejected",
        Command::Issue => "delegation.issued",
        Command::Report => "delegation.reported",
        Command::Close => "delegation.closed",
        Command::Cancel => "delegation.cancelled",
        Command::Revoke => "delegation.revoked",
        Command::Duplicate => "delegation.marked_duplicate",
        Command::Lapse => "delegation.lapsed",
    }
}

/// The state machine as a Mermaid diagram, for ARCHITECTURE.md.
#[must_use]
pub fn diagram() -> String {
    let mut out = String::from("stateDiagram-v2\n    [*] --> draft\n");
    for state in State::ALL {
        for command in Command::ALL {
            if let Some(to) = next(*state, *command).filter(|to| to != state) {
                out += &format!("    {state} --> {to}: {command}\n");
            }
        }
    }
    out
}

#[cfg(test)]
mod tests;
