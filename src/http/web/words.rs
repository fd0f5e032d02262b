//! What people read for codes, days and instants, in the reader's language. It must hold no words itself.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, Utc};

use crate::clock::in_vietnam;
use crate::domain::codes::{Code, Lang};
use crate::domain::delegation::ProgrammeItem;
use crate::texts;

/// The word for a code of a family of words (`word-<family>-<code>`).
#[must_use]
pub fn word(lang: Lang, family: &str, code: &str) -> String {
    texts::text(lang, &format!("word-{family}-{}", code.replace('_', "-").to_ascii_lowercase()), &[])
}

/// The word for a word of a closed vocabulary.
#[must_use]
pub fn coded<C: Code>(lang: Lang, code: C) -> String {
    word(lang, &kebab(C::NAME), code.code())
}

/// `GuestKind` as `guest-kind`.
fn kebab(name: &str) -> String {
    let mut out = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !out.is_empty() {
            out.push('-');
        }
        out.push(letter.to_ascii_lowercase());
    }
    out
}

/// A legal basis: names of documents stay as they are, our own words beside them are the reader's.
#[must_use]
pub fn cited(lang: Lang, citation: &str) -> String {
    let ours = ["cited-default-unfound", "cited-default", "cited-reference"];
    ours.iter().fold(citation.to_owned(), |said, key| {
        said.replace(&texts::text(Lang::Vi, key, &[]), &texts::text(lang, key, &[]))
    })
}

/// A day: 05/02/2026, in either language.
#[must_use]
pub fn day(day: NaiveDate) -> String {
    day.format("%d/%m/%Y").to_string()
}

/// A wall-clock time in Vietnam.
#[must_use]
pub fn wall(at: NaiveDateTime) -> String {
    at.format("%d/%m/%Y %H:%M").to_string()
}

/// An item of a programme: when, and what.
#[must_use]
pub fn item(item: &ProgrammeItem) -> String {
    format!("{} – {}", wall(item.starts_at), item.what)
}

/// An instant, on Vietnam's clock.
#[must_use]
pub fn instant(at: DateTime<Utc>) -> String {
    wall(in_vietnam(at).naive_local())
}

/// A stretch of days: 05–09/02/2026.
#[must_use]
pub fn days(from: Option<NaiveDate>, to: Option<NaiveDate>) -> String {
    match (from, to) {
        (Some(from), Some(to)) if from == to => day(from),
        (Some(from), Some(to)) if from.year() == to.year() && from.month() == to.month() => {
            format!("{}–{}", from.format("%d"), day(to))
        }
        (Some(from), Some(to)) if from.year() == to.year() => format!("{}–{}", from.format("%d/%m"), day(to)),
        (Some(from), Some(to)) => format!("{}–{}", day(from), day(to)),
        (Some(one), None) | (None, Some(one)) => day(one),
        (None, None) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::access::{Action, Role};
    use crate::domain::alert::AlertCode;
    use crate::domain::approval::{Addressee, Answer, OrganisationKind, StepState, Verdict};
    use crate::domain::calendar::{self, DayKind};
    use crate::domain::codes::*;
    use crate::domain::device::{Browser, Platform};
    use crate::domain::dossier::{Command, State};
    use crate::domain::file::FileKind;
    use crate::domain::obligation::Proof;
    use crate::domain::plan::PlanState;
    use crate::domain::rulebook::{self, SelectedBy, Severity};
    use crate::paper::Kind;
    use crate::service::files::PaperState;
    use crate::service::papers::issued::PaperStanding;
    use crate::service::views::Standing;
    use crate::store::accounts::AccountState;
    use crate::store::obligations::Listed;
    use crate::store::outbox::MailState;

    fn spoken<C: Code>(except: &[&str]) {
        for &lang in Lang::ALL {
            for &code in C::ALL {
                let key = format!("word-{}-{}", kebab(C::NAME), code.code().replace('_', "-").to_lowercase());
                assert!(except.contains(&code.code()) || texts::has(lang, &key), "{key} in {lang}");
            }
        }
    }

    #[test]
    fn every_code_has_a_word() {
        spoken::<State>(&[]);
        spoken::<Outcome>(&[]);
        spoken::<Direction>(&[]);
        spoken::<Origin>(&[]);
        spoken::<Channel>(&[]);
        spoken::<GuestBase>(&[]);
        spoken::<Rank>(&[]);
        spoken::<GuestKind>(&[]);
        spoken::<HeadLevel>(&[]);
        spoken::<Leadership>(&[]);
        spoken::<PlanStatus>(&[]);
        spoken::<Field>(&[]);
        spoken::<MemberRole>(&[]);
        spoken::<Visa>(&[]);
        spoken::<Lang>(&[]);
        spoken::<AccountState>(&[]);
        spoken::<MailState>(&[]);
        spoken::<Browser>(&[]);
        spoken::<Platform>(&[]);
        spoken::<DayKind>(&[]);
        spoken::<calendar::Confidence>(&[]);
        spoken::<rulebook::Confidence>(&[]);
        spoken::<Severity>(&[]);
        spoken::<SelectedBy>(&[]);
        spoken::<PlanState>(&[]);
        spoken::<PassportType>(&[]);
        spoken::<Sex>(&[]);
        spoken::<Attendance>(&[]);
        spoken::<Payer>(&[]);
        spoken::<ManagedBy>(&[]);
        spoken::<Zone>(&[]);
        spoken::<SigningForm>(&[]);
        spoken::<Role>(&[]);
        spoken::<Action>(&[]);
        spoken::<Verdict>(&[]);
        spoken::<StepState>(&[]);
        spoken::<Addressee>(&[]);
        spoken::<Answer>(&[]);
        spoken::<FileKind>(&[]);
        spoken::<OrganisationKind>(&[]);
        spoken::<PaperState>(&[]);
        spoken::<PaperStanding>(&[]);
        spoken::<Listed>(&[]);
        spoken::<Proof>(&[]);
        spoken::<Standing>(&[]);
        for kind in Kind::ALL.iter().filter(|kind| **kind != Kind::Return) {
            assert!(!word(Lang::Vi, "official", kind.code()).starts_with("word-"), "{kind}");
        }
        // Ends of a decision and of time: nobody asks for them as such.
        spoken::<Command>(&["approve", "return", "reject", "lapse"]);
        for code in AlertCode::ALL {
            assert_ne!(word(Lang::Vi, "alert", code.code()), format!("word-alert-{}", code.code()));
        }
    }

    #[test]
    fn our_own_words_in_a_citation_are_the_readers() {
        let unfound = "Giá trị mặc định của hệ thống, chưa tìm thấy văn bản; thành phố xác nhận";
        assert_eq!(cited(Lang::Vi, unfound), unfound);
        assert!(
            cited(Lang::En, unfound).starts_with("A default of this system"),
            "{}",
            cited(Lang::En, unfound)
        );
        let there = "Quy định của tỉnh Khánh Hòa (tham khảo)";
        assert_eq!(cited(Lang::En, there), "Quy định của tỉnh Khánh Hòa (for reference)");
    }

    #[test]
    fn stretches_of_days_are_short() {
        let on = |y, m, d| NaiveDate::from_ymd_opt(y, m, d);
        assert_eq!(days(on(2026, 2, 5), on(2026, 2, 9)), "05–09/02/2026");
        assert_eq!(days(on(2026, 2, 27), on(2026, 3, 2)), "27/02–02/03/2026");
        assert_eq!(days(on(2026, 12, 30), on(2027, 1, 2)), "30/12/2026–02/01/2027");
        assert_eq!(days(on(2026, 2, 5), on(2026, 2, 5)), "05/02/2026");
        assert_eq!(days(None, None), "");
    }
}
