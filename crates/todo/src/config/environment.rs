//! The environment: read here and nowhere else.

use std::path::{Path, PathBuf};

/// A variable that is set and not empty: an empty one stands for none, as compose files write it.
pub fn variable(name: &str) -> Option<String> {
    #[allow(clippy::disallowed_methods, reason = "this is where the environment comes in")]
    let value = std::env::var(name).ok();
    value.filter(|value| !value.is_empty())
}

fn home() -> PathBuf {
    variable("HOME").map_or_else(|| PathBuf::from("."), PathBuf::from)
}

/// The XDG base directories, which others follow too; macOS has folders of its own.
fn folder(xdg: &str, elsewhere: &str, on_macos: &str) -> PathBuf {
    let own = || if cfg!(target_os = "macos") { home().join(on_macos) } else { home().join(elsewhere) };
    // The specification wants relative paths ignored.
    let named = variable(xdg).map(PathBuf::from).filter(|path| path.is_absolute());
    named.unwrap_or_else(own).join("todo")
}

/// Where the database lives.
pub fn data_dir() -> PathBuf {
    folder("XDG_DATA_HOME", ".local/share", "Library/Application Support")
}

/// Where the terminal client keeps its token.
pub fn config_dir() -> PathBuf {
    folder("XDG_CONFIG_HOME", ".config", "Library/Application Support")
}

/// Where the terminal client keeps what may be lost.
pub fn cache_dir() -> PathBuf {
    folder("XDG_CACHE_HOME", ".cache", "Library/Caches")
}

/// The machine's zone, as the first guess for a new account; everything else goes by the account's own.
pub fn time_zone() -> Option<String> {
    let named = variable("TZ").map(|name| name.trim_start_matches(':').to_owned());
    let linked = || {
        let target = std::fs::read_link("/etc/localtime").ok()?;
        zone_of(&target)
    };
    named.or_else(linked).filter(|name| domain::Zone::parse(name).is_ok())
}

/// `/usr/share/zoneinfo/Europe/Berlin` is `Europe/Berlin`.
fn zone_of(target: &Path) -> Option<String> {
    Some(target.to_str()?.split_once("zoneinfo/")?.1.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_is_found_behind_its_link() {
        assert_eq!(zone_of(Path::new("/usr/share/zoneinfo/Europe/Berlin")).as_deref(), Some("Europe/Berlin"));
        assert_eq!(zone_of(Path::new("../usr/share/zoneinfo/UTC")).as_deref(), Some("UTC"));
        assert_eq!(zone_of(Path::new("/etc/elsewhere")), None);
    }
}
