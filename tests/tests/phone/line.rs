//! The line to the telephone server: who we are, and whether it is up.

use gengfu_tests::{eventually, sipp::Sipp};

use crate::house::{CALLS_ALONE, House, ports};

/// A server that wants to know who we are, with this password, and then says `then`.
pub fn asking(method: &str, then: &str) -> String {
    let answer = |status: &str, more: &str| {
        format!(
            "<send{}><![CDATA[\nSIP/2.0 {status}\n[last_Via:]\n[last_From:]\n[last_To:];tag=server\n\
             [last_Call-ID:]\n[last_CSeq:]\n{more}Content-Length: 0\n\n]]></send>\n",
            if status.starts_with("403") { " next=\"end\"" } else { "" }
        )
    };
    let ack = if method == "INVITE" { "<recv request=\"ACK\"/>\n" } else { "" };
    let header = "WWW-Authenticate: Digest realm=\"house\", nonce=\"47ebe028cda119c35d4877b383027d28\", algorithm=MD5\n";
    format!(
        "<?xml version=\"1.0\"?>\n<scenario name=\"server\">\n<recv request=\"{method}\"/>\n{}{ack}\
         <recv request=\"{method}\"><action>\
         <verifyauth assign_to=\"good\" username=\"gengfu\" password=\"the right one\"/></action></recv>\n\
         <nop test=\"good\" next=\"well\"/>\n{}<label id=\"well\"/>\n{}<label id=\"end\"/>\n{ack}</scenario>\n",
        answer("401 Unauthorized", header),
        answer("403 Forbidden", ""),
        answer(then, "Contact: <sip:gengfu@127.0.0.1>;expires=60\n"),
    )
}

/// Its password stands in a file.
pub const LINE: &str = "password_file = \"line\"\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_line_with_the_right_password_is_up_and_one_with_the_wrong_one_is_an_alarm() {
    for (password, is_up) in [("the right one", true), ("a wrong one", false)] {
        let (port, media) = ports();
        let server = asking("REGISTER", "200 OK");
        let _server = Sipp::run(port, media, &server, 100).unwrap();
        let house = House::with_line(port, LINE, &[("line", password)]).await;
        if is_up {
            eventually("the line registers", async || {
                house.said("telephone line is up").then_some(())
            })
            .await;
            assert!(house.phone_is_up().await);
        } else {
            let words = eventually("the line is known to be down", async || {
                house.alarm("telephone line").await
            });
            let words = words.await;
            assert!(words.contains("403") && words.contains("password_file"), "{words}");
            assert!(!house.phone_is_up().await);
        }
        assert!(!house.gateway.said().contains(password), "the password is in the log");
        house.gateway.stop().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_proves_who_we_are_where_the_server_asks() {
    for (password, wanted) in
        [("the right one", "busy"), ("a wrong one", "does not let this line call")]
    {
        let (port, media) = ports();
        let server = asking("INVITE", "486 Busy Here");
        let _server = Sipp::run(port, media, &server, 1).unwrap();
        let line = format!("{CALLS_ALONE}{LINE}");
        let house = House::with_line(port, &line, &[("line", password)]).await;
        let _board = house.press(1).await;
        let failed = house.told("failed").await;
        assert!(failed["reason"].as_str().unwrap().contains(wanted), "{failed}");
        house.gateway.stop().unwrap();
    }
}
