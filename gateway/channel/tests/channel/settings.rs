//! Settings: what is taken, what is refused and how, and that secrets stay inside.

use gengfu_channel::Settings;

fn problem(settings: &str) -> String {
    let dir = tempfile::tempdir().unwrap();
    let settings = settings.replace("DIR", dir.path().to_str().unwrap());
    std::fs::write(dir.path().join("empty"), "\n").unwrap();
    std::fs::write(dir.path().join("no-pem"), "hello\n").unwrap();
    match toml::from_str::<Settings>(&settings) {
        Err(e) => e.to_string(),
        Ok(settings) => match settings.build(dir.path()) {
            Err(e) => e.to_string(),
            Ok(channel) => panic!("{} was built from {settings:?}", channel.kind()),
        },
    }
}

#[test]
fn each_kind_is_built_from_the_least_that_it_needs() {
    let dir = tempfile::tempdir().unwrap();
    let secret = dir.path().join("secret");
    std::fs::write(&secret, "sixteen characters or more\n").unwrap();
    for (kind, rest) in [
        ("push", "contact = 'mailto:admin@example.org'".to_owned()),
        ("ntfy", "server = 'https://ntfy.example.org/'".to_owned()),
        ("mail", "host = 'mail.example.org'\nfrom = 'alarm@example.org'".to_owned()),
        ("webhook", format!("secret_file = '{}'", secret.display())),
    ] {
        let settings: Settings = toml::from_str(&format!("kind = '{kind}'\n{rest}")).unwrap();
        assert_eq!(settings.kind(), kind);
        assert_eq!(settings.build(dir.path()).unwrap().kind(), kind);
    }
    assert!(dir.path().join("vapid.key").exists(), "push made its key");
}

fn answers(lines: &str) -> String {
    format!("kind = 'mail'\nhost = 'x.org'\nfrom = 'a@x.org'\n[answers]\n{lines}")
}

#[test]
fn every_mistake_is_named_with_its_remedy() {
    for (settings, words) in [
        ("kind = 'pigeon'", "unknown variant `pigeon`"),
        ("kind = 'push'\ncontact = 'a'\ncolour = 1", "unknown field `colour`"),
        ("kind = 'push'", "missing field `contact`"),
        ("kind = 'push'\ncontact = 'admin@example.org'", "mailto:"),
        ("kind = 'push'\ncontact = 'mailto:a@b'\nca = '/nowhere/ca.pem'", "/nowhere/ca.pem: `ca`"),
        ("kind = 'push'\ncontact = 'mailto:a@b'\nca = 'DIR/no-pem'", "holds no certificate"),
        ("kind = 'ntfy'\nserver = 'ntfy.example.org'", "https://ntfy.example.org"),
        ("kind = 'ntfy'\nserver = 'ftp://x'", "begins with https"),
        ("kind = 'ntfy'\nserver = 'http://ntfy.example.org'\ntoken = 't'", "must be https"),
        ("kind = 'ntfy'\nserver = 'https://a:b@x.org'", "use `token`"),
        ("kind = 'ntfy'\nserver = 'https://x.org'\ntoken = 'a'\ntoken_file = '/b'", "keep one"),
        ("kind = 'ntfy'\nserver = 'https://x.org'\ntoken_file = '/nowhere/t'", "/nowhere/t"),
        ("kind = 'ntfy'\nserver = 'https://x.org'\ntoken_file = 'DIR/empty'", "`token` is empty"),
        ("kind = 'mail'\nhost = 'x.org'\nfrom = 'alarm'", "`from`"),
        ("kind = 'mail'\nhost = 'smtp://x.org'\nfrom = 'a@x.org'", "`host`"),
        ("kind = 'mail'\nhost = 'x.org'\nfrom = 'a@x.org'\ntls = 'none'", "on this machine"),
        ("kind = 'mail'\nhost = 'x.org'\nfrom = 'a@x.org'\nuser = 'a'", "both or neither"),
        ("kind = 'mail'\nhost = 'x.org'\nfrom = 'a@x.org'\npassword = 'a'", "both or neither"),
        (&answers("port = 1"), "missing field `host`"),
        (&answers("host = 'imap://x.org'"), "`answers`: `host`"),
        (&answers("host = 'x.org'"), "`answers`: set `user` and `password_file`"),
        (&answers("host = 'x.org'\ntls = 'none'"), "`answers`: `tls = \"none\"`"),
        (&answers("host = 'x.org'\nuser = 'a'\npassword = 'b'"), "`answers`: set `secret_file`"),
        (
            &answers("host = 'x.org'\nuser = 'a'\npassword = 'b'\nsecret = 'c'"),
            "`answers`: `secret` has fewer than 16",
        ),
        ("kind = 'webhook'", "`secret_file`"),
        ("kind = 'webhook'\nsecret = 'short'", "fewer than 16"),
        ("kind = 'webhook'\nsecret = \"two lines of text\\nare no secret\"", "line break"),
    ] {
        let said = problem(settings);
        assert!(said.contains(words), "{settings}\nsaid: {said}");
    }
}

#[test]
fn a_secret_is_never_shown() {
    for settings in [
        "kind = 'ntfy'\nserver = 'https://x.org'\ntoken = 'tell-nobody-this'",
        "kind = 'mail'\nhost = 'x.org'\nfrom = 'a@x.org'\nuser = 'a'\npassword = 'tell-nobody-this'",
        "kind = 'webhook'\nsecret = 'tell-nobody-this'",
    ] {
        let settings: Settings = toml::from_str(settings).unwrap();
        let shown = format!("{settings:?}");
        assert!(shown.contains("(set)") && !shown.contains("tell-nobody"), "{shown}");
    }
}
