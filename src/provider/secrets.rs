//! Secrets that must not be stored: our API key and the values of our own headers are removed from foreign text before it is
//! kept.
//!
//! A message is judged first and scrubbed then, because scrubbing changes it. A secret of a few letters is left alone: it
//! occurs by chance in any text, and removing it would only hide what the service says.

use secrecy::{ExposeSecret, SecretString};
use std::sync::Arc;

/// The shortest secret that is scrubbed, in bytes.
const BYTES_MIN: usize = 8;

/// The secrets in our requests.
#[derive(Clone, Default)]
pub(super) struct Secrets(Arc<[SecretString]>);

impl Secrets {
    pub(super) fn new(secrets: impl IntoIterator<Item = SecretString>) -> Self {
        Self(secrets.into_iter().collect())
    }

    /// Replaces each secret wherever it occurs, in any case: for example, hosts come back in lower case.
    pub(super) fn scrub(&self, words: String) -> String {
        let secrets = self.0.iter().map(ExposeSecret::expose_secret);
        secrets
            .filter(|secret| secret.len() >= BYTES_MIN)
            .fold(words, |words, secret| {
                // Some services write a slash in JSON as `\/`, and a body may be quoted as it came.
                scrub(scrub(words, secret), &secret.replace('/', "\\/"))
            })
    }
}

fn scrub(words: String, secret: &str) -> String {
    // Lower case in ASCII has the same length, so positions in one text are positions in the other.
    let (low, secret) = (words.to_ascii_lowercase(), secret.to_ascii_lowercase());
    if !low.contains(&secret) {
        return words;
    }
    let mut scrubbed = String::with_capacity(words.len());
    let mut from = 0;
    for (at, _) in low.match_indices(&secret) {
        scrubbed.push_str(&words[from..at]);
        scrubbed.push_str("***");
        from = at + secret.len();
    }
    scrubbed + &words[from..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_secret_is_scrubbed_in_any_case_and_a_short_one_is_left_in_prose() {
        let secrets = ["s3cret-key", "of-a-header", "with/a/slash", "any"].map(SecretString::from);
        let secrets = Secrets::new(secrets);
        for (words, scrubbed) in [
            ("key s3cret-key is unknown", "key *** is unknown"),
            ("S3CRET-KEY.example é", "***.example é"),
            ("of-a-header s3cret-key", "*** ***"),
            (r#"{"k":"with\/a\/slash"}"#, r#"{"k":"***"}"#),
            ("Too many requests", "Too many requests"),
            ("", ""),
        ] {
            assert_eq!(secrets.scrub(words.to_owned()), scrubbed);
        }
    }
}
