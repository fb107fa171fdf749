//! Who connects: the address and the program's name for itself.

use std::{
    convert::Infallible,
    net::{IpAddr, SocketAddr},
};

use axum::extract::{ConnectInfo, FromRequestParts};
use http::{Extensions, HeaderMap, header, request::Parts};

use crate::state::ApiState;

pub struct Client(pub app::auth::Client);

impl FromRequestParts<ApiState> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, Infallible> {
        let address = address_of(&parts.headers, &parts.extensions, state.options.trust_forwarded_for);
        let user_agent = parts.headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
        Ok(Self(app::auth::Client {
            user_agent: user_agent.map(|agent| agent.chars().take(300).collect()),
            address: address.map(|address| address.to_string()),
        }))
    }
}

/// The address of the peer or, behind a trusted proxy, the one that this proxy saw: the last of `X-Forwarded-For`.
/// Earlier ones are whatever the client claims.
pub fn address_of(headers: &HeaderMap, extensions: &Extensions, trust_forwarded_for: bool) -> Option<IpAddr> {
    let peer = extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip().to_canonical());
    if !trust_forwarded_for {
        return peer;
    }
    let forwarded = headers.get_all("x-forwarded-for").iter().next_back().and_then(|value| value.to_str().ok());
    let last = forwarded.and_then(|list| list.rsplit(',').next()).and_then(|text| parse_address(text.trim()));
    last.or(peer)
}

/// Some proxies add the port.
fn parse_address(text: &str) -> Option<IpAddr> {
    let address = text.parse::<IpAddr>().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|socket| socket.ip()));
    address.map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(forwarded: &[&str], trust: bool) -> String {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append("x-forwarded-for", value.parse().unwrap());
        }
        let mut extensions = Extensions::new();
        extensions.insert(ConnectInfo::<SocketAddr>("10.0.0.1:5".parse().unwrap()));
        address_of(&headers, &extensions, trust).unwrap().to_string()
    }

    #[test]
    fn only_a_trusted_proxy_tells_the_address() {
        assert_eq!(address(&["203.0.113.9"], false), "10.0.0.1");
        assert_eq!(address(&["203.0.113.9"], true), "203.0.113.9");
        assert_eq!(address(&[], true), "10.0.0.1");
    }

    #[test]
    fn of_several_the_last_one_counts() {
        assert_eq!(address(&["6.6.6.6, 203.0.113.9"], true), "203.0.113.9");
        assert_eq!(address(&["6.6.6.6", "203.0.113.9:443"], true), "203.0.113.9");
        assert_eq!(address(&["nonsense"], true), "10.0.0.1");
    }
}
