//! Which slot comes next, and pausing, resuming and skipping.

use jiff::Timestamp;

use super::{
    Exception, ExceptionKind, MAX_EXCEPTIONS, Phase, RecurringTask, RecurringTaskError, occurrence::just_before,
};
use crate::{
    Change,
    recurrence::{Basis, Slot},
    task::Context,
};

/// Bounds the search past skipped slots: no more exceptions than this can lie ahead.
const MAX_SKIPS: usize = MAX_EXCEPTIONS + 1;

impl RecurringTask {
    pub(super) fn is_skipped(&self, slot: Timestamp) -> bool {
        self.exceptions.iter().any(|e| e.slot == slot && e.kind == ExceptionKind::Skipped)
    }

    /// The first slot after `after` that is not skipped.
    pub fn slot_after(&self, after: Timestamp) -> Option<Slot> {
        let mut slot = self.rule.first_after(after)?;
        for _ in 0..MAX_SKIPS {
            if !self.is_skipped(slot.at) {
                return Some(slot);
            }
            slot = self.rule.first_after(slot.at)?;
        }
        None
    }

    /// The phase in which the rule goes on after `after`, having made whatever it made up to now.
    pub(super) fn phase_after(&self, after: Timestamp) -> Phase {
        let after = after.max(self.last_slot.unwrap_or(Timestamp::MIN));
        match self.slot_after(after) {
            Some(slot) => Phase::Active { next: Some(slot.at) },
            None => Phase::Ended,
        }
    }

    /// Where a rule that is not paused goes on after it was changed.
    pub(super) fn replanned(&self, now: Timestamp) -> Phase {
        if self.rule.basis() == Basis::Completion {
            return match self.phase {
                Phase::Active { next } if self.slots_passed > 0 => match next {
                    Some(next) if self.is_beyond_end(next) => Phase::Ended,
                    // The change does not say when the last one was completed: it keeps what it has, or waits.
                    next => Phase::Active { next },
                },
                _ => self.phase_of_completion(now),
            };
        }
        match self.pending(now) {
            Some(next) if self.rule.first_from(next).is_some_and(|slot| slot.at == next) => {
                Phase::Active { next: Some(next) }
            }
            _ => self.phase_after(now),
        }
    }

    /// A slot that has come and whose task is not made yet: its timer is on its way. What changes the rule meanwhile
    /// must not lose it.
    fn pending(&self, now: Timestamp) -> Option<Timestamp> {
        self.next_due_at().filter(|next| *next <= now)
    }

    /// Slots from here on may still have their task to be made, though they have passed: the timer of the slot, or of
    /// the end of a pause, is on its way.
    fn unmade_from(&self, now: Timestamp) -> Timestamp {
        let first = match self.phase {
            Phase::Active { next } => next,
            Phase::Paused { until } => until,
            Phase::Ended => None,
        };
        first.map_or(now, |first| first.min(now))
    }

    /// Where a rule that counts from completion begins: at its start, or anew if it has begun before.
    pub(super) fn phase_of_completion(&self, now: Timestamp) -> Phase {
        match self.rule.first_after(now) {
            Some(slot) if self.slots_passed == 0 => Phase::Active { next: Some(slot.at) },
            _ => self.phase_from_completion(now),
        }
    }

    fn is_beyond_end(&self, slot: Timestamp) -> bool {
        self.rule.count().is_some_and(|count| self.slots_passed >= count)
            || self.rule.end_date().is_some_and(|end| self.rule.zone().local(slot).date() > end)
    }

    /// Pauses, for good or until a moment. Slots in between are never made up for.
    pub fn pause(mut self, until: Option<Timestamp>, context: &Context) -> Result<Change<Self>, RecurringTaskError> {
        if until.is_some_and(|until| until <= context.at) {
            return Err(RecurringTaskError::ResumeInPast);
        }
        match self.phase {
            Phase::Ended => return Err(RecurringTaskError::Ended),
            Phase::Paused { until: same } if same == until => {
                let version = self.version;
                return Ok(Change::none(self, version));
            }
            Phase::Paused { .. } | Phase::Active { .. } => self.phase = Phase::Paused { until },
        }
        Ok(self.changed(false, &["is_active", "paused_until"], context))
    }

    /// Goes on with the first slot after now, or after the end of a pause that is over: what came since then was missed,
    /// not paused. Resuming what is not paused changes nothing.
    pub fn resume(mut self, context: &Context) -> Change<Self> {
        let Phase::Paused { until } = self.phase else {
            let version = self.version;
            return Change::none(self, version);
        };
        let after = until.filter(|until| *until <= context.at).and_then(just_before).unwrap_or(context.at);
        self.phase = if self.rule.basis() == Basis::Completion {
            // Its next slot hangs on a completion that may have happened meanwhile: it begins anew.
            self.phase_of_completion(after)
        } else {
            self.phase_after(after)
        };
        self.changed(false, &["is_active", "paused_until", "next_due_at"], context)
    }

    /// Skips one slot that lies ahead, the next one if none is named. Skipping twice changes nothing.
    pub fn skip(mut self, slot: Option<Timestamp>, context: &Context) -> Result<Change<Self>, RecurringTaskError> {
        if self.phase == Phase::Ended {
            return Err(RecurringTaskError::Ended);
        }
        let slot = match slot {
            Some(slot) => slot,
            None => self.next_due_at().ok_or(RecurringTaskError::NoSuchSlot)?,
        };
        if self.is_skipped(slot) {
            let version = self.version;
            return Ok(Change::none(self, version));
        }
        if self.rule.basis() == Basis::Completion {
            return self.skip_waiting(slot, context);
        }
        self.except(slot, ExceptionKind::Skipped, context)?;
        if self.is_active() {
            self.phase = self.replanned(context.at);
        }
        Ok(self.changed(false, &["exceptions", "next_due_at"], context))
    }

    /// A rule that counts from completion has one slot at a time: skipping it counts as completing it then.
    fn skip_waiting(mut self, slot: Timestamp, context: &Context) -> Result<Change<Self>, RecurringTaskError> {
        if self.next_due_at() != Some(slot) {
            return Err(RecurringTaskError::NoSuchSlot);
        }
        self.slots_passed += 1;
        self.phase = self.phase_from_completion(slot);
        Ok(self.changed(false, &["next_due_at"], context))
    }

    /// The current occurrence of a rule that counts from completion is done (or trashed): the next slot is known.
    /// Changes nothing for other rules, or for an occurrence that is not the last one.
    pub fn occurrence_done(mut self, slot: Timestamp, at: Timestamp, context: &Context) -> Change<Self> {
        let waits = self.phase == Phase::Active { next: None } && self.rule.basis() == Basis::Completion;
        if !waits || self.last_slot != Some(slot) {
            let version = self.version;
            return Change::none(self, version);
        }
        self.phase = self.phase_from_completion(at);
        self.changed(false, &["next_due_at"], context)
    }

    pub(super) fn phase_from_completion(&self, at: Timestamp) -> Phase {
        if self.rule.count().is_some_and(|count| self.slots_passed >= count) {
            return Phase::Ended;
        }
        match self.rule.next_after_completion(at) {
            Some(slot) => Phase::Active { next: Some(slot.at) },
            None => Phase::Ended,
        }
    }

    /// Whether it is a slot of the rule that lies ahead, and for which no task was made before its time.
    pub(super) fn lies_ahead(&self, slot: Timestamp, now: Timestamp) -> bool {
        slot > now
            && self.last_slot.is_none_or(|last| slot > last)
            && self.rule.first_from(slot).is_some_and(|found| found.at == slot)
    }

    /// Notes an exception for a slot that lies ahead, and forgets those that have passed.
    pub(super) fn except(
        &mut self,
        slot: Timestamp,
        kind: ExceptionKind,
        context: &Context,
    ) -> Result<(), RecurringTaskError> {
        if !self.lies_ahead(slot, context.at) {
            return Err(RecurringTaskError::NoSuchSlot);
        }
        let unmade = self.unmade_from(context.at);
        self.exceptions.retain(|e| e.slot >= unmade && e.slot != slot);
        if self.exceptions.len() >= MAX_EXCEPTIONS {
            return Err(RecurringTaskError::TooManyExceptions);
        }
        let place = self.exceptions.partition_point(|e| e.slot < slot);
        self.exceptions.insert(place, Exception { slot, kind });
        Ok(())
    }
}
