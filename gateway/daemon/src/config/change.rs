//! What a reload can't change: for that the gateway must be restarted.

use super::Config;

/// The parts in which `new` differs from `old` and that stay as they are until the next start, each
/// in words for the log. Everything else takes effect at once.
pub fn needs_restart(old: &Config, new: &Config) -> Vec<String> {
    let mut parts = vec![];
    let mut note = |differs: bool, what: &str| {
        if differs {
            parts.push(format!("{what} changed in the file; it takes effect at the next start"));
        }
    };
    note(old.site.id != new.site.id, "the site's id");
    note(old.data_dir != new.data_dir, "`data_dir`");
    note(old.web.listen != new.web.listen, "`listen` of [web]");
    note(old.web.plain_listen != new.web.plain_listen, "`plain_listen` of [web]");
    note(old.web.allow_plain != new.web.allow_plain, "`allow_plain_http` of [web]");
    note(old.web.tls != new.web.tls, "`tls` of [web]");
    note(old.web.hostnames != new.web.hostnames, "`hostnames` of [web]");
    note(old.mqtt.broker != new.mqtt.broker, "the broker in [mqtt]");
    note(old.mqtt.users != new.mqtt.users, "[[mqtt.users]]");
    let is_outside = matches!(new.mqtt.broker, super::mqtt::Broker::Outside { .. });
    let (before, now) = (old.homeassistant.publish, new.homeassistant.publish);
    note(
        is_outside && before != now,
        "what the broker says to Home Assistant of a gateway that died (`publish` of [homeassistant])",
    );
    note(old.log != new.log, "[log]");
    parts
}
