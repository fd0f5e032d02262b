//! Tells the demo year: does each deed through the services, as the person who would do it, at its time. Nothing is
//! written around them, so that journal, numbers, steps, decisions, mails and revisions are all real.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{Datelike, NaiveDate, TimeDelta};

use super::cast::{Cast, refused};
use super::content::{announced, content, permit, visit};
use super::data::{Data, Delegation, Fate};
use super::plan::{Deed, Scene, at};
use crate::clock::{Clock, SetClock, day_in_vietnam};
use crate::domain::access::Role;
use crate::domain::approval::{Answer, StepState, Verdict};
use crate::domain::codes::Direction;
use crate::domain::ids::{AccountId, DossierId};
use crate::domain::obligation::{Begins, ObligationState, begins};
use crate::domain::refusal::Refusal;
use crate::jobs::{self, Jobs};
use crate::service::course::{self, Closing, DuplicateOf, IssuedText, Reason, Reception, VisitReport};
use crate::service::decisions::{self, NewDecision};
use crate::service::obligations::{self, NewProof};
use crate::service::opinions::{self, NewOpinion};
use crate::service::{Context, Error, Settings, delegations, members};
use crate::startup::StartError;
use crate::store::steps::{self, StoredStep};
use crate::store::{Recorded, StoreError, WriteTx, accounts, dossiers, obligations as owed};

/// Code of the People's Committee itself.
const CITY: &str = "UBND";

type Done<T> = Result<Recorded<T>, Error>;

/// The teller, with what was told so far.
pub(super) struct Teller {
    pub data: Data,
    pub cast: Cast,
    pub settings: Arc<Settings>,
    pub jobs: Jobs,
    pub clock: Arc<SetClock>,
    /// Day from which open dossiers are counted.
    pub start: NaiveDate,
    pub dossiers: BTreeMap<usize, DossierId>,
    /// Incoming numbers given, by year.
    pub incoming: BTreeMap<i32, u32>,
}

impl Teller {
    /// Tells all scenes; `told` is called after each. The mails of each day go out at its end, except on the last
    /// day: those are found in the mailbox when the demo begins.
    pub fn tell(&mut self, scenes: &[Scene], told: impl Fn()) -> Result<(), StartError> {
        let mut day = None;
        for scene in scenes {
            let today = day_in_vietnam(scene.at);
            if let Some(before) = day.filter(|before| *before != today) {
                self.end_of_day(before)?;
            }
            day = Some(today);
            self.clock.set(scene.at);
            self.play(*scene)?;
            told();
        }
        Ok(())
    }

    fn end_of_day(&self, day: NaiveDate) -> Result<(), StartError> {
        self.clock.set(at(day, 17, 30).max(self.clock.now()));
        self.run_jobs("mails")
    }

    fn run_jobs(&self, what: &str) -> Result<(), StartError> {
        jobs::run_due(&self.jobs).map_err(|error| refused(what, &error))
    }

    fn play(&mut self, scene: Scene) -> Result<(), StartError> {
        let Some(delegation) = self.data.delegations.get(scene.delegation).cloned() else { return Ok(()) };
        let who = self.player(scene, &delegation)?;
        if scene.deed == Deed::Lapse {
            return self.run_jobs(&delegation.key);
        }
        let done = match scene.deed {
            Deed::Register => {
                let id = self.register(who, &delegation)?;
                self.dossiers.insert(scene.delegation, id);
                return Ok(());
            }
            deed => {
                let id = self.dossiers.get(&scene.delegation).copied();
                let id = id.ok_or_else(|| StartError(format!("demo, {}: not registered", delegation.key)))?;
                self.act(deed, who, id, &delegation)
            }
        };
        done.map_err(|error| refused(&format!("{}, {:?}", delegation.key, scene.deed), &error))?;
        if delegation.fate == Fate::Closed && matches!(scene.deed, Deed::Issue | Deed::Report) {
            self.settle(scene, &delegation)?;
        }
        match self.dossiers.get(&scene.delegation).copied() {
            Some(id) if matches!(scene.deed, Deed::Appraise | Deed::Approve) => {
                self.answer_on_paper(id, &delegation.key)?;
                self.decide_above(id, &delegation.key)
            }
            _ => Ok(()),
        }
    }

    /// Discharges what a delegation owes that came and was closed, each duty by whom it is owed: the notices with the
    /// permit, all else with the report.
    fn settle(&self, scene: Scene, of: &Delegation) -> Result<(), StartError> {
        let Some(id) = self.dossiers.get(&scene.delegation).copied() else { return Ok(()) };
        let today = day_in_vietnam(self.clock.now());
        let told = |error: &Error| refused(&format!("{}, duties", of.key), error);
        let open = self.jobs.store.read_blocking(|tx| {
            let mut open = owed::of_dossier(tx, id)?;
            open.retain(|one| one.state == ObligationState::Open);
            Ok::<_, Error>((dossiers::load_any(tx, id)?.and_then(|stored| stored.dossier.code), open))
        });
        let (code, open) = open.map_err(|error| told(&error))?;
        for duty in open {
            let with_permit = matches!(begins(duty.planned.kind), Begins::Permit | Begins::Anytime);
            if scene.deed == Deed::Issue && !with_permit {
                continue;
            }
            let who = match duty.planned.role {
                Role::Clerk => self.cast.clerk()?,
                _ => self.cast.officer(of)?,
            };
            let date = if with_permit { today } else { duty.planned.due_at.date().min(today) };
            let number = code.as_ref().map(|code| format!("TB-{code}"));
            let proof = NewProof { number, date: Some(date), ..NewProof::default() };
            self.on(who, id, move |tx, ctx, id, version| {
                obligations::discharge(tx, ctx, id, version, (duty.id, &proof))
            })
            .map_err(|error| told(&error))?;
        }
        Ok(())
    }

    /// The bodies that are asked on paper agree, and the clerk records it.
    fn answer_on_paper(&mut self, id: DossierId, key: &str) -> Result<(), StartError> {
        let clerk = self.cast.clerk()?;
        for step in self.open_steps(id)?.into_iter().filter(|step| step.step.body.is_some()) {
            let number = self.reception().number;
            let opinion = NewOpinion {
                step_id: step.step.id,
                answer: Answer::Agrees,
                number,
                date: Some(day_in_vietnam(self.clock.now())),
                conditions: String::new(),
                handled_offline: false,
                file_id: None,
            };
            self.on(clerk, id, move |tx, ctx, id, version| opinions::record(tx, ctx, id, version, &opinion))
                .map_err(|error| refused(&format!("{key}, opinion"), &error))?;
        }
        Ok(())
    }

    /// What is outside of the plan goes one level higher: the Chairman approves it as well.
    fn decide_above(&self, id: DossierId, key: &str) -> Result<(), StartError> {
        let (chairman, city) = (self.cast.chairman()?, self.cast.organisation(CITY)?);
        if !self.open_steps(id)?.iter().any(|step| step.step.organisation == city) {
            return Ok(());
        }
        let words = self.data.words.approve.clone();
        self.on(chairman, id, move |tx, ctx, id, version| {
            let decision = NewDecision { comment: words.clone(), ..NewDecision::new(Verdict::Approve) };
            decisions::decide(tx, ctx, id, version, &decision)
        })
        .map_err(|error| refused(&format!("{key}, chairman"), &error))
    }

    fn open_steps(&self, id: DossierId) -> Result<Vec<StoredStep>, StartError> {
        let steps = self.jobs.store.read_blocking(|tx| Ok::<_, Error>(steps::list(tx, id)?));
        let mut steps = steps.map_err(|error| refused("steps", &error))?;
        steps.retain(|step| step.step.state == StepState::Open);
        Ok(steps)
    }

    /// Who does this deed on this dossier.
    fn player(&self, scene: Scene, delegation: &Delegation) -> Result<AccountId, StartError> {
        match scene.deed {
            Deed::Receive | Deed::Issue | Deed::Duplicate => self.cast.clerk(),
            Deed::Endorse => self.cast.endorser(),
            Deed::Appraise | Deed::Return | Deed::Close => self.cast.appraiser(scene.delegation),
            Deed::Approve | Deed::Reject | Deed::Revoke => self.cast.approver(delegation),
            Deed::Register | Deed::Submit | Deed::Lapse | Deed::Cancel => self.cast.officer(delegation),
            Deed::Arrive | Deed::Report | Deed::NoShow => self.cast.officer(delegation),
        }
    }

    /// Registers the draft with its members, as one command.
    fn register(&self, who: AccountId, delegation: &Delegation) -> Result<DossierId, StartError> {
        let owner = self.cast.organisation(&delegation.organisation)?;
        let (content, announced) = (content(delegation, &self.cast, self.start)?, announced(delegation));
        let registered = self.as_(who, move |tx, ctx| {
            let registered = delegations::register(tx, ctx, Some(owner), content.clone())?;
            let id = *registered.value();
            for member in &announced {
                let version = version_of(tx, id)?;
                let _added = members::add(tx, ctx, id, version, member)?;
            }
            Ok(registered)
        });
        registered.map_err(|error| refused(&format!("{}, register", delegation.key), &error))
    }

    fn act(&mut self, deed: Deed, who: AccountId, id: DossierId, of: &Delegation) -> Result<(), Error> {
        let why = Reason { reason: of.reason.clone() };
        match deed {
            Deed::Register | Deed::Lapse => Ok(()),
            Deed::Submit => {
                let declared = course::Declaration { contains_no_state_secret: Some(true) };
                self.on(who, id, move |tx, ctx, id, version| course::submit(tx, ctx, id, version, declared))
            }
            Deed::Receive => {
                let reception = self.reception();
                self.on(who, id, move |tx, ctx, id, version| {
                    course::receive(tx, ctx, id, version, &reception)
                })
            }
            Deed::Endorse | Deed::Appraise | Deed::Approve | Deed::Reject | Deed::Return => {
                let decision = self.decision(deed, of);
                self.on(who, id, move |tx, ctx, id, version| {
                    decisions::decide(tx, ctx, id, version, &decision)
                })
            }
            Deed::Issue => {
                let Some(paper) = permit(of, self.start) else { return Ok(()) };
                // The demo year was written elsewhere: its papers are made when they are asked for.
                self.on(who, id, move |tx, ctx, id, version| {
                    course::issue(tx, ctx, (id, version), &paper, IssuedText::Elsewhere)
                })
            }
            Deed::Arrive | Deed::Report => self.report(deed, who, id, of),
            Deed::NoShow => {
                let nobody = no_show(of);
                self.on(who, id, move |tx, ctx, id, version| course::report(tx, ctx, id, version, &nobody))
            }
            Deed::Close => self
                .on(who, id, |tx, ctx, id, version| course::close(tx, ctx, id, version, &Closing::default())),
            Deed::Cancel => {
                self.on(who, id, move |tx, ctx, id, version| course::cancel(tx, ctx, id, version, &why))
            }
            Deed::Revoke => {
                self.on(who, id, move |tx, ctx, id, version| course::revoke(tx, ctx, id, version, &why))
            }
            Deed::Duplicate => {
                let original = self
                    .data
                    .delegations
                    .iter()
                    .position(|other| Some(&other.key) == of.duplicate_of.as_ref());
                let original = original.and_then(|no| self.dossiers.get(&no)).ok_or(StoreError::NotFound)?;
                let other = DuplicateOf { of: original.to_string() };
                self.on(who, id, move |tx, ctx, id, version| course::duplicate(tx, ctx, id, version, &other))
            }
        }
    }

    fn reception(&mut self) -> Reception {
        let year = day_in_vietnam(self.clock.now()).year();
        let number = self.incoming.entry(year).or_default();
        *number += 1;
        Reception { number: format!("{number:02}"), at: None }
    }

    fn decision(&self, deed: Deed, of: &Delegation) -> NewDecision {
        let words = &self.data.words;
        let (decision, comment) = match deed {
            Deed::Endorse => (Verdict::Approve, &words.endorse),
            Deed::Return => (Verdict::Return, &of.reason),
            Deed::Reject => (Verdict::Reject, &of.reason),
            Deed::Appraise if of.direction == Direction::Inbound => {
                (Verdict::Approve, &words.appraise_inbound)
            }
            Deed::Appraise => (Verdict::Approve, &words.appraise_outbound),
            _ => (Verdict::Approve, &words.approve),
        };
        // It lapses on the day after the supplement was due.
        let due_on =
            of.ended_on.filter(|_| deed == Deed::Return).map(|day| day.from(self.start) - TimeDelta::days(1));
        let forms = of.issued.as_ref().filter(|_| deed == Deed::Approve).map(|paper| paper.forms.clone());
        NewDecision {
            comment: comment.clone(),
            due_on,
            forms: forms.unwrap_or_default(),
            ..NewDecision::new(decision)
        }
    }

    /// The whole report, or the arrival alone.
    fn report(&self, deed: Deed, who: AccountId, id: DossierId, of: &Delegation) -> Result<(), Error> {
        let of = of.clone();
        self.on(who, id, move |tx, ctx, id, version| {
            let listed = members::list(tx, ctx, id)?;
            let mut visit = visit(&of, &listed);
            if deed == Deed::Arrive {
                visit.actual_departs_on = None;
            }
            course::report(tx, ctx, id, version, &visit)
        })
    }

    /// Does a command on a dossier, in the version that it has now.
    fn on(
        &self,
        who: AccountId,
        id: DossierId,
        deed: impl Fn(&mut WriteTx<'_>, &Context, DossierId, i64) -> Done<DossierId> + Send + 'static,
    ) -> Result<(), Error> {
        let done = self.as_(who, move |tx, ctx| {
            let version = version_of(tx, id)?;
            deed(tx, ctx, id, version)
        });
        done.map(|_id| ())
    }

    /// Does a command as somebody, with the rights that he or she has at that moment.
    fn as_<T: Send + 'static>(
        &self,
        who: AccountId,
        deed: impl Fn(&mut WriteTx<'_>, &Context) -> Done<T> + Send + 'static,
    ) -> Result<T, Error> {
        let settings = Arc::clone(&self.settings);
        self.jobs.store.write_blocking(move |tx| {
            let actor = accounts::actor_of_account(tx, who)?.ok_or(Refusal::Unauthorised)?;
            deed(tx, &Context { actor, settings: Arc::clone(&settings) })
        })
    }
}

fn version_of(tx: &mut WriteTx<'_>, id: DossierId) -> Result<i64, Error> {
    Ok(dossiers::load_any(tx, id)?.ok_or(StoreError::NotFound)?.dossier.version)
}

fn no_show(of: &Delegation) -> VisitReport {
    VisitReport {
        actual_arrives_on: None,
        actual_departs_on: None,
        no_show: true,
        unpermitted: false,
        members: Vec::new(),
        added: Vec::new(),
        groups: Vec::new(),
        results: of.reason.clone(),
    }
}
