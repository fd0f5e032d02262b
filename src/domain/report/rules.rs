//! The counting rules as they are printed on every return. Says what `count.rs` does, in the words of
//! practice 5; a change there is a change here.

use super::form::Rule;
use super::period::Window;
use super::words::Spoken;
use crate::domain::codes::Lang;

const RULES: [(&str, &str); 9] = [
    (
        "Đoàn vào là một hồ sơ đoàn vào có một đơn vị chủ trì đón và ít nhất một lượt khách được tính. \
         Đơn vị phối hợp và hồ sơ trùng không làm tăng số liệu. Đại biểu hội nghị chỉ được tính khi thuộc một hồ sơ đoàn.",
        "A delegation in is one inbound dossier with one lead host and at least one counted visit. Co-hosts and \
         duplicates add nothing. Conference participants count only inside a delegation dossier.",
    ),
    (
        "Kỳ của đoàn là kỳ có ngày thực tế đến thành phố (đoàn ra: ngày thực tế rời Việt Nam); khi chưa xác nhận \
         thì theo ngày được cho phép nếu không sau ngày chốt số liệu. Giờ Việt Nam. Không chia đoàn qua cuối tháng hay cuối năm.",
        "The period is that of the actual arrival in the city (outbound: actual departure from Vietnam); until \
         confirmed, of the permitted day if it is not after the as-of day. Asia/Ho_Chi_Minh. Never split over the \
         end of a month or year.",
    ),
    (
        "Không tính: bản nháp, đã gửi, trả lại, hết hạn bổ sung, không chấp thuận, đã duyệt nhưng chưa đến, đã hủy, \
         thu hồi trước khi đến, không đến, trùng, xử lý ngoài hệ thống. Có tính: thu hồi hoặc kết thúc sớm sau khi đến; \
         đến khi chưa có phép (phụ lục 6); đoàn không công khai (có trong tổng, che dòng). Đã xác nhận đến thì được \
         tính dù hồ sơ ở trạng thái nào.",
        "Not counted: draft, submitted, returned, lapsed, rejected, approved and not arrived, cancelled, revoked \
         before arrival, no-show, duplicate, handled offline. Counted: revoked or cut short after arrival; arrived \
         without permit (annex 6); confidential (in the totals, row masked). A confirmed arrival counts whatever the state.",
    ),
    (
        "Lượt khách là một người không mang quốc tịch Việt Nam (theo hộ chiếu sử dụng) đã đến, mỗi đoàn một lần; \
         đi hai đoàn là hai lượt. Số người khác nhau là một dòng riêng; mỗi khách chưa có tên được coi là một người riêng.",
        "A visit is a person of non-Vietnamese nationality, by the passport used, who came; once per delegation; in \
         two delegations two visits. Distinct persons are a line of their own; each unnamed guest is taken for a \
         person of his own.",
    ),
    (
        "Phiên dịch, vợ chồng, con, phóng viên, bảo vệ là người nước ngoài thì được tính; phiên dịch, cán bộ đi cùng, \
         lái xe người Việt Nam và nhân viên lãnh sự, tổ chức phi chính phủ tại chỗ thì không (cột riêng). Người không \
         quốc tịch là một dòng riêng. Thành viên đoàn ra không bao giờ là lượt khách.",
        "Foreign interpreters, spouses, children, reporters and guards count; Vietnamese interpreters, escorts, \
         drivers and local consulate or NGO staff do not (own column). Stateless persons are a row of their own. \
         Members of outbound delegations are never visits.",
    ),
    (
        "Khách chưa có tên tính theo số đã đến; trước khi có báo cáo, theo số dự kiến; không rõ nước thì ghi \
         \"Chưa rõ\". Bổ sung tên không làm thay đổi tổng số. Số ước tính ghi \"hơn\" trước con số.",
        "Unnamed guests count as came, before the report as planned; country unknown is shown as \"Unknown\". Naming \
         somebody never changes the total. An estimate prints \"over\" before the exact number.",
    ),
    (
        "Hạng, lĩnh vực chính, đơn vị chủ trì và kênh là của đoàn; quốc tịch là của người. Tổng đoàn ra theo nước có \
         thể lớn hơn số đoàn.",
        "Rank, primary field, lead host and channel belong to the delegation, nationality to the person. Outbound \
         delegations by country may exceed the number of delegations.",
    ),
    (
        "Kế hoạch năm của một kỳ là kế hoạch của năm có ngày cuối kỳ, không tính mục đã đưa ra. Một mục được thực hiện khi \
         có ít nhất một đoàn được tính gắn với mục đó (trong kế hoạch); nhiều đoàn cùng một mục thì mục đó vẫn \
         chỉ tính một lần; đoàn thay thế mục không làm mục đó được thực hiện. \
         Tỷ lệ làm tròn đến phần trăm. Mỗi đoàn được tính thuộc đúng một dòng: trong kế hoạch, thay thế, ngoài kế hoạch \
         hoặc chưa xác định.",
        "The annual plan of a period is that of the year in which it ends, without items that were dropped. An item is \
         carried out when at least one counted delegation stands to it as in the plan; several of them count the \
         item once; one that replaces it does not. The rate is rounded to a whole per cent. Each counted delegation \
         stands in exactly one line: in the plan, replacing, outside, or not stated.",
    ),
    (
        "Số liệu đến muộn được tính lại vào kỳ của ngày đến, không vào kỳ hiện tại; lũy kế là tổng các kỳ đã tính lại. \
         Tăng/giảm là trong kỳ so với cùng kỳ năm trước.",
        "Late facts restate the period of arrival, never the current one; cumulative is the sum of restated periods. \
         The change compares the period with the same period of last year.",
    ),
];

/// The rules, with the window in force after the last one.
#[must_use]
pub fn printed(window: Window) -> Vec<Rule> {
    let windows =
        (format!(" Kỳ báo cáo: {}.", window.said(Lang::Vi)), format!(" Window: {}.", window.said(Lang::En)));
    (1..)
        .zip(RULES)
        .map(|(no, (vi, en))| {
            let (tail_vi, tail_en) =
                if no == 9 { (windows.0.as_str(), windows.1.as_str()) } else { ("", "") };
            Rule { no, vi: format!("{vi}{tail_vi}"), en: format!("{en}{tail_en}") }
        })
        .collect()
}
