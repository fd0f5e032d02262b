//! Mail over a real SMTP conversation, into a folder and into memory: what arrives, and what is known
//! when it does not.

use std::net::TcpListener;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use chrono::{NaiveDate, TimeZone, Utc};
use legation::domain::codes::{Code, Direction, Lang};
use legation::mail::{
    BadAddress, BadTransport, Correspondent, DigestLine, Kind, Mail, Notice, Outcome, Settings, Timeouts,
    Transport, Unmailable, render,
};

use super::smtp::{Behaviour, FORGED, SmtpServer};

fn day(year: i32, month: u32, day: u32) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(year, month, day)
}

fn notice(kind: Kind, lang: Lang) -> Notice {
    Notice {
        kind,
        lang,
        direction: Some(Direction::Inbound),
        code: Some("DV-2025-0007".to_owned()),
        step: Some("appraise".to_owned()),
        organisation: "Liên hiệp các tổ chức hữu nghị".to_owned(),
        arrives_on: day(2025, 11, 3),
        departs_on: day(2025, 11, 6),
        due_on: day(2025, 10, 28),
        period: None,
        sha256: None,
        lines: Vec::new(),
        link: "https://legation.example.vn/dossiers/01932c07-a2b4-7def-8000-000000000001".to_owned(),
        to_name: "Trần Thị Hoà".to_owned(),
        to_address: "hoa.tran@ngoaivu.example.vn".to_owned(),
        from: Correspondent::parse("Sở Ngoại vụ <no-reply@ngoaivu.example.vn>").unwrap(),
        message_id: "<01932c07-a2b4-7def-8000-0000000000aa@legation.example.vn>".to_owned(),
        date: Utc.with_ymd_and_hms(2025, 10, 20, 1, 2, 3).unwrap(),
    }
}

fn mail() -> Mail {
    render(&notice(Kind::SubmittedForReceipt, Lang::Vi)).unwrap()
}

/// A folder for one test, with the certificate of the server's authority in it.
struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    fn new(server: &SmtpServer) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("ca.pem"), &server.ca_pem).unwrap();
        Self { folder }
    }

    fn ca_file(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    fn transport(&self, url: String) -> Transport {
        let second = Duration::from_secs(1);
        let timeouts = Timeouts { connect: second, command: second, answer: second };
        let hello = Some("legation.example.vn".to_owned());
        let url = url.try_into().unwrap();
        Transport::open(&Settings { url, ca_file: Some(self.ca_file()), hello, timeouts }).unwrap().unwrap()
    }
}

fn sent_to(server: &SmtpServer) -> Outcome {
    let url = format!("smtp://an%40x.vn:m%E1%BA%ADt%20kh%E1%BA%A9u@localhost:{}", server.port);
    Desk::new(server).transport(url).send(&mail())
}

fn retried(outcome: &Outcome, words: &str) {
    let Outcome::Retry { reason } = outcome else { panic!("{outcome:?}") };
    assert!(reason.contains(words), "{reason}");
}

#[test]
fn a_mail_arrives_over_starttls_with_its_headers_and_its_vietnamese_text() {
    let server = SmtpServer::start(Behaviour::Normal);
    assert_eq!(sent_to(&server), Outcome::Sent);
    let [received] = server.mails().try_into().expect("one mail");
    assert!(received.tls);
    assert_eq!(received.user, Some(("an@x.vn".to_owned(), "mật khẩu".to_owned())));
    assert_eq!(received.from, "no-reply@ngoaivu.example.vn");
    assert_eq!(received.to, ["hoa.tran@ngoaivu.example.vn"]);
    for (name, value) in [
        ("From", "Sở Ngoại vụ <no-reply@ngoaivu.example.vn>"),
        ("To", "Trần Thị Hoà <hoa.tran@ngoaivu.example.vn>"),
        ("Subject", "[DV-2025-0007] Hồ sơ đoàn vào chờ tiếp nhận"),
        ("Message-ID", "<01932c07-a2b4-7def-8000-0000000000aa@legation.example.vn>"),
        ("Date", "Mon, 20 Oct 2025 01:02:03 +0000"),
        ("Auto-Submitted", "auto-generated"),
        ("Content-Language", "vi"),
        ("MIME-Version", "1.0"),
    ] {
        assert_eq!(received.header(name).as_deref(), Some(value), "{name}");
    }
    let text = received.part("text/plain").unwrap();
    assert!(text.contains("Kính gửi Trần Thị Hoà,"), "{text}");
    assert!(text.contains("Ngày đến: 03/11/2025\r\nNgày đi: 06/11/2025\r\nHạn: 28/10/2025"), "{text}");
    assert!(text.contains("Đơn vị: Liên hiệp các tổ chức hữu nghị"), "{text}");
    let html = received.part("text/html").unwrap();
    assert!(html.contains(r#"<html lang="vi">"#), "{html}");
    assert!(html.contains(r#"href="https://legation.example.vn/dossiers/01932c07"#), "{html}");
    let commands = server.commands.lock().unwrap().clone();
    assert_eq!(commands[..3], ["EHLO legation.example.vn", "STARTTLS", "tls EHLO legation.example.vn"]);
    assert!(commands[3..].iter().all(|line| line.starts_with("tls ")), "{commands:?}");
}

#[test]
fn a_mail_arrives_over_tls_from_the_first_byte() {
    let server = SmtpServer::start_wrapped(Behaviour::Normal);
    let transport = Desk::new(&server).transport(format!("smtps://127.0.0.1:{}", server.port));
    assert_eq!(transport.send(&mail()), Outcome::Sent);
    assert_eq!(server.mails().len(), 1);
    assert!(server.mails()[0].user.is_none());
}

#[test]
fn a_server_without_starttls_gets_neither_password_nor_mail() {
    let server = SmtpServer::start(Behaviour::NoStartTls);
    retried(&sent_to(&server), "STARTTLS");
    assert!(server.mails().is_empty());
    let commands = server.commands.lock().unwrap().clone();
    assert!(!commands.is_empty() && commands.iter().all(|line| line.starts_with("EHLO")), "{commands:?}");
}

#[test]
fn an_unknown_authority_is_refused() {
    let server = SmtpServer::start(Behaviour::Normal);
    let other = SmtpServer::start(Behaviour::Normal);
    let url = format!("smtp://u:p@localhost:{}", server.port);
    retried(&Desk::new(&other).transport(url.clone()).send(&mail()), "certificate");
    let without = Settings { url: url.try_into().unwrap(), ..Settings::default() };
    retried(&Transport::open(&without).unwrap().unwrap().send(&mail()), "certificate");
    assert!(!server.commands.lock().unwrap().iter().any(|line| line.contains("AUTH")));
}

#[test]
fn a_certificate_for_another_name_is_refused() {
    let server = SmtpServer::start_named("mail.example.vn");
    retried(&sent_to(&server), "certificate");
    assert!(server.mails().is_empty());
    assert!(!server.commands.lock().unwrap().iter().any(|line| line.contains("AUTH")));
}

#[test]
fn answers_that_were_forged_before_tls_are_not_believed() {
    for count in 1..=FORGED.len() {
        let server = SmtpServer::start(Behaviour::InjectAnswers(count));
        let transport = Desk::new(&server).transport(format!("smtp://localhost:{}", server.port));
        let outcome = transport.send(&mail());
        assert!(matches!(outcome, Outcome::Retry { .. }), "{count}: {outcome:?}");
        assert!(server.mails().is_empty());
    }
}

#[test]
fn a_lost_answer_to_the_final_dot_is_unknown() {
    for behaviour in [Behaviour::DropAfterData, Behaviour::StallAfterData] {
        let server = SmtpServer::start(behaviour);
        let outcome = sent_to(&server);
        assert!(matches!(outcome, Outcome::Unknown { .. }), "{behaviour:?}: {outcome:?}");
        assert_eq!(server.mails().len(), 1, "it had arrived");
    }
}

#[test]
fn a_break_before_the_final_dot_is_not_unknown() {
    let server = SmtpServer::start(Behaviour::DropDuringData);
    let desk = Desk::new(&server);
    let transport = desk.transport(format!("smtp://localhost:{}", server.port));
    let mut large = mail();
    // Larger than what the kernel takes for a peer that no longer reads.
    large.raw.extend(b"padding padding padding padding padding padding padding\r\n".repeat(400_000));
    let outcome = transport.send(&large);
    retried(&outcome, "content");
    assert!(server.mails().is_empty());
}

#[test]
fn refusals_of_the_recipient_or_the_mail_are_told_apart() {
    retried(&sent_to(&SmtpServer::start(Behaviour::TempFail)), "recipient: transient error (451)");
    retried(&sent_to(&SmtpServer::start(Behaviour::TempFailAfterData)), "transient error (452)");
    let dead = sent_to(&SmtpServer::start(Behaviour::PermFail));
    let reason = "recipient: permanent error (550): 5.1.1 (address) unknown".to_owned();
    assert_eq!(dead, Outcome::Dead { reason });
    let dead = sent_to(&SmtpServer::start(Behaviour::PermFailAfterData));
    assert!(matches!(dead, Outcome::Dead { .. }), "{dead:?}");
}

#[test]
fn a_wrong_password_is_the_servers_matter_and_kills_no_mail() {
    retried(&sent_to(&SmtpServer::start(Behaviour::AuthFail)), "sign-in: permanent error (535)");
}

#[test]
fn a_server_that_is_silent_or_gone_costs_the_timeouts_and_no_mail() {
    let began = Instant::now();
    retried(&sent_to(&SmtpServer::start(Behaviour::Stall)), "connection");
    assert!(began.elapsed() < Duration::from_secs(5));
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let settings =
        Settings { url: format!("smtp://127.0.0.1:{port}").try_into().unwrap(), ..Settings::default() };
    retried(&Transport::open(&settings).unwrap().unwrap().send(&mail()), "connection");
}

#[test]
fn a_server_that_recovers_gets_the_same_mail_again() {
    let server = SmtpServer::start(Behaviour::DropAfterData);
    assert!(matches!(sent_to(&server), Outcome::Unknown { .. }));
    server.behave(Behaviour::Normal);
    assert_eq!(sent_to(&server), Outcome::Sent);
    let [first, second] = server.mails().try_into().expect("two copies");
    assert_eq!(first.data, second.data);
}

#[test]
fn lines_that_begin_with_a_dot_arrive_whole() {
    let server = SmtpServer::start(Behaviour::Normal);
    let mut dotted = mail();
    dotted.raw = b"Subject: dots\r\n\r\n.\r\n..\r\nRCPT TO:<b@x.vn>\r\n.end\r\n".to_vec();
    let transport = Desk::new(&server).transport(format!("smtp://localhost:{}", server.port));
    assert_eq!(transport.send(&dotted), Outcome::Sent);
    let [received] = server.mails().try_into().expect("one mail");
    assert_eq!(received.data.as_bytes(), dotted.raw);
    assert_eq!(received.to, ["hoa.tran@ngoaivu.example.vn"]);
}

#[test]
fn poison_is_refused_before_it_reaches_the_wire() {
    let good = || notice(Kind::Returned, Lang::En);
    let refused = |notice: Notice| render(&notice).expect_err("poison");
    for name in ["A\nBcc: b@x.vn", "A\r\nB", "A\0B", "A\u{85}B", "A\u{2028}B"] {
        let refusal = refused(Notice { to_name: name.to_owned(), ..good() });
        assert_eq!(refusal, Unmailable::Address(BadAddress::ControlCharacters), "{name:?}");
    }
    let address = refused(Notice { to_address: "\"a\\\r\nDATA\"@x.vn".to_owned(), ..good() });
    assert_eq!(address, Unmailable::Address(BadAddress::Local));
    let organisation = refused(Notice { organisation: "A\r\n.\r\nMAIL".to_owned(), ..good() });
    assert_eq!(organisation, Unmailable::ControlCharacters("organisation"));
    let code = refused(Notice { code: Some("DV\r\nBcc: b@x.vn".to_owned()), ..good() });
    assert_eq!(code, Unmailable::ControlCharacters("code"));
    assert_eq!(refused(Notice { code: None, ..good() }), Unmailable::NoCode);
    // A draft has no code yet, and it is where a rule stands in the way.
    for kind in [Kind::OverrideAsked, Kind::OverrideAnswered] {
        let mail = render(&Notice { code: None, ..notice(kind, Lang::En) }).unwrap();
        assert!(mail.subject.contains("not numbered yet"), "{}", mail.subject);
    }
    for link in ["javascript:alert(1)", "https://x.vn/\r\n", "https://x.vn/\">", "/dossiers/1", "https://"] {
        assert_eq!(refused(Notice { link: link.to_owned(), ..good() }), Unmailable::Link, "{link:?}");
    }
    let id = refused(Notice { message_id: "<a@b>\r\nBcc: b@x.vn".to_owned(), ..good() });
    assert_eq!(id, Unmailable::Address(BadAddress::MessageId));
    let date = Utc.with_ymd_and_hms(1969, 12, 31, 0, 0, 0).unwrap();
    assert_eq!(refused(Notice { date, ..good() }), Unmailable::Date);
}

#[test]
fn what_is_typed_is_escaped_in_html_and_stays_one_header() {
    let odd = Notice {
        to_name: "<b>\"An\", x@y.vn; =?utf-8?q?=0ABcc:b@x.vn?=".to_owned(),
        organisation: "<script>alert('x')</script> & Co".to_owned(),
        ..notice(Kind::SubmittedForReceipt, Lang::En)
    };
    let mail = render(&odd).unwrap();
    assert!(!mail.html.contains("<script>") && !mail.html.contains("<b>"), "{}", mail.html);
    assert!(mail.text.contains("<script>alert('x')</script> & Co has submitted"), "{}", mail.text);
    let server = SmtpServer::start(Behaviour::Normal);
    let transport = Desk::new(&server).transport(format!("smtp://localhost:{}", server.port));
    assert_eq!(transport.send(&mail), Outcome::Sent);
    let [received] = server.mails().try_into().expect("one mail");
    assert_eq!(received.to, ["hoa.tran@ngoaivu.example.vn"]);
    assert!(received.header("Bcc").is_none());
    assert!(!received.data.split("\r\n\r\n").next().unwrap().contains("\nBcc"));
}

#[test]
fn every_kind_reads_well_in_both_languages() {
    for &kind in Kind::ALL {
        for &lang in Lang::ALL {
            let mail = render(&notice(kind, lang)).unwrap();
            let whole = format!("{}\n{}\n{}", mail.subject, mail.text, mail.html);
            assert!(!whole.contains("mail-") && !whole.contains("{$"), "{kind} {lang}: {whole}");
            assert_eq!(mail.subject.contains("[DV-2025-0007]"), kind.about_a_dossier(), "{}", mail.subject);
            assert!(mail.subject.chars().count() <= 70, "{}", mail.subject);
            assert!(mail.text.contains("https://legation.example.vn/dossiers/01932c07"), "{}", mail.text);
            assert!(!mail.text.contains("\n\n\n"), "{}", mail.text);
            let again = render(&notice(kind, lang)).unwrap();
            assert_eq!(mail.raw, again.raw, "the same notice gives the same bytes");
        }
    }
}

#[test]
fn a_step_that_is_not_known_by_name_still_reads_well() {
    let of = |step: Option<&str>, lang| {
        let step = step.map(str::to_owned);
        render(&Notice { step, ..notice(Kind::ReceivedForStep, lang) }).unwrap().subject
    };
    assert_eq!(of(Some("appraise"), Lang::Vi), "[DV-2025-0007] Hồ sơ đoàn vào chờ thẩm định");
    assert_eq!(of(Some("approve"), Lang::En), "[DV-2025-0007] Waits for approval: inbound delegation");
    assert_eq!(of(Some("mail-footer"), Lang::Vi), "[DV-2025-0007] Hồ sơ đoàn vào chờ xử lý");
    assert_eq!(of(None, Lang::En), "[DV-2025-0007] Waits for action: inbound delegation");
    for step in ["endorse", "appraise", "opinion", "approve"] {
        for &lang in Lang::ALL {
            let subject = of(Some(step), lang);
            assert!(!subject.contains("mail-") && subject != of(None, lang), "{subject}");
        }
    }
}

#[test]
fn a_digest_has_a_line_for_each_matter() {
    let line = |matter, on, overdue| DigestLine {
        matter,
        code: "DV-2026-0001".to_owned(),
        organisation: "Liên hiệp <các> tổ chức hữu nghị".to_owned(),
        on: day(2026, 2, on).unwrap(),
        overdue,
        link: "https://legation.example.vn/delegations/1".to_owned(),
    };
    let lines = vec![
        line("result_report", 6, true),
        line("police_notice", 9, false),
        line("no_permit", 23, false),
        line("permit_expires", 24, false),
        line("mail-footer", 25, false),
    ];
    let digest = |lang| Notice { code: None, lines: lines.clone(), ..notice(Kind::Digest, lang) };
    let mail = render(&digest(Lang::Vi)).unwrap();
    assert_eq!(mail.subject, "Nhắc việc: 5 việc đến hạn hoặc quá hạn");
    let about = "[DV-2026-0001, Liên hiệp <các> tổ chức hữu nghị]";
    let said: Vec<&str> = mail.text.lines().filter_map(|line| line.strip_prefix("- ")).collect();
    assert_eq!(
        said,
        [
            format!("Quá hạn từ 06/02/2026: Báo cáo kết quả {about}"),
            format!("Hạn 09/02/2026: Thông báo cho Công an thành phố {about}"),
            format!("Đến ngày 23/02/2026: Đoàn sắp đến nhưng chưa có văn bản cho phép {about}"),
            format!(
                "Hết hiệu lực ngày 24/02/2026: Văn bản cho phép hết hiệu lực trước khi đoàn rời đi {about}"
            ),
            format!("Hạn 25/02/2026: Việc phải làm khác {about}"),
        ]
    );
    assert!(mail.html.contains("Liên hiệp &#60;các&#62; tổ chức"), "{}", mail.html);
    let english = render(&digest(Lang::En)).unwrap();
    assert!(english.text.contains("- Overdue since 06/02/2026: Result report ["), "{}", english.text);
    let poisoned = |change: fn(&mut DigestLine)| {
        let mut digest = digest(Lang::Vi);
        change(&mut digest.lines[2]);
        render(&digest).err().unwrap()
    };
    let organisation = poisoned(|line| line.organisation.push_str("\r\n."));
    assert_eq!(organisation, Unmailable::ControlCharacters("organisation"));
    assert_eq!(poisoned(|line| line.link = "javascript:x".to_owned()), Unmailable::Link);
    // Every kind of duty and every alert has words of its own.
    let kinds = legation::domain::obligation::ObligationKind::ALL.iter().map(|kind| kind.code());
    let alerts = legation::domain::alert::AlertCode::ALL.iter().map(|code| code.code());
    for matter in kinds.chain(alerts.filter(|code| *code != "obligation_overdue")) {
        for &lang in Lang::ALL {
            let one = Notice { lines: vec![line(matter, 9, false)], ..digest(lang) };
            let other = Notice { lines: vec![line("no such", 9, false)], ..digest(lang) };
            let is_other = render(&one).unwrap().text == render(&other).unwrap().text;
            assert_eq!(is_other, matter == "other", "{matter}");
        }
    }
}

#[test]
fn a_plain_text_mail_looks_like_this() {
    let invitation = Notice {
        code: None,
        direction: None,
        arrives_on: None,
        departs_on: None,
        to_name: String::new(),
        link: "https://legation.example.vn/welcome#k7Qm".to_owned(),
        ..notice(Kind::Invitation, Lang::En)
    };
    let text = render(&invitation).unwrap().text;
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "Dear Sir or Madam,");
    assert!(lines[2].starts_with("An account at Liên hiệp các tổ chức hữu nghị has been made for you."));
    assert_eq!(lines[4..6], ["Organisation: Liên hiệp các tổ chức hữu nghị", "Due: 28/10/2025"]);
    assert_eq!(lines[7..9], ["Choose a password and sign in:", "https://legation.example.vn/welcome#k7Qm"]);
    assert_eq!(lines[10], "-- ");
    assert_eq!(lines.len(), 12);
}

#[test]
fn a_folder_gets_one_file_a_mail_and_a_second_attempt_replaces_it() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("file://{}/out", folder.path().display());
    let transport =
        Transport::open(&Settings { url: url.try_into().unwrap(), ..Settings::default() }).unwrap().unwrap();
    assert_eq!([transport.send(&mail()), transport.send(&mail())], [Outcome::Sent, Outcome::Sent]);
    let files: Vec<_> =
        std::fs::read_dir(folder.path().join("out")).unwrap().map(|f| f.unwrap().path()).collect();
    let expected = folder.path().join("out/01932c07-a2b4-7def-8000-0000000000aa@legation.example.vn.eml");
    assert_eq!(files, [expected]);
    assert_eq!(std::fs::read(&files[0]).unwrap(), mail().raw);
    std::fs::remove_dir_all(folder.path().join("out")).unwrap();
    retried(&transport.send(&mail()), "folder");
}

#[test]
fn memory_keeps_the_mails_for_all_who_hold_the_transport() {
    let transport = Transport::memory();
    assert_eq!(transport.clone().send(&mail()), Outcome::Sent);
    let mailbox = transport.mailbox().unwrap();
    assert_eq!(mailbox.mails().len(), 1);
    assert_eq!(mailbox.take()[0].subject, "[DV-2025-0007] Hồ sơ đoàn vào chờ tiếp nhận");
    assert!(mailbox.mails().is_empty());
}

#[test]
fn settings_that_cannot_work_are_refused_at_the_start_without_repeating_the_password() {
    let folder = tempfile::tempdir().unwrap();
    let not_a_certificate = folder.path().join("ca.pem");
    std::fs::write(&not_a_certificate, "hello").unwrap();
    let open = |url: &str, ca_file: Option<PathBuf>| {
        Transport::open(&Settings { url: url.to_owned().try_into().unwrap(), ca_file, ..Settings::default() })
            .unwrap_err()
    };
    let missing = open("smtp://u:secret@h", Some(folder.path().join("missing.pem")));
    let empty = open("smtp://u:secret@h", Some(not_a_certificate.clone()));
    let blocked = open(&format!("file://{}/x", not_a_certificate.display()), None);
    assert!(matches!((&missing, &empty), (BadTransport::CaFile { .. }, BadTransport::CaFile { .. })));
    assert!(matches!(blocked, BadTransport::Folder { .. }));
    for fault in [missing, empty, blocked] {
        assert!(!format!("{fault} {fault:?}").contains("secret"));
    }
}
