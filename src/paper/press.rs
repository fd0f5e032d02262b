//! The press: all wordings and templates, read and checked once, and the way from a matter to the bytes of a file.
//! Making a paper is slow work: whoever asks does it on a thread that may block, and never within a transaction.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use super::folder::{self, Files};
use super::matter::Matter;
use super::sheet::Sheet;
use super::signing::Offices;
use super::wording::{Wording, file_of};
use super::{Format, Kind, PaperError, docx, samples};
use crate::domain::codes::Code;

/// Most bytes of text in one paper: some ten thousand rows. Larger returns are for CSV and XLSX.
const MOST: usize = 4 * 1024 * 1024;

/// Everything that papers are made with.
pub struct Press {
    wordings: BTreeMap<Kind, Wording>,
    offices: Offices,
    version: String,
    #[cfg(feature = "pdf")]
    setter: super::typeset::Setter,
}

impl fmt::Debug for Press {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Press").field("kinds", &self.wordings.keys()).finish_non_exhaustive()
    }
}

impl Press {
    /// With the files of the binary, and those of a folder before them. A folder's files are tried at once, on sample
    /// papers of every kind.
    ///
    /// # Errors
    /// The file and line that are wrong.
    pub fn open(folder: Option<&Path>) -> Result<Self, PaperError> {
        let press = Self::of(folder::read(folder)?)?;
        if folder.is_some() {
            press.check()?;
        }
        Ok(press)
    }

    pub(super) fn of(files: Files) -> Result<Self, PaperError> {
        let mut wordings = BTreeMap::new();
        for kind in Kind::ALL {
            let name = file_of(*kind);
            wordings.insert(*kind, Wording::parse(&name, folder::text(&files, &name)?)?);
        }
        Ok(Self {
            wordings,
            offices: Offices::parse("offices.toml", folder::text(&files, "offices.toml")?)?,
            version: folder::version(&files),
            #[cfg(feature = "pdf")]
            setter: super::typeset::Setter::new(files)?,
        })
    }

    /// Which templates these are: the program's version, and SHA-256 over names and bytes of all files.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Makes a sample of every kind of paper in every format.
    ///
    /// # Errors
    /// The file and line that are wrong.
    pub fn check(&self) -> Result<(), PaperError> {
        for matter in samples::all() {
            let sheet = self.sheet(&matter)?;
            docx::write(&sheet)?;
            #[cfg(feature = "pdf")]
            self.setter.pdf(&sheet)?;
        }
        Ok(())
    }

    /// The paper as data.
    ///
    /// # Errors
    /// The wording does not fit the facts, or the paper is too large.
    pub fn sheet(&self, matter: &Matter) -> Result<Sheet, PaperError> {
        let missing = || PaperError::template(file_of(matter.kind), None, "there is no such file");
        let wording = self.wordings.get(&matter.kind).ok_or_else(missing)?;
        let sheet = wording.sheet(matter, &self.offices)?;
        match sheet.weight() {
            bytes if bytes > MOST => Err(PaperError::TooLarge { bytes, most: MOST }),
            _ => Ok(sheet),
        }
    }

    /// The file. Blocks for as long as it takes.
    ///
    /// # Errors
    /// Why there is none.
    pub fn file(&self, matter: &Matter, format: Format) -> Result<Vec<u8>, PaperError> {
        let sheet = self.sheet(matter)?;
        match format {
            Format::Docx => docx::write(&sheet),
            Format::Pdf => self.pdf(&sheet),
        }
    }

    /// The paper without its annexes, to be edited: as DOCX.
    ///
    /// # Errors
    /// Why there is none.
    pub fn text_part(&self, matter: &Matter) -> Result<Vec<u8>, PaperError> {
        let mut sheet = self.sheet(matter)?;
        sheet.annexes.clear();
        docx::write(&sheet)
    }

    #[cfg(feature = "pdf")]
    fn pdf(&self, sheet: &Sheet) -> Result<Vec<u8>, PaperError> {
        self.setter.pdf(sheet)
    }

    #[cfg(not(feature = "pdf"))]
    #[expect(clippy::unused_self, reason = "the same call as with PDF")]
    fn pdf(&self, _sheet: &Sheet) -> Result<Vec<u8>, PaperError> {
        Err(PaperError::NotBuilt)
    }
}
