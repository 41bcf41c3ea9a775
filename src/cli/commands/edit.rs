//! `backstory edit WHO`: stores a text that the user wrote, in an editor or in a file, unchanged as a new take.

use crate::app::find::one;
use crate::cli::words::plural;
use crate::cli::{CliError, Console, Database};
use crate::domain::character::TakeNumber;
use crate::domain::shown::shown;
use crate::domain::text::words;
use crate::exit::{Exit, Failure};
use crate::store::{Changes, Library};
use clap::Args;
use std::fs::{self, OpenOptions};
use std::io::{self, Read, Write, stdin};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The longest story written by hand, in bytes: the same limit as for stories from a service.
const STORY_BYTES_MAX: usize = 8 << 20;

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
    let db = database.db.open_to_change().await?;
    let cast = db.one_cast(database.cast(None)?).await?.cast_name;
    let (id, record) = one(&db, &cast, &args.who, args.gone).await?;
    let before = record.backstory.unwrap_or_default();
    let written = match &args.from {
        Some(file) => Written::read(file)?,
        None => Written::in_an_editor(&before)?,
    };
    let name = shown(&record.name);
    if written.story == before {
        written.discard();
        writeln!(console.err, "nothing changed for {name}")?;
        return Ok(Exit::Done);
    }
    written.check()?;
    let TakeNumber(take) = match db.write_by_hand(id, &written.story).await {
        Ok(take) => take,
        Err(err) => return Err(written.keep(err.into())),
    };
    let many = plural(words(&written.story), "word");
    written.discard();
    db.close().await;
    writeln!(
        console.err,
        "{name}: saved your text ({many}) as take {take}, now the current take"
    )?;
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
        let story = String::from_utf8(bytes)
            .map_err(|err| wrong(&err.utf8_error(), "save the file as UTF-8"))?;
        if story.contains('\0') {
            return Err(wrong(&"it contains a NUL byte", "save it as plain text"));
        }
        // Some editors add a byte order mark, which is not part of the story.
        let story = story
            .strip_prefix('\u{FEFF}')
            .map_or(story.clone(), str::to_owned);
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

    /// Rejects a text that cannot be a story.
    fn check(&self) -> Result<(), Failure> {
        if self.story.trim().is_empty() {
            self.discard();
            let hint = "a take cannot be removed; `backstory pick WHO TAKE` chooses another one";
            return Err(Failure::usage("the story is empty", hint));
        }
        if self.story.len() > STORY_BYTES_MAX {
            let words = format!("the story is longer than {STORY_BYTES_MAX} bytes");
            return Err(Failure::usage(words, "shorten it"));
        }
        Ok(())
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
