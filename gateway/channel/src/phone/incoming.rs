//! What comes in over the wire: requests that belong to a call, and calls that begin one.

use std::{
    net::IpAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use rsipstack::{
    dialog::{
        dialog::{Dialog, DialogStateReceiver},
        dialog_layer::DialogLayer,
        invite_dialog::InviteDialog,
    },
    sip::{HeadersExt, Method, Param, StatusCode, ToTypedHeader, Uri},
    transaction::{Transaction, TransactionReceiver},
};
use tokio::{
    sync::{mpsc, watch},
    time::timeout,
};

use super::line::reached_at;

/// A call that a request belongs to is looked for so often.
const LOOKS: u32 = 10;
/// And after so long each time.
const LOOK: Duration = Duration::from_millis(10);

/// A line that is opened anew takes its calls within so long: as long as it tries to get its port.
const HANDED_OVER: Duration = Duration::from_secs(2);

/// Strangers who call are told of at most this often.
const STRANGERS: Duration = Duration::from_secs(60);

/// A call that comes in.
pub(super) struct Coming {
    /// The number that it comes from, as the server names it.
    pub from: String,
    /// The number of ours that was called.
    pub to: String,
    /// The description of the speech that it wants.
    pub offer: String,
    /// To answer and end it with.
    pub dialog: InviteDialog,
    /// What becomes of it.
    pub states: DialogStateReceiver,
}

/// Who takes calls that come in, and from where.
#[derive(Clone)]
pub(super) struct Owner {
    /// Where they go.
    pub calls: mpsc::Sender<Coming>,
    /// Calls come from these addresses and from nowhere else.
    pub servers: Vec<IpAddr>,
    /// Our name or number, where they are answered.
    pub user: String,
}

/// Whoever owns the wire at the moment; who waits for an owner is told of one.
pub(super) type Ownership = Arc<watch::Sender<Option<Owner>>>;

/// Gives what comes in to its call, and new calls to the owner.
pub(super) async fn receive(
    mut incoming: TransactionReceiver,
    dialogs: Arc<DialogLayer>,
    ownership: Ownership,
) {
    let mut told_of_strangers = None;
    while let Some(transaction) = incoming.recv().await {
        let dialogs = dialogs.clone();
        if !begins(&transaction) {
            tokio::spawn(go_on(dialogs, transaction));
            continue;
        }
        let owner = ownership.borrow().clone();
        if let Some(owner) = owner {
            take(&owner, &dialogs, transaction, &mut told_of_strangers);
            continue;
        }
        let ownership = ownership.clone();
        tokio::spawn(async move {
            match awaited(&ownership).await {
                Some(owner) => take(&owner, &dialogs, transaction, &mut None),
                None => refuse(transaction).await,
            }
        });
    }
}

/// A call begins with it.
fn begins(transaction: &Transaction) -> bool {
    transaction.original.method == Method::Invite
        && !matches!(transaction.original.to_header().and_then(|to| to.tag()), Ok(Some(_)))
}

/// The next owner: while a line is opened anew there is none for a moment, and somebody may call just then.
async fn awaited(ownership: &Ownership) -> Option<Owner> {
    let mut ownership = ownership.subscribe();
    let taken = timeout(HANDED_OVER, ownership.wait_for(Option::is_some)).await;
    taken.ok()?.ok()?.clone()
}

/// Begins a call, or refuses it.
fn take(
    owner: &Owner,
    dialogs: &DialogLayer,
    mut transaction: Transaction,
    told_of_strangers: &mut Option<Instant>,
) {
    let is_known = is_of_server(owner, &transaction, told_of_strangers);
    let Some((coming, mut dialog)) =
        is_known.then(|| begin(owner, dialogs, &transaction)).flatten()
    else {
        tokio::spawn(refuse(transaction));
        return;
    };
    if owner.calls.try_send(coming).is_err() {
        dialogs.remove_dialog(&dialog.id());
        tokio::spawn(refuse(transaction));
        return;
    }
    tokio::spawn(async move {
        if let Err(error) = dialog.handle(&mut transaction).await {
            tracing::debug!(%error, "a call that came in broke off");
        }
    });
}

async fn refuse(mut transaction: Transaction) {
    if let Err(error) = transaction.reply(StatusCode::BusyHere).await {
        tracing::debug!(%error, "a call was not refused");
    }
}

/// What is part of a call, or no call.
async fn go_on(dialogs: Arc<DialogLayer>, mut transaction: Transaction) {
    let handled = match belongs_to(&dialogs, &transaction).await {
        Some(mut dialog) => dialog.handle(&mut transaction).await,
        // Servers ask whether we are there.
        None if transaction.original.method == Method::Options => {
            transaction.reply(StatusCode::OK).await
        }
        None if transaction.original.method == Method::Ack => Ok(()),
        None => transaction.reply(StatusCode::CallTransactionDoesNotExist).await,
    };
    if let Err(error) = handled {
        tracing::debug!(%error, "a SIP request was not answered");
    }
}

/// Anybody may send packets; who calls is only known where our own server says so.
fn is_of_server(owner: &Owner, transaction: &Transaction, told: &mut Option<Instant>) -> bool {
    let via = transaction.original.via_header().and_then(|via| via.first_value()?.typed());
    let Ok(via) = via else { return false };
    // The library has written down where it really came from, where that is not what it says,
    // and the port with it; a stranger's own `received` has no port beside it.
    let port = via.params.iter().any(|param| matches!(param, Param::Rport(Some(_))));
    let from = match via.received() {
        None => via.uri.host_with_port.host.to_string().parse().ok(),
        Some(from) => from.ok().filter(|_| port),
    };
    let known = from.is_some_and(|from: IpAddr| owner.servers.contains(&from));
    // Strangers must not fill the log.
    if !known && told.is_none_or(|at| at.elapsed() >= STRANGERS) {
        *told = Some(Instant::now());
        tracing::warn!(
            ?from,
            "a call from somewhere else than the telephone server is refused: name its address in `calls_from` if it may call"
        );
    }
    known
}

fn begin(
    owner: &Owner,
    dialogs: &DialogLayer,
    transaction: &Transaction,
) -> Option<(Coming, InviteDialog)> {
    let user = |uri: Uri| uri.auth.map(|auth| auth.user).unwrap_or_default();
    let from = user(transaction.original.from_header().ok()?.uri().ok()?);
    let to = user(transaction.original.to_header().ok()?.uri().ok()?);
    let offer = String::from_utf8_lossy(&transaction.original.body).into_owned();
    let (sender, states) = dialogs.new_dialog_state_channel();
    // The rest of the call comes the way that it began.
    let contact = reached_at(&owner.user, transaction.connection.as_ref()?.get_addr());
    let dialog = dialogs.get_or_create_server_invite(transaction, sender, None, Some(contact));
    let dialog = dialog.ok()?;
    Some((Coming { from, to, offer, dialog: dialog.clone(), states }, dialog))
}

/// The call that a request is part of. A phone that picks up may go on at once, before the library
/// has noted that the call stands: then it is looked for again.
async fn belongs_to(dialogs: &DialogLayer, transaction: &Transaction) -> Option<Dialog> {
    let is_within = transaction.original.to_header().and_then(|to| to.tag());
    let looks = if matches!(is_within, Ok(Some(_))) { LOOKS } else { 1 };
    for _ in 1..looks {
        let found = dialogs.match_dialog(transaction);
        if found.is_some() {
            return found;
        }
        tokio::time::sleep(LOOK).await;
    }
    dialogs.match_dialog(transaction)
}
