use std::sync::OnceLock;

use proptest::prelude::*;

use super::*;

fn shipped() -> &'static Calendar {
    static SHIPPED: OnceLock<Calendar> = OnceLock::new();
    SHIPPED.get_or_init(|| Calendar::shipped().unwrap())
}

/// `dd/mm/yyyy`, as the office writes.
fn d(text: &str) -> NaiveDate {
    NaiveDate::parse_from_str(text, "%d/%m/%Y").unwrap()
}

fn at(text: &str) -> NaiveDateTime {
    NaiveDateTime::parse_from_str(text, "%d/%m/%Y %H:%M:%S").unwrap()
}

use Unit::{CalendarDay as Cd, Hour as H, WorkingDay as Wd};

#[test]
fn five_working_days_before_the_monday_after_tet_2026() {
    let counting = shipped().arithmetic(d("23/02/2026"), 5, Wd, Towards::Past);
    let counted = ["13/02/2026", "12/02/2026", "11/02/2026", "10/02/2026", "09/02/2026"].map(d);
    assert_eq!(counting.result, d("09/02/2026"));
    assert_eq!(counting.counted, counted);
    let tet = Skipped {
        from: d("16/02/2026"),
        to: d("20/02/2026"),
        name_vi: "Tết Nguyên đán".into(),
        name_en: "Lunar New Year".into(),
        source: "CV 12729/VPCP-KGVX; TB 9441/TB-BNV; Bộ luật Lao động 2019 Đ.112".into(),
        confidence: Confidence::Secondary,
    };
    assert_eq!((counting.skipped, counting.uncovered), (vec![tet], vec![]));
}

#[test]
fn a_day_that_may_still_change_is_counted_and_said() {
    let counting = shipped().arithmetic(d("30/11/2026"), 5, Wd, Towards::Past);
    assert_eq!(counting.result, d("20/11/2026"), "over 24/11 and with 23/11");
    let said: Vec<_> = counting.uncertain.iter().map(|day| (day.from, day.confidence)).collect();
    assert_eq!(said, [(d("23/11/2026"), Confidence::Uncertain)]);
    assert_eq!(shipped().arithmetic(d("30/11/2026"), 3, Wd, Towards::Past).uncertain, []);
}

#[test]
fn a_term_that_would_end_on_a_day_off_says_that_it_was_moved() {
    let counting = shipped().arithmetic(d("17/03/2026"), 10, Cd, Towards::Past);
    assert_eq!((counting.result, counting.moved_from), (d("06/03/2026"), Some(d("07/03/2026"))));
    let counting = shipped().arithmetic(d("04/03/2026"), 10, Cd, Towards::Future);
    assert_eq!((counting.result, counting.moved_from), (d("16/03/2026"), Some(d("14/03/2026"))));
    assert_eq!(shipped().arithmetic(d("16/03/2026"), 10, Cd, Towards::Past).moved_from, None);
}

#[test]
fn every_day_of_the_notices_is_what_they_say() {
    let calendar = shipped();
    let off = "01/01/2025 27/01/2025 31/01/2025 07/04/2025 30/04/2025 01/05/2025 02/05/2025 01/09/2025 02/09/2025 \
        01/01/2026 02/01/2026 16/02/2026 20/02/2026 27/04/2026 30/04/2026 01/05/2026 31/08/2026 01/09/2026 \
        02/09/2026 24/11/2026 01/01/2027 16/04/2027 30/04/2027 01/05/2027 03/05/2027 02/09/2027 24/11/2027";
    for day in off.split_whitespace() {
        assert!(!calendar.is_working(d(day)), "{day}");
        assert!(calendar.name(d(day)).is_some(), "{day}");
    }
    let worked = "26/04/2025 10/01/2026 22/08/2026 13/02/2026 23/02/2026 23/11/2026 24/11/2025 31/12/2026 \
        29/04/2026 04/05/2026 28/08/2026 03/09/2026 26/01/2026 08/02/2027";
    for day in worked.split_whitespace() {
        assert!(calendar.is_working(d(day)), "{day}");
    }
    // Weekdays off of a year, as the table of the facts has them.
    let weekdays_off = |year: i32| {
        let first = NaiveDate::from_ymd_opt(year, 1, 1).unwrap();
        let days = first.iter_days().take_while(|day| day.year() == year);
        days.filter(|day| day.weekday().num_days_from_monday() < 5 && !calendar.is_working(*day)).count()
    };
    assert_eq!([2025, 2026, 2027].map(weekdays_off), [12, 14, 6]);
}

#[test]
fn terms_around_holidays() {
    let calendar = shipped();
    let cases = [
        // event, n, unit, before
        ("04/05/2026", 1, Wd, "29/04/2026"), // 30/4-1/5 and the weekend
        ("04/05/2026", 2, Wd, "28/04/2026"),
        ("04/05/2026", 3, Wd, "24/04/2026"), // 27/04 made up
        ("03/09/2026", 1, Wd, "28/08/2026"), // 31/08 swapped, 01-02/9
        ("24/08/2026", 1, Wd, "22/08/2026"), // a worked Saturday
        ("24/08/2026", 2, Wd, "21/08/2026"),
        ("25/11/2026", 1, Wd, "23/11/2026"), // 24/11
        ("25/11/2025", 1, Wd, "24/11/2025"), // not a holiday yet
        ("05/01/2026", 1, Wd, "31/12/2025"), // over the year's end
        ("23/02/2026", 0, Wd, "23/02/2026"),
        ("18/02/2026", 0, Wd, "13/02/2026"),
        ("25/02/2026", 5, Cd, "13/02/2026"), // 20/02 is Tết: back to the working day before
        ("23/02/2026", 10, Cd, "13/02/2026"),
        ("23/02/2026", 1, H, "22/02/2026"),
        ("23/02/2026", 24, H, "22/02/2026"),
        ("23/02/2026", 25, H, "21/02/2026"),
    ];
    for (event, n, unit, expected) in cases {
        assert_eq!(calendar.before(d(event), n, unit), d(expected), "{n} {unit} before {event}");
    }
    let cases = [
        ("13/02/2026", 1, Wd, "23/02/2026"),
        ("29/04/2026", 1, Wd, "04/05/2026"),
        ("28/08/2026", 1, Wd, "03/09/2026"),
        ("21/08/2026", 1, Wd, "22/08/2026"),
        ("31/12/2025", 1, Wd, "05/01/2026"),
        ("16/02/2026", 0, Wd, "23/02/2026"),
        ("06/02/2026", 10, Cd, "23/02/2026"), // ends on 16/02, a day of Tết
        ("01/04/2026", 15, Cd, "16/04/2026"),
        ("22/11/2026", 2, Cd, "25/11/2026"),
        ("13/02/2026", 12, H, "14/02/2026"),
    ];
    for (from, n, unit, expected) in cases {
        assert_eq!(calendar.after(d(from), n, unit), d(expected), "{n} {unit} after {from}");
    }
    assert_eq!(calendar.working_days_between(d("13/02/2026"), d("23/02/2026")), 1);
    assert_eq!(calendar.working_days_between(d("23/02/2026"), d("13/02/2026")), -1);
    assert_eq!(calendar.working_days_between(d("21/08/2026"), d("24/08/2026")), 2);
}

#[test]
fn a_calendar_day_term_that_is_moved_shows_what_moved_it() {
    let counting = shipped().arithmetic(d("06/02/2026"), 10, Cd, Towards::Future);
    assert_eq!((counting.counted.len(), counting.result), (10, d("23/02/2026")));
    let runs: Vec<_> = counting.skipped.iter().map(|run| (run.from, run.to)).collect();
    assert_eq!(runs, [(d("16/02/2026"), d("20/02/2026"))]);
    // The same term, if it does not end in Tết, lists nothing: calendar days run through it.
    assert_eq!(shipped().arithmetic(d("13/02/2026"), 10, Cd, Towards::Future).skipped, []);
}

#[test]
fn a_year_that_is_not_complete_says_so() {
    let calendar = shipped();
    assert!(
        calendar.covers(2025) && calendar.covers(2026) && !calendar.covers(2027) && !calendar.covers(2024)
    );
    assert_eq!(calendar.uncovered(d("31/12/2026"), d("01/01/2027")), [2027]);
    assert_eq!(calendar.uncovered(d("01/01/2027"), d("31/12/2024")), [2024, 2027]);
    assert_eq!(calendar.arithmetic(d("04/01/2027"), 2, Wd, Towards::Past).uncovered, [2027]);
    assert_eq!(calendar.arithmetic(d("04/01/2027"), 2, Wd, Towards::Past).result, d("30/12/2026"));
    // Nobody knows Tết 2028: weekdays count, and the warning is there.
    assert_eq!(calendar.before(d("01/02/2028"), 5, Wd), d("25/01/2028"));
}

#[test]
fn office_hours_decide_the_day_of_receipt() {
    let cases = [
        ("02/03/2026 07:29:59", "02/03/2026"),
        ("02/03/2026 07:30:00", "02/03/2026"),
        ("02/03/2026 00:00:00", "02/03/2026"),
        ("02/03/2026 17:00:00", "02/03/2026"),
        ("02/03/2026 17:00:59", "02/03/2026"),
        ("02/03/2026 17:01:00", "03/03/2026"),
        ("06/03/2026 17:01:00", "09/03/2026"),
        ("07/03/2026 09:00:00", "09/03/2026"),
        ("22/08/2026 09:00:00", "22/08/2026"),
        ("13/02/2026 17:01:00", "23/02/2026"),
        ("31/12/2025 23:59:59", "05/01/2026"),
    ];
    for (local, day) in cases {
        assert_eq!(shipped().received_on(at(local)), d(day), "{local}");
    }
}

#[test]
fn far_years_are_counted_by_weekday_and_the_ends_of_time_hold() {
    let calendar = shipped();
    for (event, expected) in
        [("02/01/2101", "29/12/2100"), ("10/01/2150", "07/01/2150"), ("03/01/1990", "29/12/1989")]
    {
        assert_eq!(calendar.before(d(event), 3, Wd), d(expected), "{event}");
    }
    assert_eq!(calendar.after(NaiveDate::MAX, u32::MAX, Cd), NaiveDate::MAX);
    assert_eq!(calendar.before(NaiveDate::MIN, u32::MAX, Wd), NaiveDate::MIN);
    assert!(calendar.arithmetic(NaiveDate::MIN, u32::MAX, Wd, Towards::Future).counted.len() <= 366);
}

#[test]
fn bad_files_are_refused_with_their_line() {
    let day = |date: &str, kind: &str| {
        format!(
            "year = 2026\ncomplete = true\n\n[[day]]\ndate = {date}\nkind = \"{kind}\"\nname_vi = \"x\"\n\
             name_en = \"x\"\nsource = \"x\"\nconfidence = \"F2\"\n"
        )
    };
    let good = day("2026-01-01", "holiday");
    let cases = [
        ("year = ".to_owned(), 1, ""),
        (day("2026-02-30", "holiday"), 5, ""),
        (day("2025-01-01", "holiday"), 5, "2025-01-01 is not in 2026"),
        (day("\"tomorrow\"", "holiday"), 5, ""),
        (day("2026-01-05", "swap_work"), 6, "2026-01-05 cannot be swap_work: it is a working day anyway"),
        (day("2026-01-03", "swap_off"), 6, "2026-01-03 cannot be swap_off: it is a weekly rest day anyway"),
        (day("2026-01-03", "party"), 6, ""),
        (good.replace("source = \"x\"", "source = \" \""), 9, "`source` must not be empty"),
        (good.replace("source = \"x\"\n", ""), 4, "missing field `source`"),
        (good.replace("F2", "U"), 10, ""),
        (good.replace("complete = true\n", ""), 1, "`year` and `complete` stand together"),
        (good.replace("complete", "completed"), 2, ""),
        (
            format!("{good}{}", good.split_once("\n\n").unwrap().1),
            12,
            "2026-01-01 stands in f.toml, line 5 already",
        ),
        (
            good.replace("kind", "to = 2025-01-01\nkind"),
            5,
            "the run from 2026-01-01 to 2025-01-01 must have 1 to 31 days",
        ),
        (
            "\n[office_hours]\nfrom = 17:00:00\nto = 07:30:00\n".to_owned(),
            2,
            "office hours must begin before they end",
        ),
        ("year = 1900\ncomplete = true".to_owned(), 1, "1900 is not from 1990 to 2100"),
    ];
    for (text, line, reason) in cases {
        let fault = Calendar::read(&[("f.toml", &text)]).expect_err(&text);
        assert_eq!((fault.file.as_str(), fault.line), ("f.toml", line), "{fault}\n{text}");
        assert!(fault.reason == reason || (reason.is_empty() && !fault.reason.is_empty()), "{fault}\n{text}");
    }
    let twice = Calendar::read(&[("a.toml", &good), ("b.toml", "year = 2026\ncomplete = true")]).unwrap_err();
    assert_eq!(twice.to_string(), "b.toml, line 1: 2026 stands in a.toml already");
}

#[test]
fn a_local_file_closes_days_and_moves_the_office_hours() {
    let local = "[office_hours]\nfrom = 08:00:00\nto = 16:30:00\n[[day]]\ndate = 2026-06-15\nto = 2026-06-16\n\
        kind = \"closure\"\nname_vi = \"Mất điện\"\nname_en = \"Power cut\"\nsource = \"12/TB\"\nconfidence = \"CITY\"\n";
    let mut files = SHIPPED.to_vec();
    files[0] = ("local.toml", local);
    let calendar = Calendar::read(&files).unwrap();
    assert_eq!(calendar.before(d("17/06/2026"), 1, Wd), d("12/06/2026"));
    assert_eq!(calendar.received_on(at("12/06/2026 16:31:00")), d("17/06/2026"));
    assert_eq!(calendar.received_on(at("12/06/2026 16:30:00")), d("12/06/2026"));
}

fn any_day() -> impl Strategy<Value = NaiveDate> {
    // Over both ends of the tables, thickly where files are.
    prop_oneof![
        3 => -400i64..1500,
        1 => -16_000i64..30_000,
    ]
    .prop_map(|at| d("01/01/2025") + TimeDelta::days(at))
}

/// The n-th working day before or after, walked.
fn walked(event: NaiveDate, n: u32, step: fn(NaiveDate) -> NaiveDate) -> NaiveDate {
    let (mut day, mut left) = (event, n);
    while left > 0 {
        day = step(day);
        left -= u32::from(shipped().is_working(day));
    }
    day
}

fn moved(mut day: NaiveDate, step: fn(NaiveDate) -> NaiveDate) -> NaiveDate {
    while !shipped().is_working(day) {
        day = step(day);
    }
    day
}

fn pred(day: NaiveDate) -> NaiveDate {
    day.pred_opt().unwrap()
}

fn succ(day: NaiveDate) -> NaiveDate {
    day.succ_opt().unwrap()
}

proptest! {
    #[test]
    fn counting_agrees_with_a_walk_day_by_day(day in any_day(), n in 1u32..60) {
        let calendar = shipped();
        prop_assert_eq!(calendar.before(day, n, Wd), walked(day, n, pred));
        prop_assert_eq!(calendar.after(day, n, Wd), walked(day, n, succ));
        prop_assert_eq!(calendar.before(day, n, Cd), moved(day - TimeDelta::days(n.into()), pred));
        prop_assert_eq!(calendar.after(day, n, Cd), moved(day + TimeDelta::days(n.into()), succ));
        prop_assert_eq!(calendar.before(day, 0, Wd), moved(day, pred));
        prop_assert_eq!(calendar.after(day, 0, Cd), moved(day, succ));
    }

    #[test]
    fn before_and_after_are_inverse_on_working_days(day in any_day(), n in 1u32..300) {
        let calendar = shipped();
        prop_assert_eq!(calendar.after(calendar.before(day, n, Wd), n, Wd), moved(day, succ));
        prop_assert_eq!(calendar.before(calendar.after(day, n, Wd), n, Wd), moved(day, pred));
        let end = calendar.after(day, n, Wd);
        prop_assert_eq!(calendar.working_days_between(day, end), i64::from(n));
        prop_assert_eq!(calendar.working_days_between(end, day), -i64::from(n));
    }

    #[test]
    fn no_term_ends_on_a_day_off(day in any_day(), n in 0u32..300, days in any::<bool>()) {
        let unit = if days { Cd } else { Wd };
        prop_assert!(shipped().is_working(shipped().before(day, n, unit)));
        prop_assert!(shipped().is_working(shipped().after(day, n, unit)));
    }

    #[test]
    fn counting_is_monotone(day in any_day(), later in 0i64..40, n in 0u32..100, more in 0u32..20) {
        let (calendar, next) = (shipped(), day + TimeDelta::days(later));
        for unit in [Wd, Cd, H] {
            prop_assert!(calendar.before(day, n, unit) <= calendar.before(next, n, unit));
            prop_assert!(calendar.after(day, n, unit) <= calendar.after(next, n, unit));
            prop_assert!(calendar.before(day, n + more, unit) <= calendar.before(day, n, unit));
            prop_assert!(calendar.after(day, n + more, unit) >= calendar.after(day, n, unit));
            prop_assert!(calendar.before(day, n, unit) <= day && calendar.after(day, n, unit) >= day);
        }
    }

    #[test]
    fn the_arithmetic_shows_what_was_counted(day in any_day(), n in 0u32..60, past in any::<bool>()) {
        let calendar = shipped();
        let direction = if past { Towards::Past } else { Towards::Future };
        for unit in [Wd, Cd, H] {
            let counting = calendar.arithmetic(day, n, unit, direction);
            let expected = if past { calendar.before(day, n, unit) } else { calendar.after(day, n, unit) };
            prop_assert_eq!(counting.result, expected);
            let counted = if unit == H { n.div_ceil(24) } else { n };
            prop_assert_eq!(counting.counted.len(), usize::try_from(counted).unwrap());
            prop_assert!(unit != Wd || counting.counted.iter().all(|day| calendar.is_working(*day)));
            prop_assert!(unit == Wd || !counting.counted.contains(&day));
            for run in counting.skipped {
                prop_assert!(run.from <= run.to && calendar.working_days_between(pred(run.from), run.to) == 0);
            }
        }
    }

    #[test]
    fn a_receipt_counts_from_a_working_day_never_before_it(day in any_day(), second in 0u32..86_400) {
        let local = day.and_time(NaiveTime::from_num_seconds_from_midnight_opt(second, 0).unwrap());
        let from = shipped().received_on(local);
        prop_assert!(shipped().is_working(from) && from >= day);
        prop_assert!(shipped().working_days_between(day, from) <= 1);
    }
}
