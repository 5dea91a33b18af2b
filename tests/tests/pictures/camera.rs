//! Cameras. Lighttpd is a real web server, which gives a file and takes digest as its authors read the
//! standard. [`Misbehaving`] is a stand-in that does what no camera should.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{Uri, header},
    response::{Html, IntoResponse, Redirect, Response},
};
use futures::stream;
use gengfu_tests::{eventually, free_port};
use tokio::net::{TcpListener, TcpStream};

/// A JPEG, drawn by the browser.
pub fn still(folder: &Path) -> PathBuf {
    let path = folder.join("still.jpg");
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("page");
    let mut node = Command::new("node");
    node.current_dir(page).arg("still.mjs").arg(&path).arg("CAM 1");
    let said = node.output().unwrap();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    path
}

/// Debian's lighttpd with a picture behind a password. Dropping it kills it.
pub struct Lighttpd {
    child: Child,
    pub port: u16,
    log: PathBuf,
}

impl Lighttpd {
    /// `scheme` is `digest` or `basic`, `algorithm` what digest may use.
    pub async fn start(folder: &Path, picture: &Path, scheme: &str, algorithm: &str) -> Self {
        let port = free_port().unwrap();
        let root = folder.join(format!("camera-{port}"));
        fs::create_dir(&root).unwrap();
        fs::copy(picture, root.join("snapshot.jpg")).unwrap();
        fs::write(root.join("users"), "viewer:open, sesame!\n").unwrap();
        let at = root.display();
        let text = format!(
            r#"server.port = {port}
server.bind = "127.0.0.1"
server.document-root = "{at}"
server.modules = ("mod_auth", "mod_authn_file", "mod_accesslog")
accesslog.filename = "{at}/access.log"
mimetype.assign = (".jpg" => "image/jpeg")
auth.backend = "plain"
auth.backend.plain.userfile = "{at}/users"
auth.require = ("/" => ("method" => "{scheme}", "algorithm" => "{algorithm}",
    "realm" => "camera", "require" => "valid-user"))
"#
        );
        fs::write(root.join("lighttpd.conf"), text).unwrap();
        let child = Command::new("lighttpd")
            .env("PATH", "/usr/sbin:/usr/bin:/bin")
            .arg("-D")
            .arg("-f")
            .arg(root.join("lighttpd.conf"))
            .stderr(Stdio::null())
            .spawn()
            .expect("lighttpd is installed by tests/run");
        let camera = Self { child, port, log: root.join("access.log") };
        eventually("lighttpd answers", async || TcpStream::connect(("127.0.0.1", port)).await.ok())
            .await;
        camera
    }

    /// The lines of `[cameras]` for it.
    pub fn lines(&self, further: &str) -> String {
        let port = self.port;
        format!(
            r#"
[cameras.hall]
name = {{ zh = "大堂摄像头", en = "Camera in the hall" }}
place = "lift-1"
snapshot = "http://127.0.0.1:{port}/snapshot.jpg?channel=1&stream=main"
user = "viewer"
password_file = "camera"
{further}
"#
        )
    }

    /// What it was asked, once its log has `wanted`.
    pub async fn log_with(&self, wanted: &str) -> String {
        eventually(&format!("lighttpd logs {wanted}"), async || {
            let log = fs::read_to_string(&self.log).ok()?;
            log.contains(wanted).then_some(log)
        })
        .await
    }
}

impl Drop for Lighttpd {
    fn drop(&mut self) {
        // Ended already, perhaps.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A stand-in for cameras that misbehave: each path another way.
pub struct Misbehaving {
    pub port: u16,
    pub counts: Arc<Counts>,
}

/// What became of it.
#[derive(Default)]
pub struct Counts {
    /// How often it was asked for anything.
    pub asked: AtomicU64,
    /// Bytes of the endless picture that left it.
    pub poured: AtomicU64,
    /// Visits to what only a redirect leads to.
    pub inside: AtomicU64,
}

impl Misbehaving {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let counts: Arc<Counts> = Arc::default();
        let app = Router::new().fallback(misbehave).with_state(counts.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { port, counts }
    }
}

async fn misbehave(State(counts): State<Arc<Counts>>, uri: Uri) -> Response {
    counts.asked.fetch_add(1, Relaxed);
    let jpeg = [(header::CONTENT_TYPE, "image/jpeg")];
    match uri.path() {
        "/hangs" => std::future::pending().await,
        "/endless" => (jpeg, endless(counts)).into_response(),
        "/page" => Html("<html><script>alert(1)</script></html>").into_response(),
        "/lies" => (jpeg, "<html>not what it says</html>").into_response(),
        "/elsewhere" => Redirect::temporary("/inside").into_response(),
        _ => {
            counts.inside.fetch_add(1, Relaxed);
            (jpeg, vec![0xff_u8, 0xd8, 0xff, 0xe0]).into_response()
        }
    }
}

/// A JPEG of a gigabyte, as fast as it is taken.
fn endless(counts: Arc<Counts>) -> Body {
    const PIECE: usize = 64 * 1024;
    let pieces = (0..(1 << 30) / PIECE).map(move |number| {
        let mut piece = vec![0; PIECE];
        if number == 0 {
            piece[..4].copy_from_slice(&[0xff, 0xd8, 0xff, 0xe0]);
        }
        counts.poured.fetch_add(PIECE as u64, Relaxed);
        Ok::<_, std::io::Error>(Bytes::from(piece))
    });
    Body::from_stream(stream::iter(pieces))
}
