//! The parts of the return in the order in which they are printed, and the lines above them.

use super::Table;
use super::columns::{ANNEX1, ANNEX2, ANNEX6, DOSSIERS, EXPECTED, OVERVIEW, RULES, SELF_CHECK, VISITS, list};
use super::grid::{Cell, Column, Grid, grid};
use crate::domain::codes::Lang;
use crate::domain::report::Return;
use crate::domain::report::form::{OverviewRow, Seal};
use crate::domain::report::words::{Spoken, day, pick};

/// One clean table.
pub(super) fn table(form: &Return, table: Table) -> Grid {
    let unnamed = ("", "");
    match table {
        Table::Overview => clean_overview(form),
        Table::Inbound => grid(form, unnamed, ANNEX1, &form.annex1.rows),
        Table::Outbound => grid(form, unnamed, ANNEX2, &form.annex2.rows),
        Table::Visits => grid(form, unnamed, VISITS, &form.visits),
    }
}

/// The overview without headings between its parts: the part stands before the row's name.
fn clean_overview(form: &Return) -> Grid {
    let label: fn(&OverviewRow, Lang) -> Cell =
        |row, _| Cell::text(list(": ", [&row.section_label, &row.label]));
    let columns: Vec<Column<OverviewRow>> = (0..)
        .zip(OVERVIEW)
        .map(|(place, column)| Column { cell: if place == 0 { label } else { column.cell }, ..*column })
        .collect();
    grid(form, ("", ""), &columns, &form.overview)
}

/// The heads of the overview's columns.
pub(super) fn overview_head(lang: Lang) -> Vec<&'static str> {
    OVERVIEW.iter().map(|column| pick(lang, column.vi, column.en)).collect()
}

/// Names of sheets and headings of the parts behind the overview, Vietnamese and English.
const NAMES: [[(&str, &str); 2]; 8] = [
    [("Kế hoạch tháng tới", "Next month"), ("III. ĐOÀN DỰ KIẾN THÁNG TỚI", "III. EXPECTED NEXT MONTH")],
    [("Phụ lục 1 Đoàn vào", "Annex 1 Inbound"), ("PHỤ LỤC 1. ĐOÀN VÀO", "ANNEX 1. DELEGATIONS IN")],
    [("Phụ lục 2 Đoàn ra", "Annex 2 Outbound"), ("PHỤ LỤC 2. ĐOÀN RA", "ANNEX 2. DELEGATIONS OUT")],
    [
        ("Phụ lục 6 Ngoại lệ", "Annex 6 Exceptions"),
        ("PHỤ LỤC 6. VI PHẠM, CHẬM HẠN, NGOẠI LỆ", "ANNEX 6. EXCEPTIONS"),
    ],
    [("Phụ lục 7 Tự kiểm tra", "Annex 7 Self-check"), ("PHỤ LỤC 7. TỰ KIỂM TRA", "ANNEX 7. SELF-CHECK")],
    [("Lượt khách", "Visits"), ("DANH SÁCH LƯỢT KHÁCH", "VISITS")],
    [("Hồ sơ trong kỳ", "Dossiers"), ("HỒ SƠ TRONG KỲ", "DOSSIERS OF THE PERIOD")],
    [("Quy tắc tính", "Counting rules"), ("QUY TẮC TÍNH SỐ LIỆU", "COUNTING RULES")],
];

/// The headings of the parts behind the overview.
pub(super) fn titles(lang: Lang) -> Vec<String> {
    NAMES.iter().map(|[_, (vi, en)]| pick(lang, *vi, *en).to_owned()).collect()
}

/// The printed form: every part in its order.
pub(super) fn printed(form: &Return) -> Vec<Grid> {
    let names =
        NAMES.map(|[sheet, title]| (pick(form.lang, sheet.0, sheet.1), pick(form.lang, title.0, title.1)));
    let [expected, inbound, outbound, exceptions, check, visits, dossiers, rules] = names;
    vec![
        overview(form),
        grid(form, expected, EXPECTED, &form.expected),
        grid(form, inbound, ANNEX1, &form.annex1.rows),
        grid(form, outbound, ANNEX2, &form.annex2.rows),
        grid(form, exceptions, ANNEX6, &form.annex6),
        self_check(form, check),
        grid(form, visits, VISITS, &form.visits),
        grid(form, dossiers, DOSSIERS, &form.dossiers),
        grid(form, rules, RULES, &form.rules),
    ]
}

/// The overview with a heading before each of its parts, the notes and the assessment below.
pub(super) fn overview(form: &Return) -> Grid {
    let names = pick(form.lang, ("Tổng hợp", "I. TỔNG HỢP"), ("Overview", "I. OVERVIEW"));
    let mut table = grid(form, names, OVERVIEW, &form.overview);
    let mut rows = Vec::new();
    let mut section = "main";
    for (row, cells) in form.overview.iter().zip(table.rows) {
        if row.section != section {
            rows.push(vec![Cell::text(&row.section_label)]);
            section = &row.section;
        }
        rows.push(cells);
    }
    table.rows = rows;
    table.after.extend(form.notes.iter().cloned());
    if let Some(assessment) = &form.meta.assessment {
        table.after.push(pick(form.lang, "II. ĐÁNH GIÁ", "II. ASSESSMENT").to_owned());
        table.after.extend(assessment.lines().map(str::to_owned));
    }
    table
}

/// Failures, overrides and unknowns, with the sentence that counts them below.
fn self_check(form: &Return, names: (&'static str, &str)) -> Grid {
    let mut table = grid(form, names, SELF_CHECK, &form.self_check.rows);
    table.after.push(checked(form));
    table
}

/// How many verdicts of which kind there are, in one sentence.
pub(super) fn checked(form: &Return) -> String {
    let t = form.self_check.totals;
    let (judged, not, met, noted) = (t.judged, t.not_judged, t.met, t.noted);
    let (violated, overridden, unknown, none) = (t.violated, t.overridden, t.unknown, t.no_rule_in_force);
    match form.lang {
        Lang::Vi => format!(
            "Đã đối chiếu quy định cho {judged} đoàn được tính ({not} đoàn chưa đối chiếu): {met} đáp ứng, {noted} ghi \
             nhận, {violated} không đáp ứng, {overridden} bỏ qua có lý do, {unknown} chưa xác định, {none} không có quy \
             định có hiệu lực."
        ),
        Lang::En => format!(
            "{judged} counted delegations were judged ({not} were not): {met} kept, {noted} noted, {violated} not kept, \
             {overridden} overridden, {unknown} unknown, {none} without a rule in force."
        ),
    }
}

/// Whether the return is closed, and what binds it to the journal; or that it is a preview.
pub(super) fn standing(form: &Return) -> String {
    let Some(Seal { no, rulebook_version, size, root, key }) = &form.closed else {
        let vi = "Bản xem trước, kỳ chưa chốt: số liệu còn có thể thay đổi.";
        return pick(form.lang, vi, "A preview: the period is not closed, and figures may change.")
            .to_owned();
    };
    match form.lang {
        Lang::Vi => format!(
            "Kỳ đã chốt, lần {no}. Bộ quy tắc: phiên bản {rulebook_version}. Điểm kiểm của nhật ký: {size} mục, gốc {root}, \
             khóa {key}."
        ),
        Lang::En => format!(
            "Closed, no. {no}. Rulebook: version {rulebook_version}. Checkpoint of the journal: {size} entries, root {root}, \
             key {key}."
        ),
    }
}

/// The lines above the tables: whose return, of which days, as known when.
pub(super) fn preface(form: &Return) -> Vec<String> {
    let (lang, range) = (form.lang, form.period.this.range);
    let (from, to, as_of) = (day(range.from), day(range.to), day(form.as_of));
    let (kind, label, window) =
        (form.period.kind.said(lang), &form.period.this.label, form.window.said(lang));
    let lines = match lang {
        Lang::Vi => [
            format!("BÁO CÁO ĐOÀN VÀO, ĐOÀN RA ({kind}) {label}"),
            format!("Kỳ báo cáo: từ {from} đến {to} ({window})"),
            format!("Số liệu tính đến {as_of}, giờ Việt Nam ({})", form.timezone),
        ],
        Lang::En => [
            format!("RETURN OF DELEGATIONS ({kind}) {label}"),
            format!("Period: {from} to {to} ({window})"),
            format!("As of {as_of}, {}", form.timezone),
        ],
    };
    let body = form.meta.superior.iter().chain([&form.meta.organisation]).filter(|name| !name.is_empty());
    body.cloned().chain(lines).chain([standing(form)]).collect()
}
