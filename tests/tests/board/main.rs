//! The boards' own program, emulated, and the gateway's own program with a network between them:
//! a contact closes in one, and a person is told by the other.

#[path = "../faults/mosquitto.rs"]
#[allow(dead_code, reason = "shared with the stories of faults, which use all of it")]
mod mosquitto;

mod beside;
mod call;
mod crash;
mod figures;
mod firmware;
mod flash;
mod house;
mod many;
mod modbus;
mod network;
mod outage;
mod pico;
mod pico2;
mod plug;
mod swap;
mod tls;
mod update;
