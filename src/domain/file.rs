//! Uploaded papers as the office means them: their kinds, the types of file that are taken, what a file's name may
//! be, and the marks of state secrets that keep a paper out of this system. Bytes are looked at, never run.

mod marks;
mod office;
mod sniff;

use super::codes::codes;
use super::text;

pub use marks::is_marked_secret;
pub use sniff::Probe;

codes! {
    /// Kinds of paper that belong to a dossier (rulebook-facts section 9, columns "documents" and "report").
    FileKind {
        /// văn bản xin phép
        RequestLetter = "request_letter",
        /// thư mời
        Invitation = "invitation",
        /// danh sách khách
        GuestList = "guest_list",
        /// chương trình
        Programme = "programme",
        /// bản chụp hộ chiếu: personal data of one member, sealed under that person's key
        PassportScan = "passport_scan",
        /// văn bản cho phép, signed
        Permit = "permit",
        /// báo cáo kết quả
        ResultReport = "result_report",
        /// quyết định đã ký
        SignedDecision = "signed_decision",
        /// ý kiến of a body that was consulted
        Opinion = "opinion",
        /// văn bản ủy quyền
        MandateLetter = "mandate_letter",
        /// giấy tờ khu vực biên giới biển (Mẫu 06 TT 162/2016/TT-BQP)
        SeaBorderForm = "sea_border_form",
        /// kế hoạch lễ tân
        ProtocolPlan = "protocol_plan",
        /// đề nghị cấp thị thực (NA2)
        VisaRequest = "visa_request",
        /// dự thảo thỏa thuận
        DraftAgreement = "draft_agreement",
        /// dự toán kinh phí
        CostEstimate = "cost_estimate",
        /// quyết định của Đảng
        PartyDecision = "party_decision",
        /// hồ sơ báo chí
        PressForm = "press_form",
        /// giấy đăng ký của tổ chức phi chính phủ nước ngoài
        NgoCertificate = "ngo_certificate",
        /// giấy giới thiệu
        IntroLetter = "intro_letter",
        /// anything else
        Other = "other",
    }
    /// Types of file that are taken, recognised by their bytes and never by a name. What can carry a program (macros,
    /// HTML, SVG, old Office formats) is not among them.
    MediaType {
        Pdf = "application/pdf",
        Png = "image/png",
        Jpeg = "image/jpeg",
        Tiff = "image/tiff",
        Docx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        Xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        Odt = "application/vnd.oasis.opendocument.text",
        Ods = "application/vnd.oasis.opendocument.spreadsheet",
    }
}

impl MediaType {
    /// Endings of file names that fit the type; the first is the one that is added.
    #[must_use]
    pub fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Pdf => &["pdf"],
            Self::Png => &["png"],
            Self::Jpeg => &["jpg", "jpeg", "jpe", "jfif"],
            Self::Tiff => &["tif", "tiff"],
            Self::Docx => &["docx"],
            Self::Xlsx => &["xlsx"],
            Self::Odt => &["odt"],
            Self::Ods => &["ods"],
        }
    }

    /// A name that ends as the type does: `x.html` with the bytes of a PDF becomes `x.html.pdf`, so that nobody's
    /// machine takes it for a page.
    #[must_use]
    pub fn named(self, name: &str) -> String {
        let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
        if ending.is_some_and(|ending| self.endings().contains(&ending.as_str())) {
            return name.to_owned();
        }
        format!("{name}.{}", self.endings().first().unwrap_or(&"bin"))
    }
}

/// Longest file name, in characters.
pub const LONGEST_NAME: usize = 200;

/// The name of a file as it is kept: without folders, composed (NFC), without what file systems or headers trip over.
///
/// # Errors
/// `required`, `file-name-too-long` or `bad-file-name`.
pub fn clean_name(sent: &str) -> Result<String, &'static str> {
    let last = sent.rsplit(['/', '\\']).next().unwrap_or_default();
    let name = text::line(last).map_err(|why| match why.code {
        "too-long" => "file-name-too-long",
        _ => "bad-file-name",
    })?;
    if name.is_empty() {
        return Err("required");
    }
    if name.chars().count() > LONGEST_NAME {
        return Err("file-name-too-long");
    }
    let is_hostile = |c: char| matches!(c, '"' | '<' | '>' | ':' | '|' | '?' | '*' | '\u{200B}'..='\u{200F}');
    if name.chars().all(|c| c == '.' || c == ' ') || name.chars().any(is_hostile) {
        return Err("bad-file-name");
    }
    Ok(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_name_and_no_path() {
        assert_eq!(clean_name("../../etc/passwd"), Ok("passwd".to_owned()));
        assert_eq!(clean_name("C:\\Users\\Hoa\\thư.pdf"), Ok("thư.pdf".to_owned()));
        assert_eq!(clean_name("thu\u{031B}.pdf"), Ok("thư.pdf".to_owned()));
        for (bad, code) in [
            ("", "required"),
            ("a/", "required"),
            ("..", "bad-file-name"),
            ("a\nb.pdf", "bad-file-name"),
            ("a\0.pdf", "bad-file-name"),
            ("fdp.\u{202E}exe", "bad-file-name"),
            ("a\u{200B}.pdf", "bad-file-name"),
            ("a\"b.pdf", "bad-file-name"),
        ] {
            assert_eq!(clean_name(bad), Err(code), "{bad:?}");
        }
        for long in [201, 400] {
            assert_eq!(clean_name(&"a".repeat(long)), Err("file-name-too-long"));
        }
    }

    #[test]
    fn the_ending_says_the_type() {
        assert_eq!(MediaType::Pdf.named("Thư mời.PDF"), "Thư mời.PDF");
        assert_eq!(MediaType::Pdf.named("x.html"), "x.html.pdf");
        assert_eq!(MediaType::Jpeg.named("scan.jpeg"), "scan.jpeg");
        assert_eq!(MediaType::Docx.named("Công văn số 15.2026"), "Công văn số 15.2026.docx");
    }
}
