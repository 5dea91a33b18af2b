//! Answers without any way in: no page, no open port; the volunteer is out, and presses a button or texts back.

mod house;
mod mail;
mod ntfy;
mod sms;
mod telegram;
