//! The channels that are set up, from one configuration to the next: one whose settings and secrets stay
//! the same stays itself, so that a reload hangs up on nobody.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use anyhow::Context;
use gengfu_channel::{Channel, Settings, settings::Makings};
use gengfu_core::id::ChannelId;

/// The channels of a configuration, and what they were made of.
#[derive(Default)]
pub struct Ways(BTreeMap<ChannelId, (Makings, Arc<dyn Channel>)>);

impl Ways {
    /// Those of a configuration, with what stays the same of `self`.
    ///
    /// # Errors
    /// Which channel can't be set up, and why.
    pub fn renewed(
        &self,
        wanted: &BTreeMap<ChannelId, Settings>,
        data_dir: &Path,
    ) -> anyhow::Result<Self> {
        let renew = |(id, settings): (&ChannelId, &Settings)| {
            let makings = settings.makings();
            let same = self.0.get(id).filter(|(old, _)| *old == makings);
            let channel = match same {
                Some((_, channel)) => channel.clone(),
                None => Arc::from(
                    settings.build(data_dir).with_context(|| format!("channel \"{id}\""))?,
                ),
            };
            Ok((id.clone(), (makings, channel)))
        };
        wanted.iter().map(renew).collect::<anyhow::Result<_>>().map(Self)
    }

    /// The channels by name.
    pub fn channels(&self) -> BTreeMap<ChannelId, Arc<dyn Channel>> {
        self.0.iter().map(|(id, (_, channel))| (id.clone(), channel.clone())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_channel_stays_while_its_settings_and_its_secrets_do() {
        let folder = tempfile::tempdir().unwrap();
        let token = folder.path().join("token");
        std::fs::write(&token, "tk_one").unwrap();
        let settings = |server: &str| -> BTreeMap<ChannelId, Settings> {
            let text = format!(
                "[ntfy]\nkind = 'ntfy'\nserver = '{server}'\ntoken_file = '{}'",
                token.display()
            );
            toml::from_str(&text).unwrap()
        };
        let renewed = |ways: &Ways, server| ways.renewed(&settings(server), folder.path()).unwrap();
        let first = renewed(&Ways::default(), "https://a.example");
        let same = renewed(&first, "https://a.example");
        let is_kept = |one: &Ways, other: &Ways| {
            Arc::ptr_eq(&one.channels()[&"ntfy".into()], &other.channels()[&"ntfy".into()])
        };
        assert!(is_kept(&first, &same));
        let moved = renewed(&same, "https://b.example");
        assert!(!is_kept(&same, &moved), "another server");
        std::fs::write(&token, "tk_two").unwrap();
        assert!(!is_kept(&moved, &renewed(&moved, "https://b.example")), "another token");
    }
}
