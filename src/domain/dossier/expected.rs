//! Which of the commands that may be given now is the one that carries a dossier on, and which are too early.

use super::{Command, State};

/// The command among these that is expected next; `over` says that the visit or trip has ended.
#[must_use]
pub fn expected(state: State, over: bool, offered: &[Command]) -> Option<Command> {
    let wanted: &[Command] = match state {
        State::Draft | State::Returned => &[Command::Submit],
        State::Submitted => &[Command::Receive],
        State::Received => &[Command::Advance, Command::RecordOpinion],
        State::Approved => &[Command::Issue, Command::Report],
        State::Issued => &[Command::Report],
        State::Reported => &[Command::Close],
        State::Closed | State::Lapsed | State::Rejected | State::Cancelled | State::Revoked => &[],
    };
    wanted.iter().copied().find(|wanted| offered.contains(wanted) && !is_early(*wanted, over))
}

/// Whether a command is legal and yet not due: what happened on a visit is told once it is over.
#[must_use]
pub fn is_early(command: Command, over: bool) -> bool {
    command == Command::Report && !over
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_command_carries_a_dossier_on() {
        let all = [Command::Save, Command::Submit, Command::Issue, Command::Report, Command::Revoke];
        assert_eq!(expected(State::Draft, false, &all), Some(Command::Submit));
        assert_eq!(expected(State::Approved, true, &all), Some(Command::Issue));
        assert_eq!(expected(State::Issued, false, &all), None, "nobody reports on what has not been");
        assert_eq!(expected(State::Issued, true, &all), Some(Command::Report));
        assert_eq!(expected(State::Received, false, &all), None, "it is somebody else's turn");
        assert_eq!(expected(State::Revoked, true, &all), None);
        assert!(is_early(Command::Report, false) && !is_early(Command::Report, true));
        assert!(!is_early(Command::Revoke, false));
    }
}
