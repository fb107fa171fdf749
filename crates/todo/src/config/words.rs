//! Options that are one of a few words.

use std::fmt;

use clap::ValueEnum;
use serde::{Deserialize, Deserializer, Serialize, de};

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident),+ })+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
        #[serde(rename_all = "lowercase")]
        pub enum $name { $($(#[$vdoc])* $variant),+ }
    )+};
}

words! {
    BusKind {
        /// Consumers in this process
        Embedded,
        /// Comes with the services
        Kafka,
        /// Comes with the services
        Dapr
    }
    Registration {
        /// Everybody
        Open,
        /// The first account only; then `todo admin users create`
        Invite,
        /// Nobody
        Closed
    }
    Migrate {
        /// At the start
        Auto,
        /// By `todo migrate` only
        Off
    }
    LogFormat {
        /// Human on a terminal, else JSON
        Auto,
        Human,
        Json
    }
}

/// `on` or `off`; `true` and `false` say the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Switch {
    #[value(alias = "true")]
    On,
    #[value(alias = "false")]
    Off,
}

impl Switch {
    pub fn is_on(self) -> bool {
        self == Self::On
    }
}

impl<'de> Deserialize<'de> for Switch {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl de::Visitor<'_> for Visitor {
            type Value = Switch;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("on or off")
            }

            fn visit_bool<E: de::Error>(self, on: bool) -> Result<Switch, E> {
                Ok(if on { Switch::On } else { Switch::Off })
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Switch, E> {
                Switch::from_str(text, true).map_err(|_| E::invalid_value(de::Unexpected::Str(text), &self))
            }
        }

        deserializer.deserialize_any(Visitor)
    }
}
