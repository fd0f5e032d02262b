//! The tables of the return as data: the columns of practice 4, in their order and under their names.

use super::DelegationRow;
use super::grid::{Cell, Column};
use crate::domain::codes::Lang;
use crate::domain::report::facts::Paper;
use crate::domain::report::form::{
    Annex1Row, Annex2Row, CheckRow, DossierRow, ExceptionRow, ExpectedRow, OverviewRow, Rule, Stay, VisitRow,
    Word,
};
use crate::domain::report::words::{Spoken, day, pick};

macro_rules! columns {
    ($row:ty: $($vi:literal, $en:literal, $width:literal, $cell:expr $(, total $total:expr)?;)+) => {
        &[$(Column::<$row> {
            vi: $vi, en: $en, width: $width, cell: $cell, total: columns!(@total $($total)?),
        }),+]
    };
    (@total) => { None };
    (@total $total:expr) => { Some($total) };
}

pub(super) const OVERVIEW: &[Column<OverviewRow>] = columns! { OverviewRow:
    "Chỉ tiêu", "Indicator", 52, |r, _| Cell::text(&r.label);
    "Trong kỳ", "This period", 12, |r, _| Cell::Count(r.in_period);
    "Kỳ trước", "Previous period", 12, |r, _| Cell::Count(r.previous);
    "Lũy kế năm", "Cumulative", 12, |r, _| Cell::Count(r.cumulative);
    "Cùng kỳ năm trước", "Same period last year", 14, |r, _| Cell::Count(r.same_last_year);
    "Lũy kế cùng kỳ", "Cumulative last year", 14, |r, _| Cell::Count(r.cumulative_last_year);
    "Tăng/giảm", "Change", 14, |r, _| change(r);
};

pub(super) const ANNEX1: &[Column<Annex1Row>] = columns! { Annex1Row:
    "STT", "No.", 5, |r, _| Cell::Count(r.no);
    "Mã", "Code", 14, |r, _| Cell::text(&r.code), total |form| Cell::text(sum_word(form.lang));
    "Tên đoàn", "Delegation", 32, |r, _| Cell::text(&r.title);
    "Trưởng đoàn, chức vụ", "Head, position", 26, |r, _| Cell::text(list(", ", [&r.head, &r.head_position]));
    "Quốc gia/VLT", "Country/territory", 16, |r, _| words(&r.countries);
    "Hạng", "Rank", 12, |r, _| word(r.rank.as_ref());
    "Đơn vị đón (phối hợp)", "Host (co-hosts)", 30, |r, lang| Cell::text(hosts(r, lang));
    "Đến", "Arrival", 11, |r, _| Cell::Date(r.arrives_on);
    "Đi", "Departure", 11, |r, _| Cell::date(r.departs_on);
    "Khách theo phép", "Guests permitted", 9, |r, _| Cell::Count(r.permitted_guests),
        total |form| Cell::Count(form.annex1.totals.permitted_guests);
    "Khách thực tế", "Guests who came", 9, |r, _| if r.estimate { Cell::About(r.visits) } else { Cell::Count(r.visits) },
        total |form| Cell::Count(form.annex1.totals.visits);
    "Người VN đi cùng", "Vietnamese companions", 9, |r, _| Cell::Count(r.companions),
        total |form| Cell::Count(form.annex1.totals.companions);
    "Mục đích", "Purpose", 40, |r, _| Cell::text(&r.purpose);
    "Lĩnh vực", "Field", 14, |r, _| word(r.primary_field.as_ref());
    "Văn bản xin phép", "Request", 22, |r, lang| paper(r.request_letter.as_ref(), lang);
    "Văn bản cho phép", "Permit", 22, |r, lang| paper(r.permit.as_ref(), lang);
    "Ghi chú", "Remarks", 28, |r, _| remarks(&r.notes);
};

pub(super) const ANNEX2: &[Column<Annex2Row>] = columns! { Annex2Row:
    "STT", "No.", 5, |r, _| Cell::Count(r.no);
    "Mã", "Code", 14, |r, _| Cell::text(&r.code), total |form| Cell::text(sum_word(form.lang));
    "Trưởng đoàn", "Head", 26, |r, _| Cell::text(list(", ", [&r.head, &r.head_position]));
    "Số người (trong / ngoài QĐ)", "People (in / outside the decision)", 14,
        |r, _| people(r.people, r.in_decision, r.outside_decision),
        total |form| { let sums = form.annex2.totals; people(sums.people, sums.in_decision, sums.outside_decision) };
    "Nước, số ngày", "Country, days", 20, |r, _| Cell::text(stays(r));
    "Đi", "Departure", 11, |r, _| Cell::Date(r.departs_on);
    "Về", "Return", 11, |r, _| Cell::date(r.returns_on);
    "Đơn vị mời", "Inviter", 28, |r, _| Cell::text(inviters(r));
    "Mục đích", "Purpose", 40, |r, _| Cell::text(&r.purpose);
    "Kinh phí theo nguồn", "Cost by source", 28, |r, _| Cell::text(funding(r));
    "Quyết định", "Decision", 22, |r, _| Cell::text(&r.decision);
    "Báo cáo (ngày, hạn)", "Report (day, due)", 22, |r, lang| Cell::text(report(r, lang));
    "Hộ chiếu trả", "Passports returned", 12, |r, _| Cell::date(r.passports_returned_on);
    "Ghi chú", "Remarks", 28, |r, _| remarks(&r.notes);
};

pub(super) const VISITS: &[Column<VisitRow>] = columns! { VisitRow:
    "STT", "No.", 5, |r, _| Cell::Count(r.no);
    "Mã", "Code", 14, |r, _| Cell::text(&r.code), total |form| Cell::text(sum_word(form.lang));
    "Tên đoàn", "Delegation", 32, |r, _| Cell::text(&r.title);
    "Họ và tên", "Name", 28, |r, _| Cell::text(&r.name);
    "Mã quốc tịch", "Nationality code", 10, |r, _| Cell::text(&r.nationality.code);
    "Quốc tịch", "Nationality", 18, |r, _| Cell::text(&r.nationality.text);
    "Vai trò", "Role", 14, |r, _| word(r.role.as_ref());
    "Chức vụ", "Position", 24, |r, _| Cell::text(&r.position);
    "Đến", "Arrival", 11, |r, _| Cell::Date(r.arrives_on);
    "Đi", "Departure", 11, |r, _| Cell::date(r.departs_on);
    "Lượt khách", "Visits", 9, |r, _| if r.estimate { Cell::About(r.visits) } else { Cell::Count(r.visits) },
        total |form| Cell::Count(form.totals.visits);
};

pub(super) const ANNEX6: &[Column<ExceptionRow>] = columns! { ExceptionRow:
    "Mã", "Code", 14, |r, _| Cell::text(&r.code);
    "Ngoại lệ", "Exception", 40, |r, _| Cell::text(&r.exception.text);
    "Chi tiết", "Detail", 40, |r, _| Cell::text(&r.detail);
};

pub(super) const SELF_CHECK: &[Column<CheckRow>] = columns! { CheckRow:
    "Mã", "Code", 14, |r, _| Cell::text(&r.code);
    "Quy định", "Rule", 34, |r, _| Cell::text(rule(&r.rule));
    "Căn cứ", "Basis", 30, |r, _| Cell::text(&r.citation);
    "Kết quả", "Result", 18, |r, _| Cell::text(&r.result.text);
    "Bộ quy tắc", "Rulebook", 8, |r, _| Cell::Count(u64::try_from(r.rulebook_version).unwrap_or_default());
    "Chi tiết", "Detail", 44, |r, _| Cell::text(&r.detail);
};

pub(super) const EXPECTED: &[Column<ExpectedRow>] = columns! { ExpectedRow:
    "Mã", "Code", 14, |r, _| Cell::text(&r.code);
    "Chiều", "Direction", 10, |r, lang| Cell::text(r.direction.said(lang));
    "Tên đoàn", "Delegation", 40, |r, _| Cell::text(&r.title);
    "Quốc gia/VLT", "Country/territory", 20, |r, _| words(&r.countries);
    "Đơn vị chủ trì", "Lead host", 32, |r, _| Cell::text(&r.lead_host);
    "Từ ngày", "From", 11, |r, _| Cell::Date(r.starts_on);
    "Đến ngày", "To", 11, |r, _| Cell::date(r.ends_on);
    "Số người", "People", 9, |r, _| Cell::Count(r.people);
};

pub(super) const DELEGATIONS: &[Column<DelegationRow>] = columns! { DelegationRow:
    "Mã", "Code", 14, |r, _| Cell::text(&r.code);
    "Tên đoàn", "Delegation", 40, |r, _| Cell::text(&r.title);
    "Chiều", "Direction", 10, |r, lang| Cell::text(r.direction.said(lang));
    "Trạng thái", "State", 20, |r, lang| Cell::text(r.state.said(lang));
    "Đơn vị lập hồ sơ", "Filed by", 32, |r, _| Cell::text(&r.organisation);
    "Đơn vị chủ trì", "Lead host", 32, |r, _| Cell::text(&r.lead_host);
    "Quốc gia/VLT", "Country/territory", 20, |r, _| Cell::text(&r.countries);
    "Hạng", "Rank", 16, |r, lang| r.rank.map_or(Cell::Blank, |rank| Cell::text(rank.said(lang)));
    "Lĩnh vực", "Field", 16, |r, lang| r.field.map_or(Cell::Blank, |field| Cell::text(field.said(lang)));
    "Từ ngày", "From", 11, |r, _| Cell::date(r.starts_on);
    "Đến ngày", "To", 11, |r, _| Cell::date(r.ends_on);
    "Thực tế từ", "Came on", 11, |r, _| Cell::date(r.actual_starts_on);
    "Thực tế đến", "Left on", 11, |r, _| Cell::date(r.actual_ends_on);
};

pub(super) const DOSSIERS: &[Column<DossierRow>] = columns! { DossierRow:
    "Mã", "Code", 14, |r, _| Cell::text(r.code.as_deref().unwrap_or_default());
    "Hồ sơ", "Dossier", 38, |r, _| Cell::text(r.id.to_string());
    "Chiều", "Direction", 10, |r, lang| Cell::text(r.direction.said(lang));
    "Ngày", "Day", 11, |r, _| Cell::date(r.day);
    "Được tính hay không, vì sao", "Counted or not, and why", 70, |r, _| Cell::text(&r.text);
    "Lượt khách", "Visits", 9, |r, _| Cell::Count(r.visits);
};

pub(super) const RULES: &[Column<Rule>] = columns! { Rule:
    "Số", "No.", 5, |r, _| Cell::Count(u64::from(r.no));
    "Tiếng Việt", "Vietnamese", 80, |r, _| Cell::text(&r.vi);
    "Tiếng Anh", "English", 80, |r, _| Cell::text(&r.en);
};

fn sum_word(lang: Lang) -> &'static str {
    pick(lang, "Tổng cộng", "Total")
}

/// Texts joined, without the empty ones.
pub(super) fn list<T: AsRef<str>>(separator: &str, texts: impl IntoIterator<Item = T>) -> String {
    let texts: Vec<T> = texts.into_iter().filter(|text| !text.as_ref().is_empty()).collect();
    texts.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(separator)
}

fn word(word: Option<&Word>) -> Cell {
    word.map_or(Cell::Blank, |word| Cell::text(&word.text))
}

/// "Thời hạn nộp hồ sơ (IN-LEAD-STD)".
fn rule(rule: &Word) -> String {
    if rule.text == rule.code { rule.code.clone() } else { format!("{} ({})", rule.text, rule.code) }
}

fn words(words: &[Word]) -> Cell {
    Cell::text(list(", ", words.iter().map(|word| &word.text)))
}

fn remarks(notes: &[Word]) -> Cell {
    Cell::text(list("; ", notes.iter().map(|note| &note.text)))
}

fn change(row: &OverviewRow) -> Cell {
    row.change_permille.map_or(Cell::Dash, |_| Cell::text(&row.change))
}

fn hosts(row: &Annex1Row, lang: Lang) -> String {
    let others = row.co_hosts.join(", ");
    match (others.as_str(), lang) {
        ("", _) => row.lead_host.clone(),
        (others, Lang::Vi) => format!("{} (phối hợp: {others})", row.lead_host),
        (others, Lang::En) => format!("{} (with: {others})", row.lead_host),
    }
}

/// "05/UBND-ĐN ngày 03/11/2025, Nguyễn Văn A".
fn paper(paper: Option<&Paper>, lang: Lang) -> Cell {
    let Some(paper) = paper else { return Cell::Blank };
    let single = paper.number.len() == 1 && paper.number.bytes().all(|byte| byte.is_ascii_digit());
    let number = if single { format!("0{}", paper.number) } else { paper.number.clone() };
    let name = list("/", [&number, paper.symbol.as_ref().unwrap_or(&String::new())]);
    let date = paper.date.map(|date| format!("{} {}", pick(lang, "ngày", "of"), day(date)));
    let dated = list(" ", [name, date.unwrap_or_default()]);
    Cell::text(list(", ", [dated, paper.signer.clone().unwrap_or_default()]))
}

fn people(all: u64, in_decision: u64, outside: u64) -> Cell {
    Cell::text(format!("{all} ({in_decision} / {outside})"))
}

fn stays(row: &Annex2Row) -> String {
    let line = |stay: &Stay| match stay.days {
        Some(days) => format!("{} ({days})", stay.country.text),
        None => stay.country.text.clone(),
    };
    list(", ", row.stays.iter().map(line))
}

fn inviters(row: &Annex2Row) -> String {
    let mut names: Vec<&str> = row.stays.iter().map(|stay| stay.inviter.as_str()).collect();
    names.dedup();
    list(", ", names)
}

fn funding(row: &Annex2Row) -> String {
    let parts = row.funding.iter();
    list("; ", parts.map(|part| format!("{}: {} {}", part.payer.text, part.amount, part.currency)))
}

fn report(row: &Annex2Row, lang: Lang) -> String {
    let made = row.reported_on.map(day).unwrap_or_default();
    let due = row.report_due_on.map(|due| format!("({} {})", pick(lang, "hạn", "due"), day(due)));
    list(" ", [made, due.unwrap_or_default()])
}
