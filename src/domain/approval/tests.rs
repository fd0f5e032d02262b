use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::domain::codes::Code;

fn person(no: u128) -> PersonId {
    PersonId(Uuid::from_u128(no))
}

fn place(no: u128) -> OrganisationId {
    OrganisationId(Uuid::from_u128(no))
}

/// Step `no`, decided at place `no` by the role.
fn step(no: i32, role: Role, quorum: i32, state: StepState) -> Step {
    let id = u128::try_from(no).unwrap();
    Step {
        id: StepId(Uuid::from_u128(id)),
        no,
        kind: format!("step {no}"),
        organisation: place(id),
        role,
        quorum,
        state,
    }
}

/// Appraised by one, then approved by `quorum` persons.
fn chain(quorum: i32) -> Vec<Step> {
    vec![
        step(1, Role::Appraiser, 1, StepState::Done),
        step(2, Role::Approver, quorum, StepState::Open),
        step(3, Role::Approver, 1, StepState::Waiting),
        step(4, Role::Approver, 1, StepState::Waiting),
    ]
}

fn given(step: i32, who: u128, verdict: Verdict) -> Given {
    Given { step: StepId(Uuid::from_u128(u128::try_from(step).unwrap())), person: person(who), verdict }
}

/// The judgement on somebody who is an approver everywhere.
fn judged(steps: &[Step], given: &[Given], who: u128, verdict: Verdict) -> Result<Judgement, Refusal> {
    let holds = |role, _place| role == Role::Approver;
    judge(steps, given, &[], Decider { person: Some(person(who)), holds: &holds }, verdict)
}

#[test]
fn one_approval_opens_the_next_step_and_the_last_approves() {
    let judgement = judged(&chain(1), &[], 9, Verdict::Approve).unwrap();
    let id = |no| StepId(Uuid::from_u128(no));
    let expected = Judgement { step: id(2), closes: true, opens: Some(id(3)), command: Command::Advance };
    assert_eq!(judgement, expected);
    let last = [step(4, Role::Approver, 1, StepState::Open)];
    let judgement = judged(&last, &[], 9, Verdict::Approve).unwrap();
    assert_eq!((judgement.closes, judgement.opens, judgement.command), (true, None, Command::Approve));
}

#[test]
fn a_quorum_counts_persons_and_nobody_twice() {
    let steps = chain(2);
    let first = judged(&steps, &[], 9, Verdict::Approve).unwrap();
    assert_eq!((first.closes, first.opens, first.command), (false, None, Command::Advance));
    let said = [given(2, 9, Verdict::Approve)];
    assert_eq!(judged(&steps, &said, 9, Verdict::Approve), Err(Refusal::AlreadyDecided));
    let second = judged(&steps, &said, 10, Verdict::Approve).unwrap();
    assert!(second.closes && second.opens.is_some());
    // What somebody said on another step does not count here, but bars him or her from speaking again.
    let elsewhere = [given(1, 9, Verdict::Approve)];
    assert!(!judged(&steps, &elsewhere, 10, Verdict::Approve).unwrap().closes);
    assert_eq!(judged(&steps, &elsewhere, 9, Verdict::Approve), Err(Refusal::AlreadyDecided));
}

#[test]
fn one_refusal_is_a_refusal_whatever_the_quorum() {
    let steps = chain(3);
    for (verdict, command) in [(Verdict::Return, Command::Return), (Verdict::Reject, Command::Reject)] {
        for said in [vec![], vec![given(2, 9, Verdict::Approve), given(2, 10, Verdict::Approve)]] {
            let judgement = judged(&steps, &said, 11, verdict).unwrap();
            assert_eq!((judgement.closes, judgement.opens, judgement.command), (true, None, command));
        }
    }
}

#[test]
fn four_eyes_come_before_turn_and_verdict() {
    let never = |_role, _place| false;
    let always = |_role, _place| true;
    let steps = chain(1);
    let decider = |holds| Decider { person: Some(person(9)), holds };
    let ask =
        |decider, barred: &[PersonId], verdict| judge(&steps, &[], barred, decider, verdict).unwrap_err();
    assert_eq!(ask(decider(&never), &[person(9)], Verdict::Forward), Refusal::SelfApproval);
    assert_eq!(ask(decider(&never), &[person(8)], Verdict::Forward), Refusal::NotYourTurn);
    assert_eq!(ask(decider(&always), &[], Verdict::Forward), Refusal::field("/decision", "not-offered"));
    let nobody = Decider { person: None, holds: &always };
    assert_eq!(ask(nobody, &[], Verdict::Approve), Refusal::NoPerson);
}

#[test]
fn a_role_elsewhere_is_no_turn() {
    let steps = chain(1);
    for at in 1..=4 {
        let holds = |role, organisation| role == Role::Approver && organisation == place(at);
        let decider = Decider { person: Some(person(9)), holds: &holds };
        let turn = judge(&steps, &[], &[], decider, Verdict::Approve);
        assert_eq!(turn.is_ok(), at == 2, "only the open step is decided, at its own place: {at}");
    }
    let done: Vec<Step> =
        chain(1).into_iter().map(|step| Step { state: StepState::Dropped, ..step }).collect();
    assert_eq!(judged(&done, &[], 9, Verdict::Approve), Err(Refusal::NotYourTurn));
}

#[test]
fn only_three_verdicts_are_offered() {
    for verdict in Verdict::ALL {
        let offered = judged(&chain(1), &[], 9, *verdict).is_ok();
        assert_eq!(offered, OFFERED.contains(verdict), "{verdict}");
    }
}

#[test]
fn signing_forms_stack_in_their_order() {
    use SigningForm as F;
    assert_eq!(signing_forms(vec![F::Kt, F::Tm, F::Kt]), [F::Tm, F::Kt]);
    assert_eq!(signing_forms(vec![]), []);
}

proptest! {
    /// Whoever comes, in whatever order and however often: a step of quorum q is finished by the q-th person.
    #[test]
    fn a_step_is_finished_by_as_many_persons_as_its_quorum(quorum in 1..6_i32, comers in prop::collection::vec(0..8_u128, 0..30)) {
        let steps = chain(quorum);
        let mut said: Vec<Given> = Vec::new();
        for who in comers {
            match judged(&steps, &said, who, Verdict::Approve) {
                Err(refusal) => {
                    prop_assert_eq!(refusal, Refusal::AlreadyDecided);
                    prop_assert!(said.iter().any(|given| given.person == person(who)));
                }
                Ok(judgement) => {
                    prop_assert!(said.iter().all(|given| given.person != person(who)));
                    said.push(given(2, who, Verdict::Approve));
                    let enough = i32::try_from(said.len()).unwrap() >= quorum;
                    prop_assert_eq!(judgement.closes, enough);
                    if enough { break; }
                }
            }
        }
        prop_assert!(i32::try_from(said.len()).unwrap() <= quorum);
    }
}
