//! `backstory edit WHO`: stores a text that the user wrote, in an editor or in a file, unchanged as a new take.

use crate::app::AppError;
use crate::app::change::{self, Edited, STORY_BYTES_MAX, TextFault, text_of};
use crate::app::refused::Refused;
use crate::app::select::to_change;
use crate::cli::words::plural;
use crate::cli::{CliError, Console, Database};
use crate::domain::character::TakeNumber;
use crate::domain::shown::shown;
use crate::exit::{Exit, Failure};
use clap::Args;
use std::fs::{self, OpenOptions};
use std::io::{self, Read, Write, stdin};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Save your own text as a new take, from $EDITOR or a file
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  backstory edit \"Zoë Marchetti\"                    in $VISUAL or $EDITOR
  backstory edit \"Zoë Marchetti\" --from zoe.txt
  fmt zoe.txt | backstory edit '#1' --from -")]
pub(in crate::cli) struct EditArgs {
    /// A name, a row key, or #ROW
    who: String,
    /// A text file with the story, or `-` for standard input
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    /// Include characters no longer in the sheet
    #[arg(long)]
    gone: bool,
}

pub(in crate::cli) async fn edit(
    args: EditArgs,
    database: &Database,
    console: &mut Console,
) -> Result<Exit, CliError> {
    let cast = database.cast(None)?;
    let character = to_change(&database.db, cast, &args.who, args.gone).await?;
    let name = shown(&character.record.name).into_owned();
    let before = character.record.backstory.as_deref().unwrap_or_default();
    let written = match &args.from {
        Some(file) => Written::read(file)?,
        None => Written::in_an_editor(before)?,
    };
    let edited = match change::write(character, &written.story).await {
        Ok(edited) => edited,
        Err(AppError::Refused(Refused::EmptyStory)) => {
            written.discard();
            return Err(Refused::EmptyStory.into());
        }
        Err(AppError::Store(err)) => return Err(written.keep(err.into())),
        Err(err) => return Err(err.into()),
    };
    written.discard();
    let words = match edited {
        Edited::Unchanged => format!("nothing changed for {name}"),
        Edited::Take { take, words } => {
            let (TakeNumber(take), many) = (take, plural(words, "word"));
            format!("{name}: saved your text ({many}) as take {take}, now the current take")
        }
    };
    writeln!(console.err, "{words}")?;
    Ok(Exit::Done)
}

/// The story, and the temporary file of the editor.
struct Written {
    story: String,
    file: Option<PathBuf>,
}

impl Written {
    fn read(file: &Path) -> Result<Self, Failure> {
        let mut bytes = Vec::new();
        let limit = u64::try_from(STORY_BYTES_MAX).unwrap_or(u64::MAX) + 1;
        let read = if file == Path::new("-") {
            stdin().lock().take(limit).read_to_end(&mut bytes)
        } else {
            fs::File::open(file).and_then(|file| file.take(limit).read_to_end(&mut bytes))
        };
        let name = shown(&file.to_string_lossy()).into_owned();
        let wrong = |why: &dyn std::fmt::Display, hint: &str| {
            Failure::usage(format!("cannot read the story in `{name}`: {why}"), hint)
        };
        read.map_err(|err| wrong(&err, "give a text file that contains the story"))?;
        let story = text_of(bytes).map_err(|fault| match fault {
            TextFault::NotUtf8(err) => wrong(&err, "save the file as UTF-8"),
            TextFault::Nul => wrong(&"it contains a NUL byte", "save it as plain text"),
        })?;
        Ok(Self { story, file: None })
    }

    /// Opens `before` in the user's editor.
    fn in_an_editor(before: &str) -> Result<Self, CliError> {
        let variables = ["VISUAL", "EDITOR"].into_iter();
        let mut named = variables.filter_map(std::env::var_os);
        let named = named.find(|editor| !editor.is_empty());
        let editor = named.unwrap_or_else(|| "vi".into());
        let file = std::env::temp_dir().join(format!("backstory-{}.txt", std::process::id()));
        write_new(&file, before)?;
        // The variable may contain switches, so a shell splits it into words.
        let status = Command::new("sh")
            .arg("-c")
            .arg(r#"$0 "$1""#)
            .arg(&editor)
            .arg(&file)
            .status();
        if !status.as_ref().is_ok_and(std::process::ExitStatus::success) {
            let _ = fs::remove_file(&file);
            let words = format!(
                "the editor `{}` failed; nothing changed",
                editor.to_string_lossy()
            );
            let hint = "set EDITOR to an editor that waits until the file is closed, or pass `--from FILE`";
            return Err(Failure::usage(words, hint).into());
        }
        let mut written = Self::read(&file)?;
        // Editors end the last line with a line break, which is not part of the story.
        if !before.ends_with('\n') && written.story.ends_with('\n') {
            written.story.pop();
        }
        written.file = Some(file);
        Ok(written)
    }

    /// Adds to the error where the story is that could not be stored.
    fn keep(&self, err: CliError) -> CliError {
        match (err, &self.file) {
            (CliError::Failed(mut failure), Some(file)) => {
                let file = file.display();
                failure.hint = Some(format!(
                    "the story is in `{file}`: `--from {file}` stores it later"
                ));
                failure.into()
            }
            (err, _) => err,
        }
    }

    fn discard(&self) {
        if let Some(file) = &self.file {
            // An error is ignored: the file is in the folder for temporary files.
            let _ = fs::remove_file(file);
        }
    }
}

/// Creates a file that only its owner can read; an error if it exists.
fn write_new(file: &Path, text: &str) -> io::Result<()> {
    let mut out = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(file)?;
    out.write_all(text.as_bytes())
}
