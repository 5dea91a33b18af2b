//! What breaks around the gateway: the line to the boards, the broker, the mail server, the history
//! server, a device on a bus, the disk, the clock, the ways to people. Each story prints a row of the table in
//! `docs/reliability.md`: what was lost, how long it took until all was well again, and what the
//! operator saw.

mod bridge;
mod brokers;
mod bus;
mod clock;
mod disk;
mod full;
mod house;
mod influxdb;
mod line;
mod mail;
mod modbus;
mod mosquitto;
mod outside;
mod proxy;
mod sparkplug;
mod storm;
mod ways;
