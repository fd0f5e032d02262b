//! Official papers over real dossiers: what each says at which step, who may have it, the same bytes on both databases,
//! and what an office's own templates may and may not do.

use legation::domain::access::Role;
use legation::service::returns::Format;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::app::{Answer, Client, TestApp, databases, on_each};
use super::make::{self, Made};

const KINDS: [&str; 5] = ["appraisal_note", "submission", "permit", "member_list", "result_report"];

fn paper(client: &Client, made: &Made, file: &str) -> Answer {
    client.get(&format!("{}/papers/render/{file}", made.path()))
}

/// The text of a DOCX: its parts are stored, not packed.
pub fn docx_text(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{}", answer.body);
    let all = String::from_utf8_lossy(&answer.bytes).into_owned();
    let runs =
        all.split("<w:t xml:space=\"preserve\">").skip(1).filter_map(|rest| rest.split("</w:t>").next());
    runs.collect::<Vec<_>>().join("\n").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

/// The text of a PDF, on one line.
#[cfg(feature = "pdf")]
fn pdf_text(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{}", answer.body);
    let text = pdf_extract::extract_text_from_mem(&answer.bytes).unwrap();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn permitted(app: &TestApp) -> Made {
    let officer = app.as_(Role::Officer);
    let mut made = make::registered(app, &officer, &make::body(app, "2026-03-16"), 1);
    make::received(app, &officer, &mut made);
    make::approved(app, &mut made);
    made
}

#[test]
fn a_permit_says_approved_in_the_system_until_it_is_issued() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let mut made = make::registered(app, &officer, &make::body(app, "2026-03-16"), 1);
        paper(&officer, &made, "permit.docx").refused(409, "illegal-move");
        paper(&officer, &made, "result_report.docx").refused(409, "illegal-move");
        make::received(app, &officer, &mut made);
        let draft = docx_text(&paper(&officer, &made, "permit.docx"));
        assert!(draft.contains("DỰ THẢO") && !draft.contains("Đã duyệt"), "{draft}");
        make::approved(app, &mut made);
        let approved = docx_text(&paper(&officer, &made, "permit.docx"));
        assert!(
            approved.contains("Đã duyệt trên hệ thống ngày 02/03/2026") && !approved.contains("DỰ THẢO"),
            "{approved}"
        );
        assert!(approved.contains("Chưa có số và chữ ký.") && approved.contains("Số:\u{a0}"), "{approved}");
        make::issued(app, &mut made, "5");
        let issued = docx_text(&paper(&officer, &made, "permit.docx"));
        for words in [
            "Số: 05/UBND-ĐN",
            "Cần Thơ, ngày 02 tháng 3 năm 2026",
            "V/v cho phép đón tiếp Đoàn Hội hữu nghị Pháp - Việt",
            "KT. ",
            "Nguyễn Văn Phúc",
            "DURAND MARIE 1",
            "08:30 16/03/2026",
        ] {
            assert!(issued.contains(words), "{words}: {issued}");
        }
        for words in ["DỰ THẢO", "Đã duyệt", "đã ký", "Đã ký"] {
            assert!(!issued.contains(words), "{words}: {issued}");
        }
    });
}

#[test]
fn the_same_bytes_on_both_databases_and_twice() {
    let mut seen: Vec<Vec<(String, Vec<u8>)>> = Vec::new();
    for kind in databases() {
        let app = TestApp::spawn(kind);
        let officer = app.as_(Role::Officer);
        let mut made = permitted(&app);
        make::issued(&app, &mut made, "5");
        let mut papers = Vec::new();
        let formats: &[&str] = if cfg!(feature = "pdf") { &["docx", "pdf"] } else { &["docx"] };
        for format in formats {
            for kind in KINDS {
                let file = format!("{kind}.{format}");
                let (one, two) = (paper(&officer, &made, &file), paper(&officer, &made, &file));
                assert_eq!(one.status, 200, "{file}: {}", one.body);
                assert!(one.bytes == two.bytes, "{file} twice");
                papers.push((file, one.bytes));
            }
            let path = format!("/api/v1/reports/monthly/2026-03.{format}?window=calendar");
            let english = Client { lang: Some("en"), ..officer.clone() };
            let (one, two) = (officer.get(&path), english.get(&path));
            assert_eq!(one.status, 200, "{path}: {}", one.body);
            assert!(one.bytes == two.bytes, "official paper is in Vietnamese whoever asks");
            papers.push((path, one.bytes));
        }
        seen.push(papers);
    }
    for other in seen.iter().skip(1) {
        for ((file, one), (_, two)) in seen[0].iter().zip(other) {
            assert!(one == two, "{file}");
        }
    }
}

#[cfg(feature = "pdf")]
#[test]
fn each_paper_says_what_the_dossier_says() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let mut made = permitted(app);
        app.advance(chrono::TimeDelta::days(20));
        let officer = app.signed_in(officer.account.unwrap());
        made.does(
            &officer,
            "report",
            &json!({"actual_arrives_on": "2026-03-16", "results": "Ký biên bản.\nMời thăm lại.",
                "unpermitted": true}),
        );
        for (kind, words) in [
            (
                "appraisal_note",
                vec![
                    "PHIẾU THẨM ĐỊNH",
                    "Đủ điều kiện. Đề nghị chấp thuận.",
                    "DURAND MARIE 1",
                    "Thăm và làm việc",
                ],
            ),
            ("submission", vec!["TỜ TRÌNH", "Kính gửi:", "IV. KIẾN NGHỊ", "15/LHHN"]),
            (
                "permit",
                vec![
                    "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
                    "Độc lập - Tự do - Hạnh phúc",
                    "Nơi nhận:",
                    "Trụ sở",
                ],
            ),
            ("member_list", vec!["DANH SÁCH ĐOÀN", "Pháp", "Phổ thông", "01/01/2031", "Tổng cộng 2 người"]),
            (
                "result_report",
                vec!["BÁO CÁO", "Ký biên bản.", "Mời thăm lại.", "từ ngày 16 tháng 3 năm 2026"],
            ),
        ] {
            let text = pdf_text(&paper(&officer, &made, &format!("{kind}.pdf")));
            for words in words {
                let words = if words == "IV. KIẾN NGHỊ" { "KIẾN NGHỊ" } else { words };
                assert!(text.contains(words), "{kind}: {words}: {text}");
            }
        }
        let text = pdf_text(&officer.get("/api/v1/reports/monthly/2026-03.pdf?window=calendar"));
        for words in [
            "tháng 3/2026",
            "1 đoàn vào với 2 lượt khách",
            "PHỤ LỤC 1",
            "PHỤ LỤC 2",
            "PHỤ LỤC 6",
            "QUY TẮC TÍNH SỐ LIỆU",
            "Tổng cộng",
        ] {
            assert!(text.contains(words), "{words}: {text}");
        }
    });
}

#[test]
fn a_pending_amendment_changes_no_permit() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let mut made = permitted(app);
        make::issued(app, &mut made, "5");
        let before = paper(&officer, &made, "permit.docx").bytes;
        made.edits(&officer, &json!({"arrives_on": "2026-04-20", "departs_on": "2026-04-22"}));
        assert_eq!(made.seen(&officer)["state"], "draft");
        assert!(paper(&officer, &made, "permit.docx").bytes == before, "what was permitted is printed");
        assert!(
            docx_text(&paper(&officer, &made, "member_list.docx")).contains("20/04/2026"),
            "the list is as it is now"
        );
    });
}

#[test]
fn a_trip_abroad_has_a_decision_and_no_permit_letter() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let mut body = make::body(app, "2026-03-25");
        body["direction"] = json!("outbound");
        body["leaves_vn_on"] = json!("2026-03-25");
        body["enters_vn_on"] = json!("2026-03-28");
        body["stays"] =
            json!([{"country": "KR", "from": "2026-03-25", "to": "2026-03-27", "inviter": "MYI"}]);
        body["funding"] =
            json!([{"payer": "host", "covers": ["lodging"], "amount": "1250.50", "currency": "USD"}]);
        let mut made = make::draft(&officer, &body);
        let head = json!({"full_name": "Trần Thị Lan", "nationality": "VN", "role": "head", "position": "Chủ tịch",
            "managed_by": "unit"});
        made.does(&officer, "members", &head);
        make::received(app, &officer, &mut made);
        make::approved(app, &mut made);
        paper(&officer, &made, "permit.docx").refused(404, "not-found");
        let text = docx_text(&paper(&officer, &made, "decision.docx"));
        for words in ["QUYẾT ĐỊNH", "Điều 1. Cử", "TRẦN THỊ LAN", "Hàn Quốc", "1.250,50", "MYI"]
        {
            assert!(text.contains(words), "{words}: {text}");
        }
        assert!(text.contains("gồm 1 người"), "{text}");
    });
}

#[test]
fn papers_are_for_those_who_may_see_the_dossier() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let made = permitted(app);
        let nowhere = Made { id: "01890000-0000-7000-8000-000000000000".to_owned(), version: 1 };
        let stranger = app.at(Role::Officer, app.world().university);
        let hidden = paper(&stranger, &made, "permit.docx").refused(404, "not-found");
        let absent = paper(&stranger, &nowhere, "permit.docx").refused(404, "not-found");
        let bare = |mut problem: Value| {
            problem["request_id"] = Value::Null;
            problem
        };
        assert_eq!(bare(hidden), bare(absent), "what may not be known is not there");
        paper(&app.as_(Role::Admin), &made, "permit.docx").refused(403, "forbidden");
        paper(&app.client(), &made, "permit.docx").refused(401, "unauthorised");
        for (file, name) in
            [("poem.docx", "?kind"), ("return.docx", ""), ("permit.odt", "?format"), ("permit", "?format")]
        {
            let refused = paper(&officer, &made, file).refused(404, "not-found");
            assert_eq!(refused["errors"][0]["pointer"].as_str().unwrap_or_default(), name, "{file}");
        }
        officer
            .get(&format!("{}/papers/render/permit.docx?x=1", made.path()))
            .refused(400, "unknown-parameter");
        let confidential = {
            let mut body = make::body(app, "2026-03-18");
            body["confidential"] = json!(true);
            make::registered(app, &officer, &body, 11)
        };
        assert_eq!(paper(&officer, &confidential, "member_list.docx").status, 200);
        let colleague = app.another(Role::Officer, app.world().union);
        paper(&colleague, &confidential, "member_list.docx").refused(404, "not-found");
    });
}

#[test]
fn a_list_shows_no_whole_passport_number_and_an_auditor_none_of_it() {
    on_each(|app| {
        let made = permitted(app);
        let officers = docx_text(&paper(&app.as_(Role::Officer), &made, "member_list.docx"));
        let auditors = docx_text(&paper(&app.as_(Role::Auditor), &made, "member_list.docx"));
        for text in [&officers, &auditors] {
            assert!(!text.contains("FR000001") && text.contains("DURAND MARIE 1"), "{text}");
        }
        let tails = |text: &str| -> Vec<bool> {
            let after = text.split("•••••").skip(1);
            after.map(|rest| rest.starts_with(|c: char| c.is_ascii_alphanumeric())).collect()
        };
        assert_eq!(tails(&officers), [true, true], "the last characters tell passports apart: {officers}");
        assert_eq!(tails(&auditors), [false, false], "{auditors}");
    });
}

#[test]
fn a_paper_is_an_attachment_and_journalled() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let made = permitted(app);
        let answer = paper(&officer, &made, "submission.docx");
        let word = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
        assert_eq!(answer.header("content-type"), Some(word));
        let code = officer.get(&made.path()).expect(200)["code"].as_str().unwrap().to_owned();
        let name = format!("attachment; filename=\"{code}-submission.docx\"");
        assert_eq!(answer.header("content-disposition"), Some(name.as_str()));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.header("content-security-policy"), Some("sandbox; default-src 'none'"));
        let told = app.as_(Role::Auditor).get("/api/v1/journal?action=paper.rendered&limit=1").expect(200);
        let entry = &told["items"][0];
        assert_eq!(entry["values"]["sha256"], hex::encode(Sha256::digest(&answer.bytes)));
        assert_eq!(
            (&entry["values"]["kind"], &entry["values"]["format"]),
            (&json!("submission"), &json!("docx"))
        );
        assert_eq!(entry["actor_id"], json!(officer.account.unwrap().to_string()));
    });
}

#[test]
fn what_was_typed_stays_text() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let hostile = r#"#panic("x") $a$ *b* @c \ <d> & {{ e }} {% f %}"#;
        let mut body = make::body(app, "2026-03-16");
        body["title"] = json!(hostile);
        let made = make::registered(app, &officer, &body, 1);
        let text = docx_text(&paper(&officer, &made, "member_list.docx")).replace("&quot;", "\"");
        assert!(text.contains(hostile), "{text}");
        #[cfg(feature = "pdf")]
        {
            let text = pdf_text(&paper(&officer, &made, "member_list.pdf"));
            let squeezed = |text: &str| text.split_whitespace().collect::<String>();
            assert!(squeezed(&text).contains(&squeezed(hostile)), "{text}");
        }
    });
}

#[test]
fn the_command_line_writes_the_same_return() {
    on_each(|app| {
        let made = permitted(app);
        assert!(!made.id.is_empty());
        let path = "/api/v1/reports/monthly/2026-03.docx?window=calendar&as_of=2026-03-02";
        let served = app.as_(Role::Auditor).get(path).bytes;
        let out = app.folder().join("return.docx");
        let (window, as_of) = (legation::domain::report::Window::Calendar, "2026-03-02".parse().unwrap());
        let config = app.config();
        legation::cli::report::run(
            &config,
            "monthly",
            "2026-03",
            Format::Docx,
            Some(&out),
            Some(window),
            Some(as_of),
        )
        .unwrap();
        assert!(std::fs::read(&out).unwrap() == served);
    });
}

#[test]
fn an_offices_own_files_are_tried_at_start() {
    let folder = tempfile::tempdir().unwrap();
    let app = TestApp::spawn("sqlite");
    let mut config = app.config();
    config.paper.dir = Some(folder.path().to_owned());
    let start = |config: &legation::config::Config| {
        legation::startup::stationery(config).map(drop).map_err(|error| error.to_string())
    };
    assert_eq!(start(&config), Ok(()), "an empty folder changes nothing");
    let wording = include_str!("../../config/paper/permit.toml").replace("{{ purpose }}", "{{ porpoise }}");
    let line = 1 + wording.lines().position(|line| line.contains("porpoise")).unwrap();
    std::fs::write(folder.path().join("permit.toml"), wording).unwrap();
    let told = start(&config).unwrap_err();
    assert!(told.starts_with(&format!("paper.dir: permit.toml:{line}: ")), "{told}");
    std::fs::remove_file(folder.path().join("permit.toml")).unwrap();
    let out = folder.path().join("samples");
    config.paper.dir = None;
    legation::cli::paper::check(&config, Some(&out)).unwrap();
    let count = std::fs::read_dir(&out).unwrap().count();
    assert_eq!(count, if cfg!(feature = "pdf") { 14 } else { 7 });
}
