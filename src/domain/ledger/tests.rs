use uuid::Uuid;

use super::*;
use crate::domain::delegation::Content;

fn own() -> OrganisationId {
    OrganisationId(Uuid::from_u128(1))
}

fn ledger(pasted: &str) -> Ledger {
    let body = |folded: &str| (folded == "so ngoai vu").then(|| OrganisationId(Uuid::from_u128(2)));
    let today = NaiveDate::from_ymd_opt(2026, 3, 2).unwrap();
    read(pasted, &Ground { body: &body, own: own(), today })
}

fn faults(row: &Row) -> Vec<(&str, &str)> {
    row.cells.iter().filter_map(|cell| Some((cell.field, cell.fault?.code))).collect()
}

#[test]
fn a_ledger_with_the_headings_of_the_annex() {
    let read = ledger(
        "STT\tMã\tTên đoàn\tTrưởng đoàn, chức vụ\tQuốc gia/VLT\tHạng\tĐơn vị đón (phối hợp)\tĐến\tĐi\tKhách theo phép\t\
         Khách thực tế\tNgười VN đi cùng\tMục đích\tLĩnh vực\tGhi chú\n\
         1\t05\tĐoàn Hiroshima\tTANAKA Hiroshi\tNhật Bản\tKhách quốc tế khác\tSở Ngoại vụ\t5/2/2025\t09/02/2025\t6\thơn 5\t2\t\
         Thăm\tHữu nghị\tđi tàu\n",
    );
    assert_eq!(read.ignored, ["STT", "Trưởng đoàn, chức vụ"]);
    let row = &read.rows[0];
    assert_eq!((row.line, faults(row)), (2, vec![]));
    let content: Content = serde_json::from_value(row.content.clone()).unwrap();
    assert_eq!((content.title.as_str(), content.origin), ("Đoàn Hiroshima", Origin::Ledger));
    assert_eq!(content.lead_host_id, Some(OrganisationId(Uuid::from_u128(2))));
    assert_eq!((content.rank, content.primary_field), (Some(Rank::Other), Some(Field::Friendship)));
    assert_eq!(content.starts_on(), NaiveDate::from_ymd_opt(2025, 2, 5));
    assert_eq!(content.ends_on(), NaiveDate::from_ymd_opt(2025, 2, 9));
    let groups: Vec<_> =
        content.groups.iter().map(|g| (g.country.as_deref(), g.planned, g.came, g.estimate)).collect();
    assert_eq!(groups, [(Some("JP"), 6, Some(5), true), (Some("VN"), 2, Some(2), false)]);
    assert_eq!(content.origin_reason, "2; 05; đi tàu");
    assert!(!row.content.to_string().contains("TANAKA"), "a ledger gives numbers, not names");
}

#[test]
fn what_goes_out_has_stays_and_who_leaves_first() {
    let read = ledger(
        "Chiều\tTên đoàn\tNước\tĐi\tVề\tSố người\nĐoàn ra\tĐoàn thăm Lyon\tPháp; Bỉ\t01/12/2025\t05/12/2025\t4\n",
    );
    let content: Content = serde_json::from_value(read.rows[0].content.clone()).unwrap();
    assert_eq!(content.direction, Direction::Outbound);
    assert_eq!(content.stays.iter().map(|stay| stay.country.as_str()).collect::<Vec<_>>(), ["FR", "BE"]);
    assert_eq!(content.leaves_vn_on, NaiveDate::from_ymd_opt(2025, 12, 1));
    assert_eq!(content.enters_vn_on, NaiveDate::from_ymd_opt(2025, 12, 5));
    assert_eq!((content.groups[0].came, content.groups[0].country.as_deref()), (Some(4), None));
}

#[test]
fn people_by_country_must_sum_up() {
    let row = |countries: &str, came: &str| {
        let read = ledger(&format!("Đoàn A\t{countries}\t05/02/2025\t\t{came}"));
        (
            faults(&read.rows[0]).into_iter().map(|(f, c)| format!("{f} {c}")).collect::<Vec<_>>(),
            read.rows[0].content["groups"].clone(),
        )
    };
    let (none, groups) = row("Nhật Bản (5); Pháp: 3", "8");
    assert!(none.is_empty());
    assert_eq!((groups[0]["country"].as_str(), groups[0]["came"].as_u64()), (Some("JP"), Some(5)));
    assert_eq!((groups[1]["country"].as_str(), groups[1]["came"].as_u64()), (Some("FR"), Some(3)));
    assert_eq!(row("Nhật Bản (5); Pháp: 3", "9").0, ["countries sums-differ"]);
    assert_eq!(row("Nhật Bản (5); Pháp", "8").0, ["countries sums-differ"]);
    assert!(row("Nhật Bản (5), FR (3)", "").0.is_empty(), "the sum is the number");
    let (none, groups) = row("Nhật Bản, Pháp", "8");
    assert!(none.is_empty());
    assert_eq!(
        (groups[0]["country"].as_str(), groups[0]["came"].as_u64()),
        (None, Some(8)),
        "of unknown nationality"
    );
    assert_eq!(row("Nhật Bản, JP", "8").0, ["countries listed-twice"]);
}

#[test]
fn what_cannot_be_read_is_named_once() {
    let read = ledger(
        "Tên đoàn\tQuốc gia\tĐến\tĐi\tSố khách\tĐơn vị đón\tHạng\n\
         \tAtlantis\t31/02/2025\t\tnhiều\tSở Không có\tZ\n\
         Đoàn B\tPháp\t03/03/2026\t04/03/2026\t0\t\t\n\
         Đoàn C\tPháp\t05/02/2025\t04/02/2025\t1.250\t\t\n\
         Đoàn c\tPháp\t05/02/2025\t\t3\t\t\n",
    );
    assert_eq!(
        faults(&read.rows[0]),
        [
            ("countries", "bad-country"),
            ("from", "not-a-date"),
            ("came", "not-a-number"),
            ("lead_host_id", "unknown-organisation"),
            ("rank", "unknown-code"),
            ("title", "required"),
        ]
    );
    assert_eq!(
        faults(&read.rows[1]),
        [("from", "in-the-future"), ("to", "in-the-future"), ("came", "out-of-range")]
    );
    assert_eq!(faults(&read.rows[2]), [("to", "before-arrival")]);
    assert_eq!(faults(&read.rows[3]), [("title", "listed-twice")]);
    assert_eq!(read.rows[2].cells[4].became, "1250");
    assert!(read.rows.iter().all(|row| row.content.is_null() || !row.is_faulty() || row.line == 5));
}

#[test]
fn a_ledger_has_an_end() {
    assert!(ledger(&"A\n".repeat(10_000)).rows.len() > MOST);
    assert!(ledger(" \n\t\n").rows.is_empty());
}
