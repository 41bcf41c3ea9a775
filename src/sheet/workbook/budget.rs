//! The memory that the content of a workbook may use, in bytes.
//!
//! Memory is counted before it is used, so a file that unpacks to far more than its size is refused in time. The overhead of
//! the allocator is not counted.

use super::Trouble;

/// A number of bytes that can be used.
#[derive(Debug, Clone, Copy)]
pub(super) struct Budget {
    left: u64,
}

impl Budget {
    /// This many bytes.
    pub(super) fn new(bytes: u64) -> Self {
        Self { left: bytes }
    }

    /// The bytes that are left.
    pub(super) fn left(self) -> u64 {
        self.left
    }

    /// Uses bytes, before they are allocated.
    ///
    /// # Errors
    ///
    /// [`Trouble::TooLarge`] if fewer bytes are left; then no more can be used.
    pub(super) fn take(&mut self, bytes: usize) -> Result<(), Trouble> {
        let left = u64::try_from(bytes)
            .ok()
            .and_then(|bytes| self.left.checked_sub(bytes));
        self.left = left.unwrap_or_default();
        left.map(|_| ()).ok_or(Trouble::TooLarge)
    }
}
