//! The engine, told as stories: each moves time itself, and a message that it does not expect fails
//! it.

mod story;

mod advice;
mod answering;
mod behind;
mod boards;
mod calling;
mod chances;
mod delays;
mod duty;
mod ending;
mod forgotten;
mod musters;
mod noise;
mod outputs;
mod paths;
mod reach;
mod receipts;
mod refusals;
mod reliefs;
mod restarts;
mod rules;
mod silence;
mod swaps;
mod turns;
mod walk_tests;
mod wishes;
