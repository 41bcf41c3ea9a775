//! A sheet on its way in: paired by the passes of `domain::matching`, judged by `domain::verdict`.

use super::{Cast, Member, Model, State, Take, columns_of, content_of, many, own};
use backstory::facade::domain::character::{CastId, CharacterId, Content, TakeNumber};
use backstory::facade::domain::matching::{Pass, Presence, passes};
use backstory::facade::domain::row::Row;
use backstory::facade::domain::status::Status;
use backstory::facade::domain::takes::{Current, Event};
use backstory::facade::domain::verdict::{
    Case, Matched, OwnTake, Source, Story, Verdict, Wording, verdict,
};
use backstory::facade::store::{Comparison, Finished, Intake, Sheet, StoreError};
use serde_json::{Map, Value};
use std::collections::{HashMap, HashSet};
use std::time::SystemTime;

pub(in super::super) struct ModelImport<'m> {
    model: &'m Model,
    sheet: Sheet,
    cast: Option<CastId>,
    rows: Vec<Row>,
    /// What the comparison decided about each row.
    decided: Vec<Decided>,
}

#[derive(Clone, Copy)]
struct Decided {
    member: Option<CharacterId>,
    case: Case,
    verdict: Verdict,
    /// A take of the character that fits.
    own: Option<TakeNumber>,
    /// A take of another character, which does not need it.
    spare: Option<(CharacterId, usize)>,
}

impl<'m> ModelImport<'m> {
    pub(super) fn new(model: &'m Model, sheet: Sheet) -> Self {
        let cast = model.state().named(&sheet.cast).map(|cast| cast.id);
        Self {
            model,
            sheet,
            cast,
            rows: Vec::new(),
            decided: Vec::new(),
        }
    }

    fn members<'s>(&self, state: &'s State) -> Vec<&'s Member> {
        self.cast
            .map(|cast| state.of_cast(cast))
            .unwrap_or_default()
    }

    /// The character of each row.
    fn paired(&self, state: &State) -> HashMap<usize, CharacterId> {
        let before = self
            .cast
            .and_then(|cast| state.cast(cast).sheet.key_column.clone());
        let keyed = self.sheet.key_column.is_some() && self.sheet.key_column == before;
        let mut members = self.members(state);
        members.sort_by_key(|it| (it.gone, it.row, it.id));
        let mut pairs = HashMap::new();
        for pass in passes(keyed) {
            let taken: HashSet<_> = pairs.values().copied().collect();
            let free: Vec<usize> = (0..self.rows.len())
                .filter(|at| !pairs.contains_key(at))
                .collect();
            let mut rows: HashMap<_, Vec<usize>> = HashMap::new();
            for at in free {
                if let Some(evidence) = self.evidence(*pass, &self.rows[at]) {
                    rows.entry(evidence).or_default().push(at);
                }
            }
            let mut known: HashMap<_, Vec<CharacterId>> = HashMap::new();
            for it in members.iter().filter(|it| !taken.contains(&it.id)) {
                if let Some(evidence) = evidence_of(*pass, it) {
                    known.entry(evidence).or_default().push(it.id);
                }
            }
            for (evidence, rows) in rows {
                let known = known.remove(&evidence).unwrap_or_default();
                let unique = rows.len() == 1 && known.len() == 1;
                if unique || !matches!(pass, Pass::Name(_)) {
                    pairs.extend(rows.into_iter().zip(known));
                }
            }
        }
        pairs
    }

    /// What a pass compares of a row.
    fn evidence(&self, pass: Pass, row: &Row) -> Option<String> {
        let (content, columns) = (content_of(row, &self.sheet), columns_of(row, &self.sheet));
        compared(pass, row.key.as_deref(), content, &columns, &row.name)
    }

    fn decide(&self, at: usize, member: Option<&Member>) -> Decided {
        let row = &self.rows[at];
        let own = member.and_then(|it| self.own_take(it, row));
        let case = match member {
            None if row.have.is_some() => Case::New {
                story: Story::Known,
            },
            None => Case::New { story: Story::None },
            Some(it) => Case::Matched(Matched {
                status: it.status,
                gone: it.gone,
                picked: it.current.picked,
                wording: self.wording(it, row),
                story: self.story(it, row),
                other_recipe: self.sheet.finished == Finished::Redo && self.has_other_recipe(it),
                own: own.map(|(_, picked)| OwnTake { picked }),
            }),
        };
        Decided {
            member: member.map(|it| it.id),
            case,
            verdict: verdict(case, self.sheet.finished),
            own: own.map(|(take, _)| take),
            spare: None,
        }
    }

    fn wording(&self, member: &Member, row: &Row) -> Wording {
        if member.content == content_of(row, &self.sheet) {
            return Wording::Same;
        }
        let old = cells(&member.columns);
        let new = cells(&columns_of(row, &self.sheet));
        let differs =
            |(column, cell): (&String, &Value)| new.get(column).is_some_and(|new| new != cell);
        if old.iter().any(differs) {
            Wording::Edited
        } else {
            Wording::SameCells
        }
    }

    fn story(&self, member: &Member, row: &Row) -> Story {
        let Some(have) = &row.have else {
            return Story::None;
        };
        let old = cells(&member.columns);
        let known = old.values().any(|cell| cell.as_str() == Some(have));
        let same = member.columns == columns_of(row, &self.sheet);
        if known || same {
            Story::Known
        } else {
            Story::New
        }
    }

    fn fits(&self, take: &Take) -> bool {
        let fingerprint = self.sheet.recipe.fingerprint();
        take.recipe
            .as_ref()
            .is_none_or(|it| it.fingerprint() == fingerprint)
    }

    fn has_other_recipe(&self, member: &Member) -> bool {
        let other = |take: &Take| !self.fits(take);
        member.status == Status::Done && member.current().is_some_and(other)
    }

    /// The take of the character that the row may get back, and whether it was picked.
    fn own_take(&self, member: &Member, row: &Row) -> Option<(TakeNumber, bool)> {
        let content = content_of(row, &self.sheet);
        let changed = member.content != content;
        let redo = self.sheet.finished == Finished::Redo
            && (member.status == Status::Pending || self.has_other_recipe(member));
        if !changed && !redo {
            return None;
        }
        let fits = |take: &Take| {
            take.content == content && self.fits(take) && (changed || take.recipe.is_some())
        };
        let takes = member
            .rule
            .iter()
            .zip(&member.takes)
            .filter(|(_, take)| fits(take));
        let best = takes.max_by_key(|(rule, _)| (changed && rule.picked, rule.number));
        best.map(|(rule, _)| (rule.number, rule.picked))
    }

    /// The takes that no character needs, best first.
    fn spare_takes(&self, state: &State) -> Vec<(CharacterId, usize)> {
        let wants: HashMap<_, Content> = (self.decided.iter().zip(&self.rows))
            .filter_map(|(decided, row)| Some((decided.member?, content_of(row, &self.sheet))))
            .collect();
        let copied: HashSet<_> = state
            .characters
            .iter()
            .flat_map(|it| &it.takes)
            .filter_map(|take| take.copied_from)
            .collect();
        let mut spare = Vec::new();
        for it in self.members(state) {
            for (at, take) in it.takes.iter().enumerate() {
                let needed = wants.get(&it.id) == Some(&take.content);
                if !needed && self.fits(take) && !copied.contains(&(it.id, at)) {
                    let current = it.current.take == Some(it.rule[at].number);
                    let order = (!current, !it.rule[at].picked);
                    spare.push((order, take.finished, current, (it.id, at)));
                }
            }
        }
        spare.sort_by(|a, b| {
            a.0.cmp(&b.0).then_with(|| {
                let oldest_first = a.1.cmp(&b.1);
                if a.2 {
                    oldest_first
                } else {
                    oldest_first.reverse()
                }
            })
        });
        spare.into_iter().map(|(.., take)| take).collect()
    }

    fn elsewhere(&self, state: &State) -> Option<String> {
        let finished = |cast: &&Cast| {
            let done = state.of_cast(cast.id).into_iter();
            let done: HashSet<_> = done
                .filter(|it| it.status == Status::Done && !it.gone)
                .map(|it| it.content)
                .collect();
            let rows = self
                .rows
                .iter()
                .filter(|row| done.contains(&content_of(row, &self.sheet)));
            2 * rows.count() > self.rows.len()
        };
        state
            .casts
            .iter()
            .find(finished)
            .map(|cast| cast.sheet.cast.clone())
    }
}

fn evidence_of(pass: Pass, it: &Member) -> Option<String> {
    match pass {
        Pass::Name(presence) if (presence == Presence::Gone) != it.gone => None,
        _ => compared(pass, it.key.as_deref(), it.content, &it.columns, &it.name),
    }
}

/// What a pass compares.
fn compared(
    pass: Pass,
    key: Option<&str>,
    content: Content,
    columns: &str,
    name: &str,
) -> Option<String> {
    match pass {
        Pass::Key => key.map(|key| key.trim().to_owned()),
        Pass::ContentAndCells => Some(format!("{content:?} {columns}")),
        Pass::Content => Some(format!("{content:?}")),
        Pass::Cells => Some(columns.to_owned()),
        Pass::Name(_) => Some(name.trim().to_owned()),
    }
}

fn cells(columns: &str) -> Map<String, Value> {
    serde_json::from_str(columns).expect("a JSON object")
}

fn names(row: &Row, who: &str) -> bool {
    let key = row.key.as_deref().map(str::trim);
    row.name.trim() == who.trim() || key == Some(who) || format!("#{}", row.number) == who
}

impl Member {
    /// The row is what the character is from now on.
    fn apply(&mut self, row: &Row, sheet: &Sheet, decided: &Decided, spare: Option<Take>) {
        let Decided {
            case, verdict, own, ..
        } = *decided;
        self.read(row, sheet);
        self.current.picked = verdict.picked;
        if verdict.edited || verdict.status != self.status {
            self.tries = 0;
        }
        match (verdict.source, spare) {
            (Source::OwnTake, _) => self.current.take = own,
            (Source::AnotherTake, Some(spare)) => {
                self.add(spare, |take| Event::Settled(take.number));
                self.becomes(Status::Done, None);
                return;
            }
            (Source::Sheet, _) => {
                let new = matches!(case, Case::Matched(it) if it.story == Story::New);
                let was_done = self.status == Status::Done && !verdict.edited;
                self.tell(row, new, was_done);
                self.becomes(Status::Done, None);
                return;
            }
            _ => {}
        }
        if verdict.status != self.status {
            self.becomes(verdict.status, None);
        }
    }

    /// The sheet has this story. `new`: it did not have it before.
    fn tell(&mut self, row: &Row, new: bool, was_done: bool) {
        let story = row.have.as_deref().unwrap_or_default();
        let content = self.content;
        let same = |take: &Take| take.text == story && take.content == content;
        let known = self.takes.iter().position(same);
        match known {
            Some(at) if new && !self.current.picked => {
                self.current = Current {
                    take: Some(self.rule[at].number),
                    picked: false,
                };
            }
            Some(_) if was_done => {}
            _ => {
                self.current.picked = false;
                self.add(self.by_hand(story, row.have_flags), |take| {
                    Event::Settled(take.number)
                });
            }
        }
    }
}

impl Intake for ModelImport<'_> {
    type Form = ();
    type Batch = Vec<Row>;

    fn form(&self) {}

    fn batch((): &(), rows: Vec<Row>) -> Vec<Row> {
        rows
    }

    async fn add(&mut self, mut batch: Vec<Row>) -> Result<Vec<Row>, StoreError> {
        self.rows.append(&mut batch);
        Ok(batch)
    }

    async fn repeated_keys(&mut self, limit: usize) -> Result<Vec<(String, u64, u64)>, StoreError> {
        let mut first: HashMap<&str, u64> = HashMap::new();
        let mut repeated = Vec::new();
        for row in &self.rows {
            let Some(key) = row.key.as_deref().map(str::trim) else {
                continue;
            };
            let line = *first.entry(key).or_insert(row.line);
            if line != row.line {
                repeated.push((key.to_owned(), line, row.line));
            }
        }
        repeated.truncate(limit);
        Ok(repeated)
    }

    async fn compare(&mut self) -> Result<Comparison, StoreError> {
        let state = self.model.state().clone();
        let pairs = self.paired(&state);
        let decide = |at| self.decide(at, pairs.get(&at).map(|id| state.member(*id)));
        self.decided = (0..self.rows.len()).map(decide).collect();
        let mut spare = self.spare_takes(&state);
        let mut comparison = Comparison::default();
        for (decided, row) in self.decided.iter_mut().zip(&self.rows) {
            if decided.verdict.source == Source::AnotherTake {
                let content = content_of(row, &self.sheet);
                let fits = |(id, at): &(_, usize)| state.member(*id).takes[*at].content == content;
                decided.spare = spare.iter().position(fits).map(|at| spare.remove(at));
            }
            let lent = u64::from(decided.spare.is_some());
            comparison.add(decided.case, decided.verdict, 1, lent);
        }
        let matched: HashSet<_> = pairs.values().collect();
        for it in self
            .members(&state)
            .iter()
            .filter(|it| !matched.contains(&it.id))
        {
            let case = Case::Unmatched {
                status: it.status,
                gone: it.gone,
            };
            comparison.add(case, verdict(case, self.sheet.finished), 1, 0);
        }
        match self.cast {
            Some(cast) => {
                let before = state.cast(cast).sheet.recipe.clone();
                let changed = before.fingerprint() != self.sheet.recipe.fingerprint();
                comparison.recipe_before = (changed && comparison.finished > 0).then_some(before);
            }
            None => comparison.elsewhere = self.elsewhere(&state),
        }
        Ok(comparison)
    }

    async fn duplicates(&mut self) -> Result<u64, StoreError> {
        let contents = self.rows.iter().map(|row| content_of(row, &self.sheet));
        let different: HashSet<_> = contents.collect();
        Ok(many(self.rows.iter()) - many(different.iter()))
    }

    async fn unknown(&mut self, only: &[String]) -> Result<Option<String>, StoreError> {
        let unknown = |who: &&String| !self.rows.iter().any(|row| names(row, who));
        Ok(only.iter().find(unknown).cloned())
    }

    async fn wanted(&mut self, only: &[String]) -> Result<u64, StoreError> {
        let rows = self.rows.iter().zip(&self.decided);
        let wanted = rows.filter(|(row, decided)| {
            let pending = decided.verdict.status == Status::Pending && decided.spare.is_none();
            pending && only.iter().any(|who| names(row, who))
        });
        Ok(many(wanted))
    }

    async fn apply(self, digest: Option<[u8; 32]>) -> Result<CastId, StoreError> {
        let mut state = self.model.change();
        let id = self.cast.unwrap_or_else(|| {
            let id = CastId(i64::try_from(state.casts.len()).expect("few") + 1);
            state.casts.push(Cast {
                id,
                sheet: self.sheet.clone(),
                memory: "{}".into(),
                budget: None,
                cost: None,
                digest: None,
            });
            id
        });
        let cast = state
            .casts
            .iter_mut()
            .find(|cast| cast.id == id)
            .expect("it exists");
        (cast.sheet, cast.digest) = (self.sheet.clone(), digest);
        let matched: HashSet<_> = self.decided.iter().filter_map(|it| it.member).collect();
        for it in state.characters.iter_mut().filter(|it| it.cast == id) {
            it.gone |= !matched.contains(&it.id);
        }
        for (decided, row) in self.decided.iter().zip(&self.rows) {
            let spare = decided.spare.map(|(from, at)| Take {
                copied_from: Some((from, at)),
                finished: SystemTime::now(),
                flags: own(state.member(from).takes[at].flags.own),
                ..state.member(from).takes[at].clone()
            });
            let member = decided.member.unwrap_or_else(|| {
                let new = CharacterId(i64::try_from(state.characters.len()).expect("few") + 1);
                state
                    .characters
                    .push(Member::new(new, id, row, &self.sheet));
                new
            });
            state
                .member_mut(member)
                .apply(row, &self.sheet, decided, spare);
        }
        Ok(id)
    }

    async fn abandon(self) -> Result<(), StoreError> {
        Ok(())
    }
}
