//! A cable between a client and the broker, to be cut: whoever hangs on it connects again.

use std::net::SocketAddr;

use tokio::{
    net::{TcpListener, TcpStream},
    sync::broadcast,
};

pub struct Cable {
    pub at: SocketAddr,
    cut: broadcast::Sender<()>,
}

impl Cable {
    pub async fn to(broker: SocketAddr) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let at = listener.local_addr().unwrap();
        let (cut, _) = broadcast::channel(1);
        let cuts = cut.clone();
        tokio::spawn(async move {
            while let Ok((mut near, _)) = listener.accept().await {
                let mut is_cut = cuts.subscribe();
                tokio::spawn(async move {
                    let Ok(mut far) = TcpStream::connect(broker).await else { return };
                    tokio::select! {
                        _ = tokio::io::copy_bidirectional(&mut near, &mut far) => {}
                        _ = is_cut.recv() => {}
                    }
                });
            }
        });
        Self { at, cut }
    }

    /// Cuts what is connected now.
    pub fn cut(&self) {
        self.cut.send(()).expect("somebody is connected");
    }
}
