//! What the user changes.

use super::{Model, position};
use backstory::facade::domain::character::{CastId, CharacterId, TakeNumber};
use backstory::facade::domain::flag::{Flag, Flags};
use backstory::facade::domain::status::Status;
use backstory::facade::domain::takes::{Event, current};
use backstory::facade::store::{Changes, Failed, Reviewed, StoreError};

impl Changes for Model {
    async fn pick(
        &self,
        id: CharacterId,
        take: Option<TakeNumber>,
    ) -> Result<Option<TakeNumber>, StoreError> {
        let mut state = self.change();
        let member = state.member_mut(id);
        let exists = |take: TakeNumber| member.rule.iter().any(|known| known.number == take);
        let event = match take {
            Some(take) if exists(take) => Event::Picked(take),
            None if !member.rule.is_empty() => Event::Unpicked,
            _ => return Ok(None),
        };
        member.current = current(&mut member.rule, member.current, event);
        if take.is_some() {
            member.gets_story();
        }
        Ok(member.current.take)
    }

    async fn write_by_hand(
        &self,
        id: CharacterId,
        story: &str,
        flags: Flags,
    ) -> Result<TakeNumber, StoreError> {
        let mut state = self.change();
        let member = state.member_mut(id);
        let request_under_way = member.status == Status::Running;
        let number = member.add(member.by_hand(story, flags), |take| Event::Written {
            take: take.number,
            request_under_way,
        });
        member.gets_story();
        Ok(TakeNumber(number))
    }

    async fn retry(&self, cast: CastId, which: &Failed) -> Result<u64, StoreError> {
        let mut state = self.change();
        let mut many = 0;
        for member in state.characters.iter_mut().filter(|it| it.cast == cast) {
            let fits = |(kind, error): &(_, String)| which.has(&member.name, *kind, error);
            if member.error.as_ref().is_some_and(fits) && !member.gone {
                member.again();
                many += 1;
            }
        }
        Ok(many)
    }

    async fn store_review(&self, cast: CastId, reviewed: &Reviewed) -> Result<(), StoreError> {
        let mut state = self.change();
        for member in state.characters.iter_mut().filter(|it| it.cast == cast) {
            let current = member.current.take.filter(|_| !member.gone);
            for (number, take) in (1..).zip(&mut member.takes) {
                if current != Some(TakeNumber(number)) {
                    take.flags.review = Flags::default();
                }
            }
        }
        for found in &reviewed.takes {
            let take = &mut state.member_mut(found.id).takes[position(found.take.0)];
            (take.flags.own, take.flags.review) = (found.own, found.review);
        }
        Ok(())
    }

    async fn dismiss(&self, characters: &[CharacterId], flag: Flag) -> Result<u64, StoreError> {
        let mut state = self.change();
        let mut many = 0;
        for id in characters {
            if !state.flags(state.member(*id)).has(flag) {
                continue;
            }
            let member = state.member_mut(*id);
            let number = member.current.take.expect("it has a flag");
            let take = &mut member.takes[position(number.0)];
            take.flags.dismissed = take.flags.dismissed.with(flag);
            many += 1;
        }
        Ok(many)
    }

    async fn write_again(&self, characters: &[CharacterId]) -> Result<u64, StoreError> {
        let mut state = self.change();
        let mut many = 0;
        for id in characters {
            let member = state.member_mut(*id);
            if matches!(member.status, Status::Done | Status::Failed) && !member.gone {
                member.again();
                many += 1;
            }
        }
        Ok(many)
    }

    async fn rename(&self, cast: CastId, name: &str) -> Result<(), StoreError> {
        let mut state = self.change();
        if state.named(name).is_some_and(|other| other.id != cast) {
            return Err(StoreError::CastExists {
                db: "memory".into(),
                cast: name.to_owned(),
            });
        }
        name.clone_into(&mut state.casts[position(cast.0)].sheet.cast);
        Ok(())
    }
}
