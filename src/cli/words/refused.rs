//! The wording of the error that a command cannot be carried out as typed, and the switches that help.

use crate::app::key::variable;
use crate::app::refused::{CastFault, CostLimit, FileFault, HeaderFault, KeyFault, Refused};
use crate::domain::recipe::ProviderName;
use crate::domain::shown::{shown, shown_start};
use crate::exit::Failure;
use std::path::Path;

/// The longest part of a header's name that a message quotes, in letters.
const HEADER_CHARS_MAX: usize = 60;

/// The failure for the error.
pub(in crate::cli) fn in_words(refused: &Refused) -> Failure {
    let (words, hint) = match refused {
        Refused::DemoHasNoAddress { is_remembered } => no_address_of_demo(*is_remembered),
        Refused::NoModel => (
            "`openai` needs a model".to_owned(),
            "choose one with `--model`, such as `--model llama3.2`".to_owned(),
        ),
        Refused::OnlyOneModel(provider) => {
            other_provider(format!("`{provider}` has only one model"), "`--model`")
        }
        Refused::TakesNoPrompt(provider) => other_provider(
            format!("`{provider}` takes no prompt"),
            "the switches of the prompt",
        ),
        Refused::CannotAvoid(provider) => other_provider(
            format!("`{provider}` takes no prompt, so it cannot be told what to avoid"),
            "`--avoid`",
        ),
        Refused::EmptyPrompt => (
            "the prompt is empty".to_owned(),
            "write what the model should do, or leave out `--prompt`".to_owned(),
        ),
        Refused::TakesNoFields(provider) => {
            other_provider(format!("`{provider}` takes no extra fields"), "`--set`")
        }
        Refused::OwnField(name) => (
            format!("`--set {}`: backstory sets this field itself", shown(name)),
            own_field_hint(name).to_owned(),
        ),
        Refused::TokenLimitField(name) => (
            format!(
                "`--set {}`: with `--max-cost` or `--budget`, backstory sets the token limit itself",
                shown(name)
            ),
            format!("remove it with `--set {}=`", shown(name)),
        ),
        Refused::TakesNoHeaders(provider) => other_provider(
            format!("`{provider}` takes no extra headers"),
            "`--header` and `--key-header`",
        ),
        Refused::Header(fault) => header(fault),
        Refused::Key(fault) => key(fault),
        Refused::ReportsNoTokens(provider) => (
            format!("`{provider}` does not report tokens"),
            "give the price with `--price-per-request`".to_owned(),
        ),
        Refused::LimitWithoutPrice(limit) => limit_without_price(*limit),
        Refused::EmptyCastName => (
            "the new name is empty".to_owned(),
            "choose another name".to_owned(),
        ),
        Refused::EmptyStory => (
            "the story is empty".to_owned(),
            "a take cannot be removed; `backstory pick WHO TAKE` chooses another one".to_owned(),
        ),
        Refused::LongStory { bytes_max } => (
            format!("the story is longer than {bytes_max} bytes"),
            "shorten it".to_owned(),
        ),
        Refused::File(fault) => file(fault),
        Refused::Cast(fault) => cast_fault(fault),
    };
    Failure::usage(words, hint)
}

fn limit_without_price(limit: CostLimit) -> (String, String) {
    let words = match limit {
        CostLimit::Run => "`--max-cost` needs a price".to_owned(),
        CostLimit::Budget => "`--budget` needs a price".to_owned(),
        CostLimit::Remembered(budget) => {
            format!("the cast has a budget of {budget} (`--budget`), which needs a price")
        }
    };
    let prices = "give it with `--price-per-request`, or with `--price-in` and `--price-out` per million tokens";
    let hint = match limit {
        CostLimit::Run | CostLimit::Budget => prices.to_owned(),
        CostLimit::Remembered(_) => format!("{prices}; `--budget none` removes the budget"),
    };
    (words, hint)
}

fn file(fault: &FileFault) -> (String, String) {
    let quoted = |path: &Path| format!("`{}`", shown(&path.to_string_lossy()));
    match fault {
        FileFault::TextFile { what, file, err } => (
            format!("cannot read the {what} `{}`: {err}", shown(file)),
            format!("give a text file after the `@`, or write the {what} itself"),
        ),
        FileFault::SheetIsFolder(path) => (
            format!("{} is a folder", quoted(path)),
            "pass the sheet's file".to_owned(),
        ),
        FileFault::SheetNameIsNoText(path) => (
            format!(
                "cannot name a cast after {}: its name is not UTF-8",
                quoted(path)
            ),
            "choose a name with `--cast NAME`".to_owned(),
        ),
        FileFault::TargetIsDatabase(target) => (
            format!("{} is the database of this command", quoted(target)),
            "choose another file name".to_owned(),
        ),
        FileFault::TargetIsSheet(target) => (
            format!("{} is the sheet of a cast", quoted(target)),
            "choose another file name".to_owned(),
        ),
        FileFault::TargetExists(target) => (
            format!("{} already exists", quoted(target)),
            "a database is never replaced: choose another file name, or remove that file first"
                .to_owned(),
        ),
    }
}

fn cast_fault(fault: &CastFault) -> (String, String) {
    match fault {
        CastFault::OtherWriter {
            cast,
            recipe,
            provider,
            model,
        } => (
            format!(
                "cast `{}` was written with {}, not with {}",
                shown(cast),
                named(recipe.provider, recipe.model.as_deref()),
                named(*provider, model.as_deref())
            ),
            "to change the provider or model of the cast, use `backstory run SHEET`".to_owned(),
        ),
        CastFault::OtherFields { cast } => (
            format!(
                "cast `{}` was written with other `--set` fields",
                shown(cast)
            ),
            "to change the fields of the cast, use `backstory run SHEET`".to_owned(),
        ),
        CastFault::ExistsInTarget { cast, db } => (
            format!(
                "there is a cast `{}` in `{}` already",
                shown(cast),
                shown(db)
            ),
            "nothing was copied; rename one of the two with `backstory casts rename OLD NEW`"
                .to_owned(),
        ),
        CastFault::SameDatabase { db } => (
            format!("`{}` is the database that the cast is in", shown(db)),
            "choose another database with `--to`".to_owned(),
        ),
    }
}

fn named(provider: ProviderName, model: Option<&str>) -> String {
    match model {
        Some(model) => format!("`{provider}` and `{}`", shown(model)),
        None => format!("`{provider}`"),
    }
}

/// The message about a setting that only `openai` accepts.
fn other_provider(words: String, switches: &str) -> (String, String) {
    let hint = format!("leave out {switches}, or choose `--provider openai`");
    (words, hint)
}

fn no_address_of_demo(is_remembered: bool) -> (String, String) {
    let (words, hint) = if is_remembered {
        (
            "the cast remembers `--provider demo`, which has no address",
            "add `--provider convai` or `--provider openai`",
        )
    } else {
        (
            "`--provider demo` is built in and has no address",
            "leave out `--base-url`, or choose another `--provider`",
        )
    };
    (words.to_owned(), hint.to_owned())
}

fn own_field_hint(name: &str) -> &'static str {
    match name {
        "model" => "choose the model with `--model`",
        "messages" => "write your own prompt with `--prompt`",
        _ => "leave it out",
    }
}

fn header(fault: &HeaderFault) -> (String, String) {
    let quoted = |is_key_header: bool, text: &str| {
        let switch = if is_key_header {
            "key-header"
        } else {
            "header"
        };
        format!("`--{switch}`: `{}`", shown_start(text, HEADER_CHARS_MAX))
    };
    match fault {
        HeaderFault::NoColon => (
            "`--header` without a colon (its text is not shown, because it may be a secret)"
                .to_owned(),
            "write it as `--header 'NAME: VALUE'`".to_owned(),
        ),
        HeaderFault::Value(name) => (
            format!("`--header '{name}: …'`: its value is empty or not valid in a header"),
            "use printable ASCII on one line".to_owned(),
        ),
        HeaderFault::Name {
            is_key_header,
            text,
        } => (
            format!(
                "{} is not a valid header name",
                quoted(*is_key_header, text)
            ),
            "a name has letters, digits and `-`, such as `api-key`".to_owned(),
        ),
        HeaderFault::Own {
            is_key_header,
            text,
        } => (
            format!(
                "{} is set by backstory itself",
                quoted(*is_key_header, text)
            ),
            "leave it out".to_owned(),
        ),
    }
}

fn key(fault: &KeyFault) -> (String, String) {
    let quoted = |file: &Path| format!("`{}`", shown(&file.to_string_lossy()));
    match fault {
        KeyFault::Unreadable { file, err } => (
            format!("cannot read the API key file {}: {err}", quoted(file)),
            "use a text file that contains only the API key".to_owned(),
        ),
        KeyFault::Missing { file, provider } => {
            let variable = variable(*provider);
            let words = match file {
                Some(file) => format!("the API key file {} is empty", quoted(file)),
                None => format!("no API key: `{variable}` is not set"),
            };
            let hint =
                format!("set {variable} or pass `--key-file FILE`; `--provider demo` needs no key");
            (words, hint)
        }
        KeyFault::Malformed { file, provider } => {
            let place = match file {
                Some(file) => quoted(file),
                None => format!("`{}`", variable(*provider)),
            };
            let words =
                format!("the API key in {place} has white space or characters that no API key has");
            let hint = "it must contain only the API key, on one line";
            (words, hint.to_owned())
        }
    }
}
