//! Judges finished stories: which flags follow from their words.
//!
//! It takes a good part of a millisecond a story, so it is done on other threads while the loop of the run goes on. A judge that panics
//! gives no flags; the story is stored all the same. Which flags there are is the caller's to say.

use crate::domain::flag::Flags;
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

/// Returns the flags that follow from the name and the description of a character and the text of its story.
pub type Judge = Arc<dyn Fn(&str, &str, &str) -> Flags + Send + Sync>;

/// Stories that are judged at the same time. The rest wait, so that a burst of stories does not start a thread for each.
const AT_ONCE: usize = 2;

/// The judge of a run.
#[derive(Clone)]
pub(super) struct Judging {
    judge: Judge,
    places: Arc<Semaphore>,
}

/// A character whose story is to be judged.
pub(super) struct Judged {
    judging: Judging,
    name: String,
    description: String,
}

impl Judging {
    pub(super) fn new(judge: Judge) -> Self {
        Self {
            judge,
            places: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }

    /// The character with this name and description.
    pub(super) fn of(&self, name: &str, description: &str) -> Judged {
        Judged {
            judging: self.clone(),
            name: name.to_owned(),
            description: description.to_owned(),
        }
    }
}

impl Judged {
    /// The flags of its story.
    pub(super) async fn flags(self, text: Arc<str>) -> Flags {
        let Self {
            judging: Judging { judge, places },
            name,
            description,
        } = self;
        // The semaphore is never closed.
        let place = places.acquire_owned().await;
        let flags = spawn_blocking(move || {
            let flags = judge(&name, &description, &text);
            drop(place);
            flags
        });
        flags.await.unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::flag::Flag;

    fn judged(judge: Judge) -> Judged {
        Judging::new(judge).of("Ada", "bakes")
    }

    #[tokio::test]
    async fn a_story_is_judged_by_the_name_and_the_description_of_its_character() {
        let judge: Judge = Arc::new(|name, description, text| {
            let is_known = (name, description, text) == ("Ada", "bakes", "Ada bakes.");
            Flags::default().with_if(Flag::Echo, is_known)
        });
        let flags = judged(judge).flags("Ada bakes.".into()).await;
        assert_eq!(flags.words(), ["echo"]);
    }

    #[tokio::test]
    async fn a_judge_that_panics_gives_no_flags_and_keeps_no_place() {
        let judging = Judging::new(Arc::new(|_, _, text| {
            assert_eq!(text, "good", "a fault of a rule");
            Flags::default().with(Flag::Loop)
        }));
        for _ in 0..=AT_ONCE {
            let flags = judging.of("Ada", "bakes").flags("bad".into()).await;
            assert_eq!(flags, Flags::default());
        }
        let flags = judging.of("Ada", "bakes").flags("good".into()).await;
        assert_eq!(flags.words(), ["loop"]);
    }
}
