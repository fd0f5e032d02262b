//! Statements of one request that must agree: each mismatch is one row with the fields that it is about and the values
//! that do not fit. Words are made of it elsewhere.

use chrono::{Months, NaiveDate};

use super::facts::{Facts, FundingFact, StayFact, TravellerFact};
use super::model::Check;
use crate::domain::codes::{Direction, HeadLevel, Leadership, Payer, codes};

codes! {
    /// What does not fit.
    MismatchKind {
        /// `letter` persons in the letter, `list` in the list.
        LetterPeople = "letter_people",
        /// Item `no` of the programme is on `day`, outside `first` to `last`.
        ItemOutside = "item_outside",
        /// Stay `no` is from `from` to `to`, outside `first` to `last`.
        StayOutside = "stay_outside",
        /// Line `no` of the cost is `amount`, but `persons` x `days` x `rate` is `product`.
        CostProduct = "cost_product",
        /// Line `no` of the cost is for `persons`, the list has `people`.
        CostPersons = "cost_persons",
        /// All lines of the cost are for `persons`, the list has `people`.
        CostUncovered = "cost_uncovered",
        /// Line `no` of the cost is for `days`, the trip has `trip`.
        CostDays = "cost_days",
        /// The passport of member `no` ends on `expires`, before `needed`.
        PassportShort = "passport_short",
        /// Member `no` is in the delegations `others` at the same time.
        Overlap = "overlap",
        /// `people` travel, at most `most` may.
        PartyTooLarge = "party_too_large",
        /// `days` in `country`, at most `most`.
        CountryTooLong = "country_too_long",
        /// `countries`, at most `most`.
        TooManyCountries = "too_many_countries",
        /// `days` in all, at most `most`.
        TripTooLong = "trip_too_long",
        /// Trip number `trips` of member `no` in the year, at most `most`.
        TooManyTrips = "too_many_trips",
        /// Member `head` leads the unit in which member `deputy` is a deputy.
        LeadersTogether = "leaders_together",
        /// Line `no` of the cost is paid by one who may not.
        ForbiddenPayer = "forbidden_payer",
    }
}

/// A value that does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A number; places in lists count from 1.
    Number(u64),
    /// A day.
    Day(NaiveDate),
    /// An amount, in minor units of the currency.
    Money(i64, String),
    /// A country, ISO 3166-1 alpha-2.
    Country(String),
    /// Delegations: official numbers, `confidential`, `elsewhere`.
    Delegations(Vec<String>),
}

/// One mismatch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// What does not fit.
    pub kind: MismatchKind,
    /// The fields that it is about, as JSON pointers.
    pub fields: Vec<String>,
    /// Its values by name.
    pub values: Vec<(&'static str, Value)>,
}

/// What a comparison found.
#[derive(Debug, Default)]
pub(super) struct Compared {
    /// What does not fit.
    pub misfits: Vec<Mismatch>,
    /// A fact that is unknown and that could tell more.
    pub open: Option<&'static str>,
}

impl Compared {
    /// A comparison that cannot begin: this fact is unknown.
    fn open(fact: &'static str) -> Self {
        Self { open: Some(fact), ..Self::default() }
    }

    fn misfit<const F: usize, const V: usize>(
        &mut self,
        kind: MismatchKind,
        fields: [String; F],
        values: [(&'static str, Value); V],
    ) {
        self.misfits.push(Mismatch { kind, fields: fields.into(), values: values.into() });
    }
}

fn number(n: impl Into<u64>) -> Value {
    Value::Number(n.into())
}

/// A place in a list, counted from 1.
fn place(index: usize) -> Value {
    Value::Number(u64::try_from(index).unwrap_or(u64::MAX).saturating_add(1))
}

fn row(list: &str, index: usize) -> String {
    format!("/{list}/{index}")
}

fn days(from: NaiveDate, to: NaiveDate) -> u32 {
    u32::try_from((to - from).num_days() + 1).unwrap_or_default()
}

/// The fields that state the first and the last day.
fn ends(facts: &Facts) -> [&'static str; 2] {
    match facts.direction {
        Direction::Inbound => ["arrives_on", "departs_on"],
        Direction::Outbound => ["leaves_vn_on", "enters_vn_on"],
    }
}

/// First and last day, or the name of the one that is unknown.
fn span(facts: &Facts) -> Result<(NaiveDate, NaiveDate), &'static str> {
    let [first, last] = ends(facts);
    Ok((facts.event_day().ok_or(first)?, facts.last_day().ok_or(last)?))
}

/// Runs a check.
pub(super) fn check(facts: &Facts, check: Check) -> Compared {
    match check {
        Check::LetterPeople => letter(facts),
        Check::ProgrammeDays => programme(facts),
        Check::StayDays => stays(facts),
        Check::Cost => cost(facts),
        Check::CostPeople => cost_people(facts),
        Check::CostDays => cost_days(facts),
        Check::Passports => passports(facts),
        Check::Overlaps => overlaps(facts),
    }
}

/// The facts that a check looks at.
pub(super) fn facts_of(check: Check) -> Vec<&'static str> {
    match check {
        Check::LetterPeople => vec!["people_in_letter", "people"],
        Check::ProgrammeDays => vec!["programme", "arrives_on", "departs_on"],
        Check::StayDays => vec!["stays", "leaves_vn_on", "enters_vn_on"],
        Check::Cost => vec!["funding"],
        Check::CostPeople => vec!["funding", "people"],
        Check::CostDays => vec!["funding", "leaves_vn_on", "enters_vn_on"],
        Check::Passports => vec!["travellers", "departs_on"],
        Check::Overlaps => vec!["travellers"],
    }
}

fn letter(facts: &Facts) -> Compared {
    let Some(letter) = facts.people_in_letter else { return Compared::open("people_in_letter") };
    let Some(people) = facts.people else { return Compared::open("people") };
    let mut found = Compared::default();
    if letter != people {
        let fields = ["/request_letter/people".to_owned(), "/members".to_owned()];
        let values = [("letter", number(letter)), ("list", number(people))];
        found.misfit(MismatchKind::LetterPeople, fields, values);
    }
    found
}

fn programme(facts: &Facts) -> Compared {
    if facts.programme.is_empty() {
        return Compared::open("programme");
    }
    let (first, last) = match span(facts) {
        Ok(span) => span,
        Err(fact) => return Compared::open(fact),
    };
    let mut found = Compared::default();
    for (index, item) in facts.programme.iter().enumerate() {
        let day = item.starts_at.date();
        if !(first..=last).contains(&day) {
            let [from, to] = ends(facts).map(|field| format!("/{field}"));
            let values = [
                ("no", place(index)),
                ("day", Value::Day(day)),
                ("first", Value::Day(first)),
                ("last", Value::Day(last)),
            ];
            found.misfit(MismatchKind::ItemOutside, [row("programme", index), from, to], values);
        }
    }
    found
}

fn stays(facts: &Facts) -> Compared {
    if facts.stays.is_empty() {
        return Compared::open("stays");
    }
    let Some(first) = facts.leaves_vn_on else { return Compared::open("leaves_vn_on") };
    let Some(last) = facts.enters_vn_on else { return Compared::open("enters_vn_on") };
    let mut found = Compared::default();
    for (index, stay) in facts.stays.iter().enumerate() {
        if stay.from < first || last < stay.to {
            let fields = [row("stays", index), "/leaves_vn_on".to_owned(), "/enters_vn_on".to_owned()];
            let values = [
                ("no", place(index)),
                ("from", Value::Day(stay.from)),
                ("to", Value::Day(stay.to)),
                ("first", Value::Day(first)),
                ("last", Value::Day(last)),
            ];
            found.misfit(MismatchKind::StayOutside, fields, values);
        }
    }
    found
}

/// Each line of the cost, in turn; `None` says that the line does not tell.
fn lines(facts: &Facts, look: impl Fn(&mut Compared, usize, &FundingFact) -> Option<()>) -> Compared {
    if facts.funding.is_empty() {
        return Compared::open("funding");
    }
    let mut found = Compared::default();
    for (index, line) in facts.funding.iter().enumerate() {
        if look(&mut found, index, line).is_none() {
            found.open = Some("funding");
        }
    }
    found
}

fn cost(facts: &Facts) -> Compared {
    lines(facts, |found, index, line| {
        let (persons, days, rate) = (line.persons?, line.days?, line.rate?);
        let product = rate.saturating_mul(persons.into()).saturating_mul(days.into());
        if product != line.amount {
            let money = |minor: i64| Value::Money(minor, line.currency.clone());
            let values = [
                ("no", place(index)),
                ("amount", money(line.amount)),
                ("persons", number(persons)),
                ("days", number(days)),
                ("rate", money(rate)),
                ("product", money(product)),
            ];
            found.misfit(MismatchKind::CostProduct, [row("funding", index)], values);
        }
        Some(())
    })
}

/// No line is for more persons than travel, and all lines together are for as many.
fn cost_people(facts: &Facts) -> Compared {
    let Some(people) = facts.people else { return Compared::open("people") };
    let members = || "/members".to_owned();
    let mut found = lines(facts, |found, index, line| {
        let persons = line.persons?;
        if persons > people {
            let values = [("no", place(index)), ("persons", number(persons)), ("people", number(people))];
            found.misfit(MismatchKind::CostPersons, [row("funding", index), members()], values);
        }
        Some(())
    });
    let all = facts.funding.iter().filter_map(|line| line.persons).fold(0, u32::saturating_add);
    // Guests may pay for themselves; who is sent is paid for by somebody.
    let sent = facts.direction == Direction::Outbound;
    if sent && found.open.is_none() && all < people {
        let values = [("persons", number(all)), ("people", number(people))];
        found.misfit(MismatchKind::CostUncovered, ["/funding".to_owned(), members()], values);
    }
    found
}

fn cost_days(facts: &Facts) -> Compared {
    let trip = match span(facts) {
        Ok((first, last)) => days(first, last),
        Err(fact) => return Compared::open(fact),
    };
    let [first, last] = ends(facts);
    lines(facts, |found, index, line| {
        let days = line.days?;
        if days > trip {
            let fields = [row("funding", index), format!("/{first}"), format!("/{last}")];
            let values = [("no", place(index)), ("days", number(days)), ("trip", number(trip))];
            found.misfit(MismatchKind::CostDays, fields, values);
        }
        Some(())
    })
}

/// Each traveller, in turn; `None` says that nothing is known of this one.
fn travellers(
    facts: &Facts,
    fact: &'static str,
    look: impl Fn(&mut Compared, usize, &TravellerFact) -> Option<()>,
) -> Compared {
    if facts.travellers.is_empty() {
        return Compared::open("travellers");
    }
    let mut found = Compared::default();
    for (index, one) in facts.travellers.iter().enumerate() {
        if look(&mut found, index, one).is_none() {
            found.open = Some(fact);
        }
    }
    found
}

/// Valid for six months after the last day.
fn passports(facts: &Facts) -> Compared {
    let Some(last) = facts.last_day() else { return Compared::open("departs_on") };
    travellers(facts, "passport_expires_on", |found, index, one| {
        let (expires, needed) = (one.passport_expires_on?, last.checked_add_months(Months::new(6))?);
        if expires < needed {
            let values =
                [("no", place(index)), ("expires", Value::Day(expires)), ("needed", Value::Day(needed))];
            found.misfit(MismatchKind::PassportShort, [row("members", index)], values);
        }
        Some(())
    })
}

fn overlaps(facts: &Facts) -> Compared {
    travellers(facts, "overlaps", |found, index, one| {
        let others = one.overlaps.as_ref()?;
        if !others.is_empty() {
            let values = [("no", place(index)), ("others", Value::Delegations(others.clone()))];
            found.misfit(MismatchKind::Overlap, [row("members", index)], values);
        }
        Some(())
    })
}

/// At most so many people, by the level of the head.
pub(super) fn party(facts: &Facts, most: impl Fn(HeadLevel) -> Option<u32>) -> Compared {
    let Some(level) = facts.head_level else { return Compared::open("head_level") };
    let Some(people) = facts.people else { return Compared::open("people") };
    let mut found = Compared::default();
    if let Some(most) = most(level).filter(|most| people > *most) {
        let values = [("people", number(people)), ("most", number(most))];
        found.misfit(MismatchKind::PartyTooLarge, ["/members".to_owned()], values);
    }
    found
}

/// At most so many days in a country, so many countries and so many days in all.
pub(super) fn trip(facts: &Facts, per_country: u32, countries: u32, total: u32) -> Compared {
    let mut found = Compared::default();
    if facts.stays.is_empty() {
        found.open = Some("stays");
    }
    let stays = || "/stays".to_owned();
    let mut visited = 0_u32;
    for (index, stay) in facts.stays.iter().enumerate() {
        let same = |other: &&StayFact| other.country == stay.country;
        if facts.stays.iter().take(index).any(|before| same(&before)) {
            continue;
        }
        visited += 1;
        let there = facts.stays.iter().filter(same).map(|stay| days(stay.from, stay.to));
        let there = there.fold(0, u32::saturating_add);
        if there > per_country {
            let values = [
                ("country", Value::Country(stay.country.clone())),
                ("days", number(there)),
                ("most", number(per_country)),
            ];
            found.misfit(MismatchKind::CountryTooLong, [row("stays", index)], values);
        }
    }
    if visited > countries {
        let values = [("countries", number(visited)), ("most", number(countries))];
        found.misfit(MismatchKind::TooManyCountries, [stays()], values);
    }
    match facts.leaves_vn_on.zip(facts.enters_vn_on).map(|(from, to)| days(from, to)) {
        None => found.open = Some("leaves_vn_on"),
        Some(whole) if whole > total => {
            let fields = ["/leaves_vn_on".to_owned(), "/enters_vn_on".to_owned()];
            let values = [("days", number(whole)), ("most", number(total))];
            found.misfit(MismatchKind::TripTooLong, fields, values);
        }
        Some(_) => {}
    }
    found
}

/// At most so many official trips of one person in a year, this one included.
pub(super) fn trips_a_year(facts: &Facts, most: u32) -> Compared {
    travellers(facts, "trips_this_year", |found, index, one| {
        let trips = one.trips_this_year?.saturating_add(1);
        if trips > most {
            let values = [("no", place(index)), ("trips", number(trips)), ("most", number(most))];
            found.misfit(MismatchKind::TooManyTrips, [row("members", index)], values);
        }
        Some(())
    })
}

/// Head and deputy of one unit do not travel together.
pub(super) fn leaders(facts: &Facts) -> Compared {
    let placed: Vec<_> = facts.travellers.iter().enumerate().collect();
    let is = |wanted: Leadership| move |(_, one): &&(usize, &TravellerFact)| one.leadership == Some(wanted);
    if let [_alone] = placed.as_slice() {
        return Compared::default();
    }
    let mut found = travellers(facts, "leadership", |_, _, one| one.leadership.map(|_known| ()));
    for (head, leader) in placed.iter().filter(is(Leadership::Head)) {
        let below = placed.iter().filter(is(Leadership::Deputy)).filter(|(_, one)| one.unit == leader.unit);
        for (deputy, _) in below {
            let values = [("head", place(*head)), ("deputy", place(*deputy))];
            let fields = [row("members", *head), row("members", *deputy)];
            found.misfit(MismatchKind::LeadersTogether, fields, values);
        }
    }
    found
}

/// None of these pays.
pub(super) fn payers(facts: &Facts, forbidden: &[Payer]) -> Compared {
    lines(facts, |found, index, line| {
        if forbidden.contains(&line.payer) {
            let values = [("no", place(index))];
            found.misfit(MismatchKind::ForbiddenPayer, [row("funding", index)], values);
        }
        Some(())
    })
}
