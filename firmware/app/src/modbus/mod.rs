//! The board as a Modbus slave: a second path on which a gateway, or anybody, reads its inputs when the
//! session with the broker is gone. `docs/board-registers.md` lists the registers.
//!
//! - [`registers`]: what stands where.
//! - [`pdu`]: a request and its answer.
//! - [`tcp`], [`rtu`]: the frames around them. [`serve`]: a connection of a master.
//!
//! Nothing can be written: outputs are the gateway's, and what switches them is signed in.
//!
//! And as a master: [`master`] reads what stands beside the board, [`reader`] takes its list within a session.
//! [`line`] is the RS-485 line under both: a line has one master.

pub mod line;
pub mod master;
pub mod pdu;
pub mod reader;
pub mod registers;
pub mod rtu;
pub mod serve;
pub mod tcp;
