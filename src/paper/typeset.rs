//! Sheets as PDF through Typst. The world of a template is closed: the files of the press, one data file, the embedded
//! font and those of the folder. No package is fetched, no file of the host is read, no clock is looked at, and what
//! people typed comes as JSON strings, which Typst never reads as markup.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::OnceLock;

use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Duration, Smart};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World, WorldExt, comemo};
use typst_layout::PagedDocument;
use typst_pdf::PdfOptions;

use super::PaperError;
use super::folder::Files;
use super::sheet::Sheet;
use crate::domain::codes::Code;

/// The embedded family: Times-like, under the Open Font License, with all letters of Vietnamese in most faces.
const FAMILY: &str = "Libertinus Serif";
/// What the decree asks for (Phụ lục I, mục I.2): used where the folder brings it.
const ASKED_FOR: &str = "Times New Roman";
/// The data file.
const DATA: &str = "sheet.json";

/// Fonts and the library: made when the first paper is set, and kept.
struct Type {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
    families: Vec<&'static str>,
}

/// Sets sheets.
pub(super) struct Setter {
    sources: HashMap<FileId, Source>,
    files: HashMap<FileId, Bytes>,
    fonts: Vec<Bytes>,
    made: OnceLock<Type>,
}

impl Setter {
    pub fn new(files: Files) -> Result<Self, PaperError> {
        let mut setter =
            Self { sources: HashMap::new(), files: HashMap::new(), fonts: Vec::new(), made: OnceLock::new() };
        for (name, bytes) in files {
            let id = file_id(&name)?;
            match name.rsplit_once('.').map(|(_, ending)| ending) {
                Some("typ") => {
                    let text =
                        String::from_utf8(bytes).map_err(|cause| PaperError::template(&name, None, cause))?;
                    setter.sources.insert(id, Source::new(id, text));
                }
                Some("ttf" | "otf") => setter.fonts.push(Bytes::new(bytes)),
                Some("png" | "svg") => {
                    setter.files.insert(id, Bytes::new(bytes));
                }
                _ => {}
            }
        }
        Ok(setter)
    }

    /// Sets one sheet.
    ///
    /// # Errors
    /// The template and its line that fail.
    pub fn pdf(&self, sheet: &Sheet) -> Result<Vec<u8>, PaperError> {
        let made = self.made.get_or_init(|| self.made());
        let own = file_id(&format!("{}.typ", sheet.kind.code()))?;
        let main = if self.sources.contains_key(&own) { own } else { file_id("paper.typ")? };
        let mut data = serde_json::to_value(sheet).map_err(|error| PaperError::Write(error.to_string()))?;
        if let Some(fields) = data.as_object_mut() {
            fields.insert("fonts".to_owned(), made.families.clone().into());
        }
        let data = serde_json::to_vec(&data).map_err(|error| PaperError::Write(error.to_string()))?;
        let desk = Desk { setter: self, made, main, data_id: file_id(DATA)?, data: Bytes::new(data) };
        let done = desk.set();
        // Nothing of this paper may stay behind in the memory of the typesetter.
        comemo::evict(0);
        done
    }

    fn made(&self) -> Type {
        let own = self.fonts.iter().cloned().flat_map(Font::iter);
        let embedded = typst_assets::fonts().map(Bytes::new).flat_map(Font::iter);
        // Its bold italic has no ơ and no ư: faces that lack letters are left out, and the nearest is taken.
        let whole =
            |font: &Font| "ạặầđơư".chars().all(|letter| font.info().coverage.contains(u32::from(letter)));
        let embedded = embedded.filter(|font| font.info().family == FAMILY && whole(font));
        let fonts: Vec<Font> = own.chain(embedded).collect();
        let has = |family: &str| fonts.iter().any(|font| font.info().family == family);
        let families = [ASKED_FOR, FAMILY].into_iter().filter(|family| has(family)).collect();
        let book = FontBook::from_fonts(&fonts);
        Type { library: LazyHash::new(Library::default()), book: LazyHash::new(book), fonts, families }
    }
}

fn file_id(name: &str) -> Result<FileId, PaperError> {
    let path =
        VirtualPath::new(name).map_err(|error| PaperError::template(name, None, format!("{error:?}")))?;
    Ok(FileId::new(RootedPath::new(VirtualRoot::Project, path)))
}

/// The world of one paper.
struct Desk<'a> {
    setter: &'a Setter,
    made: &'a Type,
    main: FileId,
    data_id: FileId,
    data: Bytes,
}

impl Desk<'_> {
    fn set(&self) -> Result<Vec<u8>, PaperError> {
        let document = typst::compile::<PagedDocument>(self).output.map_err(|errors| self.fault(&errors))?;
        let options =
            PdfOptions { creator: Smart::Custom(Some("Legation".to_owned())), ..PdfOptions::default() };
        typst_pdf::pdf(&document, &options).map_err(|errors| self.fault(&errors))
    }

    /// The first error, with file and line.
    fn fault(&self, errors: &[SourceDiagnostic]) -> PaperError {
        let Some(error) = errors.first() else { return PaperError::Write("no reason given".to_owned()) };
        let file = error.span.id();
        let name = file.map(|id| id.get().vpath().get_without_slash().to_owned());
        let start = self.range(error.span).map(|range| range.start);
        let source = file.and_then(|id| self.setter.sources.get(&id));
        let line = source.zip(start).and_then(|(source, start)| source.lines().byte_to_line(start));
        PaperError::template(
            name.unwrap_or_else(|| "paper.typ".to_owned()),
            line.map(|line| line + 1),
            &error.message,
        )
    }
}

impl World for Desk<'_> {
    fn library(&self) -> &LazyHash<Library> {
        &self.made.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.made.book
    }

    fn main(&self) -> FileId {
        self.main
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        self.setter.sources.get(&id).cloned().ok_or_else(|| absent(id))
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        match id == self.data_id {
            true => Ok(self.data.clone()),
            false => self.setter.files.get(&id).cloned().ok_or_else(|| absent(id)),
        }
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.made.fonts.get(index).cloned()
    }

    /// A paper looks the same on every day.
    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        None
    }
}

/// Packages are no files of ours either.
fn absent(id: FileId) -> FileError {
    FileError::NotFound(PathBuf::from(id.get().vpath().get_without_slash()))
}
