//! Inviting the first administrator, and whoever lost their password, with a one-time link.

use std::net::SocketAddr;

use anyhow::Context;
use gengfu_core::{
    engine::decide,
    id::PersonId,
    incident::By,
    input::{Command, Input},
    person::{Person, Role},
    state::State,
    time::Timestamp,
};
use gengfu_field::broker::reachable;
use gengfu_store::{Journal, SqliteJournal};
use gengfu_web::invite;

use crate::{
    config::{Config, web::Web},
    engine::now,
};

/// What has to be commanded to invite `person`, and the token of their link. Somebody who is not
/// known yet becomes an administrator.
///
/// # Errors
/// Only where the operating system has no random numbers to give.
pub fn commands(
    state: &State,
    person: &PersonId,
    at: Timestamp,
) -> std::io::Result<(Vec<Command>, String)> {
    let mut commands = vec![];
    if !state.people.contains_key(person) {
        commands.push(Command::PutPerson(Person {
            id: person.clone(),
            name: if person.as_str() == "admin" {
                "管理员 Admin".into()
            } else {
                person.to_string()
            },
            language: state.wiring.language,
            roles: [Role::Admin].into(),
            methods: vec![],
            quiet: None,
            home: None,
        }));
    }
    let (token, login) = invite(state.logins.get(person), at)?;
    commands.push(Command::SetLogin { person: person.clone(), login });
    Ok((commands, token))
}

/// `gengfu invite`: writes the invitation into the journal of a gateway that is stopped, and returns
/// the link.
///
/// # Errors
/// Where the gateway runs, or the journal can't be used.
pub fn run(config: &Config, person: &str) -> anyhow::Result<String> {
    let person: PersonId = person.parse()?;
    let mut journal = SqliteJournal::open(&config.data_dir, &config.site.id).context(
        "the gateway must be stopped; while it runs, an administrator invites people on its page",
    )?;
    let mut state = journal.load(&mut |_| {})?.state;
    let (commands, token) = commands(&state, &person, now())?;
    for command in commands {
        let decision = decide(&state, now(), &Input::Command { by: By::gateway(), command })?;
        journal.append(&decision.events)?;
        state = decision.state;
    }
    Ok(link(&config.web, config.web.listen, &token))
}

/// A link of this gateway that listens at `listens`: by its public address, since whoever opens it sits
/// mostly at another machine, and by this machine's own where there is none.
pub fn link(web: &Web, listens: SocketAddr, token: &str) -> String {
    let base = web.public_url.as_ref().map_or_else(
        || format!("{}://{}", web.scheme(), reachable(listens)),
        |url| url.as_str().trim_end_matches('/').to_owned(),
    );
    format!("{base}/invitation/{token}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_opens_where_people_sit() {
        let text = "data_dir = 'data'\n[site]\nid = 'h'\nname = 'H'\ntime_zone = 'Asia/Shanghai'\n\
                    [web]\nlisten = '0.0.0.0:8443'\ntls = 'local'\n";
        let folder = tempfile::tempdir().unwrap();
        let link = |text: &str| {
            let file = folder.path().join("gengfu.toml");
            std::fs::write(&file, text).unwrap();
            let web = Config::load(&file).unwrap().config.web;
            super::link(&web, web.listen, "t")
        };
        assert_eq!(link(text), "https://127.0.0.1:8443/invitation/t");
        let public = format!("{text}public_url = 'https://gw.example.org/'\n");
        assert_eq!(link(&public), "https://gw.example.org/invitation/t");
        let plain = text.replace("'local'", "'off'").replace("0.0.0.0", "127.0.0.1");
        assert_eq!(link(&plain), "http://127.0.0.1:8443/invitation/t");
    }
}
