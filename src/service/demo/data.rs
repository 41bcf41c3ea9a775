//! The data of the demo writer, parsed once: its plots, paragraphs, frames, motifs, miniatures and lists of words.
//!
//! Each file is a struct with a field for each section, so a missing section, or one that no code reads, is an error. Tests
//! find such errors, and templates that are not well formed. Nothing here chooses between lines: see [`super::deck`].

use super::beat::Beat;
use super::line::Line;
use super::sections::{Malformed, Section, Sections};
use super::word_list::WordList;
use std::sync::LazyLock;

/// All data.
pub(super) static DATA: LazyLock<Data> =
    LazyLock::new(|| Data::parse().expect("a test parses the same files"));

/// See [`DATA`].
#[derive(Debug)]
pub(super) struct Data {
    /// `plots.txt`, in its order.
    pub(super) plots: Vec<Plot>,
    pub(super) paragraphs: Paragraphs,
    pub(super) frames: Frames,
    pub(super) motifs: Motifs,
    pub(super) miniatures: Miniatures,
    pub(super) words: Words,
}

/// A struct with a field for each section of a file. A blank in the name of a section is `_` in the name of the field.
macro_rules! data_file {
    ($(#[$about:meta])* $name:ident of $kind:ty, $file:literal: $($field:ident)*) => {
        $(#[$about])*
        #[derive(Debug)]
        pub(super) struct $name {
            $(pub(super) $field: $kind,)*
        }

        impl $name {
            fn parse() -> Result<Self, Malformed> {
                let mut sections = Sections::of($file, include_str!($file))?;
                let file = Self {
                    $($field: From::from(sections.take(&stringify!($field).replace('_', " "))?),)*
                };
                sections.end()?;
                Ok(file)
            }

            /// All sections, for tests.
            #[cfg(test)]
            pub(super) fn all(&self) -> Vec<&$kind> {
                vec![$(&self.$field),*]
            }
        }
    };
}

data_file!(
    /// The paragraphs that every plot may borrow; [`Beat`] has a variant for each section.
    Paragraphs of Vec<Line>, "paragraphs.txt":
    home kin thing work voices turn secret habit friend wish rumour hour
);

data_file!(
    /// The sentences that contain a phrase.
    Frames of Vec<Line>, "frames.txt":
    said written word quality past role deed done stated own_words addressed told number sign long echo named called
);

data_file!(
    /// The things that a story is about besides its character.
    Motifs of Vec<Line>, "motifs.txt":
    place_names places kin objects numbers foods beasts undescribed
);

data_file!(
    /// The words that are needed to read a description.
    Words of WordList, "words.txt":
    determiners starts joiners deeds alone done done_objects past qualities degrees quality_endings prepositions
    roles no_roles role_endings only_roles no_superlatives an no_an proper abbreviations labels she_titles he_titles
    titles no_first_names far old now
);

/// One plot.
#[derive(Debug)]
pub(super) struct Plot {
    /// First paragraphs; each has a slot for the name and for the first phrase.
    pub(super) openings: Vec<Line>,
    /// What happened, or how it began.
    pub(super) hinges: Vec<Line>,
    /// Last paragraphs.
    pub(super) closings: Vec<Line>,
    pub(super) order: Order,
}

impl Paragraphs {
    /// All paragraphs of a beat.
    pub(super) fn of(&self, beat: Beat) -> &[Line] {
        match beat {
            Beat::Home => &self.home,
            Beat::Kin => &self.kin,
            Beat::Thing => &self.thing,
            Beat::Work => &self.work,
            Beat::Voices => &self.voices,
            Beat::Turn => &self.turn,
            Beat::Secret => &self.secret,
            Beat::Habit => &self.habit,
            Beat::Friend => &self.friend,
            Beat::Wish => &self.wish,
            Beat::Rumour => &self.rumour,
            Beat::Hour => &self.hour,
        }
    }
}

/// The paragraphs that a plot borrows, and their position.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Order {
    /// The paragraphs before the turning point; each is chosen from several.
    pub(super) before: Vec<Vec<Beat>>,
    /// The paragraphs between the turning point and the end; each is chosen from several.
    pub(super) after: Vec<Vec<Beat>>,
    /// Whether the plot explains where the object comes from, so that no other paragraph may.
    pub(super) owns_object: bool,
}

/// The content of `miniatures.txt`.
#[derive(Debug)]
pub(super) struct Miniatures {
    /// The frames of a phrase in a miniature.
    pub(super) remarks: Vec<Line>,
    /// In the order of the file.
    pub(super) all: Vec<Miniature>,
}

/// The three paragraphs of one miniature; some parts can be left out.
#[derive(Debug)]
pub(super) struct Miniature {
    /// Its beginning. The world of the story is that of the miniature.
    pub(super) opening: Line,
    /// What happened.
    pub(super) turn: &'static str,
    /// The state at the end.
    pub(super) closing: &'static str,
}

impl Data {
    /// Reads all files.
    ///
    /// The first error of the first file that has one.
    ///
    /// The first fault of the first file that has one.
    fn parse() -> Result<Self, Malformed> {
        Ok(Self {
            plots: plots()?,
            paragraphs: Paragraphs::parse()?,
            frames: Frames::parse()?,
            motifs: Motifs::parse()?,
            miniatures: Miniatures::parse()?,
            words: Words::parse()?,
        })
    }
}

impl From<Section> for Vec<Line> {
    fn from(section: Section) -> Self {
        section.entries.into_iter().map(Line::of).collect()
    }
}

impl From<Section> for WordList {
    fn from(section: Section) -> Self {
        WordList::of(&section.entries)
    }
}

impl Miniatures {
    fn parse() -> Result<Self, Malformed> {
        let mut sections = Sections::of("miniatures.txt", include_str!("miniatures.txt"))?;
        let remarks = sections.take("remarks")?.into();
        let mut all = Vec::new();
        while let Some(section) = sections.next() {
            let ("miniature", &[opening, turn, closing]) =
                (section.name, section.entries.as_slice())
            else {
                return Err(section.must_have("the name `miniature` and three lines"));
            };
            all.push(Miniature {
                opening: Line::of(opening),
                turn,
                closing,
            });
        }
        Ok(Self { remarks, all })
    }
}

/// The plots: each has four sections, of which the first is its order.
fn plots() -> Result<Vec<Plot>, Malformed> {
    let mut sections = Sections::of("plots.txt", include_str!("plots.txt"))?;
    let (early, late) = (sections.take("early")?, sections.take("late")?);
    let mut plots = Vec::new();
    while let Some(section) = sections.next() {
        let mut part = |part: &str| sections.take(&format!("{} {part}", section.name));
        plots.push(Plot {
            openings: part("openings")?.into(),
            hinges: part("hinges")?.into(),
            closings: part("closings")?.into(),
            order: Order::of(&section, &early, &late)?,
        });
    }
    Ok(plots)
}

impl Order {
    /// Parses the first section of a plot; `early` and `late` are the lists for these two words.
    fn of(section: &Section, early: &Section, late: &Section) -> Result<Self, Malformed> {
        let mut order = Self::default();
        let mut hinges = 0;
        for entry in &section.entries {
            let names = match *entry {
                "hinge" => {
                    hinges += 1;
                    continue;
                }
                "no thing" => {
                    order.owns_object = true;
                    continue;
                }
                "early" => early.entries.join(" "),
                "late" => late.entries.join(" "),
                names => names.to_owned(),
            };
            let beats: Option<Vec<Beat>> = names.split_ascii_whitespace().map(Beat::of).collect();
            let beats = beats
                .ok_or_else(|| section.must_have("only names of sections of `paragraphs.txt`"))?;
            if hinges == 0 {
                order.before.push(beats);
            } else {
                order.after.push(beats);
            }
        }
        if hinges == 1 {
            Ok(order)
        } else {
            Err(section.must_have("one line `hinge`"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SLOTS: &str = "
        T Y N N's Ns name they They them their theirs was has is s es were have are z ez
        home home= home: town town= town: obj obj= kin kin= k num food beast q l a A
    ";

    #[test]
    fn all_files_are_well_formed() {
        if let Err(fault) = Data::parse() {
            panic!("{fault}");
        }
    }

    /// A line for the wrong world, or with a slot that cannot be filled, would otherwise be found only by a user.
    #[test]
    fn every_line_is_well_formed() {
        let plots = DATA
            .plots
            .iter()
            .flat_map(|plot| [&plot.openings, &plot.hinges, &plot.closings]);
        let tables = plots
            .chain(DATA.paragraphs.all())
            .chain(DATA.frames.all())
            .chain([&DATA.miniatures.remarks])
            .flatten()
            .map(|line| line.text);
        let miniatures = DATA
            .miniatures
            .all
            .iter()
            .flat_map(|one| [one.opening.text, one.turn, one.closing]);
        for text in tables.chain(miniatures) {
            for slot in text.split('{').skip(1) {
                let slot = slot.split_once('}').map(|(slot, _)| slot);
                let known = |slot: &str| SLOTS.split_whitespace().any(|known| known == slot);
                assert!(
                    slot.is_some_and(|slot| known(slot) || slot.contains('|')),
                    "{text}"
                );
            }
            assert!(
                text.ends_with(['.', '"', '}']) && !text.contains("  "),
                "{text}"
            );
        }
        for plot in &DATA.plots {
            assert!(plot.openings.iter().all(|line| line.text.ends_with("{T}")));
            let ends = |line: &Line| line.text.ends_with(['.', '!', '?']);
            assert!(plot.closings.iter().all(ends));
        }
    }

    #[test]
    fn every_motif_has_its_parts() {
        for line in DATA.motifs.all().into_iter().flatten() {
            assert!(!line.text.contains(['{', '~']), "{}", line.text);
        }
        for (table, parts) in [(&DATA.motifs.kin, 3), (&DATA.motifs.objects, 2)] {
            for line in table {
                assert_eq!(line.text.split('/').count(), parts, "{}", line.text);
            }
        }
        for person in &DATA.motifs.kin {
            let pronoun = person.text.rsplit('/').next();
            assert!(matches!(pronoun, Some("she" | "he")), "{}", person.text);
        }
    }

    /// Words are compared in lower case: one with a capital would never be found.
    #[test]
    fn all_words_but_abbreviations_are_in_lower_case() {
        let words = DATA.words.all().into_iter();
        let capitals = words.filter(|list| list.words().any(|word| word != word.to_lowercase()));
        assert_eq!(capitals.count(), 1);
        assert!(DATA.words.abbreviations.has("Dr"));
    }

    #[test]
    fn a_plot_out_of_order_is_an_error() {
        let section = |text: &'static str| {
            let mut sections = Sections::of("x.txt", text).expect("well formed");
            sections.next().expect("one section")
        };
        let named = section("[early]\nhome kin");
        let early_and_late = Order {
            before: vec![vec![Beat::Home, Beat::Kin]],
            after: vec![vec![Beat::Hour], vec![Beat::Home, Beat::Kin]],
            owns_object: true,
        };
        let no_hinge = "one line `hinge`";
        let table = [
            (
                "[p]\nearly\nhinge\nhour\nlate\nno thing",
                Ok(early_and_late),
            ),
            ("[p]\nearly\nlate", Err(no_hinge)),
            ("[p]\nhinge\nhinge", Err(no_hinge)),
            (
                "[p]\nhinge\nhomes",
                Err("only names of sections of `paragraphs.txt`"),
            ),
        ];
        for (text, expected) in table {
            let plot = section(text);
            let order = Order::of(&plot, &named, &named);
            assert_eq!(order, expected.map_err(|wanted| plot.must_have(wanted)));
        }
    }
}
