//! Hints for an address that may not be used.

use crate::provider::EndpointError;

/// The hint.
pub(in crate::cli) fn hint(err: &EndpointError) -> &'static str {
    match err {
        EndpointError::NotAnAddress { .. } => {
            "write it as `https://host` or `http://127.0.0.1:8787`"
        }
        EndpointError::Plain { .. } => {
            "use `https://`, or pass `--allow-http` if you trust the network"
        }
    }
}
