//! The tables of a dossier's papers. Their names are those that wordings use.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::{Known, LANG, joined, one_line, standing};
use crate::domain::codes::{Code, Direction};
use crate::domain::countries;
use crate::domain::report::words::{Spoken, unknown};
use crate::paper::{Align, Column, Row, Table};
use crate::service::members::MemberView;
use crate::texts;

impl Known {
    pub(in crate::service::papers) fn tables(&self) -> BTreeMap<&'static str, Table> {
        BTreeMap::from([
            ("summary", self.summary()),
            ("roster", self.roster()),
            ("members", self.list()),
            ("programme", self.programme()),
            ("stays", self.stays()),
            ("funding", self.funding()),
        ])
    }

    /// The dossier at a glance; what is not known is left out.
    fn summary(&self) -> Table {
        let (content, dossier) = (&self.content, &self.stored.dossier);
        let days = |from, to| joined(" - ", &[&day(from), &day(to)]);
        let inbound = content.direction == Direction::Inbound;
        let head = self.members.iter().find(|member| member.role == crate::domain::codes::MemberRole::Head);
        let head = head.map(|head| joined(", ", &[&head.full_name, &standing(head)])).unwrap_or_default();
        let contact = &content.contact;
        let hosts: Vec<String> = content.co_host_ids.iter().map(|host| self.name(*host)).collect();
        let letter = &content.request_letter;
        let lines = [
            ("Mã hồ sơ", dossier.code.clone().unwrap_or_default()),
            ("Tên đoàn", content.title.clone()),
            ("Đơn vị đề nghị", self.filer().name),
            ("Văn bản đề nghị", joined(", ", &[&letter.number, &day(letter.date)])),
            ("Đơn vị chủ trì đón", content.lead_host_id.map(|host| self.name(host)).unwrap_or_default()),
            ("Đơn vị phối hợp", hosts.join(", ")),
            ("Đối tác", self.partner.clone()),
            ("Quốc gia/vùng lãnh thổ", self.countries()),
            ("Trưởng đoàn", head),
            ("Số người", self.counted()),
            (
                if inbound { "Thời gian tại thành phố" } else { "Thời gian tại nơi đến" },
                days(content.arrives_on, content.departs_on),
            ),
            (
                if inbound { "Nhập cảnh" } else { "Về nước" },
                joined(", ", &[&day(content.enters_vn_on), &content.entry_gate]),
            ),
            (if inbound { "Xuất cảnh" } else { "Rời Việt Nam" }, day(content.leaves_vn_on)),
            ("Mục đích", one_line(&content.purpose)),
            ("Lĩnh vực", content.primary_field.map(|field| field.said(LANG).to_owned()).unwrap_or_default()),
            ("Hạng khách", content.rank.map(|rank| rank.said(LANG).to_owned()).unwrap_or_default()),
            (
                "Kênh đối ngoại",
                content.channel.map(|channel| channel.said(LANG).to_owned()).unwrap_or_default(),
            ),
            ("Nơi lưu trú", content.lodging.clone()),
            ("Phiên dịch", content.interpreter.clone()),
            ("Đầu mối liên hệ", joined(", ", &[&contact.name, &contact.phone, &contact.email])),
        ];
        let rows = lines.into_iter().filter(|(_, said)| !said.is_empty());
        table(
            12,
            vec![Column::share("Nội dung", 30), Column::share("Thông tin", 70)],
            rows.map(|(name, said)| vec![name.to_owned(), said]).collect(),
        )
    }

    fn counted(&self) -> String {
        let companions = self.members.iter().filter(|member| !member.guest).count();
        match self.content.direction {
            Direction::Inbound if companions > 0 => {
                format!("{} khách, {companions} người Việt Nam đi cùng", self.guests(false))
            }
            Direction::Inbound => format!("{} khách", self.guests(false)),
            Direction::Outbound => format!("{} người", self.members.len()),
        }
    }

    /// Who they are: for annexes.
    fn roster(&self) -> Table {
        let columns = vec![
            Column::points("STT", 28, Align::Center),
            Column::share("Họ và tên", 28),
            Column::share("Chức vụ, cơ quan", 40),
            Column::share("Vai trò", 16),
            Column::share("Quốc tịch", 18),
        ];
        let row = |(no, member): (usize, &MemberView)| {
            vec![
                no.to_string(),
                member.full_name.to_uppercase(),
                standing(member),
                member.role.said(LANG).to_owned(),
                nationality(member.nationality.as_deref()),
            ]
        };
        let named = (1..).zip(&self.members).map(row);
        let unnamed = self.content.groups.iter().filter(|group| group.planned > 0).map(|group| {
            let people = format!("{} khách chưa có tên", group.planned);
            vec![String::new(), people, String::new(), String::new(), nationality(group.country.as_deref())]
        });
        table(11, columns, named.chain(unnamed).collect())
    }

    /// The list with documents (Phụ lục of a request): numbers masked as everywhere.
    fn list(&self) -> Table {
        let columns = vec![
            Column::points("STT", 24, Align::Center),
            Column::share("Họ và tên", 30),
            Column::points("Giới tính", 34, Align::Center),
            Column::points("Ngày sinh", 54, Align::Center),
            Column::share("Quốc tịch", 18),
            Column::points("Số hộ chiếu", 62, Align::Center),
            Column::share("Loại", 14),
            Column::points("Hạn hộ chiếu", 54, Align::Center),
            Column::share("Chức vụ", 26),
            Column::share("Cơ quan", 30),
            Column::share("Vai trò", 16),
            Column::share("Thị thực", 16),
        ];
        let row = |(no, member): (usize, &MemberView)| {
            let passport = member.passport.as_ref();
            let word = |family: &str, code: Option<&'static str>| {
                code.map(|code| texts::text(LANG, &format!("paper-{family}-{code}"), &[])).unwrap_or_default()
            };
            vec![
                no.to_string(),
                member.full_name.to_uppercase(),
                word("sex", member.sex.map(Code::code)),
                day(member.birth_date),
                nationality(member.nationality.as_deref()),
                passport.map(|passport| passport.number.clone()).unwrap_or_default(),
                word("passport", passport.map(|passport| passport.kind.code())),
                day(passport.and_then(|passport| passport.expires_on)),
                member.position.clone(),
                member.organisation.clone(),
                member.role.said(LANG).to_owned(),
                word("visa", member.visa.map(Code::code)),
            ]
        };
        let named = (1..).zip(&self.members).map(row);
        let unnamed = self.content.groups.iter().filter(|group| group.planned > 0).map(|group| {
            let mut cells = vec![String::new(); 12];
            let said = [
                (1, format!("{} khách chưa có tên", group.planned)),
                (4, nationality(group.country.as_deref())),
            ];
            for (place, text) in said {
                if let Some(cell) = cells.get_mut(place) {
                    *cell = text;
                }
            }
            cells
        });
        table(9, columns, named.chain(unnamed).collect())
    }

    fn programme(&self) -> Table {
        let columns = vec![
            Column::points("Thời gian", 92, Align::Center),
            Column::share("Nội dung", 50),
            Column::share("Địa điểm", 35),
        ];
        let mut items: Vec<_> = self.content.programme.iter().collect();
        items.sort_by_key(|item| item.starts_at);
        let row = |item: &&crate::domain::delegation::ProgrammeItem| {
            vec![
                item.starts_at.format("%H:%M %d/%m/%Y").to_string(),
                item.what.clone(),
                joined(", ", &[&item.place.name, &item.place.commune]),
            ]
        };
        table(11, columns, items.iter().map(row).collect())
    }

    fn stays(&self) -> Table {
        let columns = vec![
            Column::points("STT", 28, Align::Center),
            Column::share("Nước", 24),
            Column::points("Từ ngày", 66, Align::Center),
            Column::points("Đến ngày", 66, Align::Center),
            Column::share("Đơn vị mời", 44),
        ];
        let row = |(no, stay): (usize, &crate::domain::delegation::Stay)| {
            let country = countries::name(&stay.country, LANG);
            vec![no.to_string(), country, day(Some(stay.from)), day(Some(stay.to)), stay.inviter.clone()]
        };
        table(11, columns, (1..).zip(&self.content.stays).map(row).collect())
    }

    fn funding(&self) -> Table {
        let columns = vec![
            Column::share("Nguồn", 30),
            Column::share("Nội dung chi", 40),
            Column::points("Số tiền", 90, Align::Right),
            Column::points("Loại tiền", 60, Align::Center),
        ];
        let row = |line: &crate::domain::delegation::Funding| {
            let payer = line.payer.said(LANG).to_owned();
            vec![payer, covers(&line.covers), grouped(&line.amount), line.currency.clone()]
        };
        table(11, columns, self.content.funding.iter().map(row).collect())
    }
}

fn table(size: u8, columns: Vec<Column>, rows: Vec<Vec<String>>) -> Table {
    Table { size, columns, rows: rows.into_iter().map(Row::of).collect(), empty: "Không có".to_owned() }
}

fn day(day: Option<NaiveDate>) -> String {
    day.map(|day| day.format("%d/%m/%Y").to_string()).unwrap_or_default()
}

fn nationality(code: Option<&str>) -> String {
    code.map_or_else(|| unknown(LANG).to_owned(), |code| countries::name(code, LANG))
}

/// An amount as Vietnamese writes it: `1250000.50` is `1.250.000,50`.
fn grouped(amount: &str) -> String {
    let (whole, decimals) = amount.split_once('.').unwrap_or((amount, ""));
    let digits: Vec<char> = whole.chars().collect();
    let mut written = String::new();
    for (n, digit) in digits.iter().enumerate() {
        if n > 0
            && (digits.len() - n).is_multiple_of(3)
            && digits.get(n - 1).is_some_and(char::is_ascii_digit)
        {
            written.push('.');
        }
        written.push(*digit);
    }
    if decimals.is_empty() { written } else { format!("{written},{decimals}") }
}

/// What money is for, in words where there are some.
fn covers(codes: &[String]) -> String {
    let word = |code: &String| {
        let key = format!("word-cover-{}", code.replace('_', "-"));
        if texts::has(LANG, &key) { texts::text(LANG, &key, &[]) } else { code.clone() }
    };
    codes.iter().map(word).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::grouped;
    use crate::domain::approval::{Answer, Verdict};
    use crate::domain::codes::{Code, Lang, PassportType, Sex, Visa};
    use crate::service::papers::issued::PaperStanding;
    use crate::texts;

    fn words_of<T: Code>(family: &str) {
        for code in T::ALL {
            let key = format!("paper-{family}-{}", code.code());
            assert!([Lang::Vi, Lang::En].iter().all(|lang| texts::has(*lang, &key)), "{key}");
        }
    }

    #[test]
    fn every_code_on_paper_has_words() {
        words_of::<Sex>("sex");
        words_of::<PassportType>("passport");
        words_of::<Visa>("visa");
        words_of::<Answer>("answer");
        words_of::<Verdict>("proposal");
        words_of::<PaperStanding>("standing");
    }

    #[test]
    fn money_is_written_the_vietnamese_way() {
        let pairs = [
            ("5", "5"),
            ("1000", "1.000"),
            ("1250000.50", "1.250.000,50"),
            ("-1000", "-1.000"),
            ("-100", "-100"),
        ];
        for (plain, written) in pairs {
            assert_eq!(grouped(plain), written);
        }
    }
}
