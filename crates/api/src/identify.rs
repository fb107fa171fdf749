//! Finds out who asks, before anything else is done for them, and how often they have asked.
//!
//! Credentials are a bearer token, or the session cookie of the web page. A cookie travels with requests that other
//! sites make, so a change that comes with one must come from our own page.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, Method, header};

use crate::{
    extract::{Identity, Known, address_of},
    limits::{Allowance, Key},
    problem::{Kind, Problem},
    state::ApiState,
};

/// With `__Host-` where the page is served over HTTPS.
const COOKIES: [&str; 2] = ["__Host-todo_session", "todo_session"];

/// Operations that check passwords and hand out tokens.
const AUTH: &str = "/api/auth/";

pub async fn identify(State(state): State<ApiState>, mut request: Request, next: Next) -> Response {
    let address = address_of(request.headers(), request.extensions(), state.options.trust_forwarded_for);
    let key = Key::address(address);
    let mut allowance = None;
    // Before the token is looked at, because hashing a password is what must not be had for free.
    if let Some(limiters) = state.limiters.as_ref().filter(|_| request.uri().path().starts_with(AUTH)) {
        match limiters.auth(key) {
            Ok(left) => allowance = Some(left),
            Err(refused) => return refused.into_response(),
        }
    }
    let identity = match find(&state, request.method(), request.headers()).await {
        Ok(identity) => identity,
        Err(problem) => return problem.into_response(),
    };
    if let (Some(limiters), None) = (&state.limiters, &allowance) {
        let left = match &identity {
            Identity::Known(known) => limiters.account(Key::Account(known.caller.id())),
            Identity::Anonymous | Identity::Invalid => limiters.account(key),
        };
        match left {
            Ok(left) => allowance = Some(left),
            Err(refused) => return refused.into_response(),
        }
    }
    request.extensions_mut().insert(identity);
    let mut response = next.run(request).await;
    if let Some(allowance) = allowance {
        allowance.write(response.headers_mut());
    }
    response
}

async fn find(state: &ApiState, method: &Method, headers: &HeaderMap) -> Result<Identity, Problem> {
    let Some((token, by_cookie)) = token(headers) else { return Ok(Identity::Anonymous) };
    if by_cookie && !method.is_safe() && !is_same_origin(headers) {
        return Err(Problem::new(
            Kind::CrossSite,
            "Changes with the session cookie must come from this site's own page.",
        ));
    }
    Ok(match state.app.authenticate(token).await? {
        Some(caller) => Identity::Known(Arc::new(Known { caller, token: token.to_owned() })),
        None => Identity::Invalid,
    })
}

/// The token, and whether it is a cookie's. An `Authorization` header of any kind wins over a cookie.
fn token(headers: &HeaderMap) -> Option<(&str, bool)> {
    if let Some(value) = headers.get(header::AUTHORIZATION) {
        let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
        return scheme.eq_ignore_ascii_case("bearer").then(|| (token.trim(), false));
    }
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| COOKIES.contains(name)).map(|(_, token)| (token, true))
}

/// What the browser says of where the request comes from; a browser that says nothing is not believed.
fn is_same_origin(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text("sec-fetch-site") {
        return site == "same-origin";
    }
    let (Some(origin), Some(host)) = (text("origin"), text("host")) else { return false };
    let authority = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
    authority.is_some_and(|authority| authority.eq_ignore_ascii_case(host))
}

impl Allowance {
    pub fn write(&self, headers: &mut HeaderMap) {
        let fields = [
            ("ratelimit-limit", self.limit.into()),
            ("ratelimit-remaining", self.remaining.into()),
            ("ratelimit-reset", self.reset_seconds),
        ];
        for (name, value) in fields {
            headers.insert(name, http::HeaderValue::from(value));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (http::HeaderName::from_static(name), value.parse().unwrap())).collect()
    }

    #[test]
    fn tokens_come_as_bearer_or_cookie() {
        assert_eq!(token(&headers(&[])), None);
        assert_eq!(token(&headers(&[("authorization", "Bearer abc")])), Some(("abc", false)));
        assert_eq!(token(&headers(&[("authorization", "bearer  abc")])), Some(("abc", false)));
        assert_eq!(token(&headers(&[("authorization", "Basic abc")])), None);
        assert_eq!(token(&headers(&[("cookie", "theme=dark; __Host-todo_session=abc")])), Some(("abc", true)));
        assert_eq!(token(&headers(&[("cookie", "todo_session=abc")])), Some(("abc", true)));
        assert_eq!(token(&headers(&[("cookie", "xtodo_session=abc")])), None);
        let both = headers(&[("authorization", "Bearer abc"), ("cookie", "todo_session=def")]);
        assert_eq!(token(&both), Some(("abc", false)));
    }

    #[test]
    fn only_our_own_page_changes_things_with_a_cookie() {
        assert!(is_same_origin(&headers(&[("sec-fetch-site", "same-origin")])));
        for site in ["cross-site", "same-site", "none"] {
            assert!(!is_same_origin(&headers(&[("sec-fetch-site", site)])), "{site}");
        }
        assert!(is_same_origin(&headers(&[("origin", "https://todo.example"), ("host", "todo.example")])));
        assert!(!is_same_origin(&headers(&[("origin", "https://evil.example"), ("host", "todo.example")])));
        assert!(!is_same_origin(&headers(&[("origin", "null"), ("host", "todo.example")])));
        assert!(!is_same_origin(&headers(&[("host", "todo.example")])));
    }
}
