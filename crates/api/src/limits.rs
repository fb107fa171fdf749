//! How many requests an account or an address may make. Counted in this process alone; buckets that have filled up
//! again are forgotten, so memory is bounded by who was active within the last minutes.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    num::NonZeroU32,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use axum::response::{IntoResponse, Response};
use domain::UserId;
use governor::{
    Quota, RateLimiter,
    clock::{Clock, DefaultClock},
    middleware::StateInformationMiddleware,
    state::keyed::DefaultKeyedStateStore,
};

use crate::problem::{Kind, Problem};

/// How fast allowance comes back, and how much can be saved up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    pub per_minute: NonZeroU32,
    pub burst: NonZeroU32,
}

impl Rate {
    /// Both at least 1.
    pub const fn new(per_minute: u32, burst: u32) -> Self {
        const fn at_least_one(number: u32) -> NonZeroU32 {
            match NonZeroU32::new(number) {
                Some(number) => number,
                None => NonZeroU32::MIN,
            }
        }
        Self { per_minute: at_least_one(per_minute), burst: at_least_one(burst) }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// For each account and, for those who are not signed in, each address.
    pub account: Rate,
    /// For each address, on everything under `/api/auth`.
    pub auth: Rate,
}

impl Default for Limits {
    fn default() -> Self {
        Self { account: Rate::new(600, 1200), auth: Rate::new(30, 30) }
    }
}

/// Whose bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Key {
    Account(UserId),
    Address(IpAddr),
}

impl Key {
    /// A household has one IPv4 address, or a whole /64 of IPv6 ones.
    pub fn address(address: Option<IpAddr>) -> Self {
        Self::Address(match address {
            Some(IpAddr::V6(address)) => {
                let [a, b, c, d, ..] = address.segments();
                IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
            }
            Some(address) => address,
            None => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        })
    }
}

/// What is left after this request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    pub limit: u32,
    pub remaining: u32,
    /// Until the whole burst is there again.
    pub reset_seconds: u64,
}

#[derive(Debug)]
pub struct Refused {
    allowance: Allowance,
    retry_after: u64,
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let problem = Problem {
            retry_after: Some(self.retry_after),
            ..Problem::new(Kind::RateLimited, format!("Too many requests: try again in {} s.", self.retry_after))
        };
        let mut response = problem.into_response();
        self.allowance.write(response.headers_mut());
        response
    }
}

type Buckets = RateLimiter<Key, DefaultKeyedStateStore<Key>, DefaultClock, StateInformationMiddleware>;

/// Buckets of one rate.
struct Limiter {
    buckets: Buckets,
    quota: Quota,
    clock: DefaultClock,
    checks: AtomicU32,
}

/// After this many checks those buckets that are full again are forgotten.
const CHECKS_UNTIL_TIDY: u32 = 8192;

impl Limiter {
    fn new(rate: Rate) -> Self {
        let quota = Quota::per_minute(rate.per_minute).allow_burst(rate.burst);
        let clock = DefaultClock::default();
        let buckets = RateLimiter::keyed(quota).with_middleware::<StateInformationMiddleware>();
        Self { buckets, quota, clock, checks: AtomicU32::new(0) }
    }

    fn check(&self, key: Key) -> Result<Allowance, Refused> {
        if self.checks.fetch_add(1, Ordering::Relaxed) % CHECKS_UNTIL_TIDY == CHECKS_UNTIL_TIDY - 1 {
            self.buckets.retain_recent();
        }
        match self.buckets.check_key(&key) {
            Ok(state) => Ok(self.allowance(state.remaining_burst_capacity())),
            Err(until) => Err(Refused {
                allowance: self.allowance(0),
                retry_after: whole_seconds(until.wait_time_from(self.clock.now())).max(1),
            }),
        }
    }

    fn allowance(&self, remaining: u32) -> Allowance {
        let limit = self.quota.burst_size().get();
        let missing = limit.saturating_sub(remaining);
        Allowance { limit, remaining, reset_seconds: whole_seconds(self.quota.replenish_interval() * missing) }
    }
}

fn whole_seconds(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}

pub struct Limiters {
    account: Limiter,
    auth: Limiter,
}

impl Limiters {
    pub fn new(limits: Limits) -> Self {
        Self { account: Limiter::new(limits.account), auth: Limiter::new(limits.auth) }
    }

    pub fn account(&self, key: Key) -> Result<Allowance, Refused> {
        self.account.check(key)
    }

    pub fn auth(&self, key: Key) -> Result<Allowance, Refused> {
        self.auth.check(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_burst_is_all_there_is_at_once() {
        let limiter = Limiter::new(Rate::new(1, 3));
        let key = Key::address("203.0.113.9".parse().ok());
        let left: Vec<u32> = (0..3).map(|_| limiter.check(key).unwrap().remaining).collect();
        assert_eq!(left, [2, 1, 0]);
        let refused = limiter.check(key).unwrap_err();
        assert!((1..=60).contains(&refused.retry_after), "{refused:?}");
        assert_eq!(refused.allowance, Allowance { limit: 3, remaining: 0, reset_seconds: 180 });
        assert!(limiter.check(Key::address("203.0.113.10".parse().ok())).is_ok());
    }

    #[test]
    fn a_household_shares_its_ipv6_prefix() {
        let key = |text: &str| Key::address(text.parse().ok());
        assert_eq!(key("2001:db8:1:2::1"), key("2001:db8:1:2:ffff::9"));
        assert_ne!(key("2001:db8:1:2::1"), key("2001:db8:1:3::1"));
        assert_ne!(key("203.0.113.9"), key("203.0.113.10"));
    }
}
