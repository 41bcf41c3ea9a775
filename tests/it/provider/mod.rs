//! Providers, and the local server that speaks the Backstory API.

mod dialects;
pub(crate) mod local_server;
mod openai;
mod simulated_faults;
