//! HTTPS from the first start: the gateway's own authority, whose root a phone installs.

use gengfu_tests::{
    boards::board, free_port, gateway::Gateway, hooks::Hooks, operator::Operator, operator::client,
    site::Site,
};
use gengfu_wire::up::InputState;
use reqwest::{Certificate, Client};

/// A phone that trusts this root and nobody else.
fn phone(root: &[u8]) -> Client {
    let root = Certificate::from_der(root).unwrap();
    Client::builder().no_proxy().tls_certs_only([root]).build().unwrap()
}

#[tokio::test]
async fn a_phone_with_the_root_installed_reaches_the_gateway_and_no_other_does() {
    let hooks = Hooks::start().await.unwrap();
    let site = Site::new(1, "").unwrap();
    let plain = free_port().unwrap();
    let secure = site.base().replace("http://", "https://");
    let text = std::fs::read_to_string(site.config()).unwrap();
    let text = text
        .replace("tls = \"off\"", &format!("tls = \"local\"\nplain_listen = \"127.0.0.1:{plain}\""))
        .replace(&site.base(), &secure);
    std::fs::write(site.config(), text).unwrap();
    let gateway = Gateway::start(&site.config(), site.web).unwrap();

    // Without the root there is only the page that explains how to install it.
    let stranger = client().unwrap();
    assert!(stranger.get(format!("{secure}/healthz")).send().await.is_err());
    let page = stranger.get(format!("http://127.0.0.1:{plain}/ca")).send().await.unwrap();
    assert!(page.text().await.unwrap().contains("/ca.crt"));
    let root = stranger.get(format!("http://127.0.0.1:{plain}/ca.crt")).send().await.unwrap();
    let root = root.error_for_status().unwrap().bytes().await.unwrap();

    let trusting = phone(&root);
    for name in ["127.0.0.1", "localhost"] {
        let address = format!("https://{name}:{}/healthz", site.web);
        assert_eq!(trusting.get(address).send().await.unwrap().text().await.unwrap(), "ok\n");
    }
    let token = gateway.invitation().unwrap();
    let operator = Operator::sign_in_through(trusting.clone(), &secure, &token).await.unwrap();
    operator.put_person("wang", &[("hook", &hooks.of("wang"))]).await.unwrap();
    let board = board(&site, 1);
    board.set_input(1, InputState::Active);
    let message = hooks.first("wang", "alert").await;
    let link = message["link"].as_str().unwrap();
    assert!(link.starts_with(&secure), "{link}");
    let page = trusting.get(link).send().await.unwrap();
    assert!(page.headers()["content-type"].to_str().unwrap().starts_with("text/html"));
    board.stop().await;

    // What a phone has installed once is good after a restart as well.
    gateway.kill().unwrap();
    let gateway = Gateway::start(&site.config(), site.web).unwrap();
    let again = phone(&root).get(format!("{secure}/healthz")).send().await.unwrap();
    assert_eq!(again.text().await.unwrap(), "ok\n");
    drop(gateway);
}
