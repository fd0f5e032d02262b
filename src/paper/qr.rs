//! The square code that leads from a paper to its check page: as an SVG for the typesetter, as a PNG for a DOCX. The
//! same address gives the same bytes.

use png::{BitDepth, ColorType, Encoder};
use qrcode::render::svg;
use qrcode::{Color, EcLevel, QrCode};

use super::PaperError;

/// Pixels of one module in the picture.
const SCALE: usize = 8;
/// Units of one module in the SVG.
const UNITS: u32 = 4;
/// Modules that stay white around the code (ISO/IEC 18004).
const QUIET: usize = 4;

fn code(address: &str) -> Result<QrCode, PaperError> {
    QrCode::with_error_correction_level(address.as_bytes(), EcLevel::M)
        .map_err(|error| PaperError::Write(error.to_string()))
}

/// The code as SVG.
///
/// # Errors
/// An address that is longer than a code can hold.
pub(super) fn as_svg(address: &str) -> Result<String, PaperError> {
    Ok(code(address)?.render::<svg::Color<'_>>().module_dimensions(UNITS, UNITS).build())
}

/// The code as PNG, and how many pixels its side has.
///
/// # Errors
/// An address that is longer than a code can hold.
pub(super) fn as_png(address: &str) -> Result<(Vec<u8>, u32), PaperError> {
    let fault = |error: png::EncodingError| PaperError::Write(error.to_string());
    let code = code(address)?;
    let (width, modules) = (code.width(), code.to_colors());
    let whole = width + 2 * QUIET;
    let is_dark = |row: usize, column: usize| {
        let inside = (QUIET..QUIET + width).contains(&row) && (QUIET..QUIET + width).contains(&column);
        inside && modules.get((row - QUIET) * width + column - QUIET) == Some(&Color::Dark)
    };
    let mut pixels = Vec::with_capacity(whole * whole * SCALE * SCALE);
    for row in 0..whole * SCALE {
        let shade = |column: usize| if is_dark(row / SCALE, column / SCALE) { 0 } else { 255 };
        pixels.extend((0..whole * SCALE).map(shade));
    }
    let side = u32::try_from(whole * SCALE).map_err(|_beyond| PaperError::Write("a vast code".to_owned()))?;
    let mut picture = Vec::new();
    let mut encoder = Encoder::new(&mut picture, side, side);
    encoder.set_color(ColorType::Grayscale);
    encoder.set_depth(BitDepth::Eight);
    let mut writer = encoder.write_header().map_err(fault)?;
    writer.write_image_data(&pixels).map_err(fault)?;
    writer.finish().map_err(fault)?;
    Ok((picture, side))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_leads_to_the_address() {
        let address = "https://doingoai.example.gov.vn/check/0123456789abcdefghijklmnopqrstuvwxyzABCDEFG";
        let (picture, side) = as_png(address).unwrap();
        let mut reader = png::Decoder::new(std::io::Cursor::new(&picture)).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut pixels).unwrap();
        let side = usize::try_from(side).unwrap();
        let mut seen = rqrr::PreparedImage::prepare_from_greyscale(side, side, |x, y| pixels[y * side + x]);
        let codes = seen.detect_grids();
        assert_eq!(codes.len(), 1);
        assert_eq!(codes[0].decode().unwrap().1, address);
        assert_eq!(as_png(address).unwrap().0, picture);
        assert!(as_svg(address).unwrap().contains("<path"));
        assert!(as_png(&"x".repeat(5_000)).is_err());
    }
}
