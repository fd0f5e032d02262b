//! What people read on the return for each code, in Vietnamese and English. Knows no figures.

use chrono::NaiveDate;

use super::checked::CheckResult;
use super::count::Reason;
use super::facts::{Exception, STATELESS, UNKNOWN};
use super::form::Word;
use super::period::{Kind, Window};
use crate::domain::codes::{Channel, Code, Direction, Field, Lang, MemberRole, Payer, Rank, codes};
use crate::domain::dossier::State;

codes! {
    /// A remark (Ghi chú) on a row of an annex.
    Note {
        Confidential = "confidential",
        Unconfirmed = "unconfirmed",
        NoPermit = "no_permit",
        PermitAfterArrival = "permit_after_arrival",
        AfterTheFact = "after_the_fact",
        Revoked = "revoked",
        Cancelled = "cancelled",
        Estimate = "estimate",
    }
}

/// A vocabulary with words for people.
pub trait Spoken: Code {
    /// Vietnamese and English.
    fn words(self) -> (&'static str, &'static str);

    /// The word in a language.
    fn said(self, lang: Lang) -> &'static str {
        let (vi, en) = self.words();
        pick(lang, vi, en)
    }

    /// Code and word.
    fn word(self, lang: Lang) -> Word {
        Word { code: self.code().to_owned(), text: self.said(lang).to_owned() }
    }
}

/// One of two texts.
#[must_use]
pub fn pick<T>(lang: Lang, vi: T, en: T) -> T {
    match lang {
        Lang::Vi => vi,
        Lang::En => en,
    }
}

/// A day as people read it, in either language: 07/12/2025.
#[must_use]
pub fn day(day: NaiveDate) -> String {
    day.format("%d/%m/%Y").to_string()
}

/// Stands for name, head and purpose of a confidential row.
#[must_use]
pub fn masked(lang: Lang) -> String {
    pick(lang, "Không công khai", "Withheld").to_owned()
}

/// A country; the two codes that are no country are known here, the others are looked up.
pub fn country(lang: Lang, code: &str, names: &dyn Fn(&str) -> String) -> Word {
    let text = match code {
        STATELESS => pick(lang, "Không quốc tịch", "Stateless").to_owned(),
        UNKNOWN => unknown(lang).to_owned(),
        code => names(code),
    };
    Word { code: code.to_owned(), text }
}

/// What is not known.
#[must_use]
pub fn unknown(lang: Lang) -> &'static str {
    pick(lang, "Chưa rõ", "Unknown")
}

macro_rules! spoken {
    ($($name:ident { $($variant:ident: $vi:literal, $en:literal;)+ })+) => {$(
        impl Spoken for $name {
            fn words(self) -> (&'static str, &'static str) {
                match self { $(Self::$variant => ($vi, $en)),+ }
            }
        }
    )+};
}

spoken! {
    Rank {
        Special: "Hạng Đặc biệt", "Special rank";
        A: "Hạng A", "Rank A";
        B: "Hạng B", "Rank B";
        C: "Hạng C", "Rank C";
        Other: "Khách mời quốc tế khác", "Other international guests";
    }
    Field {
        Friendship: "Hữu nghị", "Friendship";
        Politics: "Chính trị", "Politics";
        Economy: "Kinh tế", "Economy";
        Education: "Giáo dục", "Education";
        Health: "Y tế", "Health";
        Culture: "Văn hóa", "Culture";
        Environment: "Môi trường", "Environment";
        Agriculture: "Nông nghiệp", "Agriculture";
        Science: "Khoa học", "Science";
        Humanitarian: "Nhân đạo", "Humanitarian";
        Youth: "Thanh niên", "Youth";
        Press: "Báo chí", "Press";
        Other: "Khác", "Other";
    }
    Channel {
        Party: "Đối ngoại Đảng", "Party channel";
        State: "Ngoại giao Nhà nước", "State channel";
        People: "Đối ngoại nhân dân", "People-to-people channel";
    }
    Direction {
        Inbound: "Đoàn vào", "Inbound";
        Outbound: "Đoàn ra", "Outbound";
    }
    MemberRole {
        Head: "Trưởng đoàn", "Head";
        Member: "Thành viên", "Member";
        Interpreter: "Phiên dịch", "Interpreter";
        Press: "Phóng viên", "Press";
        Companion: "Người đi cùng", "Companion";
    }
    Payer {
        Host: "Bên mời", "Host";
        State: "Ngân sách nhà nước", "State budget";
        Unit: "Đơn vị", "Unit";
        Personal: "Cá nhân", "Personal";
        Enterprise: "Doanh nghiệp", "Enterprise";
    }
    State {
        Draft: "Bản nháp", "Draft";
        Submitted: "Đã trình", "Submitted";
        Received: "Đã tiếp nhận", "Received";
        Approved: "Đã phê duyệt", "Approved";
        Issued: "Đã ban hành văn bản", "Permit issued";
        Reported: "Đã báo cáo", "Reported";
        Closed: "Đã kết thúc", "Closed";
        Returned: "Trả lại để bổ sung", "Returned";
        Lapsed: "Hết hiệu lực", "Lapsed";
        Rejected: "Không chấp thuận", "Rejected";
        Cancelled: "Đã hủy", "Cancelled";
        Revoked: "Đã thu hồi", "Revoked";
    }
    Kind {
        Monthly: "tháng", "monthly";
        Quarterly: "quý", "quarterly";
        Half: "6 tháng", "half-yearly";
        Nine: "9 tháng", "nine-month";
        Yearly: "năm", "yearly";
    }
    Window {
        Calendar: "theo tháng dương lịch", "calendar months";
        MidMonth: "từ ngày 15 tháng trước đến ngày 14", "from the 15th of the month before to the 14th";
    }
    Note {
        Confidential: "không công khai", "withheld";
        Unconfirmed: "chưa xác nhận ngày thực tế, tính theo ngày cho phép",
            "actual day not confirmed, counted by the permitted day";
        NoPermit: "chưa có văn bản cho phép", "no numbered permit";
        PermitAfterArrival: "văn bản cho phép sau ngày đến", "permit dated after the arrival";
        AfterTheFact: "đón trước, báo sau", "registered after the visit";
        Revoked: "thu hồi sau khi đoàn đến", "revoked after the arrival";
        Cancelled: "đã hủy nhưng đoàn vẫn đến", "cancelled, but came";
        Estimate: "số khách ước tính", "number of guests estimated";
    }
    Exception {
        Unpermitted: "Đến khi chưa có văn bản cho phép", "Arrived without a permit";
        AfterTheFact: "Đón trước, báo sau", "Registered after the visit";
        PermitAgainstActual: "Thực tế khác với cho phép", "Actual differs from the permit";
        ReportLate: "Báo cáo kết quả chậm", "Result report late";
        FiledLate: "Gửi hồ sơ chậm", "Filed late";
        Overridden: "Bỏ qua quy định", "Rule overridden";
        Violated: "Chưa đáp ứng quy định", "Rule not kept";
        ByMandate: "Quyết định theo ủy quyền", "Decided under a mandate";
        ChangedAfterApproval: "Thay đổi sau khi được duyệt", "Changed after approval";
        OpinionOnBehalf: "Ý kiến được ghi thay", "Opinion recorded on behalf";
    }
    CheckResult {
        Met: "Đáp ứng", "Kept";
        Noted: "Ghi nhận", "Noted";
        Violated: "Không đáp ứng", "Not kept";
        Overridden: "Bỏ qua có lý do", "Overridden";
        Unknown: "Chưa xác định", "Unknown";
        NoRuleInForce: "Không có quy định có hiệu lực", "No rule in force";
    }
    Reason {
        HandledOffline: "xử lý ngoài hệ thống", "it was handled offline";
        Duplicate: "trùng với hồ sơ khác", "it repeats another dossier";
        NoShow: "đoàn không đến (không đi)", "nobody came (or travelled)";
        Cancelled: "đã hủy", "it was cancelled";
        RevokedBeforeArrival: "thu hồi trước khi đến (đi)", "it was revoked before arrival (departure)";
        RevokedUnconfirmed: "đã thu hồi, chưa xác nhận là đã đến (đi)",
            "it was revoked and the arrival (departure) is not confirmed";
        Draft: "còn là bản nháp", "it is a draft";
        Submitted: "đã gửi, chưa được tiếp nhận", "it is submitted and not received yet";
        InProcess: "đang xử lý, chưa được duyệt", "it is in process and not approved yet";
        Returned: "đã trả lại để bổ sung", "it was returned for supplement";
        Lapsed: "hết hạn bổ sung", "it lapsed";
        Rejected: "không được chấp thuận", "it was rejected";
        NotPermitted: "chưa được cho phép", "it is not permitted";
        NoDate: "chưa có ngày đến (đi)", "it has no day of arrival (departure)";
        NotArrived: "đã được duyệt nhưng chưa đến (đi) tính đến ngày chốt",
            "it is approved, but not arrived (departed) as of the closing day";
        NoLeadHost: "không có đơn vị chủ trì đón", "it has no lead host";
        NoVisit: "không có lượt khách nào được tính", "it has no counted visit";
        OtherPeriod: "được tính ở kỳ của ngày thực tế", "it counts in the period of its actual day";
    }
}
