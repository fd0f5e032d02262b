//! Random chains, decided by random people: whatever they say, nothing is approved before every stage is done, and
//! nobody speaks twice.

use super::*;

/// What somebody tries.
#[derive(Debug, Clone)]
enum Try {
    Say(u128, Saying, Option<u128>),
    Answer(usize, Answer, bool),
}

fn tries() -> impl Strategy<Value = Try> {
    let verdict = prop_oneof![
        6 => Just(Saying::from(Verdict::Approve)),
        2 => Just(Saying::from(Verdict::ApproveWithConditions)),
        1 => Just(Saying::from(Verdict::Forward)),
        1 => Just(Saying { verdict: Verdict::Return, to: Addressee::Appraiser }),
    ];
    let answer = prop::sample::select(Answer::ALL.to_vec());
    prop_oneof![
        4 => (0..12_u128, verdict, prop::option::weighted(0.2, 0..12_u128)).prop_map(|(who, saying, giver)| Try::Say(who, saying, giver)),
        1 => (0..8_usize, answer, any::<bool>()).prop_map(|(no, answer, over)| Try::Answer(no, answer, over)),
    ]
}

/// Steps with random stages, the first stage open; the last stage decides.
fn chains() -> impl Strategy<Value = Vec<Step>> {
    let one = (1..4_i32, 1..3_i32, 0..4_u8, any::<bool>());
    prop::collection::vec(one, 1..6).prop_map(|drawn| {
        let mut steps: Vec<Step> = Vec::new();
        for (no, (stage, quorum, kind, binding)) in (1..).zip(drawn) {
            let role = if kind == 0 { Role::Appraiser } else { Role::Approver };
            steps.push(match kind {
                3 => Step { binding, ..paper(no, stage, StepState::Waiting) },
                _ => {
                    Step { stage, forward_to: Some(place(99)), ..step(no, role, quorum, StepState::Waiting) }
                }
            });
        }
        let last = i32::try_from(steps.len()).unwrap() + 1;
        steps.push(Step { stage: 9, ..step(last, Role::Approver, 1, StepState::Waiting) });
        let first = steps.iter().map(|step| step.stage).min().unwrap();
        steps.iter_mut().filter(|step| step.stage == first).for_each(|step| step.state = StepState::Open);
        steps
    })
}

/// A dossier as the engine moves it.
struct Table {
    steps: Vec<Step>,
    given: Vec<Given>,
    objections: Vec<StepId>,
    answered: Vec<StepId>,
}

impl Table {
    fn of(&mut self, id: StepId) -> &mut Step {
        self.steps.iter_mut().find(|step| step.id == id).unwrap()
    }

    fn open(&mut self, ids: &[StepId]) {
        for id in ids {
            let step = self.of(*id);
            assert_eq!(step.state, StepState::Waiting);
            step.state = StepState::Open;
        }
    }

    fn lap(&self) -> i32 {
        self.steps.iter().map(|step| step.lap).max().unwrap()
    }

    fn next_no(&self) -> i32 {
        self.steps.iter().map(|step| step.no).max().unwrap() + 1
    }

    /// What the service does with a judgement.
    fn follow(&mut self, judgement: &Judgement) {
        if judgement.closes {
            self.of(judgement.step).state = StepState::Done;
        }
        self.open(&judgement.opens);
        if let Some(state) = judgement.raises {
            let from = self.of(judgement.step).clone();
            let no = self.next_no();
            let raised =
                Step { id: id(no), no, stage: from.stage + 1, quorum: 1, state, forward_to: None, ..from };
            self.steps.push(Step { organisation: place(99), ..raised });
        }
        if judgement.relays {
            let laid: Vec<Step> = again(&self.steps, &self.answered).into_iter().cloned().collect();
            for step in &mut self.steps {
                if matches!(step.state, StepState::Open | StepState::Waiting) {
                    step.state = StepState::Dropped;
                }
            }
            let first = laid.iter().map(|step| step.stage).min().unwrap();
            for step in laid {
                let no = self.next_no();
                let state = if step.stage == first { StepState::Open } else { StepState::Waiting };
                self.steps.push(Step { id: id(no), no, lap: step.lap + 1, state, ..step });
            }
        }
    }
}

fn voices(given: &Given) -> Vec<PersonId> {
    [Some(given.person), given.giver].into_iter().flatten().collect()
}

proptest! {
    #[test]
    fn nothing_is_approved_before_every_stage_is_done_and_nobody_speaks_twice(
        steps in chains(),
        barred in prop::collection::vec(0..12_u128, 0..3),
        tries in prop::collection::vec(tries(), 1..60),
    ) {
        let barred: Vec<PersonId> = barred.into_iter().map(person).collect();
        let mut table = Table { steps, given: vec![], objections: vec![], answered: vec![] };
        for one in tries {
            let judgement = match one {
                Try::Answer(no, answer, over) => {
                    let Some(step) = table.steps.get(no).cloned() else { continue };
                    let Ok(heard) = hear(&table.steps, step.id, answer, over) else { continue };
                    prop_assert!(answer != Answer::NoAnswer || over);
                    if heard.closes {
                        prop_assert!(!(step.binding && answer == Answer::NoAnswer));
                        table.of(step.id).state = StepState::Done;
                    }
                    if answer != Answer::NoAnswer { table.answered.push(step.id); }
                    if answer == Answer::Objects && step.binding { table.objections.push(step.id); }
                    table.open(&heard.opens);
                    continue;
                }
                Try::Say(who, saying, giver) => {
                    let giver = giver.filter(|giver| *giver != who);
                    let mandate = giver.map(|giver| Mandated {
                        id: MandateId(Uuid::from_u128(1)),
                        giver: AccountId(Uuid::from_u128(giver)),
                        person: person(giver),
                        limits: Limits::default(),
                    });
                    // Everybody sits at every other step.
                    let seats: Vec<Seat> = seats(&table.steps)
                        .into_iter()
                        .zip(0_u128..)
                        .filter(|(_, no)| (no + who) % 2 == 0)
                        .map(|(seat, _)| Seat { mandate: mandate.clone(), ..seat })
                        .collect();
                    let case = Case { steps: &table.steps, given: &table.given, barred: &barred, objections: &table.objections };
                    let Ok(judgement) = judge(case, Decider { person: Some(person(who)), seats: &seats }, saying) else { continue };
                    let said = Given { step: judgement.step, person: person(who), giver: giver.map(person), verdict: saying.verdict };
                    prop_assert!(voices(&said).iter().all(|voice| !barred.contains(voice)), "who is barred speaks for nobody");
                    let on = table.of(judgement.step).clone();
                    prop_assert!(on.state == StepState::Open && !on.on_paper() && on.lap == table.lap());
                    for earlier in &table.given {
                        let step = table.steps.iter().find(|step| step.id == earlier.step).unwrap();
                        let ours = voices(earlier).iter().any(|voice| voices(&said).contains(voice));
                        let elsewhere = (step.kind.clone(), step.organisation) != (on.kind.clone(), on.organisation);
                        prop_assert!(!ours || (step.lap != on.lap && !elsewhere), "one voice, once a lap, on one chair");
                    }
                    if matches!(saying.verdict, Verdict::Approve | Verdict::ApproveWithConditions) {
                        let before = |step: &&Step| step.stage < on.stage && table.objections.contains(&step.id);
                        prop_assert!(!table.steps.iter().any(|step| before(&step)), "an objection binds");
                    }
                    table.given.push(said);
                    judgement
                }
            };
            table.follow(&judgement);
            let lap = table.lap();
            let present: Vec<&Step> = table.steps.iter().filter(|step| step.lap == lap).collect();
            if judgement.command == Command::Approve {
                prop_assert!(present.iter().all(|step| step.state == StepState::Done));
                let last = present.iter().map(|step| step.stage).max().unwrap();
                prop_assert!(present.iter().any(|step| step.stage == last && !step.on_paper()));
                for step in present.iter().filter(|step| !step.on_paper()) {
                    let on_it: Vec<&Given> = table.given.iter().filter(|given| given.step == step.id).collect();
                    let agreed = on_it.iter().filter(|given| given.verdict != Verdict::Forward).count();
                    let is_passed = on_it.iter().any(|given| given.verdict == Verdict::Forward);
                    prop_assert!(is_passed || i32::try_from(agreed).unwrap() >= step.quorum);
                }
                break;
            }
            let open: Vec<i32> = present.iter().filter(|step| step.state == StepState::Open).map(|step| step.stage).collect();
            prop_assert!(!open.is_empty(), "a dossier never gets stuck without an open step");
            prop_assert!(open.iter().all(|stage| *stage == open[0]), "one stage is open");
        }
    }
}
