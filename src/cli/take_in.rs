//! Taking a sheet into its cast, or refusing it with everything that is wrong with it.

use super::CliError;
use crate::domain::recipe::Recipe;
use crate::sheet::{FAULTS_MAX, Fault, Problem, Sheet, SheetError};
use crate::store::{self, Import, Sqlite};

/// Rows that are handed on together.
const BATCH: usize = 500;

/// Reads the whole sheet and takes it in. A sheet with a fault leaves the cast as it was.
pub(super) async fn take_in(
    db: &Sqlite,
    sheet: Sheet,
    cast: &str,
    recipe: &Recipe,
) -> Result<i64, CliError> {
    let staged = store::Sheet {
        cast: cast.to_owned(),
        columns: sheet.columns().to_vec(),
        key_column: sheet.key_column().map(str::to_owned),
        recipe: recipe.clone(),
        redo: false,
    };
    let mut import = db.import(staged).await?;
    match stage(&mut import, sheet).await {
        Ok(()) => {}
        Err(err) => {
            import.abandon().await?;
            return Err(err);
        }
    }
    import.compare().await?;
    Ok(import.apply().await?)
}

/// Stages all rows; fails with all faults of the sheet if there is one.
async fn stage(import: &mut Import<'_>, mut sheet: Sheet) -> Result<(), CliError> {
    let source = sheet.source().clone();
    let mut batch = Vec::with_capacity(BATCH);
    loop {
        match sheet.next() {
            Some(Ok(row)) => {
                batch.push(row);
                if batch.len() == BATCH {
                    import.add(&std::mem::take(&mut batch)).await?;
                }
            }
            Some(Err(fault)) => return Err(sheet.refuse(fault).into()),
            None => break,
        }
    }
    import.add(&batch).await?;
    let repeated = import.repeated_keys(FAULTS_MAX).await?;
    if repeated.is_empty() {
        return Ok(());
    }
    let faults = repeated.into_iter().map(|(key, first_line, line)| Fault {
        line,
        problem: Problem::DuplicateKey { key, first_line },
    });
    Err(SheetError::faults(&source, faults.collect(), 0).into())
}
