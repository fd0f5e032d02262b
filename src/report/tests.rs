//! What the files hold: columns, safety from formulas, and the same bytes for the same data.

mod sheets;

use chrono::NaiveDate;

use super::{Table, csv, json, xlsx};
use crate::domain::codes::{Code, Lang};
use crate::domain::report::facts::{DelegationFact, GroupFact};
use crate::domain::report::tests::fixture::{group, inbound, november, outbound, report};
use crate::domain::report::{Meta, Period, Return, Window, build};

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// The records of a CSV after its BOM.
fn records(bytes: &[u8]) -> Vec<Vec<String>> {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).expect("a BOM");
    let reader = ::csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes);
    reader.into_records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect()
}

fn sample() -> Vec<DelegationFact> {
    let mut estimate = inbound(2);
    estimate.groups = vec![GroupFact { estimate: true, ..group(1, Some("KR"), 40, Some(38)) }];
    estimate.co_hosts = vec!["Trường Đại học Cần Thơ".into(), "Hội Việt - Hàn".into()];
    vec![inbound(1), estimate, outbound(3)]
}

#[test]
fn the_json_begins_with_the_totals() {
    let value: serde_json::Value = serde_json::from_slice(&json(&november(&sample())).unwrap()).unwrap();
    let totals = serde_json::json!({
        "inbound_delegations": 2, "visits": 42, "distinct_persons": 42, "outbound_delegations": 1
    });
    assert_eq!(value["totals"], totals);
    assert_eq!(value["period"]["label"], "2025-11");
    assert_eq!(value["period"]["from"], "2025-11-01");
    assert_eq!((value["window"].as_str(), value["as_of"].as_str()), (Some("calendar"), Some("2025-12-07")));
    assert_eq!(value["timezone"], "Asia/Ho_Chi_Minh");
    assert_eq!(value["rules"].as_array().unwrap().len(), 9);
    assert_eq!(value["dossiers"][0]["code"], "DV-2025-0001");
    assert_eq!(
        (&value["dossiers"][0]["counted"], &value["dossiers"][0]["reason"]),
        (&true.into(), &serde_json::Value::Null)
    );
    assert_eq!(value["annex1"]["rows"][1]["visits"], 40);
    assert!(value["visits"][0].get("person").is_none(), "persons are not joined by id");
    assert!(text(&json(&november(&sample())).unwrap()).starts_with("{\n  \"totals\": {"));
}

#[test]
fn each_table_has_exactly_its_columns() {
    let form = november(&sample());
    let head = |table| records(&csv(&form, Some(table)).unwrap()).remove(0).join(" | ");
    assert_eq!(
        head(Table::Overview),
        "Chỉ tiêu | Trong kỳ | Kỳ trước | Lũy kế năm | Cùng kỳ năm trước | Lũy kế cùng kỳ | Tăng/giảm"
    );
    assert_eq!(
        head(Table::Inbound),
        "STT | Mã | Tên đoàn | Trưởng đoàn, chức vụ | Quốc gia/VLT | Hạng | Đơn vị đón (phối hợp) | Đến | Đi | \
         Khách theo phép | Khách thực tế | Người VN đi cùng | Mục đích | Lĩnh vực | Văn bản xin phép | \
         Văn bản cho phép | Ghi chú"
    );
    assert_eq!(
        head(Table::Outbound),
        "STT | Mã | Trưởng đoàn | Số người (trong / ngoài QĐ) | Nước, số ngày | Đi | Về | Đơn vị mời | Mục đích | \
         Kinh phí theo nguồn | Quyết định | Báo cáo (ngày, hạn) | Hộ chiếu trả | Ghi chú"
    );
}

#[test]
fn a_clean_table_is_rectangular_with_plain_numbers_and_iso_days() {
    let form = november(&sample());
    for table in Table::ALL {
        let rows = records(&csv(&form, Some(*table)).unwrap());
        assert!(rows.iter().all(|row| row.len() == rows[0].len()), "{table}");
    }
    let rows = records(&csv(&form, Some(Table::Inbound)).unwrap());
    assert_eq!(rows.len(), 3, "a header and two rows, no totals");
    assert_eq!(
        rows[2][6],
        "Liên hiệp các tổ chức hữu nghị (phối hợp: Hội Việt - Hàn, Trường Đại học Cần Thơ)"
    );
    assert_eq!(rows[2][7..12], ["2025-11-05", "2025-11-08", "42", "40", "0"]);
    assert_eq!(rows[1][15], "05/UBND-ĐN ngày 20/10/2025, Trần Văn Bình");
    assert_eq!(rows[2][16], "số khách ước tính");
    let rows = records(&csv(&form, Some(Table::Outbound)).unwrap());
    let out = &rows[1];
    assert_eq!((out[3].as_str(), out[4].as_str()), ("2 (2 / 0)", "Nước FR (5), Nước DE (5)"));
    assert_eq!(out[9], "Bên mời: 3000.50 USD; Ngân sách nhà nước: 125000000 VND");
    assert_eq!((out[7].as_str(), out[11].as_str()), ("Ville de Nice", "10/11/2025 (hạn 15/11/2025)"));
    let rows = records(&csv(&form, Some(Table::Visits)).unwrap());
    let visits = rows[1..].iter().map(|row| row[10].parse::<u64>().unwrap()).sum::<u64>();
    assert_eq!(visits, form.totals.visits);
    let rows = records(&csv(&form, Some(Table::Overview)).unwrap());
    assert!(rows.iter().any(|row| row[0] == "Theo hạng (đoàn): Hạng C" && row[1] == "2"));
}

#[test]
fn the_printed_form_has_all_parts_totals_rules_and_estimates() {
    let mut form = november(&sample());
    form.meta.assessment = Some("Hoạt động sôi nổi.\nKhông có vi phạm.".into());
    let bytes = csv(&form, None).unwrap();
    let whole = text(&bytes);
    assert_eq!(whole.matches('\n').count(), whole.matches("\r\n").count(), "CRLF");
    for title in [
        "I. TỔNG HỢP",
        "II. ĐÁNH GIÁ",
        "III. ĐOÀN DỰ KIẾN",
        "PHỤ LỤC 1. ĐOÀN VÀO",
        "PHỤ LỤC 2. ĐOÀN RA",
        "PHỤ LỤC 6",
        "QUY TẮC TÍNH",
    ] {
        assert!(whole.contains(title), "{title}");
    }
    assert!(whole.contains("từ 01/11/2025 đến 30/11/2025") && whole.contains("Số liệu tính đến 07/12/2025"));
    assert!(
        whole.contains("hơn 40") && whole.contains("Lượt khách là một người không mang quốc tịch Việt Nam")
    );
    assert!(whole.contains("Tổng cộng,,,,,,,,44,42,0"), "totals on the three counts: {whole}");
    assert!(whole.contains("Không có vi phạm."));
}

#[test]
fn the_window_is_printed() {
    let form = report(&sample(), "2025-11", Window::MidMonth, "2025-12-07").unwrap();
    let whole = text(&csv(&form, None).unwrap());
    assert!(whole.contains("từ 15/10/2025 đến 14/11/2025 (từ ngày 15 tháng trước đến ngày 14)"));
    assert!(form.rules[8].vi.ends_with("Kỳ báo cáo: từ ngày 15 tháng trước đến ngày 14."));
}

const FORMULAS: [&str; 8] = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1"];

/// Every text that a user may type holds the same.
fn poisoned(text: &str) -> Return {
    let poison = |mut fact: DelegationFact| {
        fact.title = text.into();
        fact.purpose = text.into();
        fact.lead_host.as_mut().unwrap().name = text.into();
        fact.decision_ref = Some(text.into());
        fact.code = Some(text.into());
        fact.members.iter_mut().for_each(|member| {
            member.name = text.into();
            member.position = text.into();
        });
        fact.stays.iter_mut().for_each(|stay| stay.inviter = Some(text.into()));
        for paper in [&mut fact.permit, &mut fact.request_letter] {
            paper.as_mut().unwrap().number = text.into();
        }
        fact
    };
    let meta = Meta {
        organisation: text.into(),
        superior: Some(text.into()),
        assessment: Some(text.into()),
        ..Meta::default()
    };
    let period = Period::parse("monthly", "2025-11").unwrap();
    let names = |_: &str| text.to_owned();
    let as_of = NaiveDate::from_ymd_opt(2025, 12, 7).unwrap();
    let facts = sample().into_iter().map(poison).collect::<Vec<_>>();
    build(&facts, period, Window::Calendar, as_of, &names, Lang::Vi, meta).unwrap()
}

#[test]
fn no_csv_field_reads_as_a_formula() {
    for text in FORMULAS {
        let form = poisoned(text);
        for table in Table::ALL.iter().copied().map(Some).chain([None]) {
            let rows = records(&csv(&form, table).unwrap());
            let kept = rows.iter().flatten().any(|field| *field == format!("'{text}"));
            assert!(kept || table == Some(Table::Overview), "{table:?} {text:?}: quoted, else as it was");
            for field in rows.iter().flatten().filter(|field| *field != "-") {
                assert!(!field.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝']), "{field:?}");
            }
        }
    }
}

#[test]
fn the_workbook_is_the_same_twice_and_takes_any_text() {
    let bytes = xlsx(&november(&sample())).unwrap();
    assert!(bytes.starts_with(b"PK"));
    for _ in 0..5 {
        assert_eq!(xlsx(&november(&sample())).unwrap(), bytes);
    }
    for text in FORMULAS {
        xlsx(&poisoned(text)).unwrap();
    }
}

#[test]
fn shuffled_facts_give_the_same_bytes() {
    let facts: Vec<_> = (1..=9).map(inbound).chain((20..25).map(outbound)).collect();
    let files = |facts: &[DelegationFact]| {
        let form = november(facts);
        let mut files = vec![json(&form).unwrap(), csv(&form, None).unwrap(), xlsx(&form).unwrap()];
        files.extend(Table::ALL.iter().map(|table| csv(&form, Some(*table)).unwrap()));
        files
    };
    let first = files(&facts);
    for turn in 1..facts.len() {
        let mut other = facts.clone();
        other.rotate_left(turn);
        other.swap(0, turn / 2);
        for fact in &mut other {
            fact.members.reverse();
            fact.stays.reverse();
            fact.funding.reverse();
        }
        assert!(files(&other) == first, "turn {turn}");
    }
}

#[test]
fn texts_longer_than_a_cell_are_clipped_in_the_workbook_only() {
    let mut fact = inbound(1);
    fact.purpose = "đ".repeat(40_000);
    let form = november(&[fact]);
    xlsx(&form).unwrap();
    assert!(text(&csv(&form, None).unwrap()).contains(&"đ".repeat(40_000)));
}

#[test]
fn an_empty_period_is_a_return_too() {
    let form = november(&[]);
    assert_eq!(form.totals.visits, 0);
    for table in Table::ALL.iter().copied().map(Some).chain([None]) {
        csv(&form, table).unwrap();
    }
    xlsx(&form).unwrap();
}
