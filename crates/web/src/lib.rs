//! The web page: for now one static page that says what runs here and where to go on.
//!
//! Served from the binary, without script, inline style or anything from elsewhere.

use axum::{Router, routing::get};
use http::{HeaderName, HeaderValue, header};

const PAGE: &str = include_str!("assets/index.html");
const STYLE: &str = include_str!("assets/site.css");
const MARK: &str = include_str!("assets/mark.svg");

const CSP: &str = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'";

/// `version` is shown on the page.
pub fn router(version: &str) -> Router {
    let page = PAGE.replace("{version}", &escape(version));
    let html = "text/html; charset=utf-8";
    Router::new()
        .route("/", get(move || std::future::ready(asset(html, page.clone()))))
        .route("/assets/site.css", get(|| std::future::ready(asset("text/css; charset=utf-8", STYLE))))
        .route("/assets/mark.svg", get(|| std::future::ready(asset("image/svg+xml", MARK))))
        .route("/favicon.ico", get(|| std::future::ready(asset("image/svg+xml", MARK))))
}

fn asset<B>(content_type: &'static str, body: B) -> ([(HeaderName, HeaderValue); 5], B) {
    let headers = [
        (header::CONTENT_TYPE, content_type),
        (header::CONTENT_SECURITY_POLICY, CSP),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (headers.map(|(name, value)| (name, HeaderValue::from_static(value))), body)
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_inline_or_from_elsewhere() {
        for forbidden in ["<script", "style=", "<style", "http://", "https://", "onclick"] {
            assert!(!PAGE.contains(forbidden), "{forbidden}");
        }
        for forbidden in ["http", "@import", "url("] {
            assert!(!STYLE.contains(forbidden), "{forbidden}");
        }
    }

    #[test]
    fn what_the_page_links_to_is_served_here_or_by_the_api() {
        let links = PAGE.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap_or_default());
        let known = ["/docs", "/api/openapi.json", "/healthz", "/assets/site.css", "/assets/mark.svg"];
        for link in links {
            assert!(known.contains(&link), "{link}");
        }
        assert!(PAGE.contains("{version}"));
    }

    #[test]
    fn a_version_is_text() {
        assert_eq!(escape("1.0 <b>\"&"), "1.0 &lt;b&gt;&quot;&amp;");
    }
}
