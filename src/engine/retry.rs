//! How often and after what pause a step is run again by itself.

use std::time::Duration;

/// Attempts and pauses as values. The pause doubles from `first` up to `longest`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retry {
    /// The most attempts, the first one included.
    pub attempts: u32,
    /// The pause before the second attempt.
    pub first: Duration,
    /// The longest pause; when the other side asks for more, waiting is left to the operator.
    pub longest: Duration,
}

impl Retry {
    /// The pause after `attempt` failed (counted from 1), or `None` to give up.
    pub fn pause(self, attempt: u32, asked: Duration) -> Option<Duration> {
        if attempt >= self.attempts || asked > self.longest {
            return None;
        }
        let doubled = self.first.saturating_mul(1 << attempt.saturating_sub(1).min(16));
        Some(doubled.min(self.longest).max(asked))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses() {
        let retry = Retry { attempts: 4, first: Duration::from_secs(1), longest: Duration::from_secs(3) };
        for (attempt, asked, expected) in
            [(1, 0, Some(1)), (2, 0, Some(2)), (3, 0, Some(3)), (4, 0, None), (1, 3, Some(3)), (1, 4, None)]
        {
            assert_eq!(
                retry.pause(attempt, Duration::from_secs(asked)),
                expected.map(Duration::from_secs),
                "{attempt} {asked}"
            );
        }
    }
}
