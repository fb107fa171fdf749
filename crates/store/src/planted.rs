//! Bugs on purpose, in a build with crash points only: they prove that the checker finds what it is there to find.

use crate::commit::Statements;

/// Whether the named bug is to happen now. Always false without the feature `failpoints`.
#[allow(unused_variables, reason = "without the feature nothing is left of the next line")]
pub fn planted(bug: &'static str) -> bool {
    fail::fail_point!(bug, |_| true);
    false
}

/// `lose-commit`: a user's change is answered for and not stored.
pub(crate) fn loses(statements: &Statements) -> bool {
    statements.user.is_some() && planted("lose-commit")
}

/// `half-commit`: of a change of several rows, the first half.
pub(crate) fn halved(mut statements: Statements) -> Statements {
    if statements.user.is_some() && planted("half-commit") {
        let half = statements.statements.len().div_ceil(2);
        statements.statements.truncate(half);
    }
    statements
}
