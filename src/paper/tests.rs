//! Papers read back: what was set is what was meant, whatever people typed, and the same bytes every time.

use super::folder::{SHIPPED, read};
use super::sheet::{Align, Block, Column, Row, Table};
use super::{Format, Kind, Matter, PaperError, Press, samples};
use crate::domain::codes::{Code, SigningForm};
use crate::paper::Numbered;

/// Everything that Typst, Jinja or XML could take for more than text.
const HOSTILE: &str = r#"#panic("x") $a^2$ *b* _c_ `d` @e \ <f> [g] = h {{ i }} {% j %} &amp; "k" #import "@preview/l:1.0.0" //m"#;

/// All letters of Vietnamese, small and capital.
#[cfg(feature = "pdf")]
fn letters() -> String {
    let vowels = "aàáảãạăằắẳẵặâầấẩẫậeèéẻẽẹêềếểễệiìíỉĩịoòóỏõọôồốổỗộơờớởỡợuùúủũụưừứửữựyỳýỷỹỵ";
    let small = format!("{vowels}bcdđghklmnpqrstvxfjwz");
    format!("{small} {}", small.to_uppercase())
}

fn press() -> Press {
    Press::open(None).unwrap()
}

/// The shipped files, and these in place of some.
fn press_with(own: &[(&str, &str)]) -> Result<Press, PaperError> {
    let mut files = read(None)?;
    for (name, text) in own {
        files.insert((*name).to_owned(), text.as_bytes().to_vec());
    }
    let press = Press::of(files)?;
    press.check()?;
    Ok(press)
}

/// Without spaces and in small letters: lines and cells break where they like, and capitals are the template's.
fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && *c != '\u{200b}').flat_map(char::to_lowercase).collect()
}

/// The text of a DOCX: its parts are stored, not packed, so that its runs stand in the bytes.
fn docx_text(bytes: &[u8]) -> String {
    let all = String::from_utf8_lossy(bytes).into_owned();
    let runs =
        all.split("<w:t xml:space=\"preserve\">").skip(1).filter_map(|rest| rest.split("</w:t>").next());
    let text: String = runs.collect::<Vec<_>>().join(" ");
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&apos;", "'")
        .replace("&amp;", "&")
}

#[test]
fn a_docx_of_every_kind_says_what_the_sheet_says() {
    let press = press();
    for matter in samples::all() {
        let bytes = press.file(&matter, Format::Docx).unwrap();
        assert!(bytes.starts_with(b"PK"), "{}", matter.kind);
        let found = squeezed(&docx_text(&bytes));
        for text in press.sheet(&matter).unwrap().texts() {
            assert!(found.contains(&squeezed(text)), "{}: {text}", matter.kind);
        }
        assert_eq!(bytes, press.file(&matter, Format::Docx).unwrap(), "{}", matter.kind);
        // The time of an entry in the archive: the beginning of its calendar, never the clock's.
        assert_eq!(bytes.get(10..14), Some([0, 0, 0x21, 0].as_slice()), "{}", matter.kind);
    }
}

#[test]
fn a_docx_repeats_the_head_of_each_table() {
    let bytes = press().file(&samples::of(Kind::MemberList), Format::Docx).unwrap();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    assert_eq!(text.matches("<w:tblHeader />").count(), 1);
    assert!(text.contains("w:orient=\"landscape\""));
}

#[test]
fn what_people_typed_is_never_more_than_text_in_a_docx() {
    let mut matter = samples::of(Kind::Permit);
    matter.facts["title"] = HOSTILE.into();
    let press = press();
    assert!(press.sheet(&matter).unwrap().head.subject.contains(HOSTILE));
    let bytes = press.file(&matter, Format::Docx).unwrap();
    assert!(docx_text(&bytes).contains(HOSTILE));
}

#[test]
fn an_issued_paper_has_its_number_day_signer_and_recipients() {
    let mut matter = samples::of(Kind::Permit);
    let before = press().sheet(&matter).unwrap();
    assert!(before.head.number.starts_with("Số:\u{a0}") && before.head.number.ends_with("/UBND-ĐN"));
    assert!(before.signature.name.is_empty());
    matter.numbered = Some(Numbered {
        number: "05".to_owned(),
        symbol: "UBND-ĐN".to_owned(),
        date: "2026-02-05".parse().unwrap(),
        signer: "Trần Văn B".to_owned(),
        forms: vec![SigningForm::Tm, SigningForm::Kt],
        recipients: vec!["Công an thành phố".to_owned()],
    });
    let sheet = press().sheet(&matter).unwrap();
    assert_eq!(sheet.head.number, "Số: 05/UBND-ĐN");
    assert_eq!(sheet.head.place_and_day, "Cần Thơ, ngày 05 tháng 02 năm 2026");
    assert_eq!(sheet.signature.lines, ["TM. Ủy ban nhân dân", "KT. Chủ tịch", "Phó Chủ tịch"]);
    assert_eq!(sheet.signature.name, "Trần Văn B");
    assert_eq!(sheet.recipients, ["- Công an thành phố;"]);
    assert_eq!(sheet.annexes[0].reference, "(Kèm theo Công văn số 05/UBND-ĐN ngày 05 tháng 02 năm 2026)");
}

#[test]
fn a_wrong_wording_is_named_with_its_line() {
    let shipped = |name: &str| SHIPPED.iter().find(|(own, _)| *own == name).unwrap().1;
    let fault = |name: &str, text: &str| press_with(&[(name, text)]).unwrap_err().to_string();
    let unknown = shipped("permit.toml").replace("- Mục đích: {{ purpose }}", "- {{ purpos }}");
    let line = 1 + unknown.lines().position(|line| line.contains("purpos }}")).unwrap();
    let told = fault("permit.toml", &unknown);
    assert!(told.starts_with(&format!("permit.toml:{line}: ")), "{told}");
    let told =
        fault("permit.toml", &shipped("permit.toml").replace("table = \"roster\"", "table = \"rooster\""));
    assert!(told.contains("no table `rooster`; there are funding, members,"), "{told}");
    let told = fault("offices.toml", "[[office]]\nkind = \"emperor\"\n");
    assert!(told.starts_with("offices.toml:"), "{told}");
    let told = fault("return.toml", &format!("{}\n[[block]]\nwhen = \"true\"\n", shipped("return.toml")));
    assert!(told.contains("none of text"), "{told}");
}

/// Each kind's own wording is tried, not only the first one's.
#[test]
fn a_wrong_wording_of_each_kind_is_named_with_its_line() {
    for kind in Kind::ALL {
        let name = format!("{kind}.toml");
        let shipped = SHIPPED.iter().find(|(own, _)| *own == name).unwrap().1;
        let with = |block: &str| {
            let wrong = format!("{shipped}\n[[block]]\n{block}\n");
            let line = wrong.lines().count();
            let mut files = read(None).unwrap();
            files.insert(name.clone(), wrong.into_bytes());
            let press = Press::of(files)?;
            Ok::<_, PaperError>((press.sheet(&samples::of(*kind)).unwrap_err().to_string(), line))
        };
        let (told, line) = with("text = \"{{ no_such_fact }}\"").unwrap();
        assert!(
            told.starts_with(&format!("{kind}.toml:{line}: ")) && told.contains("no such fact"),
            "{told}"
        );
        let (told, line) = with("table = \"nowhere\"").unwrap();
        assert!(told.starts_with(&format!("{kind}.toml:{line}: no table `nowhere`; ")), "{told}");
        let told = with("text = unquoted").unwrap_err().to_string();
        assert!(told.starts_with(&format!("{kind}.toml:")), "{told}");
        assert!(with("txt = \"x\"").unwrap_err().to_string().contains("txt"));
    }
}

#[test]
fn every_kind_has_a_wording_that_was_shipped() {
    for kind in Kind::ALL {
        let mut files = read(None).unwrap();
        assert!(files.remove(&format!("{kind}.toml")).is_some(), "{kind}");
        let told = Press::of(files).unwrap_err().to_string();
        assert_eq!(told, format!("{kind}.toml: there is no such file"));
    }
}

#[test]
fn other_files_are_another_version() {
    let mut files = read(None).unwrap();
    let shipped = Press::of(files.clone()).unwrap().version().to_owned();
    assert_eq!(press().version(), shipped);
    assert!(shipped.starts_with(concat!(env!("CARGO_PKG_VERSION"), "/")));
    files.insert("seal.png".to_owned(), vec![1]);
    assert_ne!(Press::of(files).unwrap().version(), shipped);
}

#[test]
fn a_docx_bears_the_code_of_its_check_page() {
    let bytes = press().file(&samples::of(Kind::Decision), Format::Docx).unwrap();
    let text = String::from_utf8_lossy(&bytes);
    assert!(text.contains("word/media/rIdCheck.png") && text.contains("r:embed=\"rIdCheck\""));
    assert!(docx_text(&bytes).contains("Quét mã để đối chiếu"));
    let without = press().file(&samples::of(Kind::Submission), Format::Docx).unwrap();
    assert!(!String::from_utf8_lossy(&without).contains("rIdCheck"));
}

#[test]
fn a_paper_of_too_much_text_is_refused() {
    let mut matter = samples::of(Kind::MemberList);
    let table = matter.tables.get_mut("members").unwrap();
    let row = table.rows[0].clone();
    table.rows = (0..40_000).map(|_| row.clone()).collect();
    let error = press().file(&matter, Format::Docx).unwrap_err();
    assert_eq!(error.code(), "paper-too-large");
}

fn one_table(rows: usize) -> Matter {
    let mut matter = samples::of(Kind::MemberList);
    let columns = vec![Column::points("STT", 22, Align::Center), Column::share("Họ và tên duy nhất", 10)];
    let rows = (1..=rows).map(|n| Row::of(vec![n.to_string(), format!("Người thứ {n}")])).collect();
    matter.tables.insert("members", Table { size: 11, columns, rows, empty: "Không có".to_owned() });
    matter
}

#[test]
fn an_empty_table_says_so() {
    let sheet = press().sheet(&one_table(0)).unwrap();
    assert!(sheet.blocks.iter().any(|block| matches!(block, Block::Table(table) if table.rows.is_empty())));
    assert!(docx_text(&press().file(&one_table(0), Format::Docx).unwrap()).contains("Không có"));
}

#[cfg(not(feature = "pdf"))]
#[test]
fn without_the_feature_a_pdf_is_refused() {
    let error = press().file(&samples::of(Kind::Permit), Format::Pdf).unwrap_err();
    assert_eq!(error.code(), "pdf-not-built");
}

#[cfg(feature = "pdf")]
mod pdf {
    use super::*;

    fn pages_of(bytes: &[u8]) -> Vec<String> {
        pdf_extract::extract_text_from_mem_by_pages(bytes).unwrap()
    }

    /// The text without the numbers of pages, which stand first on each page but the first.
    fn text_of(bytes: &[u8]) -> String {
        let pages = pages_of(bytes).into_iter().enumerate();
        let bare = |(n, page): (usize, String)| {
            let page = page.trim_start();
            page.strip_prefix(&(n + 1).to_string()).filter(|_| n > 0).unwrap_or(page).to_owned()
        };
        pages.map(bare).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn every_kind_says_what_its_sheet_says_in_the_same_bytes() {
        let press = press();
        for kind in Kind::ALL {
            let matter = samples::of(*kind);
            let bytes = press.file(&matter, Format::Pdf).unwrap();
            let found = squeezed(&text_of(&bytes));
            for text in press.sheet(&matter).unwrap().texts() {
                assert!(found.contains(&squeezed(text)), "{kind}: {text}");
            }
            // Another press, in another thread, after other papers.
            let again =
                std::thread::spawn(move || Press::open(None).unwrap().file(&matter, Format::Pdf).unwrap());
            assert!(bytes == again.join().unwrap(), "{kind}");
        }
    }

    #[test]
    fn what_people_typed_is_never_more_than_text() {
        let mut matter = samples::of(Kind::AppraisalNote);
        for fact in ["title", "purpose", "proposal"] {
            matter.facts[fact] = HOSTILE.into();
        }
        matter.tables.get_mut("roster").unwrap().rows[0].cells[1] = HOSTILE.to_owned();
        matter.stamp = HOSTILE.to_owned();
        let bytes = press().file(&matter, Format::Pdf).unwrap();
        assert!(squeezed(&text_of(&bytes)).matches(&squeezed(HOSTILE)).count() >= 3, "{}", text_of(&bytes));
    }

    #[test]
    fn all_letters_of_vietnamese_are_in_the_font() {
        let embedded = typst_assets::fonts()
            .flat_map(|font| typst::text::Font::iter(typst::foundations::Bytes::new(font)));
        let faces: Vec<_> = embedded.filter(|font| font.info().family == "Libertinus Serif").collect();
        let whole = |face: &&typst::text::Font| {
            letters().chars().all(|c| face.info().coverage.contains(u32::from(c)))
        };
        let whole: Vec<String> =
            faces.iter().filter(whole).map(|face| format!("{:?}", face.info().variant)).collect();
        for face in ["Normal-FontWeight(400)", "Normal-FontWeight(700)", "Italic-FontWeight(400)"] {
            assert!(whole.iter().any(|variant| variant.starts_with(face)), "{face} of {whole:?}");
        }
        let mut matter = samples::of(Kind::Permit);
        matter.facts["purpose"] = letters().into();
        let found = squeezed(&text_of(&press().file(&matter, Format::Pdf).unwrap()));
        assert!(found.contains(&squeezed(&letters())));
    }

    #[test]
    fn the_head_of_a_table_and_the_page_number_stand_on_every_further_page() {
        let pages = pages_of(&press().file(&one_table(150), Format::Pdf).unwrap());
        assert!(pages.len() > 3, "{}", pages.len());
        for (n, page) in (1..).zip(&pages) {
            let lines: Vec<&str> = page.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
            assert_eq!(lines.first() == Some(&n.to_string().as_str()), n > 1, "page {n}: {lines:?}");
            let is_closing = !page.contains("Người thứ");
            assert!(is_closing || squeezed(page).contains(&squeezed("Họ và tên duy nhất")), "page {n}");
        }
    }

    #[test]
    fn a_template_is_held_to_its_own_world() {
        let fault = |name: &str, text: &str| press_with(&[(name, text)]).unwrap_err().to_string();
        assert_eq!(fault("paper.typ", "= Tên\n\n#panic(\"no\")"), "paper.typ:3: panicked with: no");
        for outside in [
            "#read(\"/etc/passwd\")",
            "#read(\"../../etc/passwd\")",
            "#image(\"/etc/hostname\")",
            "#include \"other.typ\"",
        ] {
            let told = fault("paper.typ", outside);
            assert!(told.starts_with("paper.typ:1: "), "{told}");
        }
        assert!(fault("paper.typ", "#import \"@preview/cetz:0.3.0\": *").starts_with("paper.typ:1: "));
        assert!(fault("paper.typ", "#datetime.today().display()").starts_with("paper.typ:1: "));
        assert!(fault("permit.typ", "\n#json(\"sheet.json\").nothing").starts_with("permit.typ:2: "));
    }

    #[test]
    fn a_wrong_layout_of_each_kind_is_named_with_its_line() {
        for kind in Kind::ALL {
            let mut files = read(None).unwrap();
            files.insert(format!("{kind}.typ"), b"\n#json(\"sheet.json\").nothing".to_vec());
            let press = Press::of(files).unwrap();
            let told = press.file(&samples::of(*kind), Format::Pdf).unwrap_err().to_string();
            assert!(told.starts_with(&format!("{kind}.typ:2: ")), "{told}");
        }
    }

    #[test]
    fn an_office_sets_one_kind_in_its_own_way() {
        let own = "#let sheet = json(\"sheet.json\")\n#set text(font: sheet.fonts)\nRIÊNG: #sheet.title #sheet.head.subject";
        let press = press_with(&[("permit.typ", own)]).unwrap();
        assert!(text_of(&press.file(&samples::of(Kind::Permit), Format::Pdf).unwrap()).contains("RIÊNG"));
        assert!(!text_of(&press.file(&samples::of(Kind::Decision), Format::Pdf).unwrap()).contains("RIÊNG"));
    }
}
