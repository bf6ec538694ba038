//! When a client has to say what it has. The hub holds back what is past the window, in frames or in
//! bytes, so a client that waits too long stands still. Owns that decision.

/// How much may be under way to a connection without being confirmed.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    pub frames: u64,
    pub bytes: u64,
}

impl Window {
    /// For a hub that knows no window.
    pub const OPEN: Self = Self { frames: u64::MAX, bytes: u64::MAX };
}

impl Default for Window {
    fn default() -> Self {
        Self::OPEN
    }
}

/// What has come since the last confirmation.
#[derive(Debug)]
pub struct Unconfirmed {
    most: Window,
    frames: u64,
    bytes: u64,
}

impl Unconfirmed {
    /// Due at a quarter of the window, or after `every` entries where that is given.
    pub fn new(window: Window, every: Option<u64>) -> Self {
        let most = Window { frames: every.unwrap_or(window.frames / 4).max(1), bytes: (window.bytes / 4).max(1) };
        Self { most, frames: 0, bytes: 0 }
    }

    /// The same, a little earlier: receivers of one thread are not to confirm all at once.
    pub fn staggered(mut self, number: u32) -> Self {
        self.most.frames -= u64::from(number) % (self.most.frames / 4 + 1);
        self
    }

    /// An entry came in a frame of so many bytes.
    pub fn add(&mut self, bytes: usize) {
        self.frames += 1;
        self.bytes += bytes as u64;
    }

    /// Whether it is time.
    pub fn is_due(&self) -> bool {
        self.frames >= self.most.frames || self.bytes >= self.most.bytes
    }

    /// Whether there is anything to confirm.
    pub fn is_any(&self) -> bool {
        self.frames > 0
    }

    /// Everything was confirmed.
    pub fn clear(&mut self) {
        (self.frames, self.bytes) = (0, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quarter_of_either_bound_makes_it_due() {
        let window = Window { frames: 40, bytes: 4_000 };
        let mut few_and_large = Unconfirmed::new(window, None);
        few_and_large.add(999);
        assert!(few_and_large.is_any() && !few_and_large.is_due());
        few_and_large.add(1);
        assert!(few_and_large.is_due());
        let mut many_and_small = Unconfirmed::new(window, None);
        (0..10).for_each(|_| many_and_small.add(1));
        assert!(many_and_small.is_due());
        many_and_small.clear();
        assert!(!many_and_small.is_due() && !many_and_small.is_any());
    }

    #[test]
    fn without_a_window_only_the_asked_number_counts() {
        let mut asked = Unconfirmed::new(Window::OPEN, Some(2));
        asked.add(1 << 40);
        assert!(!asked.is_due());
        asked.add(0);
        assert!(asked.is_due());
        assert!(!Unconfirmed::new(Window::OPEN, None).staggered(7).is_due());
    }
}
