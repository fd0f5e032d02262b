//! Official paper: how a return, an appraisal note or a permit letter is worded and laid out (Nghị định 30/2020/NĐ-CP),
//! as PDF and as DOCX. It owns templates and looks; it must not know dossiers, tables of the database or HTTP.
//!
//! A [`Matter`] (facts and tables) and the wording of its kind (`config/paper/*.toml`) make a [`Sheet`], the paper as
//! data; `official.typ` sets a sheet as PDF, `docx` writes it for an office to edit. Same matter, same bytes.

mod docx;
mod folder;
mod matter;
mod press;
mod qr;
pub mod samples;
mod sheet;
mod signing;
#[cfg(feature = "pdf")]
mod typeset;
mod wording;

#[cfg(test)]
mod tests;

use crate::domain::codes::codes;

pub use matter::{
    Body, Check, DossierFacts, Finding, Matter, Member, Number, Numbered, Opinion, ReturnFacts,
};
pub use press::Press;
pub use sheet::{Align, Column, Row, RowKind, Sheet, Table};

codes! {
    /// Kinds of official paper.
    Kind {
        /// Phiếu thẩm định: what the appraiser proposes to whoever decides.
        AppraisalNote = "appraisal_note",
        /// Danh sách đoàn.
        MemberList = "member_list",
        /// Tờ trình: the department asks the city to permit.
        Submission = "submission",
        /// The permit letter of an inbound delegation (công văn).
        Permit = "permit",
        /// The decision to send an outbound delegation abroad (quyết định).
        Decision = "decision",
        /// Báo cáo kết quả.
        ResultReport = "result_report",
        /// The compliance return (báo cáo đoàn vào, đoàn ra).
        Return = "return",
    }
    /// As what a paper can be had.
    Format {
        /// For reading, printing and signing.
        Pdf = "pdf",
        /// For editing before it is signed.
        Docx = "docx",
    }
}

impl Format {
    /// Its media type.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        }
    }
}

/// Why a paper cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PaperError {
    /// A template or wording is not right. The words name file and line: an operator's matter.
    #[error("{}{}: {message}", .file, .line.map(|line| format!(":{line}")).unwrap_or_default())]
    Template {
        /// Name of the file.
        file: String,
        /// Line, from 1, where it is known.
        line: Option<usize>,
        /// What is wrong.
        message: String,
    },
    /// The paper would have more text than is set at once.
    #[error("the paper holds {bytes} bytes of text, more than {most}")]
    TooLarge {
        /// How many.
        bytes: usize,
        /// How many are set.
        most: usize,
    },
    /// This program was built without the feature `pdf`.
    #[error("this program was built without PDF")]
    NotBuilt,
    /// The writer failed.
    #[error("the paper could not be written: {0}")]
    Write(String),
}

impl PaperError {
    pub(crate) fn template(file: impl Into<String>, line: Option<usize>, message: impl ToString) -> Self {
        let message = message.to_string();
        let message = message.split_whitespace().collect::<Vec<_>>().join(" ");
        Self::Template { file: file.into(), line, message }
    }

    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Template { .. } | Self::Write(_) => "internal",
            Self::TooLarge { .. } => "paper-too-large",
            Self::NotBuilt => "pdf-not-built",
        }
    }
}
