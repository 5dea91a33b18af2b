//! The Modbus master, over TCP and over a serial line, against a foreign server (pymodbus) and against
//! servers that lie.

mod liar;
mod peer;
mod site;

mod crowd;
mod faults;
mod foreign;
mod knobs;
mod looks;
mod serial;
mod switching;
