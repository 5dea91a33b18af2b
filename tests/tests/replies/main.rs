//! Answers without any way in: no page, no open port; the volunteer is out, and presses a button.

mod house;
mod ntfy;
mod telegram;
