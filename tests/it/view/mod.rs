//! The page of `view`, over HTTP and in a real browser.

mod browser;
pub(crate) mod http;
mod webdriver;
