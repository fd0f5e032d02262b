//! The return as paper: the same tables, in the words of paper, with twelve long rows.

use crate::domain::approval::OrganisationKind;
use crate::domain::report::Return;
use crate::domain::report::facts::DelegationFact;
use crate::domain::report::tests::fixture::{inbound, november, outbound};
use crate::paper::{Body, Format, Kind, Matter, Press, RowKind, samples};
use crate::report::matter;

/// Twelve delegations in and twelve out, with names as long as they come.
pub(super) fn long() -> Return {
    let title = "Đoàn đại biểu Liên minh hữu nghị nhân dân và Hội đồng tỉnh Jeollabuk-do (Đại Hàn Dân Quốc)";
    let purpose =
        "Trao đổi hợp tác giáo dục, văn hóa; khảo sát môi trường đầu tư vùng đồng bằng sông Cửu Long";
    let mut facts: Vec<DelegationFact> = Vec::new();
    for no in 1..=12 {
        let mut fact = inbound(no);
        fact.title = title.to_owned();
        fact.purpose = purpose.to_owned();
        fact.countries = vec!["KR".into(), "TW".into(), "FR".into()];
        fact.co_hosts = vec!["Trường Đại học Cần Thơ".into(), "Hội hữu nghị Việt Nam - Hàn Quốc".into()];
        for member in &mut fact.members {
            member.name = format!("Wolfeschlegelsteinhausenbergerdorff Nguyễn Thị Hoàng Anh {no}");
            member.position = "Phó Vụ trưởng Vụ Hợp tác quốc tế, Bộ Giáo dục Đại Hàn Dân Quốc".to_owned();
        }
        facts.push(fact);
        let mut trip = outbound(100 + no);
        trip.purpose = purpose.to_owned();
        facts.push(trip);
    }
    november(&facts)
}

pub(super) fn paper(form: &Return) -> Matter {
    let issuer = Body {
        name: "Sở Ngoại vụ thành phố Cần Thơ".to_owned(),
        code: "SNGV".to_owned(),
        kind: OrganisationKind::ForeignAffairs,
        superior: "Ủy ban nhân dân thành phố Cần Thơ".to_owned(),
    };
    matter(form, issuer, "Cần Thơ".to_owned())
}

#[test]
fn the_paper_has_the_tables_of_the_form() {
    let form = long();
    let matter = paper(&form);
    let inbound = &matter.tables["inbound"];
    assert_eq!((inbound.columns.len(), inbound.rows.len()), (17, 13), "twelve and their sum");
    assert_eq!(inbound.rows[12].kind, RowKind::Total);
    assert_eq!(inbound.rows[12].cells[10], form.annex1.totals.visits.to_string());
    assert_eq!(matter.tables["outbound"].columns.len(), 14);
    assert_eq!(matter.tables["visits"].rows.len(), form.visits.len() + 1);
    let overview = &matter.tables["overview"];
    assert!(overview.rows.iter().any(|row| row.kind == RowKind::Section && row.cells.len() == 1));
    assert!(matter.tables["dossiers"].columns.iter().all(|column| column.head != "Hồ sơ"), "no ids on paper");
    for table in matter.tables.values() {
        let whole = |row: &&crate::paper::Row| row.kind != RowKind::Section;
        assert!(table.rows.iter().filter(whole).all(|row| row.cells.len() == table.columns.len()));
    }
    let empty = paper(&november(&[]));
    assert!(empty.tables["inbound"].rows.is_empty(), "no sum of nothing");
}

#[test]
fn wordings_are_tried_on_the_tables_that_there_are() {
    let sample = samples::of(Kind::Return);
    let real = paper(&long());
    assert_eq!(sample.tables.keys().collect::<Vec<_>>(), real.tables.keys().collect::<Vec<_>>());
    let names = |matter: &Matter| matter.facts.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&sample), names(&real));
}

#[test]
fn a_period_has_its_vietnamese_name() {
    use crate::domain::report::{Period, Window, build};
    let of = |kind: &str, label: &str| {
        let period = Period::parse(kind, label).unwrap();
        let form = build(
            &[],
            period,
            Window::Calendar,
            "2026-01-01".parse().unwrap(),
            &str::to_owned,
            crate::domain::codes::Lang::Vi,
            crate::domain::report::Meta::default(),
        );
        paper(&form.unwrap()).facts["period"].as_str().unwrap().to_owned()
    };
    assert_eq!(of("monthly", "2025-11"), "tháng 11/2025");
    assert_eq!(of("quarterly", "2025-Q4"), "quý 4/2025");
    assert_eq!(of("half", "2025-H1"), "6 tháng đầu năm 2025");
    assert_eq!(of("half", "2025-H2"), "6 tháng cuối năm 2025");
    assert_eq!(of("nine", "2025-9M"), "9 tháng năm 2025");
    assert_eq!(of("yearly", "2025"), "năm 2025");
}

#[test]
fn the_text_part_has_no_annexes() {
    let press = Press::open(None).unwrap();
    let matter = paper(&long());
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    assert!(text(press.file(&matter, Format::Docx).unwrap()).contains("PHỤ LỤC 1"));
    let part = text(press.text_part(&matter).unwrap());
    assert!(part.contains("I. TỔNG HỢP") && !part.contains("PHỤ LỤC 1"));
}

#[cfg(feature = "pdf")]
#[test]
fn the_annexes_are_whole_and_repeat_their_heads() {
    let press = Press::open(None).unwrap();
    let form = long();
    let bytes = press.file(&paper(&form), Format::Pdf).unwrap();
    // To look at it: `LEGATION_PAPERS_OUT=folder`.
    if let Some(out) = std::env::var_os("LEGATION_PAPERS_OUT") {
        std::fs::write(std::path::Path::new(&out).join("long-return.pdf"), &bytes).unwrap();
    }
    let squeezed =
        |text: &str| text.chars().filter(|c| !c.is_whitespace() && *c != '\u{200b}').collect::<String>();
    let pages: Vec<String> = pdf_extract::extract_text_from_mem_by_pages(&bytes)
        .unwrap()
        .iter()
        .map(|page| squeezed(page))
        .collect();
    let all = pages.concat();
    for row in &form.annex1.rows {
        for (text, least) in [(&row.title, 12), (&row.purpose, 12), (&row.head_position, 12), (&row.head, 1)]
        {
            assert!(all.matches(&squeezed(text)).count() >= least, "{text}");
        }
    }
    let annex1 = pages
        .iter()
        .filter(|page| page.contains(&squeezed("Trao đổi hợp tác giáo dục")) && page.contains("DV-2025"));
    let heads: Vec<bool> = annex1.map(|page| page.contains(&squeezed("Đơn vị đón (phối hợp)"))).collect();
    assert!(heads.len() > 1 && heads.iter().all(|head| *head), "{heads:?}");
    assert!(bytes == press.file(&paper(&form), Format::Pdf).unwrap(), "same form, same bytes");
}
