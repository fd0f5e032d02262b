//! The OpenAPI 3.1 document, made from the route table, and the page that shows it without a network.

use utoipa::openapi::path::{PathItem, Paths};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{ComponentsBuilder, InfoBuilder, OpenApi, OpenApiBuilder, SecurityRequirement};

use super::guard::Access;
use super::routes::{Row, table};
use crate::domain::codes::Code;

/// Where the document is.
pub const DOCUMENT: &str = "/api/openapi.json";

/// The document.
#[must_use]
pub fn document() -> OpenApi {
    let mut paths = Paths::new();
    let mut components = ComponentsBuilder::new();
    for row in table() {
        let Row { access, method, path, mut operation, schemas, .. } = row;
        for (name, schema) in schemas {
            components = components.schema(name, schema);
        }
        if let Access::Needs(action) = access {
            operation.security = Some(vec![SecurityRequirement::new::<_, [&str; 0], &str>("bearer", [])]);
            let words = operation.description.unwrap_or_default();
            operation.description = Some(format!("{words}\n\nRight: `{}`.", action.code()).trim().to_owned());
        }
        let method = match method.as_str() {
            "POST" => utoipa::openapi::HttpMethod::Post,
            "PATCH" => utoipa::openapi::HttpMethod::Patch,
            "DELETE" => utoipa::openapi::HttpMethod::Delete,
            "PUT" => utoipa::openapi::HttpMethod::Put,
            _ => utoipa::openapi::HttpMethod::Get,
        };
        let item = PathItem::new(method, operation);
        match paths.paths.get_mut(&path) {
            Some(there) => there.merge_operations(item),
            None => drop(paths.paths.insert(path, item)),
        }
    }
    let bearer =
        SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build());
    let info = InfoBuilder::new()
        .title("Legation")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "Delegations from request to permit, report and return. Codes are stable; words follow Accept-Language. \
             Every error is a problem document (RFC 9457). Changes to an existing dossier need If-Match.",
        ))
        .build();
    OpenApiBuilder::new()
        .info(info)
        .paths(paths)
        .components(Some(components.security_scheme("bearer", bearer).build()))
        .build()
}
