//! The machinery of tests, tested: a witness that miscounts proves nothing.

use crate::fake::{Answer, Fake};
use crate::harness::{Folder, sheet_of};

#[test]
fn the_witness_counts_every_request_by_name() {
    let fake = Fake::start(|asked| match asked.nth_for_name {
        0 => Answer::status(500, "", ""),
        _ => Answer::story("A story."),
    });
    let folder = Folder::with_sheet(&sheet_of(2));
    assert_eq!(folder.generate(&fake, "").code, 0);
    assert_eq!(fake.by_name()["Name 1"], 2);
    assert_eq!(fake.by_name()["Name 2"], 2);
}
