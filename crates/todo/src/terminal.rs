//! Printing: tables that fit the terminal, colours where they are wanted, and text of others made harmless.
//!
//! Everything is written with its colours; `anstream` takes them out where the output is no terminal or `NO_COLOR` is
//! set. Colour never says anything alone: a mark or a word says the same.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use comfy_table::{Cell, Color, ColumnConstraint, ContentArrangement, Table, presets};
use serde::Serialize;

pub const BOLD: Style = Style::new().bold();
pub const DIM: Style = Style::new().dimmed();
pub const GREEN: Style = AnsiColor::Green.on_default();
pub const AMBER: Style = AnsiColor::Yellow.on_default();
pub const RED: Style = AnsiColor::Red.on_default();

/// A reader that goes away, as `head` does, is no failure.
pub fn print(text: impl AsRef<str>) -> io::Result<()> {
    let mut out = anstream::stdout().lock();
    match writeln!(out, "{}", text.as_ref()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        outcome => outcome,
    }
}

pub fn print_json(answer: &impl Serialize) -> io::Result<()> {
    print(serde_json::to_string_pretty(answer)?)
}

pub fn styled(style: Style, text: impl std::fmt::Display) -> String {
    format!("{style}{text}{style:#}")
}

/// Without the control characters that would let a title write all over the terminal.
pub fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// The same, on its own lines.
pub fn plain_lines(text: &str) -> String {
    text.lines().map(plain).collect::<Vec<_>>().join("\n")
}

pub fn table<const N: usize>(header: [&str; N]) -> Table {
    let mut table = Table::new();
    let head = header.map(|name| Cell::new(name).fg(Color::DarkGrey));
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(head)
        .enforce_styling();
    table
}

/// Numbers, marks and dates keep their width; what a person wrote gives way.
pub fn keep(table: &mut Table, columns: &[usize]) {
    for index in columns {
        if let Some(column) = table.column_mut(*index) {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
}

/// The table as text, without the columns in which no row has anything.
pub fn finish(table: &mut Table) -> String {
    let empty: Vec<bool> = (0..table.column_count())
        .map(|index| table.column_cells_iter(index).flatten().all(|cell| cell.content().trim().is_empty()))
        .collect();
    for (column, empty) in table.column_iter_mut().zip(empty) {
        column.set_padding((0, 2));
        if empty {
            column.set_constraint(ColumnConstraint::Hidden);
        }
    }
    if table.width().is_none() {
        // A pipe has no width: each row on one line.
        table.set_content_arrangement(ContentArrangement::Disabled);
    }
    table.lines().map(|line| trim_end(&line)).collect::<Vec<_>>().join("\n")
}

/// Without the blanks at the end, behind which a colour may still be switched off.
fn trim_end(line: &str) -> String {
    let (mut rest, mut codes) = (line, Vec::new());
    loop {
        rest = rest.trim_end();
        let code = rest
            .rfind("\u{1b}[")
            .map(|at| rest.split_at(at))
            .filter(|(_, code)| code.find('m') == Some(code.len() - 1));
        let Some((before, code)) = code else { break };
        codes.push(code);
        rest = before;
    }
    codes.iter().rev().fold(rest.to_owned(), |line, code| line + code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_cannot_drive_the_terminal() {
        assert_eq!(plain("a\u{1b}[31mb\r\nc\u{9b}x"), "a [31mb  c x");
        assert_eq!(plain_lines("one\n\u{7}two"), "one\n two");
    }

    #[test]
    fn blanks_at_the_end_go_and_colours_stay() {
        assert_eq!(trim_end("a  "), "a");
        assert_eq!(trim_end("\u{1b}[31ma  \u{1b}[0m  "), "\u{1b}[31ma\u{1b}[0m");
        assert_eq!(trim_end("a [1m"), "a [1m");
        assert_eq!(trim_end(""), "");
    }

    #[test]
    fn a_table_in_a_pipe_has_one_line_a_row_and_no_empty_columns() {
        let mut table = table(["#", "title", "due", "tags"]);
        table.add_row(["1", &"long ".repeat(60), "today", ""]).add_row(["2", "Buy milk", "", " "]);
        table.force_no_tty();
        let text = anstream::adapter::strip_str(&finish(&mut table)).to_string();
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines.len(), 3, "{text}");
        assert!(lines.iter().all(|line| *line == line.trim_end()), "{text:?}");
        assert!(lines[0].starts_with("#  title") && lines[0].ends_with("due"), "{}", lines[0]);
        assert_eq!(lines[2], "2  Buy milk");
    }

    #[test]
    fn a_table_fits_its_width_by_wrapping_what_people_wrote() {
        let mut table = table(["#", "title", "due"]);
        table.add_row(["1", &"word ".repeat(30), "tomorrow 17:00"]);
        keep(&mut table, &[0, 2]);
        table.force_no_tty().set_width(50);
        let text = anstream::adapter::strip_str(&finish(&mut table)).to_string();
        assert!(text.lines().all(|line| line.chars().count() <= 50), "{text}");
        assert!(text.contains("tomorrow 17:00"), "{text}");
    }
}
