//! Everything in which the two databases differ, save their types ([`Value`](super::Value)) and their drivers.
//!
//! A text of ours is turned into theirs in one pass: parameters are renumbered, words in braces filled in.

use std::fmt::Write;

/// Instants that no task of ours reaches, in microseconds: what sorts last and first when there is none.
pub(crate) const FUTURE: i64 = 253_370_764_800_000_000; // 9999-01-01
pub(crate) const PAST: i64 = 0;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    Sqlite,
    Postgres,
}

/// What a text's words and parameters stand for in this place.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Setting {
    /// A statement by itself.
    Alone,
    /// In a commit on SQLite, or stepwise on PostgreSQL: the counter was raised before and its value is the parameter
    /// of this number.
    Step { counter: usize },
    /// In a commit on PostgreSQL: one of several CTEs.
    Joined {
        /// Parameters of the CTEs before.
        first: usize,
        /// Whether there is a counter (`c`).
        counter: bool,
        /// Parameters are arrays, one element for each row of parameters.
        many: Option<usize>,
    },
}

impl Dialect {
    /// The text as the database reads it.
    pub fn text(self, sql: &str, setting: Setting) -> String {
        let mut out = String::with_capacity(sql.len() + 64);
        self.append(&mut out, sql, setting);
        out
    }

    pub fn append(self, out: &mut String, sql: &str, setting: Setting) {
        let mut rest = sql;
        while let Some(at) = rest.find(['$', '{']) {
            out.push_str(&rest[..at]);
            let special = &rest[at..];
            if let Some(after) = special.strip_prefix('$') {
                let digits = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
                self.parameter(out, after[..digits].parse().unwrap_or(0), setting);
                rest = &after[digits..];
            } else {
                let end = special.find('}').unwrap_or(special.len() - 1);
                self.word(out, &special[1..end], setting);
                rest = &special[end + 1..];
            }
        }
        out.push_str(rest);
    }

    fn parameter(self, out: &mut String, number: usize, setting: Setting) {
        let _ = match (self, setting) {
            (Self::Sqlite, _) => write!(out, "?{number}"),
            (Self::Postgres, Setting::Joined { many: Some(_), .. }) => write!(out, "r.c{number}"),
            (Self::Postgres, Setting::Joined { first, many: None, .. }) => write!(out, "${}", first + number),
            (Self::Postgres, Setting::Alone | Setting::Step { .. }) => write!(out, "${number}"),
        };
    }

    fn word(self, out: &mut String, word: &str, setting: Setting) {
        let (word, argument) = word.split_once(':').unwrap_or((word, ""));
        let number = || argument.parse().unwrap_or(0);
        match (word, self, setting) {
            ("counter", _, Setting::Step { counter }) => self.parameter(out, counter, setting),
            ("counter", Self::Postgres, Setting::Joined { counter: true, .. }) => {
                out.push_str("(select change_counter from c)");
            }
            ("counter", _, _) => out.push('0'),
            ("locked", Self::Postgres, Setting::Joined { counter: true, .. }) => {
                out.push_str("(select change_counter from c) is not null");
            }
            ("locked", _, _) => out.push_str("true"),
            ("from" | "using", _, Setting::Joined { first, many: Some(columns), .. }) => {
                rows(out, word, first, columns);
            }
            ("from" | "using", _, _) => {}
            ("elements", Self::Sqlite, _) => self.around(out, "(select value from json_each(", number(), "))", setting),
            ("elements", Self::Postgres, _) => {
                self.around(out, "(select jsonb_array_elements_text(", number(), "))", setting);
            }
            ("in_uuids", Self::Sqlite, _) => {
                self.around(out, "in (select unhex(value) from json_each(", number(), "))", setting);
            }
            ("in_ints" | "in_texts", Self::Sqlite, _) => {
                self.around(out, "in (select value from json_each(", number(), "))", setting);
            }
            ("in_uuids" | "in_ints" | "in_texts", Self::Postgres, _) => {
                self.around(out, "= any(", number(), ")", setting);
            }
            ("due_key", _, _) => {
                out.push_str("coalesce(due_date, ");
                self.word(out, "future", setting);
                out.push(')');
            }
            ("future", Self::Sqlite, _) => out.push_str("253370764800000000"),
            ("past", Self::Sqlite, _) => out.push('0'),
            ("future", Self::Postgres, _) => out.push_str("timestamptz '9999-01-01 00:00:00+00'"),
            ("past", Self::Postgres, _) => out.push_str("timestamptz '1970-01-01 00:00:00+00'"),
            // Without statistics SQLite may well prefer the index over all of a user's rows to the one over the few.
            ("beside", Self::Sqlite, _) => {
                out.push('+');
                out.push_str(argument);
            }
            ("beside", Self::Postgres, _) => out.push_str(argument),
            ("skip_locked", Self::Postgres, _) => out.push_str("for update skip locked"),
            ("skip_locked", Self::Sqlite, _) => {}
            (unknown, _, _) => debug_assert!(false, "no such word: {{{unknown}}}"),
        }
    }

    fn around(self, out: &mut String, before: &str, parameter: usize, after: &str, setting: Setting) {
        out.push_str(before);
        self.parameter(out, parameter, setting);
        out.push_str(after);
    }
}

/// The rows of parameters as a table `r (c1, c2, …)`.
fn rows(out: &mut String, word: &str, first: usize, columns: usize) {
    let list = |out: &mut String, prefix: &str, from: usize| {
        for number in 1..=columns {
            let comma = if number > 1 { ", " } else { "" };
            let _ = write!(out, "{comma}{prefix}{}", from + number);
        }
    };
    let _ = write!(out, "{word} unnest(");
    list(out, "$", first);
    out.push_str(") as r (");
    list(out, "c", 0);
    out.push(')');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_alone() {
        let sql = "select a from t where b = $1 and c {in_uuids:2}";
        assert_eq!(
            Dialect::Sqlite.text(sql, Setting::Alone),
            "select a from t where b = ?1 and c in (select unhex(value) from json_each(?2))"
        );
        assert_eq!(Dialect::Postgres.text(sql, Setting::Alone), "select a from t where b = $1 and c = any($2)");
    }

    #[test]
    fn a_step_takes_the_counter_as_a_parameter() {
        let sql = "insert into t (a, changed) select $1, {counter} {from} where {locked}";
        assert_eq!(
            Dialect::Sqlite.text(sql, Setting::Step { counter: 2 }),
            "insert into t (a, changed) select ?1, ?2  where true"
        );
    }

    #[test]
    fn joined_statements_wait_for_the_counter_and_take_rows() {
        let sql = "insert into t (a, b, changed) select $1, $2, {counter} {from} where {locked}";
        let joined = |many| Setting::Joined { first: 3, counter: true, many };
        assert_eq!(
            Dialect::Postgres.text(sql, joined(None)),
            "insert into t (a, b, changed) select $4, $5, (select change_counter from c)  \
             where (select change_counter from c) is not null"
        );
        assert_eq!(
            Dialect::Postgres.text(sql, joined(Some(2))),
            "insert into t (a, b, changed) select r.c1, r.c2, (select change_counter from c) \
             from unnest($4, $5) as r (c1, c2) where (select change_counter from c) is not null"
        );
    }
}
