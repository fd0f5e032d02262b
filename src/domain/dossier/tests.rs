use proptest::prelude::*;
use uuid::Uuid;

use super::*;

/// Every legal move. What is not here is refused.
const MOVES: &str = "\
draft: save=draft submit=submitted recall=draft cancel=cancelled duplicate=closed
submitted: recall=draft receive=received report=submitted cancel=cancelled duplicate=closed
received: recall=draft advance=received record_opinion=received approve=approved return=returned reject=rejected report=received cancel=cancelled duplicate=closed
approved: save=approved amend=draft issue=issued report=reported cancel=cancelled revoke=revoked duplicate=closed
issued: save=issued amend=draft report=reported cancel=cancelled revoke=revoked duplicate=closed
reported: report=reported close=closed revoke=revoked duplicate=closed
closed: report=closed
returned: save=returned submit=submitted recall=draft report=returned cancel=cancelled duplicate=closed lapse=lapsed
lapsed:
rejected:
cancelled:
revoked: report=revoked
";

fn dossier(state: State) -> Dossier {
    Dossier {
        id: DossierId(Uuid::from_u128(1)),
        code: None,
        direction: Direction::Inbound,
        organisation: OrganisationId(Uuid::from_u128(2)),
        state,
        outcome: None,
        origin: Origin::System,
        version: 7,
        revision: 1,
        revision_in_force: None,
        issued: false,
        arrived: false,
    }
}

/// State, what is in force and whether it is issued, and the legal commands with where they lead.
fn moves_of(dossier: &Dossier) -> String {
    let legal =
        Command::ALL.iter().filter_map(|command| Some((command, dossier.change(*command, None).ok()?)));
    let words: Vec<String> = legal.map(|(command, change)| format!("{command}={}", change.to())).collect();
    words.join(" ")
}

#[test]
fn every_state_under_every_command() {
    let mut table = String::new();
    for state in State::ALL {
        let legal = Command::ALL.iter().filter_map(|command| Some((command, next(*state, *command)?)));
        let words: Vec<String> = legal.map(|(command, to)| format!(" {command}={to}")).collect();
        table += &format!("{state}:{}\n", words.concat());
    }
    assert_eq!(table, MOVES);
}

#[test]
fn what_is_not_in_the_table_names_state_and_command() {
    for state in State::ALL {
        for command in Command::ALL {
            let plain = next(*state, *command);
            let to = dossier(*state).change(*command, None).map(|change| change.to());
            // A first draft was never handed in, so there is nothing to take back.
            let expected = plain.filter(|_| !(*state == State::Draft && *command == Command::Recall));
            assert_eq!(to, expected.ok_or(Refusal::illegal(*state, *command)), "{state} {command}");
        }
    }
}

#[test]
fn a_pending_amendment_ends_where_it_began() {
    let amended =
        |state, issued| Dossier { revision: 2, revision_in_force: Some(1), issued, ..dossier(state) };
    for (issued, back) in [(true, State::Issued), (false, State::Approved)] {
        let ended: Vec<(State, Command)> = vec![
            (State::Draft, Command::Recall),
            (State::Submitted, Command::Recall),
            (State::Received, Command::Recall),
            (State::Received, Command::Reject),
            (State::Returned, Command::Recall),
            (State::Returned, Command::Lapse),
        ];
        for (state, command) in ended {
            let change = amended(state, issued).change(command, None).unwrap();
            assert_eq!((change.to(), change.restores()), (back, Some(1)), "{state} {command}");
            assert_eq!(change.revision_in_force(), Some(1));
        }
        // What is in force can be withdrawn while another revision is pending; its content comes back first.
        for state in [State::Draft, State::Submitted, State::Received, State::Returned] {
            for (command, to) in [
                (Command::Cancel, State::Cancelled),
                (Command::Revoke, State::Revoked),
                (Command::Duplicate, State::Closed),
            ] {
                let change = amended(state, issued).change(command, None).unwrap();
                assert_eq!((change.to(), change.restores()), (to, Some(1)), "{state} {command}");
            }
        }
    }
    let approved = amended(State::Received, true).change(Command::Approve, None).unwrap();
    assert_eq!((approved.revision_in_force(), approved.restores()), (Some(2), None));
    let returned = amended(State::Received, true).change(Command::Return, None).unwrap();
    assert_eq!((returned.to(), returned.restores()), (State::Returned, None));
    assert_eq!(
        moves_of(&amended(State::Issued, true)),
        moves_of(&dossier(State::Issued)),
        "nothing is pending"
    );
}

#[test]
fn without_a_permission_there_is_nothing_to_revoke() {
    for state in [State::Draft, State::Submitted, State::Received, State::Returned] {
        let refused = dossier(state).change(Command::Revoke, None).unwrap_err();
        assert_eq!(refused, Refusal::illegal(state, Command::Revoke));
    }
}

#[test]
fn after_arrival_nothing_is_cancelled() {
    for state in State::ALL {
        let arrived = Dossier { arrived: true, ..dossier(*state) };
        let expected = match next(*state, Command::Cancel) {
            Some(_) => Refusal::AlreadyArrived,
            None => Refusal::illegal(*state, Command::Cancel),
        };
        assert_eq!(arrived.change(Command::Cancel, None).unwrap_err(), expected, "{state}");
        assert!(!arrived.legal().contains(&Command::Cancel));
    }
}

#[test]
fn nothing_is_reported_of_a_duplicate() {
    let duplicate = dossier(State::Issued).change(Command::Duplicate, None).unwrap();
    assert_eq!((duplicate.to(), duplicate.outcome()), (State::Closed, Some(Outcome::Duplicate)));
    let closed = Dossier { outcome: duplicate.outcome(), ..dossier(State::Closed) };
    assert_eq!(closed.legal(), []);
    assert_eq!(dossier(State::Closed).legal(), [Command::Report], "a late correction");
}

#[test]
fn the_event_says_who_where_and_what() {
    let actor = AccountId(Uuid::from_u128(3));
    let person = PersonId(Uuid::from_u128(4));
    let change = dossier(State::Draft).change(Command::Submit, Some(actor)).unwrap();
    let change = change.telling("code", "DV-2026-0001").telling_of(person, "/members/1", "{}");
    let event = change.event();
    assert_eq!(
        (event.action, event.object_kind, event.actor),
        ("delegation.submitted", "dossier", Some(actor))
    );
    assert_eq!(event.organisation, Some(OrganisationId(Uuid::from_u128(2))));
    let values: Vec<(&str, &str, Option<PersonId>)> =
        event.values.iter().map(|value| (value.name.as_str(), value.text.as_str(), value.person)).collect();
    let expected = [
        ("state", "submitted", None),
        ("revision", "1", None),
        ("code", "DV-2026-0001", None),
        ("/members/1", "{}", Some(person)),
    ];
    assert_eq!(values, expected);
}

#[test]
fn each_command_has_an_event_of_its_own() {
    let mut actions: Vec<&str> = Command::ALL.iter().map(|command| action_of(*command)).collect();
    actions.sort_unstable();
    actions.dedup();
    assert_eq!(actions.len(), Command::ALL.len());
    assert!(actions.iter().all(|action| action.starts_with("delegation.")));
}

#[test]
fn the_diagram_shows_each_move_that_leads_elsewhere() {
    let drawn = diagram();
    let moves = State::ALL.iter().flat_map(|state| {
        Command::ALL.iter().filter_map(move |command| Some((*state, *command, next(*state, *command)?)))
    });
    for (state, command, to) in moves {
        let line = format!("{state} --> {to}: {command}\n");
        assert_eq!(drawn.contains(&line), state != to, "{line}");
    }
}

/// A dossier with the revisions for which a paper was issued, as the store keeps it.
struct Walk {
    dossier: Dossier,
    issued: Vec<i32>,
}

impl Walk {
    fn take(&mut self, command: Command) -> Option<Change> {
        let change = self.dossier.change(command, None).ok()?;
        if command == Command::Issue {
            self.issued.extend(change.revision_in_force());
        }
        self.dossier.state = change.to();
        self.dossier.version = change.version() + 1;
        self.dossier.revision = change.revision();
        self.dossier.revision_in_force = change.revision_in_force();
        self.dossier.outcome = change.outcome();
        self.dossier.arrived |= command == Command::Report;
        self.dossier.issued = change.revision_in_force().is_some_and(|no| self.issued.contains(&no));
        Some(change)
    }
}

/// States that nothing leaves: what can still be said of them is what really happened.
fn is_final(state: State) -> bool {
    use State as S;
    matches!(state, S::Closed | S::Lapsed | S::Rejected | S::Cancelled | S::Revoked)
}

proptest! {
    #[test]
    fn a_walk_of_any_commands_keeps_the_laws(steps in prop::collection::vec(0..Command::ALL.len(), 0..60)) {
        let first = Dossier { version: 1, revision: 0, ..dossier(State::Draft) };
        let mut walk = Walk { dossier: first, issued: Vec::new() };
        for step in steps {
            let command = Command::ALL[step];
            let before = walk.dossier.clone();
            let Some(change) = walk.take(command) else {
                prop_assert_eq!(&walk.dossier, &before, "a refusal changes nothing");
                continue;
            };
            let after = &walk.dossier;
            prop_assert_eq!(after.version, before.version + 1);
            prop_assert_eq!(after.revision, before.revision + i32::from(command == Command::Submit));
            if is_final(before.state) {
                prop_assert_eq!((command, after.state), (Command::Report, before.state));
            }
            let in_force = match command {
                Command::Approve => Some(before.revision),
                _ => before.revision_in_force,
            };
            prop_assert_eq!(after.revision_in_force, in_force, "only an approval puts a revision in force");
            prop_assert!(after.revision_in_force.is_none_or(|no| no <= after.revision));
            prop_assert!(!after.issued || after.revision_in_force.is_some());
            if matches!(after.state, State::Approved | State::Issued) {
                prop_assert!(after.revision_in_force.is_some(), "nobody is permitted without an approval");
            }
            if after.state == State::Issued {
                prop_assert!(after.issued, "nor on paper without a paper");
            }
            if let Some(restored) = change.restores() {
                prop_assert_eq!(Some(restored), before.revision_in_force);
                prop_assert!(!matches!(before.state, State::Approved | State::Issued | State::Reported));
            }
            prop_assert_eq!(change.from(), before.state);
            prop_assert_eq!(change.event().action, action_of(command));
        }
    }
}
