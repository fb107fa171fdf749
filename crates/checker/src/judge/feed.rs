//! A copy that is kept by the feed of changes has the same rows as the lists.

use super::{Fault, Findings};
use crate::observe::Observed;

pub(super) fn judge(seen: &Observed, findings: &mut Findings) {
    for ((kind, id), row) in &seen.lists {
        match seen.feed.get(&(*kind, id.clone())) {
            None => findings.add(Fault::FeedDiffers, format!("{kind} {id}"), "the feed never told of it"),
            Some(told) if told != row => {
                findings.add(Fault::FeedDiffers, format!("{kind} {id}"), format!("is {row}, the feed says {told}"));
            }
            Some(_) => {}
        }
    }
    for (kind, id) in seen.feed.keys().filter(|key| !seen.lists.contains_key(*key)) {
        findings.add(Fault::FeedDiffers, format!("{kind} {id}"), "only the feed knows of it");
    }
}
