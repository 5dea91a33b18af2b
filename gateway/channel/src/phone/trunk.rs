//! A trunk is watched: where nobody registers, the server is asked by OPTIONS how it is. Whatever it answers
//! shows that it is there, a refusal too: not every server likes to be asked.

use std::time::Duration;

use rsipstack::{
    sip::{Method, SipMessage, StatusCode, StatusCodeKind, typed},
    transaction::{
        Transaction,
        key::{TransactionKey, TransactionRole},
        make_tag,
    },
};
use tokio::time::{sleep, timeout};

use super::line::{Line, why};

/// It is asked so often.
const EVERY: Duration = Duration::from_secs(30);
/// It answers within this, or not at all. Packets are sent again meanwhile.
const ANSWER: Duration = Duration::from_secs(10);
/// After no answer it is asked again after this.
const AGAIN: Duration = Duration::from_secs(5);
/// So many questions in a row go without an answer before anybody is told: with what lies between them,
/// 55 s at most after the server fell silent, within the 100 s that a failed way may go unseen.
const SILENT: u32 = 2;

impl Line {
    /// Asks again and again; `told` hears how the line stands after each answer, and each silence that
    /// is long enough.
    pub async fn watch(&self, mut told: impl FnMut(Result<(), String>)) {
        let (mut silences, mut number) = (0, 0);
        loop {
            number += 1;
            match self.ask(number).await {
                Ok(()) => {
                    silences = 0;
                    told(Ok(()));
                    sleep(EVERY).await;
                }
                Err(reason) => {
                    silences += 1;
                    if silences >= SILENT {
                        told(Err(reason));
                    }
                    sleep(AGAIN).await;
                }
            }
        }
    }

    /// Asks once.
    async fn ask(&self, number: u32) -> Result<(), String> {
        let (server, us) = (self.account.uri(None)?, self.account.uri(Some(&self.account.user))?);
        let connection = self.connection().await.map_err(|e| e.reason)?;
        let endpoint = &self.wire.endpoint;
        let via = endpoint.get_via(Some(connection.get_addr().clone()), None);
        let via = via.map_err(|e| e.to_string())?;
        let from = typed::From { display_name: None, uri: us, params: vec![] };
        let to = typed::To { display_name: None, uri: server.clone(), params: vec![] };
        let from = from.with_tag(make_tag());
        let request = endpoint.make_request(Method::Options, server, via, from, to, number, None);
        let key = TransactionKey::from_request(&request, TransactionRole::Client);
        let key = key.map_err(|e| e.to_string())?;
        let mut asked = Transaction::new_client(key, request, endpoint.clone(), None);
        let answered = async {
            asked.send().await.map_err(|e| why(&e).reason)?;
            while let Some(message) = asked.receive().await {
                let SipMessage::Response(answer) = message else { continue };
                match answer.status_code {
                    code if code.kind() == StatusCodeKind::Provisional => {}
                    // The library's own word for silence; a server's, for a way that is closed behind it.
                    StatusCode::RequestTimeout => break,
                    StatusCode::ServiceUnavailable => {
                        return Err("the telephone server says that it can't work now (503)".into());
                    }
                    _ => return Ok(()),
                }
            }
            Err(self.silent(&connection))
        };
        timeout(ANSWER, answered).await.unwrap_or_else(|_| Err(self.silent(&connection)))
    }
}
