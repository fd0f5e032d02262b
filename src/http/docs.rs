//! The API's documentation: the document and a page that shows it, both from the binary.

use actix_web::http::header::{CONTENT_SECURITY_POLICY, LOCATION};
use actix_web::middleware::DefaultHeaders;
use actix_web::{HttpResponse, web};
use utoipa_swagger_ui::SwaggerUi;

use super::openapi::{DOCUMENT, document};

/// The page's script makes its own styles and images; nothing comes from another origin.
const POLICY: &str =
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'";

/// Adds `/api/openapi.json` and `/docs/`.
#[expect(
    clippy::disallowed_methods,
    reason = "documentation is no operation of the API and so no row of the table"
)]
pub fn configure(config: &mut web::ServiceConfig) {
    let text = serde_json::to_string(&document()).unwrap_or_default();
    config.route(
        DOCUMENT,
        web::get().to(move || {
            let text = text.clone();
            async move { HttpResponse::Ok().content_type("application/json").body(text) }
        }),
    );
    config.route("/docs", web::get().to(to_page));
    let page = SwaggerUi::new("/{_:.*}").config(utoipa_swagger_ui::Config::from(DOCUMENT));
    let policy = DefaultHeaders::new().add((CONTENT_SECURITY_POLICY, POLICY));
    config.service(web::scope("/docs").wrap(policy).service(page));
}

async fn to_page() -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header((LOCATION, "/docs/")).finish()
}
