//! Who signs, in which words: the lines above a signature by signing form (Nghị định 30/2020/NĐ-CP, Điều 13 and
//! Phụ lục I, mục II.7), with the titles that each kind of body has (`offices.toml`).

use serde::Deserialize;

use super::PaperError;
use super::sheet::Signature;
use crate::domain::approval::OrganisationKind;
use crate::domain::codes::SigningForm;

/// The titles of a kind of body.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Office {
    kind: OrganisationKind,
    /// The body in whose name its head signs collectively (TM.); empty where it does not.
    #[serde(default)]
    collective: String,
    /// Title of its head.
    head: String,
    /// Title of a deputy.
    deputy: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    office: Vec<Office>,
}

/// The titles of all bodies.
#[derive(Debug, Clone)]
pub(super) struct Offices(Vec<Office>);

/// Room for a title that nobody typed in.
const ROOM: &str = "…………………";

impl Offices {
    pub fn parse(name: &str, text: &str) -> Result<Self, PaperError> {
        let file: File = toml::from_str(text).map_err(|error| {
            let line = error.span().map(|span| line_of(text, span.start));
            PaperError::template(name, line, error.message())
        })?;
        Ok(Self(file.office))
    }

    /// The lines above the name, by the forms as they stack: TM., then one of KT., TL., TUQ., Q. or the head's title.
    pub fn signature(&self, kind: OrganisationKind, forms: &[SigningForm], name: &str) -> Signature {
        let office = self.0.iter().find(|office| office.kind == kind);
        let (head, deputy, collective) = match office {
            Some(office) => (office.head.as_str(), office.deputy.as_str(), office.collective.as_str()),
            None => (ROOM, ROOM, ROOM),
        };
        let has = |form| forms.contains(&form);
        let mut lines = Vec::new();
        if has(SigningForm::Tm) {
            lines.push(format!("TM. {}", if collective.is_empty() { head } else { collective }));
        }
        if has(SigningForm::Kt) {
            lines.extend([format!("KT. {head}"), deputy.to_owned()]);
        } else if has(SigningForm::Tl) {
            lines.extend([format!("TL. {head}"), ROOM.to_owned()]);
        } else if has(SigningForm::Tuq) {
            lines.extend([format!("TUQ. {head}"), ROOM.to_owned()]);
        } else if has(SigningForm::Q) {
            lines.push(format!("Q. {head}"));
        } else {
            lines.push(head.to_owned());
        }
        Signature { lines, name: name.to_owned() }
    }
}

/// The line of a byte, from 1.
pub(super) fn line_of(text: &str, byte: usize) -> usize {
    1 + text.bytes().take(byte).filter(|byte| *byte == b'\n').count()
}

#[cfg(test)]
mod tests {
    use SigningForm::{Kt, Q, Tl, Tm, Tuq};

    use super::*;

    #[test]
    fn forms_stack_as_the_decree_says() {
        let offices =
            Offices::parse("offices.toml", include_str!("../../config/paper/offices.toml")).unwrap();
        let lines = |kind, forms: &[SigningForm]| offices.signature(kind, forms, "Nguyễn Văn A").lines;
        let city = OrganisationKind::City;
        assert_eq!(lines(city, &[]), ["Chủ tịch"]);
        assert_eq!(lines(city, &[Tm]), ["TM. Ủy ban nhân dân", "Chủ tịch"]);
        assert_eq!(lines(city, &[Tm, Kt]), ["TM. Ủy ban nhân dân", "KT. Chủ tịch", "Phó Chủ tịch"]);
        let department = OrganisationKind::ForeignAffairs;
        assert_eq!(lines(department, &[Kt]), ["KT. Giám đốc", "Phó Giám đốc"]);
        assert_eq!(lines(department, &[Tl]), ["TL. Giám đốc", ROOM]);
        assert_eq!(lines(department, &[Tuq]), ["TUQ. Giám đốc", ROOM]);
        assert_eq!(lines(department, &[Q]), ["Q. Giám đốc"]);
        assert_eq!(offices.signature(department, &[], "Lê Thị B").name, "Lê Thị B");
    }

    #[test]
    fn every_kind_of_body_has_its_titles() {
        use crate::domain::codes::Code;
        let offices =
            Offices::parse("offices.toml", include_str!("../../config/paper/offices.toml")).unwrap();
        for kind in OrganisationKind::ALL {
            assert!(offices.0.iter().any(|office| office.kind == *kind), "{kind}");
        }
    }
}
