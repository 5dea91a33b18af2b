//! The MQTT side: the embedded broker against Mosquitto's clients, the gateway's client against the
//! embedded broker and against a real Mosquitto.

mod cable;
mod child;
mod house;
mod mosquitto;
mod peer;
mod tools;

mod access;
mod beside;
mod boards;
mod certificates;
mod flood;
mod json;
mod keeping;
mod lanes;
mod outside;
mod pictures;
mod redelivery;
mod sessions;
mod subscribing;
mod tls;
mod uplinks;
