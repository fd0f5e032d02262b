//! The return as JSON: exact, indented, one line feed at the end.

use super::RenderError;
use crate::domain::report::Return;

/// Writes the whole form.
///
/// # Errors
/// [`RenderError::Json`] if the form cannot be serialised.
pub fn json(form: &Return) -> Result<Vec<u8>, RenderError> {
    let mut bytes = serde_json::to_vec_pretty(form)?;
    bytes.push(b'\n');
    Ok(bytes)
}
