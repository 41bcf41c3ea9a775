//! How many bytes of memory the content of a workbook may take.
//!
//! What is held is counted before it is held, so a file that unpacks to far more than its size is refused in time. The
//! overhead of the allocator is not counted.

use super::Trouble;

/// A number of bytes that can be used up.
#[derive(Debug, Clone, Copy)]
pub(super) struct Budget {
    left: u64,
}

impl Budget {
    /// So many bytes.
    pub(super) fn new(bytes: u64) -> Self {
        Self { left: bytes }
    }

    /// How many bytes are left.
    pub(super) fn left(self) -> u64 {
        self.left
    }

    /// Takes bytes that are about to be held.
    ///
    /// # Errors
    ///
    /// [`Trouble::TooLarge`] when there are not so many left; then nothing more can be taken.
    pub(super) fn take(&mut self, bytes: usize) -> Result<(), Trouble> {
        let left = u64::try_from(bytes)
            .ok()
            .and_then(|bytes| self.left.checked_sub(bytes));
        self.left = left.unwrap_or_default();
        left.map(|_| ()).ok_or(Trouble::TooLarge)
    }
}
