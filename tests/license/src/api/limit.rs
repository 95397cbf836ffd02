//! The limit on wrong codes: a code has 39.6 bits, and nobody may search them by asking.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::config::WrongCodes;

/// More addresses than this are not remembered at once; those whose time is over go first.
const REMEMBERED: usize = 10_000;

/// Counts wrong codes by address, in memory: a restart forgives, which is cheaper than a table that an attacker fills.
#[derive(Debug)]
pub(super) struct Limiter {
    rule: WrongCodes,
    seen: Mutex<HashMap<IpAddr, Seen>>,
}

#[derive(Debug, Clone, Copy)]
struct Seen {
    since: Instant,
    wrong: u32,
}

impl Limiter {
    pub(super) fn new(rule: WrongCodes) -> Self {
        Self { rule, seen: Mutex::default() }
    }

    /// How long this address has to wait before it may try again, if it has to.
    pub(super) fn wait(&self, peer: IpAddr) -> Option<Duration> {
        self.wait_at(peer, Instant::now())
    }

    /// Counts one wrong code.
    pub(super) fn count(&self, peer: IpAddr) {
        self.count_at(peer, Instant::now());
    }

    fn wait_at(&self, peer: IpAddr, now: Instant) -> Option<Duration> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = seen.get(&peer).filter(|seen| seen.wrong >= self.rule.limit)?;
        self.rule.window.checked_sub(now.duration_since(seen.since)).filter(|wait| !wait.is_zero())
    }

    fn count_at(&self, peer: IpAddr, now: Instant) {
        let over = |seen: &Seen| now.duration_since(seen.since) >= self.rule.window;
        let mut all = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= REMEMBERED {
            all.retain(|_, seen| !over(seen));
        }
        if all.len() >= REMEMBERED && !all.contains_key(&peer) {
            return;
        }
        let seen = all.entry(peer).or_insert(Seen { since: now, wrong: 0 });
        if over(seen) {
            *seen = Seen { since: now, wrong: 0 };
        }
        seen.wrong = seen.wrong.saturating_add(1);
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    const PEER: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
    const OTHER: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 2));

    #[test]
    fn an_address_waits_for_the_rest_of_its_window_and_others_do_not() {
        let limiter = Limiter::new(WrongCodes { limit: 2, window: Duration::from_mins(1) });
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        limiter.count_at(PEER, at(0));
        assert_eq!(limiter.wait_at(PEER, at(1)), None);
        limiter.count_at(PEER, at(10));
        assert_eq!(limiter.wait_at(PEER, at(20)), Some(Duration::from_secs(40)));
        assert_eq!(limiter.wait_at(OTHER, at(20)), None);
        assert_eq!(limiter.wait_at(PEER, at(60)), None);
        limiter.count_at(PEER, at(61));
        assert_eq!(limiter.wait_at(PEER, at(62)), None, "a new window starts from nothing");
    }

    #[test]
    fn the_memory_is_bounded() {
        let limiter = Limiter::new(WrongCodes { limit: 1, window: Duration::from_mins(1) });
        let now = Instant::now();
        for address in 0..=u32::try_from(REMEMBERED).unwrap() {
            limiter.count_at(IpAddr::V4(address.into()), now);
        }
        assert_eq!(limiter.seen.lock().unwrap().len(), REMEMBERED);
        limiter.count_at(PEER, now + Duration::from_mins(1));
        assert_eq!(limiter.seen.lock().unwrap().len(), 1);
    }
}
