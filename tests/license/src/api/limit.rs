//! The limit on wrong codes: a code has 39.6 bits, and nobody may search them by asking.
//!
//! An attempt is counted before its code is judged, and the count is given back when the code was not a wrong one. So however many
//! attempts come at once, no more of them are judged than may be wrong.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::config::WrongCodes;

/// More places than this are not remembered one by one; those whose time is over go first.
const REMEMBERED: usize = 10_000;

/// How long to wait when nothing is in the way but attempts that are being judged just now.
const MOMENT: Duration = Duration::from_secs(1);

/// Counts wrong codes by where they come from, in memory: a restart forgives, which is cheaper than a table that an attacker fills.
#[derive(Debug)]
pub(super) struct Limiter {
    rule: WrongCodes,
    seen: Mutex<Places>,
}

/// Where attempts come from: an address, or the smallest network that is given to one customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Place {
    Address(Ipv4Addr),
    /// The first 64 bits of an IPv6 address: whoever has one address there has them all.
    Network([u16; 4]),
    /// Everybody who comes when there is no more room. They share one count: an attacker with so many addresses may shut out
    /// others for a while, but never gets another guess by filling the memory.
    Elsewhere,
}

#[derive(Debug, Default)]
struct Places {
    counts: HashMap<Place, Count>,
}

#[derive(Debug, Clone, Copy)]
struct Count {
    since: Instant,
    wrong: u32,
    /// Attempts that are being judged. Each may turn out to be a wrong one, so each counts as one until then.
    pending: u32,
}

/// An attempt that was counted. It stays counted as a wrong one unless it is forgiven: a judgement that fails halfway, or whose
/// client has gone, must not be a free one.
#[derive(Debug)]
pub(super) struct Counted {
    limiter: Arc<Limiter>,
    place: Place,
    wrong: bool,
}

impl Counted {
    /// The code was not a wrong one.
    pub(super) fn forgive(mut self) {
        self.wrong = false;
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.limiter.judged_at(self.place, self.wrong, Instant::now());
    }
}

impl Limiter {
    pub(super) fn new(rule: WrongCodes) -> Self {
        Self { rule, seen: Mutex::default() }
    }

    /// Counts an attempt, or says how long its sender has to wait.
    pub(super) fn count(self: &Arc<Self>, peer: IpAddr) -> Result<Counted, Duration> {
        self.count_at(peer, Instant::now()).map(|place| Counted { limiter: Arc::clone(self), place, wrong: true })
    }

    fn count_at(&self, peer: IpAddr, now: Instant) -> Result<Place, Duration> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let place = seen.place(peer, now, self.rule.window);
        let count = seen.counts.entry(place).or_insert(Count { since: now, wrong: 0, pending: 0 });
        count.start_anew_when_over(now, self.rule.window);
        if count.wrong >= self.rule.limit {
            return Err(self.rule.window.saturating_sub(now.duration_since(count.since)));
        }
        if count.wrong.saturating_add(count.pending) >= self.rule.limit {
            return Err(MOMENT);
        }
        count.pending += 1;
        Ok(place)
    }

    fn judged_at(&self, place: Place, wrong: bool, now: Instant) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(count) = seen.counts.get_mut(&place) else { return };
        count.start_anew_when_over(now, self.rule.window);
        count.pending = count.pending.saturating_sub(1);
        count.wrong = count.wrong.saturating_add(u32::from(wrong));
        // Who never guessed takes no room.
        if count.wrong == 0 && count.pending == 0 {
            seen.counts.remove(&place);
        }
    }
}

impl Places {
    /// Where `peer` is counted.
    fn place(&mut self, peer: IpAddr, now: Instant, window: Duration) -> Place {
        let own = Place::of(peer);
        if self.counts.contains_key(&own) {
            return own;
        }
        if self.counts.len() >= REMEMBERED {
            self.counts.retain(|_, count| count.pending > 0 || !count.is_over(now, window));
        }
        if self.counts.len() >= REMEMBERED { Place::Elsewhere } else { own }
    }
}

impl Place {
    fn of(peer: IpAddr) -> Self {
        // A socket for both families sees IPv4 addresses as IPv6 ones, all of them in one network.
        match peer.to_canonical() {
            IpAddr::V6(address) => {
                let [first, second, third, fourth, ..] = address.segments();
                Self::Network([first, second, third, fourth])
            }
            IpAddr::V4(address) => Self::Address(address),
        }
    }
}

impl Count {
    fn is_over(&self, now: Instant, window: Duration) -> bool {
        now.duration_since(self.since) >= window
    }

    fn start_anew_when_over(&mut self, now: Instant, window: Duration) {
        if self.is_over(now, window) {
            *self = Self { since: now, wrong: 0, pending: self.pending };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PEER: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
    const OTHER: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 2));

    fn limiter(limit: u32) -> Limiter {
        Limiter::new(WrongCodes { limit, window: Duration::from_mins(1) })
    }

    fn guess(limiter: &Limiter, peer: IpAddr, now: Instant) -> Result<(), Duration> {
        limiter.count_at(peer, now).map(|place| limiter.judged_at(place, true, now))
    }

    #[test]
    fn an_address_waits_for_the_rest_of_its_window_and_others_do_not() {
        let limiter = limiter(2);
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        assert_eq!(guess(&limiter, PEER, at(0)), Ok(()));
        assert_eq!(guess(&limiter, PEER, at(10)), Ok(()));
        assert_eq!(guess(&limiter, PEER, at(20)), Err(Duration::from_secs(40)));
        assert_eq!(guess(&limiter, OTHER, at(20)), Ok(()));
        assert_eq!(guess(&limiter, PEER, at(60)), Ok(()), "a new window starts from nothing");
        assert_eq!(guess(&limiter, PEER, at(61)), Ok(()));
        assert_eq!(guess(&limiter, PEER, at(62)), Err(Duration::from_secs(58)));
    }

    #[test]
    fn what_is_being_judged_counts_until_it_turns_out_right() {
        let limiter = Arc::new(limiter(2));
        let (first, second) = (limiter.count(PEER).unwrap(), limiter.count(PEER).unwrap());
        assert_eq!(limiter.count(PEER).unwrap_err(), MOMENT);
        first.forgive();
        drop(second);
        limiter.count(PEER).unwrap().forgive();
        drop(limiter.count(PEER).unwrap());
        assert!(limiter.count(PEER).unwrap_err() > MOMENT, "two were wrong, or nobody knows");
    }

    #[test]
    fn who_never_guesses_takes_no_room() {
        let limiter = Arc::new(limiter(1));
        limiter.count(PEER).unwrap().forgive();
        assert!(limiter.seen.lock().unwrap().counts.is_empty());
    }

    #[test]
    fn an_ipv6_network_is_one_place_and_a_mapped_address_is_the_address() {
        let now = Instant::now();
        for (first, second, together) in [
            ("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", true),
            ("2001:db8:0:1::1", "2001:db8:0:2::1", false),
            ("::ffff:192.0.2.1", "192.0.2.1", true),
            ("::ffff:192.0.2.1", "::ffff:192.0.2.2", false),
        ] {
            let limiter = limiter(1);
            guess(&limiter, first.parse().unwrap(), now).unwrap();
            let second_may = guess(&limiter, second.parse().unwrap(), now).is_ok();
            assert_eq!(second_may, !together, "{first} {second}");
        }
    }

    #[test]
    fn when_the_memory_is_full_the_others_share_one_count() {
        let limiter = limiter(2);
        let now = Instant::now();
        let address = |number: u32| IpAddr::V4(number.into());
        let remembered = u32::try_from(REMEMBERED).unwrap();
        for number in 0..remembered {
            guess(&limiter, address(number), now).unwrap();
        }
        guess(&limiter, address(remembered), now).unwrap();
        guess(&limiter, address(remembered + 1), now).unwrap();
        assert!(guess(&limiter, address(remembered + 2), now).is_err());
        assert_eq!(guess(&limiter, address(0), now), Ok(()), "who is remembered has a count of their own");
        assert_eq!(limiter.seen.lock().unwrap().counts.len(), REMEMBERED + 1);
        guess(&limiter, PEER, now + Duration::from_mins(1)).unwrap();
        assert_eq!(limiter.seen.lock().unwrap().counts.len(), 1);
    }
}
