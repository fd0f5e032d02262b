//! The API's documentation: the document and a page that shows it, both from the binary.

use actix_web::{HttpResponse, web};
use utoipa_swagger_ui::SwaggerUi;

use super::openapi::{DOCUMENT, document};

/// Adds `/api/openapi.json` and `/docs/`.
#[expect(clippy::disallowed_methods, reason = "documentation is no operation of the API and so no row of the table")]
pub fn configure(config: &mut web::ServiceConfig) {
    let text = serde_json::to_string(&document()).unwrap_or_default();
    config.route(
        DOCUMENT,
        web::get().to(move || {
            let text = text.clone();
            async move { HttpResponse::Ok().content_type("application/json").body(text) }
        }),
    );
    config.route("/docs", web::get().to(async || HttpResponse::PermanentRedirect().insert_header(("Location", "/docs/")).finish()));
    config.service(SwaggerUi::new("/docs/{_:.*}").config(utoipa_swagger_ui::Config::from(DOCUMENT)));
}
