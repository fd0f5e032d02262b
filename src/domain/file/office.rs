//! Office documents are archives: which kind, told from the archive's directory at its end. Nothing is unpacked, so
//! there is no bomb to go off; what hides macros, programs or a password is refused.

use super::MediaType;

const END: usize = 22;
const ENTRY: usize = 46;
/// Where the content of an archive's first member begins when it is called `mimetype` and has no extra field.
const MIMETYPE_AT: usize = 30 + 8;
/// Parts that run when the document is opened, or that are programs.
const PROGRAMS: [&str; 14] = [
    ".exe", ".dll", ".com", ".scr", ".js", ".vbs", ".bat", ".cmd", ".ps1", ".hta", ".jar", ".lnk", ".msi",
    ".wsf",
];

struct Part {
    name: String,
    stored: bool,
    length: u64,
    offset: u64,
}

/// The type of an Office document.
///
/// # Errors
/// `file-type-not-allowed` for other archives, `file-is-broken`, `file-is-two-things`, `file-has-macros`,
/// `file-is-encrypted`.
pub(super) fn document(head: &[u8], tail: &[u8], total: u64) -> Result<MediaType, &'static str> {
    let parts = directory(tail, total)?;
    let has = |name: &str| parts.iter().any(|part| part.name == name);
    let within = |folder: &str, start: &str| {
        let is = |part: &Part| {
            let rest = part.name.strip_prefix(folder).and_then(|rest| rest.strip_prefix(start));
            rest.is_some_and(|rest| {
                rest.strip_suffix(".xml").is_some_and(|n| n.bytes().all(|b| b.is_ascii_digit()))
            })
        };
        parts.iter().any(is)
    };
    if parts.iter().any(|part| is_program(&part.name)) {
        return Err("file-has-macros");
    }
    let open = open_document(head, &parts);
    let (word, excel) = (within("word/", "document"), within("xl/", "workbook"));
    match (open, has("[content_types].xml"), word, excel) {
        (Some(found), false, ..) => Ok(found),
        (None, true, true, false) => Ok(MediaType::Docx),
        (None, true, false, true) => Ok(MediaType::Xlsx),
        (Some(_), true, ..) | (None, true, true, true) => Err("file-is-two-things"),
        _ => Err("file-type-not-allowed"),
    }
}

fn is_program(name: &str) -> bool {
    let folders = ["basic/", "scripts/"].iter().any(|folder| name.starts_with(folder));
    let inner = ["/macrosheets/", "/activex/", "/oleobject", "/dialogsheets/"];
    folders
        || name.ends_with("vbaproject.bin")
        || name.ends_with("vbadata.xml")
        || inner.iter().any(|part| name.contains(part))
        || PROGRAMS.iter().any(|ending| name.ends_with(ending))
}

/// An ODF document says its type in its first part, stored as it is.
fn open_document(head: &[u8], parts: &[Part]) -> Option<MediaType> {
    let first = parts.iter().find(|part| part.offset == 0)?;
    if first.name != "mimetype" || !first.stored || !head.get(30..)?.starts_with(b"mimetype") {
        return None;
    }
    let length = usize::try_from(first.length).ok()?;
    let said = head.get(MIMETYPE_AT..MIMETYPE_AT.checked_add(length)?)?;
    match said {
        b"application/vnd.oasis.opendocument.text" => Some(MediaType::Odt),
        b"application/vnd.oasis.opendocument.spreadsheet" => Some(MediaType::Ods),
        _ => None,
    }
}

/// Reads the directory. The archive must be nothing but an archive: from the first byte to the last.
fn directory(tail: &[u8], total: u64) -> Result<Vec<Part>, &'static str> {
    let at = tail.len().checked_sub(END).ok_or("file-is-broken")?;
    let end = tail.get(at..).ok_or("file-is-broken")?;
    if !end.starts_with(b"PK\x05\x06") {
        return Err("file-is-broken");
    }
    let disks = (number(end, 4, 2)?, number(end, 6, 2)?);
    let (count, size, offset) = (number(end, 10, 2)?, number(end, 12, 4)?, number(end, 16, 4)?);
    if disks != (0, 0) || number(end, 8, 2)? != count || number(end, 20, 2)? != 0 {
        return Err("file-is-broken");
    }
    // Something else before the archive, or between its directory and its end, shifts these.
    if offset + size + 22 != total {
        return Err("file-is-two-things");
    }
    let size = usize::try_from(size).map_err(|_large| "file-is-broken")?;
    let mut rest = at.checked_sub(size).and_then(|from| tail.get(from..at)).ok_or("file-is-broken")?;
    let mut parts: Vec<Part> = Vec::new();
    for _ in 0..count {
        let (part, next) = entry(rest)?;
        if parts.iter().any(|other| other.name == part.name) {
            return Err("file-is-two-things");
        }
        parts.push(part);
        rest = next;
    }
    if !rest.is_empty() || parts.iter().map(|part| part.offset).min() != Some(0) {
        return Err("file-is-two-things");
    }
    Ok(parts)
}

fn entry(bytes: &[u8]) -> Result<(Part, &[u8]), &'static str> {
    if !bytes.starts_with(b"PK\x01\x02") {
        return Err("file-is-broken");
    }
    let (flags, method) = (number(bytes, 8, 2)?, number(bytes, 10, 2)?);
    if flags & 1 != 0 {
        return Err("file-is-encrypted");
    }
    if !matches!(method, 0 | 8) {
        return Err("file-is-broken");
    }
    let short = |at| number(bytes, at, 2).and_then(|n| usize::try_from(n).map_err(|_large| "file-is-broken"));
    let (name, extra, comment) = (short(28)?, short(30)?, short(32)?);
    let text = bytes.get(ENTRY..ENTRY + name).ok_or("file-is-broken")?;
    let name_text = String::from_utf8_lossy(text).to_lowercase().replace('\\', "/");
    if name_text.starts_with('/') || name_text.split('/').any(|step| step == "..") {
        return Err("file-is-broken");
    }
    let rest = bytes.get(ENTRY + name + extra + comment..).ok_or("file-is-broken")?;
    let (length, offset) = (number(bytes, 20, 4)?, number(bytes, 42, 4)?);
    Ok((Part { name: name_text, stored: method == 0, length, offset }, rest))
}

/// A number of `width` bytes, the least first.
fn number(bytes: &[u8], at: usize, width: usize) -> Result<u64, &'static str> {
    let part = bytes.get(at..at + width).ok_or("file-is-broken")?;
    Ok(part.iter().rev().fold(0, |sum, byte| (sum << 8) | u64::from(*byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An archive with these parts, stored.
    fn archive(parts: &[(&str, &[u8])], flags: u8) -> Vec<u8> {
        let (mut out, mut directory) = (Vec::new(), Vec::new());
        let four = |n: usize| u32::try_from(n).unwrap().to_le_bytes();
        let two = |n: usize| u16::try_from(n).unwrap().to_le_bytes();
        for (name, content) in parts {
            let offset = out.len();
            let common = [
                [20, 0, flags, 0, 0, 0, 0, 0, 0, 0].as_slice(),
                &[0; 4],
                &four(content.len()),
                &four(content.len()),
                &two(name.len()),
                &two(0),
            ]
            .concat();
            out.extend([b"PK\x03\x04".as_slice(), &common, name.as_bytes(), content].concat());
            directory.extend(
                [b"PK\x01\x02\x14\0".as_slice(), &common, &[0; 10], &four(offset), name.as_bytes()].concat(),
            );
        }
        let at = out.len();
        out.extend(&directory);
        let n = parts.len();
        out.extend(
            [b"PK\x05\x06\0\0\0\0".as_slice(), &two(n), &two(n), &four(directory.len()), &four(at), &two(0)]
                .concat(),
        );
        out
    }

    fn look(bytes: &[u8]) -> Result<MediaType, &'static str> {
        let mut probe = super::super::Probe::default();
        probe.feed(bytes);
        probe.finish()
    }

    const TYPES: (&str, &[u8]) = ("[Content_Types].xml", b"<Types/>");
    const ODT: (&str, &[u8]) = ("mimetype", b"application/vnd.oasis.opendocument.text");

    #[test]
    fn office_documents_are_told_apart() {
        let look_at = |parts: &[(&str, &[u8])]| look(&archive(parts, 0));
        assert_eq!(look_at(&[TYPES, ("word/document.xml", b"<w/>")]), Ok(MediaType::Docx));
        assert_eq!(look_at(&[TYPES, ("word/document2.xml", b"<w/>")]), Ok(MediaType::Docx));
        assert_eq!(look_at(&[TYPES, ("xl/workbook.xml", b"<x/>")]), Ok(MediaType::Xlsx));
        assert_eq!(look_at(&[ODT, ("content.xml", b"<x/>")]), Ok(MediaType::Odt));
        let ods: (&str, &[u8]) = ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet");
        assert_eq!(look_at(&[ods, ("content.xml", b"<x/>")]), Ok(MediaType::Ods));
        for other in [
            &[("a.txt", b"x".as_slice())][..],
            &[TYPES, ("ppt/presentation.xml", b"<x/>")],
            &[TYPES, ("xl/workbook.bin", b"x")],
            &[("mimetype", b"application/epub+zip"), ("content.xml", b"")],
            &[("content.xml", b""), ODT],
        ] {
            assert_eq!(look_at(other), Err("file-type-not-allowed"));
        }
    }

    #[test]
    fn what_runs_is_refused() {
        for program in [
            "word/vbaProject.bin",
            "word/activeX/activeX1.xml",
            "word/embeddings/oleObject1.bin",
            "x/run.EXE",
        ] {
            let file = archive(&[TYPES, ("word/document.xml", b"<w/>"), (program, b"x")], 0);
            assert_eq!(look(&file), Err("file-has-macros"), "{program}");
        }
        let sheet = archive(&[TYPES, ("xl/workbook.xml", b""), ("xl/macrosheets/sheet1.xml", b"")], 0);
        assert_eq!(look(&sheet), Err("file-has-macros"));
        let basic = archive(&[ODT, ("Basic/Standard/Module1.xml", b"")], 0);
        assert_eq!(look(&basic), Err("file-has-macros"));
    }

    #[test]
    fn an_archive_must_be_nothing_but_one() {
        let good = archive(&[TYPES, ("word/document.xml", b"<w/>")], 0);
        assert_eq!(look(&[good.as_slice(), b"x"].concat()), Err("file-is-broken"));
        let prefixed = [b"PK\x03\x04 something before ".as_slice(), &good].concat();
        assert_eq!(look(&prefixed), Err("file-is-two-things"));
        assert_eq!(look(&good[..good.len() - 5]), Err("file-is-broken"));
        let twice = archive(&[TYPES, ("word/document.xml", b"a"), ("word/document.xml", b"b")], 0);
        assert_eq!(look(&twice), Err("file-is-two-things"));
        assert_eq!(look(&archive(&[TYPES, ("word/document.xml", b"")], 1)), Err("file-is-encrypted"));
        assert_eq!(look(&archive(&[TYPES, ("word/../document.xml", b"")], 0)), Err("file-is-broken"));
        let both = archive(&[ODT, TYPES, ("word/document.xml", b"")], 0);
        assert_eq!(look(&both), Err("file-is-two-things"));
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_fall(noise in proptest::collection::vec(0_u8.., 0..400), cut in 0_usize..200) {
            let good = archive(&[TYPES, ("word/document.xml", b"<w/>")], 0);
            let at = cut.min(good.len());
            let mixed = [&good[..at], &noise, &good[at..]].concat();
            let _ = (look(&noise), look(&mixed), look(&[b"PK\x03\x04".as_slice(), &noise].concat()));
        }
    }
}
