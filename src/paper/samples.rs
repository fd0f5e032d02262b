//! Sample papers of every kind, with long names, twelve rows and all that an office's template can stumble over. They
//! are what `legation paper check` and the start try templates on, and what tests look at.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Serialize;

use super::Kind;
use super::matter::{Body, Check, DossierFacts, Finding, Matter, Member, Number, Opinion, ReturnFacts};
use super::sheet::{Align, Column, Row, Table};
use crate::domain::approval::OrganisationKind;
use crate::domain::codes::{Code, Direction};

/// Rows of each sample table.
const ROWS: usize = 12;

/// One of each kind.
#[must_use]
pub fn all() -> Vec<Matter> {
    Kind::ALL.iter().map(|kind| of(*kind)).collect()
}

/// One of a kind.
#[must_use]
pub fn of(kind: Kind) -> Matter {
    let city = body("Ủy ban nhân dân thành phố Cần Thơ", "UBND", OrganisationKind::City, "");
    let department = body(
        "Sở Ngoại vụ thành phố Cần Thơ",
        "SNGV",
        OrganisationKind::ForeignAffairs,
        "Ủy ban nhân dân thành phố Cần Thơ",
    );
    let direction = if kind == Kind::Decision { Direction::Outbound } else { Direction::Inbound };
    let issuer = match kind {
        Kind::Permit | Kind::Decision => city.clone(),
        Kind::MemberList | Kind::ResultReport => filer(),
        Kind::AppraisalNote | Kind::Submission | Kind::Return => department,
    };
    let facts = match kind {
        Kind::Return => json(&return_facts(issuer.clone())),
        _ => json(&dossier_facts(direction, issuer.clone(), city)),
    };
    Matter {
        kind,
        facts,
        tables: tables(kind),
        issuer,
        place: "Cần Thơ".to_owned(),
        day: day(2025, 12, 7),
        numbered: None,
        stamp: String::new(),
        notice: "Đã duyệt trên hệ thống ngày 05/02/2025. Chưa có chữ ký.".to_owned(),
        check: matches!(kind, Kind::Permit | Kind::Decision).then(|| Check {
            address: "https://doingoai.example.gov.vn/check/0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"
                .to_owned(),
            words: "Quét mã để đối chiếu mã hồ sơ, ngày và mã băm của văn bản".to_owned(),
        }),
    }
}

fn json(facts: &impl Serialize) -> serde_json::Value {
    // Facts are plain structures: they can always be written.
    serde_json::to_value(facts).unwrap_or_default()
}

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default()
}

fn body(name: &str, code: &str, kind: OrganisationKind, superior: &str) -> Body {
    Body { name: name.to_owned(), code: code.to_owned(), kind, superior: superior.to_owned() }
}

fn filer() -> Body {
    body(
        "Hội hữu nghị Việt Nam - Hàn Quốc thành phố Cần Thơ",
        "HN-HANQUOC",
        OrganisationKind::Association,
        "Liên hiệp các tổ chức hữu nghị thành phố Cần Thơ",
    )
}

fn return_facts(issuer: Body) -> ReturnFacts {
    ReturnFacts {
        period: "tháng 11/2025".to_owned(),
        from: day(2025, 10, 15),
        to: day(2025, 11, 14),
        window: "từ ngày 15 tháng trước đến ngày 14".to_owned(),
        as_of: day(2025, 12, 7),
        issuer,
        inbound: 57,
        visits: 291,
        persons: 288,
        outbound: 3,
        notes: vec!["Không gồm 1 hồ sơ xử lý ngoài hệ thống.".to_owned()],
        assessment: vec!["Công tác quản lý đoàn vào, đoàn ra được thực hiện đúng quy định.".to_owned()],
        checked: "Đã đối chiếu quy định cho 60 đoàn được tính (0 đoàn chưa đối chiếu).".to_owned(),
        standing: "Kỳ đã chốt, lần 1. Bộ quy tắc: phiên bản 1.".to_owned(),
        rules: (1..=9)
            .map(|n| format!("Quy tắc số {n}: mỗi đoàn được tính vào kỳ của ngày đến thực tế."))
            .collect(),
    }
}

fn dossier_facts(direction: Direction, issuer: Body, decider: Body) -> DossierFacts {
    let member = |n: usize| Member {
        name: format!("Nguyễn Thị Hoàng Anh {n}"),
        position: "Phó Vụ trưởng Vụ Hợp tác quốc tế".to_owned(),
        organisation: "Bộ Giáo dục Đại Hàn Dân Quốc".to_owned(),
        role: "Thành viên".to_owned(),
        nationality: "Hàn Quốc".to_owned(),
    };
    DossierFacts {
        code: "DV-2025-0001".to_owned(),
        direction,
        title: "Đoàn đại biểu Liên minh hữu nghị nhân dân tỉnh Jeollabuk-do".to_owned(),
        purpose:
            "Trao đổi hợp tác giáo dục, văn hóa; khảo sát môi trường đầu tư vùng đồng bằng sông Cửu Long"
                .to_owned(),
        rank: "Hạng C".to_owned(),
        field: "Hữu nghị".to_owned(),
        channel: "Đối ngoại nhân dân".to_owned(),
        countries: "Hàn Quốc, Đài Loan (Trung Quốc)".to_owned(),
        partner: "Liên minh hữu nghị nhân dân Jeollabuk-do".to_owned(),
        filer: filer(),
        issuer,
        decider,
        host: filer().name,
        co_hosts: vec!["Trường Đại học Cần Thơ".to_owned()],
        arrives_on: Some(day(2025, 3, 5)),
        departs_on: Some(day(2025, 3, 9)),
        enters_vn_on: Some(day(2025, 3, 4)),
        leaves_vn_on: Some(day(2025, 3, 10)),
        entry_gate: "Sân bay quốc tế Cần Thơ".to_owned(),
        lodging: "Khách sạn Ninh Kiều".to_owned(),
        interpreter: "Có phiên dịch".to_owned(),
        head: "KIM MIN-JUN".to_owned(),
        head_position: "Chủ tịch Liên minh hữu nghị nhân dân".to_owned(),
        guests: 11,
        companions: 1,
        people: 12,
        members: (1..=ROWS).map(member).collect(),
        letter: Number { number: "15/HHN".to_owned(), date: Some(day(2025, 2, 3)) },
        incoming: Number { number: "123".to_owned(), date: Some(day(2025, 2, 4)) },
        opinions: vec![Opinion {
            body: "Công an thành phố".to_owned(),
            answer: "đồng ý".to_owned(),
            number: "77/CATP".to_owned(),
            date: Some(day(2025, 2, 10)),
            conditions: "thông báo trước khi đoàn đến khu vực ven biển".to_owned(),
        }],
        findings: vec![Finding {
            message: "Hồ sơ gửi chậm 2 ngày làm việc".to_owned(),
            citation: "Quy định nội bộ".to_owned(),
            overridden: true,
        }],
        proposal: "Đề nghị cho phép.".to_owned(),
        proposed: vec!["Không tổ chức họp báo.".to_owned()],
        conditions: vec!["Không tổ chức họp báo.".to_owned()],
        approved_on: Some(day(2025, 2, 20)),
        approved_by: "Trần Văn B".to_owned(),
        permit: Number::default(),
        actual_arrives_on: Some(day(2025, 3, 5)),
        actual_departs_on: None,
        came: Some(10),
        results: vec!["Hai bên thống nhất chương trình trao đổi sinh viên.".to_owned()],
        gifts: "Tranh lụa".to_owned(),
        contact: "Lê Thị Hoa, 0292 3 820 000".to_owned(),
    }
}

/// The tables that each kind has, with long texts.
fn tables(kind: Kind) -> BTreeMap<&'static str, Table> {
    let (points, texts): (&[&str], &[(&str, usize)]) = match kind {
        Kind::Return => (
            &["overview", "expected", "exceptions", "self_check", "dossiers"],
            &[("inbound", 17), ("outbound", 14), ("visits", 11)],
        ),
        _ => (&["summary", "roster", "programme", "stays", "funding"], &[("members", 12)]),
    };
    let narrow = points.iter().map(|name| (*name, table(5, 11)));
    narrow.chain(texts.iter().map(|(name, columns)| (*name, table(*columns, 8)))).collect()
}

fn table(columns: usize, size: u8) -> Table {
    let column = |n: usize| match n {
        0 => Column::points("STT", if size > 9 { 28 } else { 22 }, Align::Center),
        n if n.is_multiple_of(4) => Column::points("Ngày đến", 44, Align::Center),
        _ => Column::share("Đơn vị chủ trì đón (phối hợp)", 20),
    };
    let cell = |row: usize, n: usize| match n {
        0 => row.to_string(),
        n if n.is_multiple_of(4) => "05/03/2025".to_owned(),
        n if n.is_multiple_of(3) => "Wolfeschlegelsteinhausenbergerdorff".to_owned(),
        _ => "Nguyễn Thị Hoàng Anh, Phó Vụ trưởng Vụ Hợp tác quốc tế".to_owned(),
    };
    Table {
        size,
        columns: (0..columns).map(column).collect(),
        rows: (1..=ROWS).map(|row| Row::of((0..columns).map(|n| cell(row, n)).collect())).collect(),
        empty: "Không có".to_owned(),
    }
}
