//! To what a rule or a step applies: plain conditions over facts, all of which must hold. There is no language
//! here: a condition is a list of words, of which one must be true, or a yes or no. What is not known is answered
//! with the fact that is missing, never with a guess.

use serde::{Deserialize, Serialize};

use super::facts::Facts;
use crate::domain::approval::OrganisationKind;
use crate::domain::codes::{
    Channel, Direction, GuestKind, HeadLevel, ManagedBy, Origin, PassportType, PlanStatus, Rank, Zone,
};

/// The answer of a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applies {
    /// It holds.
    Yes,
    /// It does not.
    No,
    /// It hangs on this fact, which is unknown.
    Unknown(&'static str),
}

impl Applies {
    fn when(known: Option<bool>, fact: &'static str) -> Self {
        match known {
            Some(true) => Self::Yes,
            Some(false) => Self::No,
            None => Self::Unknown(fact),
        }
    }

    /// Both must hold: one "no" decides, whatever is unknown.
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::No, _) | (_, Self::No) => Self::No,
            (Self::Unknown(fact), _) | (_, Self::Unknown(fact)) => Self::Unknown(fact),
            (Self::Yes, Self::Yes) => Self::Yes,
        }
    }

    /// One must hold: one "yes" decides, whatever is unknown.
    pub(super) fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Yes, _) | (_, Self::Yes) => Self::Yes,
            (Self::Unknown(fact), _) | (_, Self::Unknown(fact)) => Self::Unknown(fact),
            (Self::No, Self::No) => Self::No,
        }
    }
}

/// Conditions. An absent one holds always.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Matcher {
    /// It travels this way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub direction: Option<Direction>,
    /// It came here in one of these ways.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub origins: Vec<Origin>,
    /// It changes what was permitted already.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amends: Option<bool>,
    /// One of these kinds of organisations files it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub owner_kinds: Vec<OrganisationKind>,
    /// Some of these kinds of guests come.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub guest_kinds: Vec<GuestKind>,
    /// The rank is one of these.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ranks: Vec<Rank>,
    /// The channel is one of these.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub channels: Vec<Channel>,
    /// Some of these countries are concerned.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub countries: Vec<String>,
    /// Some item of the programme lies in one of these zones.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub zones: Vec<Zone>,
    /// It stands so to the annual plan.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub plan: Vec<PlanStatus>,
    /// The head of an outbound delegation is of such a level.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub head_levels: Vec<HeadLevel>,
    /// Some traveller is managed by one of these.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub managed_by: Vec<ManagedBy>,
    /// Some traveller uses such a passport.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub passport_types: Vec<PassportType>,
    /// Some traveller is a member of the Party.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub party_members: Option<bool>,
    /// The topic is politically sensitive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sensitive: Option<bool>,
    /// Reporters come.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub press: Option<bool>,
    /// Reporters come of whom the permit in force does not know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub press_new: Option<bool>,
    /// A press conference is held.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub press_conference: Option<bool>,
    /// Somebody needs a visa.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visa_needed: Option<bool>,
    /// The host sponsors visas.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sponsored: Option<bool>,
    /// It cannot wait.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub urgent: Option<bool>,
    /// Somebody stays a night.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overnight: Option<bool>,
    /// Something is stated of who pays.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub funding_stated: Option<bool>,
    /// It is a training course.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub training: Option<bool>,
    /// One of these alternatives holds besides.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub any: Vec<Matcher>,
}

/// What a condition says: its fact's name and its answer. `None` where the condition is absent.
type Condition = fn(&Matcher, &Facts) -> Option<Applies>;

/// Every condition: one line each, and the only place where its fact is looked up.
const CONDITIONS: &[(&str, Condition)] = &[
    ("direction", |m, f| m.direction.map(|wanted| Applies::when(Some(wanted == f.direction), "direction"))),
    ("origin", |m, f| among(&m.origins, Some(&f.origin), "origin")),
    ("amends", |m, f| same(m.amends, Some(f.amends), "amends")),
    ("owner_kind", |m, f| among(&m.owner_kinds, f.owner_kind.as_ref(), "owner_kind")),
    ("guest_kinds", |m, f| some_of(&m.guest_kinds, &f.guest_kinds, "guest_kinds")),
    ("rank", |m, f| among(&m.ranks, f.rank.as_ref(), "rank")),
    ("channel", |m, f| among(&m.channels, f.channel.as_ref(), "channel")),
    ("countries", |m, f| some_of(&m.countries, &f.countries, "countries")),
    ("programme", |m, f| {
        let found = || f.programme.iter().any(|item| m.zones.contains(&item.zone));
        listed(&m.zones, f.programme.is_empty(), found, "programme")
    }),
    ("plan", |m, f| among(&m.plan, f.plan.as_ref(), "plan")),
    ("head_level", |m, f| among(&m.head_levels, f.head_level.as_ref(), "head_level")),
    ("travellers", |m, f| {
        let known = |wanted: &[ManagedBy]| {
            some_traveller(f, |one| one.managed_by.map(|managed| wanted.contains(&managed)))
        };
        (!m.managed_by.is_empty()).then(|| Applies::when(known(&m.managed_by), "managed_by"))
    }),
    ("travellers", |m, f| {
        let known = |wanted: &[PassportType]| {
            some_traveller(f, |one| one.passport_type.map(|kind| wanted.contains(&kind)))
        };
        (!m.passport_types.is_empty()).then(|| Applies::when(known(&m.passport_types), "passport_type"))
    }),
    ("travellers", |m, f| same(m.party_members, some_traveller(f, |one| one.party_member), "party_member")),
    ("sensitive", |m, f| same(m.sensitive, f.sensitive, "sensitive")),
    ("press", |m, f| same(m.press, f.press, "press")),
    ("press", |m, f| same(m.press_new, f.press_new(), "press")),
    ("programme", |m, f| {
        let held = (!f.programme.is_empty()).then(|| f.programme.iter().any(|item| item.press_conference));
        same(m.press_conference, held, "programme")
    }),
    ("visa_needed", |m, f| same(m.visa_needed, f.visa_needed, "visa_needed")),
    ("sponsored", |m, f| same(m.sponsored, f.sponsored, "sponsored")),
    ("urgent", |m, f| same(m.urgent, f.urgent, "urgent")),
    ("departs_on", |m, f| same(m.overnight, f.overnight(), "departs_on")),
    ("funding", |m, f| same(m.funding_stated, Some(!f.funding.is_empty()), "funding")),
    ("training", |m, f| same(m.training, f.training, "training")),
];

fn listed<T>(
    wanted: &[T],
    unknown: bool,
    found: impl FnOnce() -> bool,
    fact: &'static str,
) -> Option<Applies> {
    (!wanted.is_empty()).then(|| Applies::when((!unknown).then(found), fact))
}

fn among<T: PartialEq>(wanted: &[T], known: Option<&T>, fact: &'static str) -> Option<Applies> {
    listed(wanted, known.is_none(), || known.is_some_and(|known| wanted.contains(known)), fact)
}

fn some_of<T: PartialEq>(wanted: &[T], known: &[T], fact: &'static str) -> Option<Applies> {
    listed(wanted, known.is_empty(), || known.iter().any(|one| wanted.contains(one)), fact)
}

fn same(wanted: Option<bool>, known: Option<bool>, fact: &'static str) -> Option<Applies> {
    wanted.map(|wanted| Applies::when(known.map(|known| known == wanted), fact))
}

/// Whether this is true of some traveller: a "yes" decides, else one unknown leaves it open.
fn some_traveller(facts: &Facts, is: impl Fn(&super::facts::TravellerFact) -> Option<bool>) -> Option<bool> {
    let mut all = facts.travellers.iter().map(is).peekable();
    all.peek()?;
    let mut open = false;
    for one in all {
        match one {
            Some(true) => return Some(true),
            Some(false) => {}
            None => open = true,
        }
    }
    (!open).then_some(false)
}

impl Matcher {
    /// Whether it holds of these facts.
    #[must_use]
    pub fn applies(&self, facts: &Facts) -> Applies {
        let mut own = Applies::Yes;
        for (_, condition) in CONDITIONS {
            own = own.and(condition(self, facts).unwrap_or(Applies::Yes));
            if own == Applies::No {
                return own;
            }
        }
        if self.any.is_empty() {
            return own;
        }
        own.and(self.any.iter().map(|one| one.applies(facts)).fold(Applies::No, Applies::or))
    }

    /// Every unknown fact on which it hangs; nothing where it is decided.
    #[must_use]
    pub fn open(&self, facts: &Facts) -> Vec<&'static str> {
        if !matches!(self.applies(facts), Applies::Unknown(_)) {
            return Vec::new();
        }
        let own = CONDITIONS.iter().filter_map(|(_, condition)| match condition(self, facts)? {
            Applies::Unknown(fact) => Some(fact),
            Applies::Yes | Applies::No => None,
        });
        own.chain(self.any.iter().flat_map(|one| one.open(facts))).collect()
    }

    /// The facts that its conditions ask for.
    #[must_use]
    pub fn facts(&self) -> Vec<&'static str> {
        let nothing = Facts::unknown(Direction::Inbound);
        let asked = CONDITIONS.iter().filter(|(_, condition)| condition(self, &nothing).is_some());
        let mut names: Vec<&'static str> = asked.map(|(name, _)| *name).collect();
        names.extend(self.any.iter().flat_map(Self::facts));
        names
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matcher(text: &str) -> Matcher {
        toml::from_str(text).unwrap()
    }

    #[test]
    fn what_is_unknown_is_named_unless_something_else_decides() {
        let high =
            matcher("direction = \"inbound\"\nany = [{ ranks = [\"a\", \"b\"] }, { sensitive = true }]");
        let mut facts = Facts::unknown(Direction::Inbound);
        assert_eq!(high.applies(&facts), Applies::Unknown("rank"));
        facts.rank = Some(Rank::C);
        assert_eq!(high.applies(&facts), Applies::Unknown("sensitive"));
        facts.sensitive = Some(false);
        assert_eq!(high.applies(&facts), Applies::No);
        facts.rank = Some(Rank::B);
        facts.sensitive = None;
        assert_eq!(high.applies(&facts), Applies::Yes);
        facts.direction = Direction::Outbound;
        assert_eq!(high.applies(&facts), Applies::No, "the other direction decides, whatever is unknown");
        assert_eq!(high.facts(), ["direction", "rank", "sensitive"]);
    }

    #[test]
    fn an_empty_matcher_holds_always() {
        assert_eq!(Matcher::default().applies(&Facts::unknown(Direction::Outbound)), Applies::Yes);
    }

    #[test]
    fn one_traveller_of_whom_nothing_is_known_leaves_it_open() {
        let party = matcher("managed_by = [\"thanh_uy\"]");
        let mut facts = Facts::unknown(Direction::Outbound);
        assert_eq!(party.applies(&facts), Applies::Unknown("managed_by"));
        let one = |managed_by| super::super::facts::TravellerFact { managed_by, ..Default::default() };
        facts.travellers = vec![one(Some(ManagedBy::Pc)), one(None)];
        assert_eq!(party.applies(&facts), Applies::Unknown("managed_by"));
        facts.travellers.push(one(Some(ManagedBy::ThanhUy)));
        assert_eq!(party.applies(&facts), Applies::Yes);
    }

    #[test]
    fn an_unknown_condition_is_refused_by_name() {
        let fault = toml::from_str::<Matcher>("rank = \"a\"").unwrap_err().to_string();
        assert!(fault.contains("rank"), "{fault}");
    }
}
