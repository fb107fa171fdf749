//! Layers in their order, and mistakes named by where they were made.
#![allow(clippy::result_large_err, reason = "figment's Jail asks for its own error")]

use clap::Args;
use figment::Jail;

use super::*;

fn load_here(flags: &Flags) -> Result<(Config, Vec<Origin>), String> {
    load(&[&Flags::default(), flags]).map_err(|error| format!("{error:#}"))
}

fn source_of(origins: &[Origin], key: &str) -> String {
    origins.iter().find(|origin| origin.key == key).unwrap().source.clone()
}

/// In an empty folder with an environment of its own.
fn jailed(test: impl FnOnce(&mut Jail)) {
    Jail::expect_with(|jail| {
        jail.clear_env();
        jail.set_env("HOME", "/home/ann");
        test(jail);
        Ok(())
    });
}

#[test]
fn nothing_given_means_the_defaults() {
    jailed(|_| {
        let (config, origins) = load_here(&Flags::default()).unwrap();
        assert_eq!(config, Config::defaults());
        assert!(origins.iter().all(|origin| origin.source == "default"), "{origins:?}");
        config.check().unwrap();
    });
}

#[test]
fn a_flag_beats_a_variable_beats_the_file_beats_the_default() {
    jailed(|jail| {
        jail.create_file("todo.toml", "listen = '0.0.0.0:1'\nlog = 'warn'\ndatabase_pool = 3").unwrap();
        jail.set_env("TODO_LISTEN", "0.0.0.0:2");
        jail.set_env("TODO_LOG", "debug");
        let flags = Flags { listen: Some("0.0.0.0:3".into()), ..Flags::default() };
        let (config, origins) = load_here(&flags).unwrap();
        assert_eq!((config.listen.as_str(), config.log.as_str(), config.database_pool), ("0.0.0.0:3", "debug", 3));
        assert_eq!(source_of(&origins, "listen"), "--listen");
        assert_eq!(source_of(&origins, "log"), "TODO_LOG");
        assert_eq!(source_of(&origins, "database_pool"), "todo.toml");
        assert_eq!(source_of(&origins, "state"), "default");
    });
}

#[test]
fn a_flag_behind_the_command_beats_one_before_it() {
    jailed(|_| {
        let flags = |listen: &str| Flags { listen: Some(listen.into()), ..Flags::default() };
        let (config, _) = load(&[&flags("0.0.0.0:1"), &flags("0.0.0.0:2")]).unwrap();
        assert_eq!(config.listen, "0.0.0.0:2");
    });
}

#[test]
fn a_mistake_is_named_by_where_it_was_made() {
    jailed(|jail| {
        jail.set_env("TODO_LISTTEN", "0.0.0.0:1");
        assert_eq!(load_here(&Flags::default()).unwrap_err(), "TODO_LISTTEN is no option: `todo config` lists them");
    });
    jailed(|jail| {
        jail.set_env("TODO_LISTEN_FILE", "/run/secrets/listen");
        let error = load_here(&Flags::default()).unwrap_err();
        assert_eq!(error, "TODO_LISTEN_FILE is no option: `todo config` lists them");
    });
    jailed(|jail| {
        jail.create_file("todo.toml", "listten = '0.0.0.0:1'").unwrap();
        let error = load_here(&Flags::default()).unwrap_err();
        assert_eq!(error, "todo.toml: listten is no option: `todo config` lists them");
    });
    jailed(|jail| {
        jail.set_env("TODO_DATABASE_POOL", "many");
        let error = load_here(&Flags::default()).unwrap_err();
        assert!(error.starts_with("TODO_DATABASE_POOL must be "), "{error}");
    });
    jailed(|jail| {
        jail.set_env("TODO_REGISTRATION", "all");
        let error = load_here(&Flags::default()).unwrap_err();
        assert_eq!(error, "TODO_REGISTRATION must be open or invite or closed, not all");
    });
    jailed(|jail| {
        jail.create_file("todo.toml", "listen = ").unwrap();
        let error = load_here(&Flags::default()).unwrap_err();
        assert!(error.contains("todo.toml"), "{error}");
    });
}

#[test]
fn a_secret_may_stand_in_a_file_and_is_never_shown() {
    jailed(|jail| {
        jail.create_file("url", "postgres://todo:secret@db/todo\n").unwrap();
        jail.set_env("TODO_DATABASE_URL_FILE", "url");
        let (config, origins) = load_here(&Flags::default()).unwrap();
        assert_eq!(config.database_url(), "postgres://todo:secret@db/todo");
        assert_eq!(source_of(&origins, "database_url"), "TODO_DATABASE_URL_FILE");
        assert!(!format!("{origins:?}").contains("secret@"), "{origins:?}");
        jail.set_env("TODO_DATABASE_URL", "postgres://db/other");
        assert!(load_here(&Flags::default()).unwrap_err().contains("both set"));
    });
}

#[test]
fn variables_of_others_and_empty_ones_are_left_alone() {
    jailed(|jail| {
        for name in ["TODO_TEST_POSTGRES", "TODO_BENCH_POSTGRES", "TODO_TOKEN", "TODO_SERVER"] {
            jail.set_env(name, "x");
        }
        jail.set_env("TODO_PUBLIC_URL", "");
        assert_eq!(load_here(&Flags::default()).unwrap().0.public_url, None);
    });
}

#[test]
fn a_switch_takes_both_ways_of_saying_it() {
    jailed(|jail| {
        for (text, expected) in [("off", Switch::Off), ("false", Switch::Off), ("on", Switch::On), ("true", Switch::On)]
        {
            jail.set_env("TODO_RATE_LIMITS", text);
            assert_eq!(load_here(&Flags::default()).unwrap().0.rate_limits, expected, "{text}");
        }
        jail.set_env("TODO_RATE_LIMITS", "maybe");
        assert!(load_here(&Flags::default()).unwrap_err().starts_with("TODO_RATE_LIMITS must be on or off"));
    });
}

#[test]
fn what_comes_later_is_refused_in_words() {
    let refused = |change: fn(&mut Config)| {
        let mut config = Config::defaults();
        change(&mut config);
        config.check().unwrap_err().to_string()
    };
    assert!(refused(|config| config.bus = BusKind::Kafka).contains("come with the services"));
    assert!(refused(|config| config.state = "redis://db".into()).contains("comes with the services"));
    assert!(refused(|config| config.public_url = Some("todo.example.org".into())).contains("--public-url"));
}

#[test]
fn every_option_is_a_key_and_a_flag_whose_help_tells_the_default() {
    let defaults = serde_json::to_value(Config::defaults()).unwrap();
    let mut keys: Vec<_> = defaults.as_object().unwrap().keys().map(String::as_str).collect();
    let mut known = KEYS.to_vec();
    keys.sort_unstable();
    known.sort_unstable();
    assert_eq!(keys, known);
    let command = Flags::augment_args(clap::Command::new("todo"));
    for key in KEYS {
        let flag = command.get_arguments().find(|argument| argument.get_id().as_str() == key).expect(key);
        assert_eq!(flag.get_long().unwrap(), key.replace('_', "-"));
        let help = flag.get_help().unwrap().to_string();
        match defaults[key].as_str().map(str::to_owned).or_else(|| defaults[key].as_u64().map(|n| n.to_string())) {
            Some(default) if key != "data_dir" => assert!(help.ends_with(&format!("[default: {default}]")), "{help}"),
            _ => assert!(help.contains("[default: "), "{help}"),
        }
    }
}

#[test]
fn the_committed_example_is_the_current_one_and_sets_the_defaults() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/todo.example.toml");
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert_eq!(committed, example(), "write it anew: todo config --example > crates/todo/todo.example.toml");
    jailed(|jail| {
        jail.create_file("todo.toml", &committed).unwrap();
        let (config, origins) = load_here(&Flags::default()).unwrap();
        assert_eq!(config, Config::defaults());
        assert_eq!(source_of(&origins, "listen"), "todo.toml");
        // What is commented out is valid too.
        let all = committed.lines().map(|line| match line.strip_prefix("# ") {
            Some(rest) if KEYS.iter().any(|key| rest.starts_with(&format!("{key} = "))) => rest,
            _ => line,
        });
        jail.create_file("todo.toml", &all.collect::<Vec<_>>().join("\n")).unwrap();
        load_here(&Flags::default()).unwrap().0.check().unwrap();
    });
}
