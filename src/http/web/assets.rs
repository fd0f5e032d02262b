//! The stylesheet, the script and the icon: in the binary, named by their hash, so that a browser keeps them for ever
//! and never shows an old one.

use std::sync::LazyLock;

use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpRequest, HttpResponse};
use sha2::{Digest, Sha256};

use crate::domain::refusal::Refusal;
use crate::http::problem::Problem;

/// One file.
pub struct Asset {
    /// Its path.
    pub path: String,
    media: &'static str,
    text: &'static str,
}

fn asset(name: &str, ending: &str, media: &'static str, text: &'static str) -> Asset {
    let hash = hex::encode(Sha256::digest(text)).chars().take(12).collect::<String>();
    Asset { path: format!("/assets/{name}.{hash}.{ending}"), media, text }
}

/// The stylesheet.
pub static STYLE: LazyLock<Asset> = LazyLock::new(|| {
    asset("legation", "css", "text/css; charset=utf-8", include_str!("assets/legation.css"))
});
/// The script; every page works without it.
pub static SCRIPT: LazyLock<Asset> = LazyLock::new(|| {
    asset("legation", "js", "text/javascript; charset=utf-8", include_str!("assets/legation.js"))
});
/// The icon.
pub static ICON: LazyLock<Asset> =
    LazyLock::new(|| asset("legation", "svg", "image/svg+xml", include_str!("assets/legation.svg")));

/// Hands a file out.
///
/// # Errors
/// 404 for any other name.
pub async fn get(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let known = [&STYLE, &SCRIPT, &ICON];
    let asset = known.iter().find(|asset| asset.path == request.path()).ok_or(Refusal::NotFound)?;
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .content_type(asset.media)
        .body(asset.text))
}
