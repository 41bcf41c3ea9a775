//! Extra fields of requests: from what was asked and what the cast remembers to one JSON object.
//!
//! They shape the text, so they are a part of the recipe. A field that is asked for replaces a remembered one of the same name
//! and leaves the others; `KEY=` without a value removes one. Fields that the program sets itself are refused.

use super::refused::Refused;
use crate::domain::recipe::ProviderName;
use crate::provider::OpenAi;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::num::NonZeroU32;

/// One field, as `KEY=VALUE` says it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Set {
    name: String,
    /// `None` removes the field.
    value: Option<Value>,
}

impl Set {
    /// Reads `KEY=VALUE`; the value is JSON, or else text.
    ///
    /// # Errors
    ///
    /// What was expected instead.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let fits = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
        let (name, value) = text
            .split_once('=')
            .filter(|(name, _)| !name.is_empty() && name.chars().all(fits))
            .ok_or("expected `KEY=VALUE`, such as `temperature=0.9`")?;
        let value = (!value.is_empty()).then(|| {
            let text = || Value::String(value.to_owned());
            serde_json::from_str(value).unwrap_or_else(|_| text())
        });
        Ok(Self {
            name: name.to_owned(),
            value,
        })
    }

    /// The field of this name with this value.
    #[must_use]
    pub(crate) fn new(name: &str, value: Value) -> Self {
        Self {
            name: name.to_owned(),
            value: Some(value),
        }
    }
}

/// The extra fields of requests, by name.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Fields(BTreeMap<String, Value>);

impl Fields {
    /// Resolves the fields for `provider`: what is asked over what is remembered; none where the provider takes none.
    pub(super) fn resolve(
        provider: ProviderName,
        asked: &[Set],
        remembered: Self,
    ) -> Result<Self, Refused> {
        if provider != ProviderName::Openai {
            return if asked.is_empty() {
                Ok(Self::default())
            } else {
                Err(Refused::TakesNoFields(provider))
            };
        }
        let mut fields = remembered;
        for Set { name, value } in asked {
            if OpenAi::OWN_FIELDS.contains(&name.as_str()) {
                return Err(Refused::OwnField(name.clone()));
            }
            match value {
                Some(value) => fields.0.insert(name.clone(), value.clone()),
                None => fields.0.remove(name),
            };
        }
        Ok(fields)
    }

    /// The fields that a recipe has.
    pub(super) fn of_recipe(fields: Option<&str>) -> Self {
        let read = fields.and_then(|fields| serde_json::from_str(fields).ok());
        read.unwrap_or_default()
    }

    /// The fields as a recipe has them: a JSON object with its keys in order.
    pub(super) fn text(&self) -> Option<String> {
        (!self.0.is_empty()).then(|| serde_json::json!(self).to_string())
    }

    /// The fields for the provider, which gets the token limit `tokens_max` where the program sets one.
    ///
    /// # Errors
    ///
    /// When one of the fields is a token limit, too.
    pub(super) fn of_request(
        &self,
        tokens_max: Option<NonZeroU32>,
    ) -> Result<Vec<(String, Value)>, Refused> {
        let limits = OpenAi::TOKENS_MAX_FIELDS;
        let limit = self.0.keys().find(|name| limits.contains(&name.as_str()));
        if let (Some(name), Some(_)) = (limit, tokens_max) {
            return Err(Refused::TokenLimitField(name.clone()));
        }
        let fields = self.0.iter();
        Ok(fields
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_value_is_json_or_text() {
        for (text, value) in [
            ("a=0.9", Some(json!(0.9))),
            ("a=true", Some(json!(true))),
            ("a=none", Some(json!("none"))),
            ("a=\"1\"", Some(json!("1"))),
            ("a={\"b\":[1]}", Some(json!({"b": [1]}))),
            ("a=b=c", Some(json!("b=c"))),
            ("a={b", Some(json!("{b"))),
            ("a=", None),
        ] {
            let set = Set::parse(text).expect("a field");
            assert_eq!((set.name.as_str(), set.value), ("a", value), "{text}");
        }
        for wrong in ["", "a", "=1", "a b=1", "{}=1"] {
            assert!(Set::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn fields_that_are_asked_for_change_remembered_ones_one_by_one() {
        let mut remembered = Fields::default();
        let mut resolve = |asked: &[&str]| {
            let asked: Vec<Set> = asked
                .iter()
                .map(|text| Set::parse(text).expect("a field"))
                .collect();
            let fields = Fields::resolve(ProviderName::Openai, &asked, remembered.clone());
            remembered = fields.expect("fields");
            remembered.text()
        };
        assert_eq!(
            resolve(&["b=1", "a=x"]).as_deref(),
            Some(r#"{"a":"x","b":1}"#)
        );
        assert_eq!(resolve(&["b=2"]).as_deref(), Some(r#"{"a":"x","b":2}"#));
        assert_eq!(resolve(&["a="]).as_deref(), Some(r#"{"b":2}"#));
        assert_eq!(resolve(&["b="]), None);
    }
}
