//! The laps of a chain within one revision.

use super::*;

const BACK: Saying = Saying { verdict: Verdict::Return, to: Addressee::Appraiser };

/// Endorsed, appraised, two bodies asked, and now before the approver.
fn before_approver() -> Vec<Step> {
    vec![
        step(1, Role::Approver, 1, StepState::Done),
        step(2, Role::Appraiser, 1, StepState::Done),
        paper(3, 3, StepState::Done),
        paper(4, 3, StepState::Done),
        step(5, Role::Approver, 1, StepState::Open),
    ]
}

/// The next lap: what `again` lays, appraisal open.
fn next_lap(steps: &[Step], answered: &[StepId]) -> Vec<Step> {
    let laid = again(steps, answered).into_iter().zip(10..).map(|(step, no)| Step {
        id: id(no),
        no,
        lap: step.lap + 1,
        state: if step.is_appraisal() { StepState::Open } else { StepState::Waiting },
        ..step.clone()
    });
    steps.iter().cloned().chain(laid).collect()
}

#[test]
fn a_return_to_the_appraiser_stays_within_the_round() {
    let steps = before_approver();
    let judgement = judged(&steps, &[], 9, BACK).unwrap();
    assert!(judgement.relays && judgement.closes && judgement.opens.is_empty());
    assert_eq!(judgement.command, Command::Advance);
    // Whoever comes before the appraisal, or appraises, has nobody to return it to.
    let first =
        [step(1, Role::Approver, 1, StepState::Open), step(2, Role::Appraiser, 1, StepState::Waiting)];
    assert_eq!(judged(&first, &[], 9, BACK), Err(Refusal::field("/to", "no-appraiser")));
    let consulted = [paper(1, 1, StepState::Done), step(2, Role::Approver, 1, StepState::Open)];
    assert_eq!(judged(&consulted, &[], 9, BACK), Err(Refusal::field("/to", "no-appraiser")));
}

#[test]
fn the_chain_is_laid_again_without_what_stays_valid() {
    let laid = |answered: &[StepId]| -> Vec<StepId> {
        again(&before_approver(), answered).iter().map(|step| step.id).collect()
    };
    assert_eq!(laid(&[id(3), id(4)]), [id(2), id(5)], "the endorsement and the answers stay");
    assert_eq!(laid(&[id(3)]), [id(2), id(4), id(5)], "who did not answer is asked again");
    let mut steps = before_approver();
    steps[2] = Step { kind: CONSULT.to_owned(), ..step(3, Role::Approver, 1, StepState::Done) };
    let ids: Vec<StepId> = again(&steps, &[id(4)]).iter().map(|step| step.id).collect();
    assert_eq!(ids, [id(2), id(5)], "a decided consultation was answered");
}

#[test]
fn in_a_new_lap_one_speaks_again_from_the_same_chair_alone() {
    let steps = next_lap(&before_approver(), &[id(3), id(4)]);
    let appraise = |who: u128, said: &[Given]| {
        let seats = [Seat { role: Role::Appraiser, organisation: place(2), mandate: None }];
        judge(
            case(&steps, said),
            Decider { person: Some(person(who)), seats: &seats },
            Verdict::Approve.into(),
        )
    };
    let said = [given(1, 7, Verdict::Approve), given(2, 8, Verdict::Approve), given(5, 9, Verdict::Return)];
    assert!(appraise(8, &said).is_ok(), "who appraised appraises again");
    assert_eq!(appraise(9, &said), Err(Refusal::AlreadyDecided), "who decided as approver does not");
    assert_eq!(appraise(7, &said), Err(Refusal::AlreadyDecided));
    let once = [&said[..], &[given(10, 8, Verdict::Approve)]].concat();
    assert_eq!(appraise(8, &once), Err(Refusal::AlreadyDecided), "once in a lap");
}

#[test]
fn earlier_laps_neither_wait_nor_count() {
    let mut steps = next_lap(&before_approver(), &[id(3), id(4)]);
    steps[4].state = StepState::Done;
    steps[5].state = StepState::Done;
    steps[6].state = StepState::Open;
    steps[6].quorum = 2;
    let said = [given(5, 9, Verdict::Approve)];
    let first = judged(&steps, &said, 9, Verdict::Approve).unwrap();
    assert!(!first.closes, "what was said in the lap before fills no quorum");
    assert_eq!(again(&steps, &[]).len(), 2, "a third lap is laid from the second");
}
