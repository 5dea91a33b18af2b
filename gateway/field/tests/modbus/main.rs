//! The Modbus master against a foreign server (pymodbus) and against servers that lie.

mod liar;
mod peer;
mod site;

mod faults;
mod foreign;
