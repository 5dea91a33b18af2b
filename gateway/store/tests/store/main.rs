//! The store as a gateway meets it: real files, real threads, real kills.

mod backup;
mod building;
mod chart;
mod child;
mod damage;
mod full_disk;
mod history;
mod journal;
mod kill;
mod pictures;
mod refusals;
mod stall;
mod torn_log;
