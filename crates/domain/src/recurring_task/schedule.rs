//! Which slot comes next, and pausing, resuming and skipping.

use jiff::Timestamp;

use super::{Exception, ExceptionKind, MAX_EXCEPTIONS, Phase, RecurringTask, RecurringTaskError};
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

    /// Where an active rule goes on; one that counts from completion keeps waiting for it.
    pub(super) fn replanned(&self, now: Timestamp) -> Phase {
        if self.rule.basis() == Basis::Completion && self.last_slot.is_some() {
            if let Phase::Active { next } = self.phase {
                return Phase::Active { next };
            }
            return Phase::Active { next: None };
        }
        // A slot whose time to appear has come while the rule lay still is not made up for.
        self.phase_after(now)
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

    /// Goes on with the first slot after now. Resuming what is not paused changes nothing.
    pub fn resume(mut self, context: &Context) -> Change<Self> {
        if !matches!(self.phase, Phase::Paused { .. }) {
            let version = self.version;
            return Change::none(self, version);
        }
        self.phase = if self.rule.basis() == Basis::Completion {
            // Its next slot hangs on a completion that may have happened meanwhile: it begins anew.
            Phase::Active { next: self.rule.next_after_completion(context.at).map(|slot| slot.at) }
        } else {
            self.phase_after(context.at)
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
        if let Phase::Active { .. } = self.phase {
            self.phase = self.phase_after(context.at.max(self.last_slot.unwrap_or(Timestamp::MIN)));
        }
        Ok(self.changed(false, &["exceptions", "next_due_at"], context))
    }

    /// A rule that counts from completion has one slot at a time: skipping it counts as completing it then.
    fn skip_waiting(mut self, slot: Timestamp, context: &Context) -> Result<Change<Self>, RecurringTaskError> {
        if self.next_due_at() != Some(slot) {
            return Err(RecurringTaskError::NoSuchSlot);
        }
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

    /// Notes an exception for a slot that lies ahead, and forgets those that have passed.
    pub(super) fn except(
        &mut self,
        slot: Timestamp,
        kind: ExceptionKind,
        context: &Context,
    ) -> Result<(), RecurringTaskError> {
        let lies_ahead = slot > context.at && self.last_slot.is_none_or(|last| slot > last);
        if !lies_ahead || self.rule.first_from(slot).is_none_or(|found| found.at != slot) {
            return Err(RecurringTaskError::NoSuchSlot);
        }
        self.exceptions.retain(|e| e.slot > context.at && e.slot != slot);
        if self.exceptions.len() >= MAX_EXCEPTIONS {
            return Err(RecurringTaskError::TooManyExceptions);
        }
        let place = self.exceptions.partition_point(|e| e.slot < slot);
        self.exceptions.insert(place, Exception { slot, kind });
        Ok(())
    }
}
