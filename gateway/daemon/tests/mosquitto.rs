//! A real Mosquitto with the shipped files, as the broker outside the gateway.

use std::{
    fs,
    net::{TcpListener, TcpStream},
    path::PathBuf,
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

use gengfu_wire::topic::{self, Down, Up};

/// The site that the shipped access list is written for.
const SITE: &str = "garden-12";

struct Mosquitto {
    child: Child,
    folder: tempfile::TempDir,
    plain: u16,
    tls: u16,
}

impl Drop for Mosquitto {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _gone = self.child.wait();
    }
}

fn deploy(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../deploy").join(name);
    fs::read_to_string(path).unwrap()
}

/// A program that Debian keeps outside an ordinary user's path.
fn program(name: &str) -> Command {
    let mut command = Command::new(name);
    let path = std::env::var("PATH").unwrap_or_default();
    command.env("PATH", format!("{path}:/usr/sbin"));
    command
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

impl Mosquitto {
    /// The shipped files with their paths and ports moved, and the users that README.md makes. Each
    /// user's password is its name and "-secret".
    fn start() -> Self {
        // A port that was free may be taken by somebody else before Mosquitto has it.
        (0..5).find_map(|_| Self::try_start()).expect("Mosquitto starts with the shipped files")
    }

    fn try_start() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name).display().to_string();
        let (plain, tls) = (free_port(), free_port());
        for user in ["gengfu", "zigbee2mqtt", "pit-1", "pit-2"] {
            let passwd = folder.path().join("gengfu.passwd");
            let mut make = program("mosquitto_passwd");
            if !passwd.exists() {
                make.arg("-c");
            }
            make.arg("-b").arg(&passwd).args([user, &format!("{user}-secret")]);
            assert!(make.status().unwrap().success());
        }
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        fs::write(at("gengfu-cert.pem"), made.cert.pem()).unwrap();
        fs::write(at("gengfu-key.pem"), made.signing_key.serialize_pem()).unwrap();
        fs::write(at("gengfu.acl"), deploy("mosquitto.acl")).unwrap();
        let moved = [
            ("/etc/mosquitto/gengfu", at("gengfu")),
            (
                "persistence_location /var/lib/mosquitto/",
                format!("persistence_location {}/", at("")),
            ),
            ("listener 1883 127.0.0.1", format!("listener {plain} 127.0.0.1")),
            ("listener 8883 0.0.0.0", format!("listener {tls} 127.0.0.1")),
            ("log_dest syslog", "log_dest stderr".to_owned()),
        ];
        let mut conf = deploy("mosquitto.conf");
        for (from, to) in moved {
            assert!(conf.contains(from), "mosquitto.conf has no {from}");
            conf = conf.replace(from, &to);
        }
        // Started by root it would become another user, who can't read this folder.
        conf.push_str("user root\n");
        fs::write(at("mosquitto.conf"), conf).unwrap();
        let log = fs::File::create(at("log")).unwrap();
        let mut child = program("mosquitto")
            .args(["-c", &at("mosquitto.conf")])
            .stderr(Stdio::from(log))
            .spawn()
            .expect("Debian's package mosquitto is installed");
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            let up = |port| TcpStream::connect(("127.0.0.1", port)).is_ok();
            if up(plain) && up(tls) {
                return Some(Self { child, folder, plain, tls });
            }
            if child.try_wait().unwrap().is_some() || Instant::now() > deadline {
                eprintln!("{}", fs::read_to_string(at("log")).unwrap());
                let _gone = child.kill();
                let _gone = child.wait();
                return None;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn run(&self, tool: &str, user: &str, password: &str, arguments: &[&str]) -> Output {
        self.run_as(user, tool, user, password, arguments)
    }

    /// The same under any client id.
    fn run_as(
        &self,
        id: &str,
        tool: &str,
        user: &str,
        password: &str,
        arguments: &[&str],
    ) -> Output {
        // `mosquitto_pub` 2.0.11 sometimes spins for ever once it is refused.
        let mut command = program("timeout");
        command.args(["40", tool, "-V", "5", "-q", "1", "-u", user, "-P", password, "-i", id]);
        if user == "gengfu" {
            command.args(["-h", "127.0.0.1", "-p", &self.plain.to_string()]);
        } else {
            let root = self.folder.path().join("gengfu-cert.pem");
            command.args(["-h", "localhost", "-p", &self.tls.to_string(), "--cafile"]).arg(root);
        }
        command.args(arguments).output().expect("Debian's mosquitto-clients is installed")
    }

    /// The addresses and ports that the broker listens on, as the kernel lists them.
    fn listens(&self) -> Vec<String> {
        let ids = fs::read_dir(format!("/proc/{}/fd", self.child.id())).unwrap();
        let sockets: Vec<String> = ids
            .filter_map(|entry| fs::read_link(entry.ok()?.path()).ok())
            .map(|to| to.display().to_string())
            .collect();
        let tables = ["tcp", "tcp6"].map(|t| fs::read_to_string(format!("/proc/net/{t}")).unwrap());
        let lines = tables.iter().flat_map(|table| table.lines().skip(1));
        lines
            .map(|line| line.split_whitespace().collect::<Vec<_>>())
            // Column 3 is the state (0A: listening), column 9 the socket's inode.
            .filter(|c| c[3] == "0A" && sockets.contains(&format!("socket:[{}]", c[9])))
            .map(|c| c[1].to_owned())
            .collect()
    }

    /// Publishes a retained message; what the broker has against it.
    fn publish(&self, user: &str, topic: &str, words: &str) -> Result<(), String> {
        let password = format!("{user}-secret");
        let done = self.run("mosquitto_pub", user, &password, &["-r", "-t", topic, "-m", words]);
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        if done.status.success() && said.is_empty() { Ok(()) } else { Err(said) }
    }

    /// What a user hears within `seconds`, up to `count` messages, in order of topic.
    fn hear(&self, user: &str, filter: &str, count: u32, seconds: u32) -> Vec<String> {
        let (count, seconds) = (count.to_string(), seconds.to_string());
        let arguments = ["-v", "-t", filter, "-C", &count, "-W", &seconds];
        let done = self.run("mosquitto_sub", user, &format!("{user}-secret"), &arguments);
        let text = String::from_utf8_lossy(&done.stdout).into_owned();
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    }
}

#[test]
fn a_board_is_confined_to_its_own_topics_by_the_shipped_files() {
    let broker = Mosquitto::start();
    let up = |board: &str| topic::up(SITE, board, Up::Event).unwrap();
    let down = |board: &str| topic::down(SITE, board, Down::Config).unwrap();

    // Each board says something of its own; one tries to speak for the other, and for the gateway.
    broker.publish("pit-1", &up("pit-1"), "one").unwrap();
    broker.publish("pit-2", &up("pit-2"), "two").unwrap();
    for stolen in [up("pit-2").as_str(), down("pit-1").as_str(), "zigbee2mqtt/smoke", "anything"] {
        let refused = broker.publish("pit-1", stolen, "stolen").unwrap_err();
        assert!(refused.contains("Not authorized"), "{stolen}: {refused}");
    }
    let everyone = topic::every_board(SITE).unwrap();
    let heard = broker.hear("gengfu", &everyone, 2, 30);
    assert_eq!(heard, [format!("{} one", up("pit-1")), format!("{} two", up("pit-2"))]);

    // The gateway speaks to both; each hears what is for it, whatever it asks for.
    broker.publish("gengfu", &down("pit-1"), "for one").unwrap();
    broker.publish("gengfu", &down("pit-2"), "for two").unwrap();
    let own = topic::all_down(SITE, "pit-1").unwrap();
    assert_eq!(broker.hear("pit-1", &own, 1, 30), [format!("{} for one", down("pit-1"))]);
    let heard = broker.hear("pit-1", "#", 3, 2);
    assert_eq!(heard, [format!("{} for one", down("pit-1"))], "and nothing of the other board");
}

#[test]
fn nobody_gets_in_without_the_right_password() {
    let broker = Mosquitto::start();
    let own = topic::up(SITE, "pit-1", Up::Event).unwrap();
    for (user, password) in [("pit-1", "pit-2-secret"), ("nobody", "x"), ("gengfu", "")] {
        let tried = broker.run("mosquitto_pub", user, password, &["-t", &own, "-m", "x"]);
        assert!(!tried.status.success(), "{user} got in");
    }
    broker.publish("pit-1", &own, "x").unwrap();
}

#[test]
fn it_listens_where_the_file_says_and_nowhere_else() {
    let broker = Mosquitto::start();
    let mut listens = broker.listens();
    let mut wanted = [broker.plain, broker.tls].map(|port| format!("0100007F:{port:04X}"));
    listens.sort();
    wanted.sort();
    assert_eq!(listens, wanted);
}

#[test]
fn a_client_id_takes_nobody_s_session_over() {
    let broker = Mosquitto::start();
    let own = topic::up(SITE, "pit-2", Up::Event).unwrap();
    let arguments = ["-t", own.as_str(), "-m", "x"];
    let said = broker.run_as("pit-1", "mosquitto_pub", "pit-2", "pit-2-secret", &arguments);
    assert!(said.status.success());
    let log = fs::read_to_string(broker.folder.path().join("log")).unwrap();
    assert!(log.contains(" as pit-2 ("), "{log}");
    assert!(!log.contains(" as pit-1 ("), "{log}");
}

#[test]
fn other_programs_keep_to_theirs() {
    let broker = Mosquitto::start();
    broker.publish("zigbee2mqtt", "zigbee2mqtt/smoke-3f", "{}").unwrap();
    assert_eq!(broker.hear("gengfu", "zigbee2mqtt/#", 1, 30), ["zigbee2mqtt/smoke-3f {}"]);
    let event = topic::up(SITE, "pit-1", Up::Event).unwrap();
    assert!(broker.publish("zigbee2mqtt", &event, "x").is_err());
}
