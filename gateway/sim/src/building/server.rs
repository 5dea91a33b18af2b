//! A Modbus TCP server over whatever has registers.

use std::{
    future::{Ready, ready},
    io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use tokio_modbus::{
    ExceptionCode, Response,
    prelude::{Request, SlaveRequest},
    server::{Service, tcp::Server},
};

/// Something with holding registers, addressed from 0.
pub trait Registers: Send + Sync + 'static {
    /// The register, where it exists.
    fn holding(&self, address: u16) -> Option<u16>;
}

/// A running server. Dropping it closes the port and all connections.
#[derive(Debug)]
pub struct ModbusServer {
    address: SocketAddr,
    unit: u8,
    writes: Arc<AtomicU64>,
    task: Option<JoinHandle<()>>,
}

impl Drop for ModbusServer {
    fn drop(&mut self) {
        self.unplug();
    }
}

impl ModbusServer {
    /// Serves a device under this unit number, on a free port of the loopback.
    ///
    /// # Errors
    /// Where no port can be had.
    pub async fn start<R: Registers>(device: Arc<R>, unit: u8) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let mut server = Self { address, unit, writes: Arc::default(), task: None };
        server.serve(listener, device);
        Ok(server)
    }

    /// Where it listens, also while it is unplugged.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Requests to write that it refused. A gateway that keeps its promise makes none.
    pub fn writes(&self) -> u64 {
        self.writes.load(Ordering::Relaxed)
    }

    /// Its cable is pulled.
    pub fn unplug(&mut self) {
        if let Some(task) = self.task.take() {
            task.abort();
        }
    }

    /// Its cable is put back, into the same port.
    ///
    /// # Errors
    /// Where somebody else has taken the port meanwhile.
    pub async fn plug<R: Registers>(&mut self, device: Arc<R>) -> io::Result<()> {
        if self.task.is_none() {
            let listener = TcpListener::bind(self.address).await?;
            self.serve(listener, device);
        }
        Ok(())
    }

    fn serve<R: Registers>(&mut self, listener: TcpListener, device: Arc<R>) {
        let answering = Answering { device, unit: self.unit, writes: self.writes.clone() };
        self.task = Some(tokio::spawn(async move {
            let on_connected = |stream: TcpStream, _| {
                let answering = answering.clone();
                async move { Ok(Some((answering, stream))) }
            };
            let on_error = |error| tracing::debug!(%error, "a Modbus connection ended");
            if let Err(error) = Server::new(listener).serve(&on_connected, on_error).await {
                tracing::warn!(%error, "a simulated Modbus device can't be reached any more");
            }
        }));
    }
}

struct Answering<R> {
    device: Arc<R>,
    unit: u8,
    writes: Arc<AtomicU64>,
}

impl<R> Clone for Answering<R> {
    fn clone(&self) -> Self {
        Self { device: self.device.clone(), unit: self.unit, writes: self.writes.clone() }
    }
}

impl<R: Registers> Service for Answering<R> {
    type Request = SlaveRequest<'static>;
    type Response = Option<Response>;
    type Exception = ExceptionCode;
    type Future = Ready<Result<Option<Response>, ExceptionCode>>;

    fn call(&self, asked: Self::Request) -> Self::Future {
        // Another unit's request gets no answer, as on a real line.
        if asked.slave != self.unit {
            return ready(Ok(None));
        }
        ready(match asked.request {
            Request::ReadHoldingRegisters(_, count) if !(1..=125).contains(&count) => {
                Err(ExceptionCode::IllegalDataValue)
            }
            Request::ReadHoldingRegisters(start, count) => (0..count)
                .map(|n| self.device.holding(start.checked_add(n)?))
                .collect::<Option<Vec<u16>>>()
                .map(|words| Some(Response::ReadHoldingRegisters(words)))
                .ok_or(ExceptionCode::IllegalDataAddress),
            Request::WriteSingleRegister(..)
            | Request::WriteMultipleRegisters(..)
            | Request::WriteSingleCoil(..)
            | Request::WriteMultipleCoils(..)
            | Request::MaskWriteRegister(..)
            | Request::ReadWriteMultipleRegisters(..) => {
                self.writes.fetch_add(1, Ordering::Relaxed);
                Err(ExceptionCode::IllegalFunction)
            }
            _ => Err(ExceptionCode::IllegalFunction),
        })
    }
}
