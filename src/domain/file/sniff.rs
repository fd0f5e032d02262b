//! What a file really is, told from its bytes as they stream by. It keeps the beginning and the end, never the whole,
//! and refuses what is two things at once: a picture that is also an archive, a PDF in front of which something else
//! stands.

use super::MediaType;
use super::office;

/// How much of the beginning is kept: readers of PDF look for its header so far.
const HEAD: usize = 1024;
/// How much of the end is kept: the directory of an Office document with some thousand parts.
const TAIL: usize = 512 * 1024;
/// How much of the end may hold the end record of an archive: the record and the longest comment.
const END_RECORD: usize = 22 + 65_535;

/// Looks at a file that streams by.
#[derive(Debug, Default)]
pub struct Probe {
    head: Vec<u8>,
    tail: Vec<u8>,
    total: u64,
}

impl Probe {
    /// Takes the next bytes.
    pub fn feed(&mut self, bytes: &[u8]) {
        let missing = HEAD.saturating_sub(self.head.len());
        self.head.extend(bytes.iter().take(missing));
        self.total = self.total.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        self.tail.extend_from_slice(bytes);
        // Moving the rest to the front costs as much as it is long: not at every chunk.
        if self.tail.len() > 2 * TAIL {
            self.tail.drain(..self.tail.len() - TAIL);
        }
    }

    /// How many bytes went by.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Whether the beginning already shows that the file will not be taken.
    #[must_use]
    pub fn is_hopeless(&self) -> bool {
        self.head.len() >= 8 && kind(&self.head).is_none()
    }

    /// What the whole file is.
    ///
    /// # Errors
    /// `empty-file`, `file-type-not-allowed`, `file-is-broken`, `file-is-two-things`, `file-has-macros`,
    /// `file-is-encrypted`.
    pub fn finish(&self) -> Result<MediaType, &'static str> {
        if self.total == 0 {
            return Err("empty-file");
        }
        let found = kind(&self.head).ok_or("file-type-not-allowed")?;
        if has_markup(&self.head) || (found != Kind::Pdf && find(&self.head, b"%PDF-")) {
            return Err("file-is-two-things");
        }
        if found == Kind::Zip {
            return office::document(&self.head, &self.tail, self.total);
        }
        if ends_an_archive(&self.tail) {
            return Err("file-is-two-things");
        }
        let last = |n: usize| self.tail.get(self.tail.len().saturating_sub(n)..).unwrap_or_default();
        let whole = match found {
            // Readers take a PDF whose end mark stands in the last 1024 bytes.
            Kind::Pdf => find(last(1024), b"%%EOF"),
            Kind::Png => last(12) == b"\0\0\0\0IEND\xAE\x42\x60\x82",
            Kind::Jpeg | Kind::Tiff | Kind::Zip => true,
        };
        if !whole {
            return Err("file-is-broken");
        }
        match found {
            Kind::Pdf => Ok(MediaType::Pdf),
            Kind::Png => Ok(MediaType::Png),
            Kind::Jpeg => Ok(MediaType::Jpeg),
            Kind::Tiff => Ok(MediaType::Tiff),
            Kind::Zip => Err("file-type-not-allowed"),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Pdf,
    Png,
    Jpeg,
    Tiff,
    Zip,
}

fn kind(head: &[u8]) -> Option<Kind> {
    let signatures: [(&[u8], Kind); 7] = [
        (b"%PDF-1.", Kind::Pdf),
        (b"%PDF-2.", Kind::Pdf),
        (b"\x89PNG\r\n\x1A\n", Kind::Png),
        (b"\xFF\xD8\xFF", Kind::Jpeg),
        (b"II\x2A\0", Kind::Tiff),
        (b"MM\0\x2A", Kind::Tiff),
        (b"PK\x03\x04", Kind::Zip),
    ];
    signatures.iter().find(|(signature, _)| head.starts_with(signature)).map(|(_, kind)| *kind)
}

fn find(within: &[u8], wanted: &[u8]) -> bool {
    within.windows(wanted.len()).any(|part| part == wanted)
}

/// Whether the beginning would be taken for a page by a browser that guesses.
fn has_markup(head: &[u8]) -> bool {
    let lower = head.to_ascii_lowercase();
    [b"<script".as_slice(), b"<html", b"<svg", b"<!doctype", b"<iframe"].iter().any(|word| find(&lower, word))
}

/// Whether the file ends as an archive does: an end record whose comment reaches exactly to the last byte.
fn ends_an_archive(tail: &[u8]) -> bool {
    let end = tail.get(tail.len().saturating_sub(END_RECORD)..).unwrap_or_default();
    end.windows(22).enumerate().any(|(at, record)| {
        let comment = record.get(20..22).and_then(|two| two.try_into().ok()).map(u16::from_le_bytes);
        record.starts_with(b"PK\x05\x06") && comment.is_some_and(|n| at + 22 + usize::from(n) == end.len())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(bytes: &[u8]) -> Result<MediaType, &'static str> {
        let mut probe = Probe::default();
        for part in bytes.chunks(7) {
            probe.feed(part);
        }
        assert_eq!(probe.total(), u64::try_from(bytes.len()).unwrap());
        probe.finish()
    }

    const PDF: &[u8] = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n";
    const PNG: &[u8] = b"\x89PNG\r\n\x1A\n\0\0\0\rIHDR....\0\0\0\0IEND\xAE\x42\x60\x82";

    #[test]
    fn types_are_told_from_bytes() {
        assert_eq!(look(PDF), Ok(MediaType::Pdf));
        assert_eq!(look(PNG), Ok(MediaType::Png));
        assert_eq!(look(b"\xFF\xD8\xFF\xE0\0\x10JFIF\0....\xFF\xD9"), Ok(MediaType::Jpeg));
        assert_eq!(look(b"II\x2A\0\x08\0\0\0...."), Ok(MediaType::Tiff));
        assert_eq!(look(b""), Err("empty-file"));
        for other in [
            b"<svg xmlns='http://www.w3.org/2000/svg'/>".as_slice(),
            b"<!DOCTYPE html><html></html>",
            b"GIF89a....",
            b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1....",
            b"MZ\x90\0....",
            b"#!/bin/sh\n",
            b" %PDF-1.7\n%%EOF",
            b"just text, as it seems",
            b"%PD",
        ] {
            assert_eq!(look(other), Err("file-type-not-allowed"), "{}", String::from_utf8_lossy(other));
        }
    }

    #[test]
    fn what_is_cut_off_is_noticed() {
        assert_eq!(look(&PDF[..20]), Err("file-is-broken"));
        assert_eq!(look(&PNG[..PNG.len() - 1]), Err("file-is-broken"));
        assert_eq!(look(&[PNG, b"trailing"].concat()), Err("file-is-broken"));
    }

    #[test]
    fn what_is_two_things_is_neither() {
        let archive = b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0".as_slice();
        let with_comment =
            [b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x06\0".as_slice(), b"%%EOF\n"].concat();
        for both in [
            [PDF, archive].concat(),
            [b"%PDF-1.7\n".as_slice(), &with_comment].concat(),
            [b"\xFF\xD8\xFF\xE0".as_slice(), archive].concat(),
            [b"\xFF\xD8\xFF\xE0....%PDF-1.4".as_slice(), b"...%%EOF"].concat(),
            b"\xFF\xD8\xFF\xE0<ScRiPt>alert(1)</script>".to_vec(),
            b"%PDF-1.7\n<html>\n%%EOF".to_vec(),
        ] {
            assert_eq!(look(&both), Err("file-is-two-things"), "{}", String::from_utf8_lossy(&both));
        }
    }

    #[test]
    fn a_long_file_keeps_its_end() {
        let mut probe = Probe::default();
        probe.feed(b"%PDF-1.7\n");
        for _ in 0..40 {
            probe.feed(&vec![b'x'; 64 * 1024]);
        }
        assert!(probe.tail.len() <= 2 * TAIL + 64 * 1024);
        assert_eq!(probe.finish(), Err("file-is-broken"));
        probe.feed(b"\n%%EOF");
        assert_eq!(probe.finish(), Ok(MediaType::Pdf));
        assert!(!probe.is_hopeless());
    }
}
