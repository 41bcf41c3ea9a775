//! The page of `view`, over HTTP and in a real browser.

mod browser;
mod http;
mod pages;
mod reading;
mod replaced;
mod webdriver;
