//! Telephones by sipp: real SIP from another maker, each doing what a script says.

use std::{
    fmt::Write as _,
    fs,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use tempfile::TempDir;

/// What a telephone does, in order, once it is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// It rings.
    Ring,
    /// It rings, and the provider plays something of its own meanwhile (183 with a description).
    EarlyMedia,
    /// This much time passes.
    Wait(Duration),
    /// The call is refused with this code.
    Refuse(u16),
    /// Somebody picks up.
    PickUp,
    /// A key, by INFO.
    Key(char),
    /// The other side changes where it listens, by a second INVITE.
    MoveMedia,
    /// It hangs up.
    HangUp,
    /// It waits until the caller hangs up.
    IsHungUpOn,
    /// It waits until the caller takes the call back.
    IsTakenBack,
}

/// A telephone. Dropping it ends it.
pub struct Sipp {
    child: Child,
    folder: TempDir,
}

impl Sipp {
    /// A telephone at this port of the loopback that is called once.
    ///
    /// # Errors
    /// Where sipp is not installed (`tests/run` does that) or does not start.
    pub fn start(port: u16, media: u16, steps: &[Step]) -> anyhow::Result<Self> {
        Self::run(port, media, &scenario(steps), 1)
    }

    /// The same, called over TCP.
    ///
    /// # Errors
    /// As [`Sipp::start`].
    pub fn over_tcp(port: u16, media: u16, steps: &[Step]) -> anyhow::Result<Self> {
        Self::launch(port, media, &scenario(steps), 1, "t1")
    }

    /// So many calls over TCP, by a scenario of sipp's own language.
    ///
    /// # Errors
    /// As [`Sipp::start`].
    pub fn run_over_tcp(
        port: u16,
        media: u16,
        scenario: &str,
        calls: usize,
    ) -> anyhow::Result<Self> {
        Self::launch(port, media, scenario, calls, "t1")
    }

    /// A telephone that is called over TCP, refuses a call that must be encrypted with this code, and does
    /// these things in a call that need not be.
    ///
    /// # Errors
    /// As [`Sipp::start`].
    pub fn refusing_secure_over_tcp(
        port: u16,
        media: u16,
        code: u16,
        steps: &[Step],
    ) -> anyhow::Result<Self> {
        let taken = scenario(steps);
        let (begin, rest) = taken.split_once("</action></recv>").context("no call is taken")?;
        let secure = "<ereg regexp=\"RTP/SAVP\" search_in=\"msg\" assign_to=\"secure\"/>";
        let refusal = answer(&format!("{code} Refused"), "");
        let rest = rest.replace(
            "<Reference variables=\"",
            "<label id=\"end\"/>\n<Reference variables=\"secure,",
        );
        let text = format!(
            "{begin}{secure}</action></recv>\n<nop test=\"secure\" next=\"secure\"/>\n<nop next=\"open\"/>\n\
             <label id=\"secure\"/>\n{refusal}<recv request=\"ACK\" next=\"end\"/>\n<label id=\"open\"/>{rest}"
        );
        Self::launch(port, media, &text, 2, "t1")
    }

    /// So many calls, by a scenario of sipp's own language.
    ///
    /// # Errors
    /// As [`Sipp::start`].
    pub fn run(port: u16, media: u16, scenario: &str, calls: usize) -> anyhow::Result<Self> {
        Self::launch(port, media, scenario, calls, "u1")
    }

    fn launch(
        port: u16,
        media: u16,
        scenario: &str,
        calls: usize,
        transport: &str,
    ) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        fs::write(folder.path().join("scenario.xml"), scenario)?;
        let child = Command::new("sipp")
            .current_dir(folder.path())
            .args([
                "-sf",
                "scenario.xml",
                "-i",
                "127.0.0.1",
                "-nostdin",
                "-trace_err",
                "-trace_msg",
            ])
            .args(["-p", &port.to_string(), "-mp", &media.to_string()])
            .args(["-m", &calls.to_string(), "-timeout", "90"])
            .args(["-t", transport])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let mut sipp = Self { child, folder };
        let begun = Instant::now();
        while !listens(port, transport)? {
            ensure!(sipp.child.try_wait()?.is_none(), "sipp ended: {}", sipp.errors());
            ensure!(begun.elapsed() < crate::LIMIT, "sipp does not listen");
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(sipp)
    }

    /// Waits until its script is done.
    ///
    /// # Errors
    /// Where something else happened than the script says.
    pub async fn done(&mut self) -> anyhow::Result<()> {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait()? {
                ensure!(status.success(), "sipp: {status}: {}", self.errors());
                return Ok(());
            }
            ensure!(begun.elapsed() < crate::LIMIT, "the telephone still waits");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    fn errors(&self) -> String {
        self.log("errors.log")
    }

    fn log(&self, kind: &str) -> String {
        let files = fs::read_dir(self.folder.path()).into_iter().flatten().flatten();
        let logs = files.filter(|f| f.file_name().to_string_lossy().ends_with(kind));
        logs.filter_map(|f| fs::read_to_string(f.path()).ok()).collect()
    }

    /// The first message that begins with these words, and when it came or went, in seconds of this day.
    pub fn message(&self, begins: &str) -> Option<(f64, String)> {
        let log = self.log("messages.log");
        let messages = log.split("-----------------------------------------------").skip(1);
        let mut found = messages.filter_map(|message| {
            let (head, text) = message.split_once("\n\n")?;
            let clock = head.split_whitespace().nth(1)?;
            let mut parts = clock.split(':').map(|part| part.parse::<f64>().ok());
            let seconds = parts.try_fold(0.0, |sum, part| Some(sum * 60.0 + part?));
            text.starts_with(begins).then_some((seconds?, text.to_owned()))
        });
        found.next()
    }
}

impl Drop for Sipp {
    fn drop(&mut self) {
        // Ended already is ended as well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Whether somebody has this port of the loopback.
fn listens(port: u16, transport: &str) -> anyhow::Result<bool> {
    let table = if transport == "t1" { "/proc/net/tcp" } else { "/proc/net/udp" };
    Ok(fs::read_to_string(table)?.contains(&format!("0100007F:{port:04X}")))
}

/// A script in sipp's language.
pub fn scenario(steps: &[Step]) -> String {
    let mut text = String::from(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<scenario name="telephone">
<recv request="INVITE" rrs="true"><action>
<ereg regexp=".*" search_in="hdr" header="From:" assign_to="them"/>
<ereg regexp=".*" search_in="hdr" header="To:" assign_to="us"/>
<ereg regexp="sip:[^>;]*" search_in="hdr" header="Contact:" assign_to="contact"/>
</action></recv>
"#,
    );
    for (number, step) in steps.iter().enumerate() {
        // What goes on within the call counts its requests from 1.
        let number = number + 1;
        let step = match step {
            Step::Ring => answer("180 Ringing", ""),
            Step::EarlyMedia => answer("183 Session Progress", SPEECH),
            Step::Wait(time) => format!("<pause milliseconds=\"{}\"/>", time.as_millis()),
            Step::Refuse(code) => {
                answer(&format!("{code} Refused"), "") + "<recv request=\"ACK\"/>"
            }
            Step::PickUp => answer("200 OK", SPEECH) + "<recv request=\"ACK\"/>",
            Step::Key(key) => {
                let signal = format!("Signal={key}\r\nDuration=160\r\n");
                request("INFO", number, "application/dtmf-relay", &signal)
                    + "<recv response=\"200\"/>"
            }
            Step::MoveMedia => {
                let ack = request("ACK", number, "", "");
                request("INVITE", number, "application/sdp", SPEECH)
                    + "<recv response=\"100\" optional=\"true\"/><recv response=\"200\"/>"
                    + &ack
            }
            Step::HangUp => request("BYE", number, "", "") + "<recv response=\"200\"/>",
            Step::IsHungUpOn => "<recv request=\"BYE\"/>".to_owned() + &answer("200 OK", ""),
            Step::IsTakenBack => {
                "<recv request=\"CANCEL\"/>".to_owned()
                    + &answer("200 OK", "")
                    + &answer("487 Request Terminated", "")
                        .replace("[last_CSeq:]", "CSeq: 1 INVITE")
                    + "<recv request=\"ACK\"/>"
            }
        };
        text += &step;
        text.push('\n');
    }
    // Variables that no step reads would be a mistake.
    text + "<Reference variables=\"them,us,contact\"/>\n</scenario>\n"
}

/// G.711 and keys, at the port that sipp listens at for speech.
const SPEECH: &str = "v=0\r\no=user1 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
    m=audio [media_port] RTP/AVP 8 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\n";

fn answer(status: &str, body: &str) -> String {
    let kind = if body.is_empty() { "" } else { "Content-Type: application/sdp\n" };
    format!(
        "<send><![CDATA[\nSIP/2.0 {status}\n[last_Via:]\n[last_From:]\n[last_To:];tag=there[call_number]\n\
         [last_Call-ID:]\n[last_CSeq:]\nContact: <sip:there@[local_ip]:[local_port];transport=[transport]>\n{kind}\
         Content-Length: [len]\n\n{body}]]></send>"
    )
}

fn request(method: &str, number: usize, kind: &str, body: &str) -> String {
    let mut headers = String::new();
    if !kind.is_empty() {
        // Writing to a text fails never.
        let _ = writeln!(headers, "Content-Type: {kind}");
    }
    format!(
        "<send{retrans}><![CDATA[\n{method} [$contact] SIP/2.0\nVia: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]\n\
         From:[$us];tag=there[call_number]\nTo:[$them]\n[last_Call-ID:]\nCSeq: {number} {method}\n\
         Contact: <sip:there@[local_ip]:[local_port];transport=[transport]>\nMax-Forwards: 70\n{headers}Content-Length: [len]\n\n{body}]]></send>",
        retrans = if method == "ACK" { "" } else { " retrans=\"500\"" },
    )
}
