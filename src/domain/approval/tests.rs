use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::domain::codes::Code;
use crate::domain::dossier::Command;
use crate::domain::ids::{AccountId, MandateId, OrganisationId, PersonId, StepId};
use crate::domain::mandate::{Limits, Mandated};
use crate::domain::refusal::Refusal;

mod laps;
mod random;

fn person(no: u128) -> PersonId {
    PersonId(Uuid::from_u128(no))
}

fn place(no: u128) -> OrganisationId {
    OrganisationId(Uuid::from_u128(no))
}

fn id(no: i32) -> StepId {
    StepId(Uuid::from_u128(u128::try_from(no).unwrap()))
}

/// Step `no`, a stage of its own, decided at place `no` by the role.
fn step(no: i32, role: Role, quorum: i32, state: StepState) -> Step {
    Step {
        id: id(no),
        no,
        stage: no,
        lap: 0,
        kind: format!("step {no}"),
        organisation: place(u128::try_from(no).unwrap()),
        role,
        quorum,
        state,
        body: None,
        binding: false,
        forward_to: None,
    }
}

/// A step of a body that answers on paper.
fn paper(no: i32, stage: i32, state: StepState) -> Step {
    let body = Some("city_police".to_owned());
    Step { stage, body, kind: CONSULT.to_owned(), ..step(no, Role::Clerk, 1, state) }
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
    Given { step: id(step), person: person(who), giver: None, verdict }
}

/// A seat at every step of the chain.
fn seats(steps: &[Step]) -> Vec<Seat> {
    steps
        .iter()
        .map(|step| Seat { role: step.role, organisation: step.organisation, mandate: None })
        .collect()
}

fn case<'a>(steps: &'a [Step], given: &'a [Given]) -> Case<'a> {
    Case { steps, given, barred: &[], objections: &[] }
}

/// The judgement on somebody who is an approver everywhere.
fn judged(
    steps: &[Step],
    given: &[Given],
    who: u128,
    saying: impl Into<Saying>,
) -> Result<Judgement, Refusal> {
    let seats: Vec<Seat> = seats(steps).into_iter().filter(|seat| seat.role == Role::Approver).collect();
    judge(case(steps, given), Decider { person: Some(person(who)), seats: &seats }, saying.into())
}

#[test]
fn one_approval_opens_the_next_step_and_the_last_approves() {
    let judgement = judged(&chain(1), &[], 9, Verdict::Approve).unwrap();
    assert_eq!((judgement.step, judgement.closes), (id(2), true));
    assert_eq!((judgement.opens, judgement.command), (vec![id(3)], Command::Advance));
    let last = [step(4, Role::Approver, 1, StepState::Open)];
    let judgement = judged(&last, &[], 9, Verdict::Approve).unwrap();
    assert_eq!((judgement.closes, judgement.opens, judgement.command), (true, vec![], Command::Approve));
}

#[test]
fn a_stage_opens_together_and_the_next_waits_for_all_of_it() {
    let at = |no, stage, state| Step { stage, ..step(no, Role::Approver, 1, state) };
    let (open, waiting, done) = (StepState::Open, StepState::Waiting, StepState::Done);
    let two = [at(1, 1, open), at(2, 2, waiting), at(3, 2, waiting), at(4, 3, waiting)];
    assert_eq!(judged(&two, &[], 9, Verdict::Approve).unwrap().opens, [id(2), id(3)]);
    let half = [at(1, 1, done), at(2, 2, open), at(3, 2, open), at(4, 3, waiting)];
    let first = judged(&half, &[], 9, Verdict::Approve).unwrap();
    assert_eq!(
        (first.step, first.closes, first.opens, first.command),
        (id(2), true, vec![], Command::Advance)
    );
    let rest = [at(1, 1, done), at(2, 2, done), at(3, 2, open), at(4, 3, waiting)];
    assert_eq!(judged(&rest, &[given(2, 9, Verdict::Approve)], 10, Verdict::Approve).unwrap().opens, [id(4)]);
    let last = [at(3, 2, done), at(4, 3, open), at(5, 3, open)];
    let judgement = judged(&last, &[], 9, Verdict::Approve).unwrap();
    assert_eq!(judgement.command, Command::Advance, "the other of the last stage has not spoken");
}

#[test]
fn a_quorum_counts_persons_and_nobody_twice() {
    let steps = chain(2);
    let first = judged(&steps, &[], 9, Verdict::Approve).unwrap();
    assert_eq!((first.closes, first.opens, first.command), (false, vec![], Command::Advance));
    let said = [given(2, 9, Verdict::Approve)];
    assert_eq!(judged(&steps, &said, 9, Verdict::Approve), Err(Refusal::AlreadyDecided));
    let second = judged(&steps, &said, 10, Verdict::Approve).unwrap();
    assert!(second.closes && !second.opens.is_empty());
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
            assert_eq!((judgement.closes, judgement.opens, judgement.command), (true, vec![], command));
        }
    }
}

#[test]
fn four_eyes_come_before_turn_and_verdict() {
    let steps = chain(1);
    let everywhere = seats(&steps);
    let ask = |person, seats: &[Seat], barred: &[PersonId], verdict: Verdict| {
        let case = Case { barred, ..case(&steps, &[]) };
        judge(case, Decider { person, seats }, verdict.into()).unwrap_err()
    };
    assert_eq!(ask(Some(person(9)), &[], &[person(9)], Verdict::Forward), Refusal::SelfApproval);
    assert_eq!(ask(Some(person(9)), &[], &[person(8)], Verdict::Forward), Refusal::NotYourTurn);
    assert_eq!(ask(None, &everywhere, &[], Verdict::Approve), Refusal::NoPerson);
}

#[test]
fn a_role_elsewhere_is_no_turn() {
    let steps = chain(1);
    for at in 1..=4 {
        let seats = [Seat { role: Role::Approver, organisation: place(at), mandate: None }];
        let decider = Decider { person: Some(person(9)), seats: &seats };
        let turn = judge(case(&steps, &[]), decider, Verdict::Approve.into());
        assert_eq!(turn.is_ok(), at == 2, "only the open step is decided, at its own place: {at}");
    }
    let done: Vec<Step> =
        chain(1).into_iter().map(|step| Step { state: StepState::Dropped, ..step }).collect();
    assert_eq!(judged(&done, &[], 9, Verdict::Approve), Err(Refusal::NotYourTurn));
}

#[test]
fn an_opinion_goes_upward_to_later_stages_or_the_level_above() {
    let passed = judged(&chain(3), &[], 9, Verdict::Forward).unwrap();
    assert_eq!(
        (passed.closes, passed.opens, passed.raises),
        (true, vec![id(3)], None),
        "no quorum waits for it"
    );
    let last = |forward_to| [Step { forward_to, ..step(4, Role::Approver, 2, StepState::Open) }];
    let none = judged(&last(None), &[], 9, Verdict::Forward);
    assert_eq!(none, Err(Refusal::field("/decision", "no-level-above")));
    let raised = judged(&last(Some(place(7))), &[], 9, Verdict::Forward).unwrap();
    assert_eq!(
        (raised.closes, raised.raises, raised.command),
        (true, Some(StepState::Open), Command::Advance)
    );
    let beside = Step { stage: 4, ..step(5, Role::Approver, 1, StepState::Open) };
    let two = [last(Some(place(7))), [beside]].concat();
    assert_eq!(judged(&two, &[], 9, Verdict::Forward).unwrap().raises, Some(StepState::Waiting));
    // An opinion is no consent: it fills no quorum.
    let said = [given(2, 9, Verdict::Forward)];
    assert!(!judged(&chain(2), &said, 10, Verdict::Approve).unwrap().closes);
}

#[test]
fn an_objection_that_binds_forbids_later_approvals_alone() {
    let mut steps = chain(1);
    steps[0] = Step { binding: true, ..paper(1, 1, StepState::Done) };
    let seats = seats(&steps);
    let ask = |objections: &[StepId], verdict: Verdict| {
        let case = Case { objections, ..case(&steps, &[]) };
        judge(case, Decider { person: Some(person(9)), seats: &seats }, verdict.into()).map(|_| ())
    };
    for verdict in Verdict::ALL {
        let approves = matches!(verdict, Verdict::Approve | Verdict::ApproveWithConditions);
        let free = ask(&[], *verdict);
        assert!(free.is_ok(), "{verdict} {free:?}");
        assert_eq!(ask(&[id(1)], *verdict), if approves { Err(Refusal::BindingObjection) } else { Ok(()) });
        assert!(ask(&[id(3)], *verdict).is_ok(), "it concerns later steps");
    }
}

#[test]
fn an_answer_on_paper_is_recorded_and_never_decided() {
    let steps = [
        paper(1, 1, StepState::Open),
        Step { binding: true, ..paper(2, 1, StepState::Open) },
        step(3, Role::Approver, 1, StepState::Waiting),
    ];
    assert_eq!(judged(&steps, &[], 9, Verdict::Approve), Err(Refusal::NotYourTurn));
    for answer in [Answer::Agrees, Answer::AgreesWithConditions, Answer::Objects] {
        let heard = hear(&steps, id(1), answer, false).unwrap();
        assert_eq!((heard.closes, heard.opens), (true, vec![]), "the other body has not answered");
    }
    let early = hear(&steps, id(1), Answer::NoAnswer, false);
    assert_eq!(early, Err(Refusal::field("/answer", "clock-still-runs")));
    assert!(hear(&steps, id(1), Answer::NoAnswer, true).unwrap().closes);
    assert!(!hear(&steps, id(2), Answer::NoAnswer, true).unwrap().closes, "who may forbid must be heard");
    assert_eq!(hear(&steps, id(3), Answer::Agrees, true), Err(Refusal::NotYourTurn));
    let mut rest = steps.clone();
    rest[0].state = StepState::Done;
    assert_eq!(hear(&rest, id(2), Answer::Agrees, false).unwrap().opens, [id(3)]);
    assert_eq!(hear(&rest, id(1), Answer::Agrees, false), Err(Refusal::NotYourTurn), "it answered");
}

/// A mandate of `giver` for approver's seats at place 2.
fn mandated(giver: u128, limits: Limits) -> Seat {
    let mandate = Mandated {
        id: MandateId(Uuid::from_u128(77)),
        giver: AccountId(Uuid::from_u128(giver)),
        person: person(giver),
        limits,
    };
    Seat { role: Role::Approver, organisation: place(2), mandate: Some(mandate) }
}

#[test]
fn giver_and_holder_are_one_voice() {
    let steps = chain(2);
    let seats = [mandated(8, Limits::default())];
    let ask = |said: &[Given], barred: &[PersonId]| {
        let case = Case { barred, ..case(&steps, said) };
        judge(case, Decider { person: Some(person(9)), seats: &seats }, Verdict::Approve.into())
    };
    assert_eq!(ask(&[], &[]).unwrap().mandate.unwrap().person, person(8));
    assert_eq!(ask(&[], &[person(8)]), Err(Refusal::SelfApproval), "the giver filed or travels");
    for said in [given(1, 8, Verdict::Approve), given(2, 8, Verdict::Approve), given(1, 9, Verdict::Approve)]
    {
        assert_eq!(ask(&[said], &[]), Err(Refusal::AlreadyDecided));
    }
    // Neither the giver nor another of his holders speaks after the holder did.
    let by_holder = Given { giver: Some(person(8)), ..given(2, 9, Verdict::Approve) };
    assert_eq!(
        judged(&steps, std::slice::from_ref(&by_holder), 8, Verdict::Approve),
        Err(Refusal::AlreadyDecided)
    );
    let another = Decider { person: Some(person(10)), seats: &seats };
    let twice = judge(case(&steps, &[by_holder]), another, Verdict::Approve.into());
    assert_eq!(twice, Err(Refusal::AlreadyDecided));
}

#[test]
fn a_mandate_applies_within_its_limits_and_after_ones_own_seat() {
    let steps = chain(1);
    let ask = |seats: &[Seat]| {
        judge(case(&steps, &[]), Decider { person: Some(person(9)), seats }, Verdict::Approve.into())
    };
    let kinds = |kind: &str| Limits { kinds: vec![kind.to_owned()], ..Limits::default() };
    assert!(ask(&[mandated(8, kinds("step 2"))]).is_ok());
    assert_eq!(ask(&[mandated(8, kinds("step 3"))]), Err(Refusal::NotYourTurn));
    let own = Seat { mandate: None, ..mandated(8, Limits::default()) };
    assert_eq!(ask(&[mandated(8, Limits::default()), own]).unwrap().mandate, None);
}

#[test]
fn limits_cover_what_they_name() {
    use crate::domain::codes::{Direction, Rank};
    let all = Limits::default();
    assert!(all.cover(Direction::Inbound, None) && all.cover_step("approve"));
    let some =
        Limits { directions: vec![Direction::Inbound], ranks: vec![Rank::C, Rank::Other], kinds: vec![] };
    assert!(some.cover(Direction::Inbound, Some(Rank::C)));
    assert!(!some.cover(Direction::Outbound, Some(Rank::C)));
    assert!(!some.cover(Direction::Inbound, Some(Rank::A)) && !some.cover(Direction::Inbound, None));
}

fn planned(kind: &str, when: Matcher) -> ChainStep {
    ChainStep {
        kind: kind.to_owned(),
        title_vi: String::new(),
        title_en: String::new(),
        at: Place::CityOffice,
        role: Role::Approver,
        quorum: 1,
        stage: None,
        body: None,
        binding: false,
        clock: None,
        forward_to: None,
        when,
        optional: false,
    }
}

fn file(step: Vec<ChainStep>) -> Chain {
    let desk = || Desk {
        at: Place::CityOffice,
        role: Role::Clerk,
        title_vi: String::new(),
        title_en: String::new(),
        clock: None,
    };
    let body = |code: &str| Body { code: code.to_owned(), name_vi: String::new(), name_en: String::new() };
    Chain { receive: desk(), issue: desk(), body: vec![body("mofa")], step }
}

#[test]
fn a_step_is_a_stage_of_its_own_unless_the_file_says_otherwise() {
    let staged = |kind: &str, stage| ChainStep { stage, ..planned(kind, Matcher::default()) };
    let chain = file(vec![staged("a", None), staged("c", Some(3)), staged("d", None), staged("b", Some(2))]);
    let order: Vec<(i32, &str)> =
        chain.in_order(|_| true).iter().map(|(stage, step)| (*stage, step.kind.as_str())).collect();
    assert_eq!(order, [(1, "a"), (2, "b"), (3, "c"), (3, "d")]);
}

#[test]
fn a_chain_that_does_not_hold_together_is_refused() {
    let approve = || planned("approve", Matcher::default());
    let term = Some(Term { n: 5, unit: Unit::WorkingDay });
    let ask = || ChainStep {
        body: Some("mofa".to_owned()),
        role: Role::Clerk,
        clock: term,
        ..planned("consult", Matcher::default())
    };
    assert_eq!(file(vec![ask(), approve()]).faults(), vec![]);
    let one = |steps: Vec<ChainStep>| {
        let faults = file(steps).faults();
        faults.iter().map(|(_, words)| words.as_str()).collect::<Vec<_>>().join("; ")
    };
    assert!(one(vec![]).contains("the last stage decides"));
    assert!(one(vec![approve(), ask()]).contains("the last stage decides"));
    assert!(one(vec![ChainStep { stage: Some(2), ..ask() }, approve()]).contains("the last stage decides"));
    assert!(one(vec![ChainStep { body: Some("moon".to_owned()), ..ask() }, approve()]).contains("moon"));
    assert!(one(vec![ChainStep { role: Role::Approver, ..ask() }, approve()]).contains("recorded by"));
    assert!(one(vec![ChainStep { clock: None, ..ask() }, approve()]).contains("without a clock"));
    assert!(one(vec![ChainStep { quorum: 2, ..ask() }, approve()]).contains("answers once"));
    assert!(one(vec![ChainStep { binding: true, ..approve() }]).contains("binding"));
    assert!(one(vec![ChainStep { role: Role::Clerk, ..approve() }]).contains("decide"));
    assert!(one(vec![ChainStep { quorum: 0, ..approve() }]).contains("quorum"));
    assert!(one(vec![ChainStep { quorum: 1_000, ..approve() }]).contains("quorum"));
    assert!(one(vec![ChainStep { stage: Some(0), ..approve() }]).contains("stage"));
    let sensitive = Matcher { sensitive: Some(true), ..Matcher::default() };
    let perhaps = ChainStep { when: sensitive, ..approve() };
    assert!(one(vec![perhaps.clone()]).contains("without an approver"));
    assert_eq!(one(vec![approve(), perhaps]), "");
    let appraise = ChainStep { role: Role::Appraiser, ..approve() };
    assert!(one(vec![appraise]).contains("without an approver"));
    assert_eq!(file(vec![approve(), ChainStep { quorum: 0, ..approve() }]).faults()[0].0, Some(1));
}

#[test]
fn signing_forms_stack_in_their_order() {
    use SigningForm as F;
    assert_eq!(signing_forms(vec![F::Kt, F::Tm, F::Kt]), [F::Tm, F::Kt]);
    assert_eq!(signing_forms(vec![F::Tuq, F::Tl]), [F::Tl, F::Tuq]);
    assert_eq!(signing_forms(vec![]), []);
}
