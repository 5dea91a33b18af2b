//! HTTPS from the first start, seen by a client that trusts nothing but the local root.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    os::unix::fs::PermissionsExt,
    path::Path,
    sync::Arc,
    time::Duration,
};

use gengfu_web::{AnswerKey, PublicUrl, Server, StartError, Tls, WebSettings};
use rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned,
    pki_types::{CertificateDer, ServerName},
};

use crate::house::House;

fn settings(tls: Tls) -> WebSettings {
    WebSettings {
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        tls,
        public_url: None,
        plain_listen: None,
        allow_plain: false,
        answer_key: AnswerKey::new(&[42; 32], &"house".into()),
    }
}

fn local(dir: &Path, names: &[&str]) -> Tls {
    Tls::Local { dir: dir.into(), names: names.iter().map(|name| (*name).to_owned()).collect() }
}

/// A GET by HTTPS, trusting `root` alone and expecting a certificate for `name`.
async fn get(addr: SocketAddr, root: Vec<u8>, name: &str, path: &str) -> Result<String, String> {
    let (name, path) = (name.to_owned(), path.to_owned());
    let work = move || {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from(root)).map_err(|e| e.to_string())?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|e| e.to_string())?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let server = ServerName::try_from(name.clone()).map_err(|e| e.to_string())?;
        let connection =
            ClientConnection::new(Arc::new(config), server).map_err(|e| e.to_string())?;
        let socket = TcpStream::connect(addr).map_err(|e| e.to_string())?;
        socket.set_read_timeout(Some(Duration::from_secs(10))).map_err(|e| e.to_string())?;
        let mut stream = StreamOwned::new(connection, socket);
        let request = format!("GET {path} HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).map_err(|e| e.to_string())?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).map_err(|e| e.to_string())?;
        Ok(String::from_utf8_lossy(&answer).into_owned())
    };
    tokio::task::spawn_blocking(work).await.unwrap()
}

/// A GET by plain HTTP.
async fn get_plain(addr: SocketAddr, path: &str) -> String {
    let path = path.to_owned();
    let work = move || {
        let mut socket = TcpStream::connect(addr).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: house.local:80\r\nConnection: close\r\n\r\n");
        socket.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        socket.read_to_end(&mut answer).unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    };
    tokio::task::spawn_blocking(work).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_that_has_the_root_is_not_warned_and_another_is() {
    let dir = tempfile::tempdir().unwrap();
    let mut settings = settings(local(dir.path(), &["house.local"]));
    settings.public_url = Some("https://192.168.1.5:8443".parse().unwrap());
    let server = Server::start(settings, House::new()).await.unwrap();
    let root = server.root.clone().unwrap();
    for name in ["house.local", "192.168.1.5", "127.0.0.1", "localhost"] {
        let answer = get(server.local_addr, root.der.clone(), name, "/healthz").await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("ok\n"), "{name}: {answer}");
        assert!(answer.contains("strict-transport-security"), "{answer}");
    }
    let error = get(server.local_addr, root.der.clone(), "bank.example", "/").await.unwrap_err();
    assert!(
        error.to_lowercase().contains("notvalidforname") || error.contains("not valid"),
        "{error}"
    );

    let elsewhere = tempfile::tempdir().unwrap();
    let other =
        Server::start(self::settings(local(elsewhere.path(), &[])), House::new()).await.unwrap();
    let stranger = other.root.clone().unwrap();
    assert!(get(server.local_addr, stranger.der.clone(), "house.local", "/").await.is_err());
    other.shutdown().await;
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_root_stays_the_same_over_a_restart_and_is_kept_secret() {
    let dir = tempfile::tempdir().unwrap();
    let first = Server::start(settings(local(dir.path(), &[])), House::new()).await.unwrap();
    let root = first.root.clone().unwrap();
    first.shutdown().await;
    let key = dir.path().join("authority.key");
    assert_eq!(std::fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);

    let second = Server::start(settings(local(dir.path(), &[])), House::new()).await.unwrap();
    assert_eq!(second.root.clone().unwrap(), root, "phones must not be visited again");
    get(second.local_addr, root.der.clone(), "localhost", "/healthz").await.unwrap();
    second.shutdown().await;

    let far = Server::start(settings(local(dir.path(), &["gengfu.example"])), House::new()).await;
    let error = far.err().unwrap().to_string();
    assert!(error.contains("gengfu.example") && error.contains("authority.key"), "{error}");

    std::fs::remove_file(&key).unwrap();
    let half = Server::start(settings(local(dir.path(), &[])), House::new()).await;
    let error = half.err().unwrap().to_string();
    assert!(error.contains("authority.key is missing") && error.contains("Move"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_root_is_explained_and_handed_out_and_the_plain_port_leads_to_https() {
    let dir = tempfile::tempdir().unwrap();
    let mut settings = settings(local(dir.path(), &["house.local"]));
    settings.plain_listen = Some(SocketAddr::from(([127, 0, 0, 1], 0)));
    let server = Server::start(settings, House::new()).await.unwrap();
    let root = server.root.clone().unwrap();
    let plain = server.plain_addr.unwrap();

    let page = get_plain(plain, "/ca").await;
    assert!(page.contains("200 OK") && page.contains(&root.fingerprint()), "{page}");
    for word in ["证书信任设置", "Certificate Trust Settings", "Android", "Windows", "iPhone"]
    {
        assert!(page.contains(word), "{word}");
    }
    assert!(page.contains("content-security-policy") && !page.contains("<style"), "{page}");
    let file = get_plain(plain, "/ca.crt").await;
    assert!(file.contains("application/x-x509-ca-cert"), "{file}");
    let text = get_plain(plain, "/ca.pem").await;
    assert!(text.ends_with(&root.pem) && text.contains("BEGIN CERTIFICATE"), "{text}");
    assert!(get_plain(plain, "/ca.css").await.contains("text/css"));

    let moved = get_plain(plain, "/a/token").await;
    let port = server.local_addr.port();
    assert!(moved.contains(&format!("location: https://house.local:{port}/a/token")), "{moved}");
    let api = get_plain(plain, "/api/v1/session").await;
    assert!(api.starts_with("HTTP/1.1 307"), "nothing else is served in the clear: {api}");
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn certificate_files_are_used_and_their_faults_named() {
    let dir = tempfile::tempdir().unwrap();
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate = rcgen::CertificateParams::new(vec!["files.example".to_owned()])
        .unwrap()
        .self_signed(&key)
        .unwrap();
    let (crt, pem) = (dir.path().join("site.crt"), dir.path().join("site.key"));
    std::fs::write(&crt, certificate.pem()).unwrap();
    std::fs::write(&pem, key.serialize_pem()).unwrap();
    let tls = Tls::Files { certificate: crt.clone(), key: pem.clone() };
    let server = Server::start(settings(tls.clone()), House::new()).await.unwrap();
    assert!(server.root.is_none());
    let der = certificate.der().to_vec();
    get(server.local_addr, der, "files.example", "/healthz").await.unwrap();
    server.shutdown().await;

    std::fs::write(&pem, rcgen::KeyPair::generate().unwrap().serialize_pem()).unwrap();
    let error = Server::start(settings(tls.clone()), House::new()).await.err().unwrap().to_string();
    assert!(error.contains("site.key") && error.contains("does not fit"), "{error}");
    std::fs::write(&crt, "nothing").unwrap();
    let error = Server::start(settings(tls), House::new()).await.err().unwrap().to_string();
    assert!(error.contains("site.crt"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn plain_http_stays_on_this_machine_unless_told_otherwise() {
    let mut open = settings(Tls::Off);
    open.listen = SocketAddr::from(([0, 0, 0, 0], 0));
    let error = Server::start(open, House::new()).await.err().unwrap();
    assert!(matches!(error, StartError::PlainNotLoopback(_)), "{error}");

    let server = Server::start(settings(Tls::Off), House::new()).await.unwrap();
    let answer = get_plain(server.local_addr, "/healthz").await;
    assert!(answer.starts_with("HTTP/1.1 200") && !answer.contains("strict-transport"), "{answer}");
    let mut taken = settings(Tls::Off);
    taken.listen = server.local_addr;
    let error = Server::start(taken, House::new()).await.err().unwrap().to_string();
    assert!(error.contains("another program"), "{error}");
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_live_page_does_not_hold_up_the_end() {
    let house = House::new();
    let incident = house.press_call_button();
    let token = house.link(incident, "wang");
    let server = Server::start(settings(Tls::Off), house).await.unwrap();
    let address = server.local_addr;
    let (sender, opened) = tokio::sync::oneshot::channel();
    let page = tokio::task::spawn_blocking(move || {
        let mut socket = TcpStream::connect(address).unwrap();
        let request =
            format!("GET /api/v1/answer/{token}/events HTTP/1.1\r\nHost: localhost\r\n\r\n");
        socket.write_all(request.as_bytes()).unwrap();
        let mut first = [0; 4096];
        let n = socket.read(&mut first).unwrap();
        sender.send(String::from_utf8_lossy(&first[..n]).into_owned()).unwrap();
        socket.read_to_end(&mut Vec::new())
    });
    let first = opened.await.unwrap();
    assert!(first.contains("text/event-stream"), "{first}");
    let began = std::time::Instant::now();
    server.shutdown().await;
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
    page.await.unwrap().unwrap();
}

#[test]
fn a_public_url_tells_its_links() {
    let url: PublicUrl = "https://gengfu.example/".parse().unwrap();
    assert_eq!(url.answer("t"), "https://gengfu.example/a/t");
    assert_eq!(url.receipt("t"), "https://gengfu.example/api/v1/receipt/t");
}
