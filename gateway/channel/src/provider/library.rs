//! The providers that come with the gateway.

use super::description::Provider;

const SHIPPED: [(&str, &str); 8] = [
    ("aliyun", include_str!("../../providers/aliyun.toml")),
    ("bark", include_str!("../../providers/bark.toml")),
    ("dingtalk", include_str!("../../providers/dingtalk.toml")),
    ("feishu", include_str!("../../providers/feishu.toml")),
    ("gotify", include_str!("../../providers/gotify.toml")),
    ("tencent", include_str!("../../providers/tencent.toml")),
    ("twilio", include_str!("../../providers/twilio.toml")),
    ("wecom", include_str!("../../providers/wecom.toml")),
];

/// The provider of this name.
///
/// # Errors
/// Which names there are.
pub(super) fn shipped(name: &str) -> Result<Provider, String> {
    match SHIPPED.iter().find(|(shipped, _)| *shipped == name) {
        Some((_, file)) => Provider::parse(name, file),
        None => {
            let names: Vec<&str> = SHIPPED.iter().map(|(name, _)| *name).collect();
            Err(format!(
                "no provider \"{name}\" comes with the gateway: there are {}; describe your own in a \
                 file, and name that by `provider_file`",
                names.join(", ")
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_provider_is_read_and_has_words_in_both_languages() {
        for (name, file) in SHIPPED {
            let provider = Provider::parse(name, file).unwrap_or_else(|e| panic!("{e}"));
            let abouts = provider.with.values().map(|given| &given.about);
            for text in abouts.chain([&provider.name, &provider.address.about]) {
                assert!(!text.zh.is_empty() && !text.en.is_empty(), "{name}: {text:?}");
            }
            assert!(file.starts_with("# "), "{name} says what it is and where its facts are from");
        }
    }
}
