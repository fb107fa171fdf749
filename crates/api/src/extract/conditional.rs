//! `If-Match` and `If-None-Match` (RFC 9110, section 13.1). The ETag of a versioned thing is its version in quotes.

use axum::{
    extract::FromRequestParts,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderName, StatusCode, header, request::Parts};
use utoipa::IntoParams;

use crate::{
    problem::{Kind, Problem},
    respond::{Versioned, WithEtag, etag},
};

/// The version that the caller decided on; `None` without the header and for `*`.
pub struct IfMatch(pub Option<i64>);

/// The versions that the caller has.
pub struct IfNoneMatch(Vec<i64>);

#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "describes the header")]
pub struct IfMatchHeader {
    /// The ETag that was decided on; 412 if it is not the current one any more.
    #[param(rename = "If-Match", required = false)]
    if_match: String,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "describes the header")]
pub struct IfNoneMatchHeader {
    /// The ETag that is there already; 304 if it is still the current one.
    #[param(rename = "If-None-Match", required = false)]
    if_none_match: String,
}

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        parse_if_match(&parts.headers).map(Self)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IfNoneMatch {
    type Rejection = std::convert::Infallible;

    /// What cannot be read matches nothing: the answer is then the full one, which is never wrong.
    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Self::Rejection> {
        let tags = tags(&parts.headers, &header::IF_NONE_MATCH);
        Ok(Self(tags.iter().filter_map(|tag| version(tag)?).collect()))
    }
}

impl IfNoneMatch {
    /// 304 if the caller has this version already, else the whole of it.
    pub fn answer<T: Versioned>(&self, view: T) -> Response {
        if !self.0.contains(&view.version()) || !view.reads_the_same() {
            return WithEtag(view).into_response();
        }
        let mut response = StatusCode::NOT_MODIFIED.into_response();
        if let Some(tag) = etag(view.version()) {
            response.headers_mut().insert(header::ETAG, tag);
        }
        response
    }
}

/// The members of a list header, over all its lines. No tag of ours holds a comma.
fn tags(headers: &HeaderMap, name: &HeaderName) -> Vec<String> {
    let lines = headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    let tags = lines.flat_map(|line| line.split(',').map(|tag| tag.trim().to_owned()).collect::<Vec<_>>());
    tags.filter(|tag| !tag.is_empty()).collect()
}

/// A tag's version. `None`: no tag at all; `Some(None)`: a tag, but none that we gave out. Proxies that compress
/// weaken tags on the way, so a weak one counts as the version that it names.
#[expect(clippy::option_option, reason = "no tag, a stranger's tag, our tag")]
fn version(tag: &str) -> Option<Option<i64>> {
    let quoted = tag.strip_prefix("W/").unwrap_or(tag);
    let inner = quoted.strip_prefix('"')?.strip_suffix('"')?;
    let digits = !inner.is_empty() && inner.bytes().all(|byte| byte.is_ascii_digit());
    Some(if digits { inner.parse().ok() } else { None })
}

fn parse_if_match(headers: &HeaderMap) -> Result<Option<i64>, Problem> {
    if !headers.contains_key(header::IF_MATCH) {
        return Ok(None);
    }
    let tags = tags(headers, &header::IF_MATCH);
    let [tag] = tags.as_slice() else {
        return Err(Problem::new(Kind::Malformed, "If-Match must be one ETag, such as \"3\", or *."));
    };
    if tag == "*" {
        return Ok(None);
    }
    match version(tag) {
        Some(Some(version)) => Ok(Some(version)),
        Some(None) => Err(Problem::new(Kind::Stale, "If-Match names no version that this server gave out.")),
        None => Err(Problem::new(Kind::Malformed, "If-Match must be an ETag in quotes, such as \"3\".")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn if_match(value: &str) -> Result<Option<i64>, Kind> {
        let mut headers = HeaderMap::new();
        headers.insert(header::IF_MATCH, value.parse().unwrap());
        parse_if_match(&headers).map_err(|problem| problem.kind)
    }

    #[test]
    fn if_match_names_a_version() {
        assert_eq!(parse_if_match(&HeaderMap::new()).unwrap(), None);
        assert_eq!(if_match("\"3\""), Ok(Some(3)));
        assert_eq!(if_match("  \"3\" "), Ok(Some(3)));
        assert_eq!(if_match("W/\"3\""), Ok(Some(3)));
        assert_eq!(if_match("*"), Ok(None));
    }

    #[test]
    fn a_strangers_tag_never_matches() {
        for value in ["\"abc\"", "\"\"", "\"-1\"", "\"99999999999999999999\"", "W/\"x\""] {
            assert_eq!(if_match(value), Err(Kind::Stale), "{value}");
        }
    }

    #[test]
    fn garbage_is_refused() {
        for value in ["3", "\"3", "3\"", "\"3\", \"4\"", "", "W/3", "w/\"3\""] {
            assert_eq!(if_match(value), Err(Kind::Malformed), "{value}");
        }
    }

    #[test]
    fn if_none_match_takes_lists() {
        let mut headers = HeaderMap::new();
        headers.append(header::IF_NONE_MATCH, "\"1\", W/\"2\"".parse().unwrap());
        headers.append(header::IF_NONE_MATCH, "junk, \"x\"".parse().unwrap());
        let known: Vec<i64> = tags(&headers, &header::IF_NONE_MATCH).iter().filter_map(|tag| version(tag)?).collect();
        assert_eq!(known, [1, 2]);
    }
}
