//! The overview: which rows it has, as data, and how each is added up over the five ranges of its columns.

use std::collections::{BTreeMap, BTreeSet};

use super::form::{Behind, OverviewRow};
use super::period::{Period, Range, Window};
use super::seen::{Ctx, Seen};
use super::words::{Spoken, pick, unknown};
use crate::domain::codes::{Direction, Lang, Origin, Outcome};
use crate::domain::dossier::State;
use crate::domain::ids::{DossierId, PersonId};
use crate::domain::text;

/// How a line of the main part is found.
enum Figure {
    /// The sum of what each dossier of the range adds.
    Sum(fn(&Seen<'_>) -> u64),
    /// Different persons among the visits, unnamed guests one by one.
    DistinctPersons,
}

struct Line {
    id: &'static str,
    vi: &'static str,
    en: &'static str,
    figure: Figure,
}

const LINES: [Line; 12] = [
    Line { id: "inbound_delegations", vi: "Đoàn vào", en: "Delegations in", figure: Figure::Sum(inbound) },
    Line { id: "visits", vi: "Lượt khách", en: "Visits", figure: Figure::Sum(visits) },
    Line {
        id: "distinct_persons",
        vi: "Số người khác nhau",
        en: "Distinct persons",
        figure: Figure::DistinctPersons,
    },
    Line {
        id: "permitted",
        vi: "Theo phép (đoàn)",
        en: "Permitted (delegations)",
        figure: Figure::Sum(permitted),
    },
    Line {
        id: "permitted_guests",
        vi: "Theo phép (khách)",
        en: "Permitted (guests)",
        figure: Figure::Sum(|seen| permitted(seen) * seen.heads.permitted),
    },
    Line {
        id: "actual", vi: "Thực tế (đoàn)", en: "Actual (delegations)", figure: Figure::Sum(inbound)
    },
    Line {
        id: "cancelled",
        vi: "Hủy",
        en: "Cancelled",
        figure: Figure::Sum(|seen| fate(seen, seen.fact.state == State::Cancelled && !seen.confirmed())),
    },
    Line {
        id: "no_show",
        vi: "Không đến",
        en: "No-show",
        figure: Figure::Sum(|seen| fate(seen, seen.fact.outcome == Some(Outcome::NoShow))),
    },
    Line {
        id: "revoked",
        vi: "Thu hồi",
        en: "Revoked",
        figure: Figure::Sum(|seen| fate(seen, seen.fact.state == State::Revoked)),
    },
    Line {
        id: "after_the_fact",
        vi: "Đón trước báo sau",
        en: "Registered after the visit",
        figure: Figure::Sum(|seen| inbound(seen) * u64::from(seen.fact.origin == Origin::AfterTheFact)),
    },
    Line {
        id: "outbound_delegations", vi: "Đoàn ra", en: "Delegations out", figure: Figure::Sum(outbound)
    },
    Line {
        id: "outbound_people",
        vi: "Người đi trong các đoàn ra",
        en: "People in delegations out",
        figure: Figure::Sum(|seen| outbound(seen) * (seen.heads.in_decision + seen.heads.outside_decision)),
    },
];

fn inbound(seen: &Seen<'_>) -> u64 {
    u64::from(seen.counts(Direction::Inbound).is_some())
}

fn outbound(seen: &Seen<'_>) -> u64 {
    u64::from(seen.counts(Direction::Outbound).is_some())
}

fn visits(seen: &Seen<'_>) -> u64 {
    inbound(seen) * seen.heads.visits()
}

/// An inbound dossier of its own, whatever became of it.
fn fate(seen: &Seen<'_>, met: bool) -> u64 {
    let fact = seen.fact;
    let repeats = fact.outcome == Some(Outcome::Duplicate) || fact.duplicate_of.is_some();
    u64::from(met && fact.direction == Direction::Inbound && !repeats && !fact.handled_offline)
}

fn permitted(seen: &Seen<'_>) -> u64 {
    fate(seen, seen.fact.permitted)
}

/// The heading under which a part of a figure stands.
#[derive(Debug, Clone)]
pub(super) struct Key {
    pub id: String,
    pub order: String,
    pub text: String,
}

/// A part of the overview that splits a line of the main part.
pub(super) struct Group {
    pub id: &'static str,
    vi: &'static str,
    en: &'static str,
    /// The line that its rows sum to in every column; `None` where they may exceed it, and the label says so.
    pub total: Option<&'static str>,
    split: fn(&Ctx<'_>, &Seen<'_>) -> Vec<(Key, u64)>,
}

const DELEGATIONS: Option<&str> = Some("inbound_delegations");
const VISITS: Option<&str> = Some("visits");

#[rustfmt::skip] // a table
pub(super) const GROUPS: [Group; 10] = [
    Group { id: "nationality", vi: "Theo quốc tịch (lượt khách)", en: "By nationality (visits)", total: VISITS, split: nationalities },
    Group { id: "rank", vi: "Theo hạng (đoàn)", en: "By rank (delegations)", total: DELEGATIONS, split: |c, s| vec![(rank(c, s), inbound(s))] },
    Group { id: "rank_visits", vi: "Theo hạng (lượt khách)", en: "By rank (visits)", total: VISITS, split: |c, s| vec![(rank(c, s), visits(s))] },
    Group { id: "field", vi: "Theo lĩnh vực (đoàn)", en: "By field (delegations)", total: DELEGATIONS, split: |c, s| vec![(field(c, s), inbound(s))] },
    Group { id: "field_visits", vi: "Theo lĩnh vực (lượt khách)", en: "By field (visits)", total: VISITS, split: |c, s| vec![(field(c, s), visits(s))] },
    Group { id: "lead_host", vi: "Theo đơn vị chủ trì đón (đoàn)", en: "By lead host (delegations)", total: DELEGATIONS, split: |c, s| vec![(host(c, s), inbound(s))] },
    Group { id: "lead_host_visits", vi: "Theo đơn vị chủ trì đón (lượt khách)", en: "By lead host (visits)", total: VISITS, split: |c, s| vec![(host(c, s), visits(s))] },
    Group { id: "channel", vi: "Theo kênh (đoàn)", en: "By channel (delegations)", total: DELEGATIONS, split: |c, s| vec![(channel(c, s), inbound(s))] },
    Group { id: "channel_visits", vi: "Theo kênh (lượt khách)", en: "By channel (visits)", total: VISITS, split: |c, s| vec![(channel(c, s), visits(s))] },
    Group {
        id: "outbound_country",
        vi: "Đoàn ra theo nước (tổng có thể lớn hơn số đoàn)",
        en: "Delegations out by country (the sum may exceed the delegations)",
        total: None,
        split: destinations,
    },
];

fn coded<T: Spoken + PartialEq>(ctx: &Ctx<'_>, value: Option<T>) -> Key {
    let Some(value) = value else {
        return Key { id: "unknown".into(), order: "~".into(), text: unknown(ctx.lang).into() };
    };
    let place = T::ALL.iter().take_while(|word| **word != value).count();
    Key { id: value.code().into(), order: format!("{place:03}"), text: value.said(ctx.lang).into() }
}

fn rank(ctx: &Ctx<'_>, seen: &Seen<'_>) -> Key {
    coded(ctx, seen.fact.rank)
}

fn field(ctx: &Ctx<'_>, seen: &Seen<'_>) -> Key {
    coded(ctx, seen.fact.primary_field)
}

fn channel(ctx: &Ctx<'_>, seen: &Seen<'_>) -> Key {
    coded(ctx, seen.fact.channel)
}

fn host(ctx: &Ctx<'_>, seen: &Seen<'_>) -> Key {
    let unknown = || Key { id: "unknown".into(), order: "~".into(), text: unknown(ctx.lang).into() };
    seen.fact.lead_host.as_ref().map_or_else(unknown, |host| Key {
        id: host.id.to_string(),
        order: host.sort_key.clone(),
        text: host.name.clone(),
    })
}

/// A country's key, in the order of its name as the return reads; codes of three letters (stateless, unknown) come after
/// the countries.
fn nation(ctx: &Ctx<'_>, code: &str) -> Key {
    let name = ctx.country(code).text;
    let place = match (code.len() > 2, ctx.lang) {
        (true, _) => code.to_owned(),
        (false, Lang::Vi) => text::vietnamese_key(&name),
        (false, Lang::En) => text::sort_key(&name),
    };
    Key { id: code.to_owned(), order: format!("{}{place}", code.len()), text: name }
}

fn nationalities(ctx: &Ctx<'_>, seen: &Seen<'_>) -> Vec<(Key, u64)> {
    let counted = inbound(seen);
    seen.heads.list.iter().map(|visit| (nation(ctx, visit.country), counted * visit.count)).collect()
}

fn destinations(ctx: &Ctx<'_>, seen: &Seen<'_>) -> Vec<(Key, u64)> {
    let countries: BTreeSet<&str> = seen.fact.stays.iter().map(|stay| stay.country.as_str()).collect();
    countries.into_iter().map(|code| (nation(ctx, code), outbound(seen))).collect()
}

/// Different persons: who is named, once; who is not, one by one.
pub(super) fn distinct_persons<'a>(seen: impl Iterator<Item = &'a Seen<'a>>) -> u64 {
    let mut met = BTreeSet::new();
    seen.map(|one| new_persons(one, &mut met)).sum()
}

/// The persons of a counted delegation that no dossier before it had.
fn new_persons(seen: &Seen<'_>, met: &mut BTreeSet<PersonId>) -> u64 {
    let visits = seen.heads.list.iter().filter(|_| inbound(seen) > 0);
    visits
        .map(|visit| match visit.person {
            Some(person) => u64::from(met.insert(person.person_id)),
            None => visit.count,
        })
        .sum()
}

/// A figure as it is added up: the number, the dossiers behind it, and what each of them adds to it.
#[derive(Default)]
pub(super) struct Sum {
    figure: u64,
    dossiers: Vec<DossierId>,
    shares: Vec<u64>,
}

impl Sum {
    /// Adds something of a dossier; what is added of the same one in a row is one share.
    pub fn add(&mut self, id: DossierId, amount: u64) {
        self.figure += amount;
        match self.shares.last_mut().filter(|_| self.dossiers.last() == Some(&id)) {
            Some(share) => *share += amount,
            None => {
                self.dossiers.push(id);
                self.shares.push(amount);
            }
        }
    }

    /// Another number over the same dossiers, which is no sum of theirs.
    pub fn made(self, figure: u64) -> Self {
        Self { figure, shares: Vec::new(), ..self }
    }
}

/// The ranges of the five columns: this period, previous, cumulative, same last year, cumulative last year.
pub(super) fn columns(period: Period, window: Window) -> [Range; 5] {
    let last_year = period.last_year();
    [
        period.range(window),
        period.previous().range(window),
        period.cumulative(window),
        last_year.range(window),
        last_year.cumulative(window),
    ]
}

pub(super) fn within<'a>(seen: &'a [Seen<'a>], range: Range) -> impl Iterator<Item = &'a Seen<'a>> {
    seen.iter().filter(move |seen| seen.day().is_some_and(|day| range.contains(day)))
}

/// All rows: the main part, then the groups; a group shows who is there in at least one column.
pub(super) fn rows(ctx: &Ctx<'_>, seen: &[Seen<'_>], columns: [Range; 5]) -> Vec<OverviewRow> {
    let main = LINES.iter().map(|line| main_row(ctx, seen, columns, line));
    let groups = GROUPS.iter().flat_map(|group| group_rows(ctx, seen, columns, group));
    main.chain(groups).collect()
}

/// The rows of one group.
pub(super) fn section(ctx: &Ctx<'_>, seen: &[Seen<'_>], columns: [Range; 5], id: &str) -> Vec<OverviewRow> {
    let groups = GROUPS.iter().filter(|group| group.id == id);
    groups.flat_map(|group| group_rows(ctx, seen, columns, group)).collect()
}

fn main_row(ctx: &Ctx<'_>, seen: &[Seen<'_>], columns: [Range; 5], line: &Line) -> OverviewRow {
    let sums = columns.map(|range| {
        let (mut sum, mut met) = (Sum::default(), BTreeSet::new());
        for one in within(seen, range) {
            let amount = match line.figure {
                Figure::Sum(add) => Some(add(one)).filter(|amount| *amount > 0),
                Figure::DistinctPersons => (inbound(one) > 0).then(|| new_persons(one, &mut met)),
            };
            if let Some(amount) = amount {
                sum.add(one.fact.id, amount);
            }
        }
        sum
    });
    let key = Key { id: line.id.into(), order: String::new(), text: pick(ctx.lang, line.vi, line.en).into() };
    row(ctx.lang, ("main", ""), key, sums)
}

fn group_rows(ctx: &Ctx<'_>, seen: &[Seen<'_>], columns: [Range; 5], group: &Group) -> Vec<OverviewRow> {
    let mut found: BTreeMap<String, (Key, [Sum; 5])> = BTreeMap::new();
    for one in seen {
        let Some(day) = one.day() else { continue };
        for (key, amount) in (group.split)(ctx, one).into_iter().filter(|(_, amount)| *amount > 0) {
            let entry = found.entry(key.id.clone()).or_insert_with(|| (key, Default::default()));
            for (sum, range) in entry.1.iter_mut().zip(columns) {
                if range.contains(day) {
                    sum.add(one.fact.id, amount);
                }
            }
        }
    }
    let mut found: Vec<_> =
        found.into_values().filter(|(_, sums)| sums.iter().any(|sum| sum.figure > 0)).collect();
    found.sort_by(|(a, ..), (b, ..)| (&a.order, &a.id).cmp(&(&b.order, &b.id)));
    let section = (group.id, pick(ctx.lang, group.vi, group.en));
    found.into_iter().map(|(key, sums)| row(ctx.lang, section, key, sums)).collect()
}

pub(super) fn row(
    lang: Lang,
    (section, section_label): (&str, &str),
    key: Key,
    sums: [Sum; 5],
) -> OverviewRow {
    let [in_period, previous, cumulative, same_last_year, cumulative_last_year] =
        sums.each_ref().map(|sum| sum.figure);
    let (mut behind, mut shares) = (<[Vec<DossierId>; 5]>::default(), <[Vec<u64>; 5]>::default());
    for (sum, (ids, amounts)) in sums.into_iter().zip(behind.iter_mut().zip(&mut shares)) {
        (*ids, *amounts) = (sum.dossiers, sum.shares);
    }
    let [dossiers, of_previous, of_year, of_last_year, of_year_before] = behind;
    let change_permille = permille(in_period, same_last_year);
    OverviewRow {
        section: section.to_owned(),
        section_label: section_label.to_owned(),
        id: key.id,
        label: key.text,
        in_period,
        previous,
        cumulative,
        same_last_year,
        cumulative_last_year,
        change: change_permille.map_or_else(|| "-".to_owned(), |permille| change_text(lang, permille)),
        change_permille,
        dossiers,
        behind: Behind {
            previous: of_previous,
            cumulative: of_year,
            same_last_year: of_last_year,
            cumulative_last_year: of_year_before,
        },
        shares,
    }
}

/// The change in thousandths of the base, rounded half away from zero; none on a zero base.
fn permille(now: u64, base: u64) -> Option<i64> {
    let size = i128::from(now.abs_diff(base)) * 2000 + i128::from(base);
    let rounded = i64::try_from(size.checked_div(i128::from(base) * 2)?).ok()?;
    Some(if now < base { -rounded } else { rounded })
}

/// "tăng 12,5%", "giảm 4%": in words, because a sign at the beginning reads as a formula in a spreadsheet.
fn change_text(lang: Lang, permille: i64) -> String {
    let (size, point) = (permille.unsigned_abs(), pick(lang, ",", "."));
    let number = match size % 10 {
        0 => format!("{}%", size / 10),
        tenth => format!("{}{point}{tenth}%", size / 10),
    };
    match permille.signum() {
        1 => format!("{} {number}", pick(lang, "tăng", "up")),
        -1 => format!("{} {number}", pick(lang, "giảm", "down")),
        _ => number,
    }
}
