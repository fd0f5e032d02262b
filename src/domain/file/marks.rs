//! The marks of state secrets, "Mật", "Tối mật", "Tuyệt mật", in a file's name or in what is typed in with it
//! (Luật Bảo vệ bí mật nhà nước 117/2025/QH15, rulebook-facts 3.3, F2). It guards against a mistake, not against
//! malice: whoever renames a secret paper is not stopped by it. In doubt it says yes: renaming a harmless file costs
//! a minute.

use unicode_normalization::UnicodeNormalization;

/// Words with which "mật", written with its marks, makes a harmless word: before it. "Bí mật" is a case of its own.
const HARMLESS_BEFORE: [&str; 5] = ["bảo", "bí", "thân", "cẩn", "gắn"];
/// What stands before "bí mật" where it is something to be kept, and no mark: bảo vệ bí mật, giữ bí mật, giữ gìn bí
/// mật, đảm bảo bí mật, tuyệt đối bí mật, không chứa bí mật, lộ bí mật.
const KEPT_BEFORE: [&str; 7] = ["vệ", "giữ", "gìn", "bảo", "đối", "chứa", "lộ"];
/// What ends the name of a file after its last word.
const ENDINGS: [&str; 14] =
    ["", "pdf", "doc", "docx", "xls", "xlsx", "odt", "ods", "png", "jpg", "jpeg", "tif", "tiff", "zip"];
/// And after it: mật khẩu, mật mã, mật độ, mật ong, mật thiết.
const HARMLESS_AFTER: [&str; 5] = ["khẩu", "mã", "độ", "ong", "thiết"];
/// Where no marks are written, "mat" is also mặt, mất, mắt, mát: gặp mặt, họp mặt, thay mặt, tiền mặt, ra mắt ..
const PLAIN_BEFORE: [&str; 17] = [
    "bao", "bi", "than", "can", "gap", "hop", "thay", "tien", "ra", "co", "vang", "be", "mot", "hai",
    "truoc", "khuon", "doi",
];
/// Mặt trận, mặt bằng, mặt hàng, mất cắp, mật khẩu ..
const PLAIN_AFTER: [&str; 11] =
    ["khau", "ma", "thiet", "tran", "bang", "hang", "troi", "nuoc", "dat", "cap", "tich"];
/// What stands glued before an unaccented mark in names such as `CVMAT.pdf`.
const GLUED_BEFORE: [&str; 9] = ["cv", "congvan", "vanban", "vb", "tailieu", "tl", "hoso", "qd", "domat"];

/// Whether a text bears a mark, in any case, composed or decomposed, with or without separators and accents.
#[must_use]
pub fn is_marked_secret(text: &str) -> bool {
    let visible = |c: &char| !matches!(c, '\u{00AD}' | '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}' | '\u{202A}'..='\u{202E}');
    let text: String = text.chars().filter(visible).nfkc().collect();
    // `TuyetMat` is two words, `tUyỆt mẬT` are not five: both readings are tried.
    marked(&words(&text, false)) || marked(&words(&text, true))
}

/// The words of a text in lower case: parted by everything that is no letter, and on demand where a capital follows a
/// small letter. Single letters in a row are one word (`M Ậ T`).
fn words(text: &str, at_capitals: bool) -> Vec<String> {
    let mut words: Vec<String> = vec![String::new()];
    let mut before = ' ';
    for c in text.chars() {
        let parted = !c.is_alphabetic() || (at_capitals && before.is_lowercase() && c.is_uppercase());
        if parted && words.last().is_some_and(|word| !word.is_empty()) {
            words.push(String::new());
        }
        if c.is_alphabetic()
            && let Some(word) = words.last_mut()
        {
            word.extend(c.to_lowercase());
        }
        before = c;
    }
    let mut joined: Vec<String> = Vec::new();
    let mut run = false;
    for word in words.into_iter().filter(|word| !word.is_empty()) {
        let single = word.chars().count() == 1;
        match joined.last_mut() {
            Some(last) if single && run => last.push_str(&word),
            _ => joined.push(word),
        }
        run = single;
    }
    joined
}

fn marked(words: &[String]) -> bool {
    let neighbour = |i: Option<usize>| i.and_then(|i| words.get(i)).map(String::as_str).unwrap_or_default();
    words.iter().enumerate().any(|(i, word)| {
        if holds(word, "tuyệtmật") || holds(word, "tốimật") {
            return true;
        }
        if !is(word, "mật") {
            return is_glued(word);
        }
        let (before, after) = (neighbour(i.checked_sub(1)), neighbour(i.checked_add(1)));
        if is(before, "tuyệt") || is(before, "tối") {
            return true;
        }
        if is(before, "bí") {
            let kept = i.checked_sub(2).is_some() && listed(&KEPT_BEFORE, neighbour(i.checked_sub(2)));
            let of_the_state = is(after, "nhà") && is(neighbour(i.checked_add(2)), "nước");
            // Of the state, or nothing said of what: in doubt a mark. "Bí mật kinh doanh" is none.
            return !kept && (of_the_state || ENDINGS.contains(&after));
        }
        match word == "mat" {
            true => !(listed(&PLAIN_BEFORE, before) || listed(&PLAIN_AFTER, after)),
            // Where marks are written, the neighbours' marks tell too: "mật độ" is none, "mật do" is one.
            false => !(HARMLESS_BEFORE.contains(&before) || HARMLESS_AFTER.contains(&after)),
        }
    })
}

/// Whether a neighbour is one of these words, however completely it is accented.
fn listed(words: &[&str], neighbour: &str) -> bool {
    words.iter().any(|word| is(neighbour, word) || base(neighbour).eq(base(word)))
}

fn is_glued(word: &str) -> bool {
    word.strip_suffix("mat").or(word.strip_suffix("mật")).is_some_and(|start| GLUED_BEFORE.contains(&start))
}

/// Whether a word is this one, with all, some or none of its marks.
fn is(word: &str, wanted: &str) -> bool {
    word.chars().count() == wanted.chars().count() && word.chars().zip(wanted.chars()).all(fits)
}

fn holds(word: &str, wanted: &str) -> bool {
    let (letters, length): (Vec<char>, usize) = (word.chars().collect(), wanted.chars().count());
    letters.windows(length).any(|part| part.iter().copied().zip(wanted.chars()).all(fits))
}

/// Whether a written letter can stand for one with marks: `ậ`, `â`, `ạ` and `a` for `ậ`, but `ặ` never.
fn fits((written, wanted): (char, char)) -> bool {
    let marks = |c: char| -> Vec<char> { c.nfd().collect() };
    let (written, wanted) = (marks(written), marks(wanted));
    written.first() == wanted.first() && written.iter().all(|mark| wanted.contains(mark))
}

/// A word without its marks, đ as d.
fn base(word: &str) -> impl Iterator<Item = char> + use<'_> {
    word.chars().filter_map(|c| c.nfd().next()).map(|c| if c == 'đ' { 'd' } else { c })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_seen_however_they_are_written() {
        for marked in [
            "Tài liệu mật do Bộ Công an gửi.pdf",
            "cong van mat so 05-CV-TU.pdf",
            "Báo cáo mật ông Smith.pdf",
            "Tai lieu mat do BCA.pdf",
            "Bí mật nhà nước - bản chính.pdf",
            "công văn mật ước.pdf",
            "Mật",
            "MẬT",
            "mật",
            "mẬt",
            "M Ậ T",
            "Ma\u{0323}\u{0302}t",
            "MA\u{0302}\u{0323}T",
            "Tối mật",
            "TỐI MẬT",
            "Tuyệt mật",
            "TUYỆT-MẬT",
            "tuyệt_mật",
            "TuyệtMật",
            "tuyệtmật",
            "tUyỆtmẬT",
            "CV-05-MAT.pdf",
            "cv-05-mat.pdf",
            "TOI_MAT",
            "TOI_MAT.docx",
            "toimat.pdf",
            "TuyetMat",
            "tuyet mat",
            "tuyet.mat.pdf",
            "TUYETMAT",
            "05MAT.pdf",
            "MAT05.pdf",
            "(Mật) Thư mời.pdf",
            "Thư mời [TỐI  MẬT]",
            "15-CV/TU-MẬT",
            "CongVanMat.pdf",
            "congvanmat.pdf",
            "CVMAT.pdf",
            "độ Mật.pdf",
            "m\u{00AD}ật.pdf",
            "Mậ\u{200B}t.pdf",
            "\u{FF2D}\u{1EAC}\u{FF34}",
            "Báo cáo mật",
            "Tuyệt mật mã",
            "tôi mật.pdf",
            "Công văn - MẬT - 2026.pdf",
            "mat.pdf",
            "bí mật.pdf",
            "Tài liệu bí mật",
            "TAI_LIEU_BI_MAT.docx",
            "Bí mật nhà nước - 05.pdf",
            "bi mat nha nuoc.pdf",
        ] {
            assert!(is_marked_secret(marked), "{marked}");
        }
    }

    #[test]
    fn harmless_words_pass() {
        for harmless in [
            "",
            "Cam kết bảo mật.pdf",
            "BẢO MẬT",
            "bao mat thong tin.pdf",
            "Bảo-mật.docx",
            "bảo_mật_dữ_liệu",
            "Gặp mặt đầu năm.pdf",
            "gap mat dau nam.pdf",
            "Mất hộ chiếu.pdf",
            "mắt",
            "mát",
            "Thay mặt.pdf",
            "thay_mat.pdf",
            "Mặt trận Tổ quốc.pdf",
            "Mat tran To quoc.pdf",
            "MatTranToQuoc.pdf",
            "Tiệc thân mật.pdf",
            "tiec-than-mat.pdf",
            "Đổi mật khẩu",
            "doi mat khau",
            "mật độ dân số",
            "Bí mật kinh doanh.pdf",
            "Cam kết bảo vệ bí mật nhà nước.pdf",
            "cam ket bao ve bi mat nha nuoc.pdf",
            "Cam kết giữ bí mật.pdf",
            "Đảm bảo bí mật",
            "Không chứa bí mật nhà nước",
            "Bí mật đời tư.docx",
            "Le ra mat.pdf",
            "hop mat huu nghi",
            "format.pdf",
            "diplomat.pdf",
            "Matthew MATTIS passport.pdf",
            "matrix.xlsx",
            "automat",
            "Thư mời.pdf",
            "Tomato.png",
            "Mặ\u{0323}t",
            "Quan hệ mật thiết",
            "tiền mặt",
            "MẶT BẰNG",
            "Ma\u{0306}\u{0323}t trận",
        ] {
            assert!(!is_marked_secret(harmless), "{harmless}");
        }
    }
}
