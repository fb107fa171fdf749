//! The example of `todo.toml`, made of the defaults and of the flags' help, so that it cannot say anything else.

use clap::Args;

use super::{Config, Flags, KEYS, origin};

const HEAD: &str = "\
# Every option of the server with its default. What stands behind # is not set.
# Each is also a variable and a flag; the order is: default, this file, variable, flag.
# The server reads `todo.toml` from the folder it is started in, or the file that --config or TODO_CONFIG names.
";

/// These differ between machines or have no default.
const SAMPLES: [(&str, &str); 4] = [
    ("data_dir", "/var/lib/todo"),
    ("database_url", "postgres://todo:secret@localhost/todo"),
    ("database_migrations_url", "postgres://todo:secret@localhost/todo"),
    ("public_url", "https://todo.example.org"),
];

pub fn example() -> String {
    let command = Flags::augment_args(clap::Command::new("todo"));
    let defaults = serde_json::to_value(Config::defaults()).unwrap_or_default();
    let mut text = HEAD.to_owned();
    for key in KEYS {
        let flag = key.replace('_', "-");
        let argument = command.get_arguments().find(|argument| argument.get_long() == Some(&flag));
        let help = argument.and_then(clap::Arg::get_help).map(ToString::to_string).unwrap_or_default();
        text.push_str(&format!("\n# {help}\n"));
        let words: Vec<String> =
            argument.map(clap::Arg::get_possible_values).unwrap_or_default().iter().map(word).collect();
        if !words.is_empty() {
            text.push_str(&format!("# One of {}.\n", words.join(", ")));
        }
        text.push_str(&format!("# {}, --{flag}\n", origin::variable(key)));
        match SAMPLES.iter().find(|(sample, _)| *sample == key) {
            Some((_, sample)) => text.push_str(&format!("# {key} = {sample:?}\n")),
            None => text.push_str(&format!("{key} = {}\n", defaults[key])),
        }
    }
    text
}

fn word(value: &clap::builder::PossibleValue) -> String {
    match value.get_help() {
        Some(help) => format!("{} ({})", value.get_name(), lower_first(&help.to_string())),
        None => value.get_name().to_owned(),
    }
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}
