//! PostgreSQL's floor: `pgbench`, with scripts that hold the rows to copy. Its clients are a C program's, and the rows'
//! values are part of the prepared texts and not sent each time: both in favour of the floor.

use std::{
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context, Result, bail};
use domain::TaskId;
use sqlx::{AssertSqlSafe, Connection, PgConnection, Row as _};

use super::{Given, Work, json::COLUMNS};
use crate::load::CONNECTIONS;

/// Ids as in [`crate::people`], computed by the server: of the person, of the new task, of its event.
const PERSON: &str = "('01900000000070008000' || lpad(to_hex(0 + :person), 12, '0'))::uuid";
const TASK: &str =
    "(lpad(to_hex(1717986918401 + :number), 12, '0') || '70008000' || lpad(to_hex(0 + :person), 12, '0'))::uuid";
const EVENT: &str =
    "(lpad(to_hex(1722281885696 + :number), 12, '0') || '70008000' || lpad(to_hex(0 + :client_id), 12, '0'))::uuid";

pub struct Floor {
    pgbench: PathBuf,
    url: String,
    folder: PathBuf,
    given: Given,
    scripts: Scripts,
    /// The numbers that each client goes on from.
    next_new: u64,
    next_open: u64,
}

/// Statements, each a line.
struct Scripts {
    create: Vec<String>,
    complete: Vec<String>,
}

impl Floor {
    pub async fn new(url: &str, of_program: &str, model: TaskId, given: Given, folder: &Path) -> Result<Option<Self>> {
        let Some(pgbench) = pgbench() else { return Ok(None) };
        let mut connection = PgConnection::connect(of_program).await?;
        let scripts = Scripts::of(&mut connection, model).await?;
        connection.close().await?;
        let next_new = 1_000_000;
        Ok(Some(Self { pgbench, url: url.into(), folder: folder.into(), given, scripts, next_new, next_open: 0 }))
    }

    pub fn measure(&mut self, work: Work, people: u32, lasting: Duration) -> Result<f64> {
        let body = match work {
            Work::Create => transaction(&self.scripts.create),
            Work::Complete => transaction(&self.scripts.complete),
            Work::Get => format!("select {COLUMNS} from tasks where id = {TASK} and user_id = {PERSON};\n"),
            Work::List => format!(
                "select {COLUMNS} from tasks where user_id = {PERSON} and deleted_at is null \
                 order by created_at desc, id desc limit 21 offset 0;\n\
                 select open_tasks + completed_tasks from user_counters where user_id = {PERSON};\n"
            ),
        };
        self.run(work, people, lasting, &body)
    }

    pub fn measure_joined(&mut self, work: Work, people: u32, lasting: Duration) -> Result<Option<f64>> {
        let body = match work {
            Work::Create => joined(&self.scripts.create),
            Work::Complete => joined(&self.scripts.complete),
            Work::Get | Work::List => return Ok(None),
        };
        self.run(work, people, lasting, &body).map(Some)
    }

    fn run(&mut self, work: Work, people: u32, lasting: Duration, body: &str) -> Result<f64> {
        let (variables, first) = match work {
            Work::Create => (format!("\\set n :n + 1\n\\set number :n * {CONNECTIONS} + :client_id\n"), self.next_new),
            Work::Complete => ("\\set number :n\n\\set n :n + 1\n".to_owned(), self.next_open),
            Work::Get | Work::List => (format!("\\set number random(0, {})\n", self.given.tasks - 1), 0),
        };
        let script = self.folder.join("floor.sql");
        std::fs::write(&script, format!("\\set person :client_id % {people}\n{variables}{body}"))?;
        let output = Command::new(&self.pgbench)
            .args(["--no-vacuum", "--protocol=prepared", "--jobs=2"])
            .arg(format!("--client={CONNECTIONS}"))
            .arg(format!("--time={}", lasting.as_secs().max(1)))
            .arg(format!("--define=n={first}"))
            .arg("--file")
            .arg(&script)
            .arg(&self.url)
            .output()
            .context("pgbench")?;
        let text = String::from_utf8_lossy(&output.stdout);
        let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name));
        let per_second = field("tps = ").and_then(|rest| rest.split(' ').next()?.parse::<f64>().ok());
        let done = field("number of transactions actually processed: ");
        let done = done.and_then(|rest| rest.split('/').next()?.trim().parse::<u64>().ok());
        let (Some(per_second), Some(done), true) = (per_second, done, output.status.success()) else {
            bail!("pgbench: {text}{}", String::from_utf8_lossy(&output.stderr));
        };
        match work {
            // No client has come as far as all of them together.
            Work::Create => self.next_new += done + 1,
            Work::Complete => self.next_open += self.furthest(done)?,
            Work::Get | Work::List => {}
        }
        Ok(per_second)
    }

    /// How far the fastest client can have come; more than there are tasks would measure updates of nothing.
    fn furthest(&self, done: u64) -> Result<u64> {
        let furthest = done.div_ceil(CONNECTIONS as u64) * 5 / 4 + 2;
        if self.next_open + furthest > u64::from(self.given.tasks) {
            bail!("the floor ran out of open tasks: give each person more than {}", self.given.tasks);
        }
        Ok(furthest)
    }
}

fn transaction(statements: &[String]) -> String {
    format!("begin;\n{};\nend;\n", statements.join(";\n"))
}

/// One statement and one round trip, as the program does it.
fn joined(statements: &[String]) -> String {
    let parts: Vec<String> =
        statements.iter().enumerate().map(|(number, sql)| format!("s{number} as ({sql} returning 1)")).collect();
    format!("with {} select count(*) from s0;\n", parts.join(", "))
}

impl Scripts {
    /// From the rows that creating the model wrote.
    async fn of(connection: &mut PgConnection, model: TaskId) -> Result<Self> {
        let task = inserts(connection, "tasks", "id = $1", model, &[("id", TASK)]).await?;
        let timers = inserts(connection, "timers", "subject = $1", model, &[("subject", TASK)]).await?;
        let created = "task_id = $1 and event_type like 'todo.task.created.%'";
        let event = inserts(connection, "task_events", created, model, &[("id", EVENT), ("task_id", TASK)]).await?;
        let queue =
            |topic| format!("insert into outbox (event_id, topic, key) values ({EVENT}, '{topic}', {TASK}::text)");
        let raise = |how: &str| {
            format!("update user_counters set change_counter = change_counter + 1, {how} where user_id = {PERSON}")
        };
        let mut create = vec![raise("open_tasks = open_tasks + 1")];
        create.extend(task);
        create.extend(timers);
        create.extend(event.clone());
        create.push(queue("task-created"));
        let mut complete = vec![
            raise("open_tasks = open_tasks - 1, completed_tasks = completed_tasks + 1"),
            format!(
                "update tasks set completed_at = now(), version = 2, updated_at = now(), changed = 2 \
                 where id = {TASK} and user_id = {PERSON} and version = 1"
            ),
            format!("delete from timers where subject = {TASK} and user_id = {PERSON}"),
        ];
        complete.extend(event);
        complete.push(queue("task-completed"));
        Ok(Self { create, complete })
    }
}

/// The statements that insert copies of the rows, one for each table: ids are the given expressions.
async fn inserts(
    connection: &mut PgConnection,
    table: &str,
    condition: &str,
    model: TaskId,
    ids: &[(&str, &str)],
) -> Result<Vec<String>> {
    const COLUMNS: &str = "select column_name::text from information_schema.columns where table_name = $1 \
        and table_schema = 'public' and is_identity = 'NO' order by ordinal_position";
    let columns: Vec<String> = sqlx::query_scalar(COLUMNS).bind(table).fetch_all(&mut *connection).await?;
    let quoted: Vec<String> = columns.iter().map(|column| format!("quote_nullable({column}::text)")).collect();
    let sql = format!("select {} from {table} where {condition}", quoted.join(", "));
    let rows = sqlx::query(AssertSqlSafe(sql)).bind(model.0).fetch_all(connection).await?;
    let mut tuples = Vec::new();
    for row in rows {
        let mut values = Vec::new();
        for (index, column) in columns.iter().enumerate() {
            let id = ids.iter().find(|(name, _)| name == column).map(|(_, expression)| *expression);
            values.push(match id {
                Some(expression) => expression.to_owned(),
                None if column == "user_id" => PERSON.to_owned(),
                None => without_colons(&row.get::<String, _>(index)),
            });
        }
        tuples.push(format!("({})", values.join(", ")));
    }
    if tuples.is_empty() {
        return Ok(Vec::new());
    }
    Ok(vec![format!("insert into {table} ({}) values {}", columns.join(", "), tuples.join(", "))])
}

/// A colon would begin a variable of pgbench. A literal with backslashes has its `E` already.
fn without_colons(literal: &str) -> String {
    let escaped = literal.replace(':', "\\x3a");
    if escaped.contains('\\') && !escaped.starts_with('E') { format!("E{escaped}") } else { escaped }
}

/// On PATH, or where Debian keeps it; the newest.
fn pgbench() -> Option<PathBuf> {
    if Command::new("pgbench").arg("--version").output().is_ok_and(|output| output.status.success()) {
        return Some("pgbench".into());
    }
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    let mut found: Vec<PathBuf> = versions
        .filter_map(|entry| Some(entry.ok()?.path().join("bin/pgbench")))
        .filter(|path| path.is_file())
        .collect();
    found.sort();
    found.pop()
}

#[cfg(test)]
mod tests {
    use super::without_colons;

    #[test]
    fn literals_for_pgbench_have_no_colons() {
        assert_eq!(without_colons("NULL"), "NULL");
        assert_eq!(without_colons("'2026-01-01 10:00:00+00'"), r"E'2026-01-01 10\x3a00\x3a00+00'");
        assert_eq!(without_colons(r#"E'{"a": "\\"}'"#), r#"E'{"a"\x3a "\\"}'"#);
    }
}
